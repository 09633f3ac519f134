"""One header as `core.study` knows it, and what it says of its series and study."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, time

from pydicom.dataset import Dataset

from mediassist.core.messages import Message, say
from mediassist.core.study import Instance, Patient
from mediassist.dicom import syntaxes, values
from mediassist.dicom.charset import display_name
from mediassist.dicom.functional_groups import functional_group, group_or_header
from mediassist.dicom.header import DicomHeader
from mediassist.dicom.spacing import pixel_spacing
from mediassist.dicom.tissue import tissue_rectangle


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """What one instance says of its series; the first instance's word is taken."""

    series_uid: str
    modality: str
    number: int | None
    description: str
    body_part: str
    protocol: str
    manufacturer: str
    model_name: str
    frame_of_reference_uid: str
    presentation_intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFacts:
    """What one instance says of its study and patient."""

    study_uid: str
    patient: Patient
    study_date: date | None
    study_time: time | None
    description: str
    accession_number: str
    study_id: str
    institution: str
    referring_physician: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """The facts of one file, and what had to be made up or guessed."""

    instance: Instance
    series: SeriesFacts
    study: StudyFacts
    warnings: tuple[Message, ...] = ()


def made_up_uid(*parts: str) -> str:
    """A UID for an object that has none: the same parts give the same UID in every run."""
    digest = hashlib.sha256("\n".join(("mediassist made-up uid", *parts)).encode()).hexdigest()
    return f"2.25.{int(digest[:32], 16)}"


def scan(header: DicomHeader, source: str) -> Scanned:
    """Take from a header what `core.study` needs. Damaged values become absent ones.

    Objects without the UIDs that PS3.3 demands keep their place by made-up ones: an absent Study
    Instance UID is made of patient, date and accession number, so that its files stay together.
    """
    dataset = header.dataset
    charsets = values.character_sets(dataset)
    modality = values.code(dataset, "Modality").upper()
    warnings: list[Message] = []
    study = _study_facts(dataset, charsets)
    series = _series_facts(dataset, charsets, modality)
    sop_uid = values.code(dataset, "SOPInstanceUID")
    missing = [
        name
        for name, uid in (
            ("Study Instance UID", study.study_uid),
            ("Series Instance UID", series.series_uid),
            ("SOP Instance UID", sop_uid),
        )
        if not uid
    ]
    if missing:
        warnings.append(
            say(
                "uid_made_up",
                "{file} has no {names}; one was made up.",
                file=source,
                names=", ".join(missing),
            )
        )
    if not study.study_uid:
        patient = study.patient
        uid = made_up_uid(
            patient.patient_id, patient.name, str(study.study_date), study.accession_number
        )
        study = replace(study, study_uid=uid)
    if not series.series_uid:
        uid = made_up_uid(study.study_uid, modality, str(series.number), series.description)
        series = replace(series, series_uid=uid)
    if not sop_uid:
        number = values.integer(dataset, "InstanceNumber")
        sop_uid = made_up_uid(series.series_uid, str(number), header.path.name)
    if study.patient.name_guessed:
        warnings.append(
            say(
                "charset_guessed",
                "{file}: the character set of the patient name is wrong or missing"
                " ('{declared}'); the name was read by guess.",
                file=source,
                declared="\\".join(charsets),
            )
        )
    pixels, syntax = header.pixels, header.transfer_syntax_uid
    if pixels is not None and (syntax in syntaxes.NATIVE) == (pixels.length is None):
        warnings.append(
            say(
                "syntax_contradicted",
                "{file} says {syntax}, but its pixels are stored in another way; they are read as"
                " what they are.",
                file=source,
                syntax=syntaxes.name(syntax),
            )
        )
    instance = _instance(header, source, sop_uid, modality)
    return Scanned(instance, series, study, tuple(warnings))


def _study_facts(dataset: Dataset, charsets: tuple[str, ...]) -> StudyFacts:
    name = values.decoded(dataset, "PatientName", charsets)
    patient = Patient(
        patient_id=values.text(dataset, "PatientID", charsets),
        name=display_name(name.text),
        birth_date=values.calendar_date(dataset, "PatientBirthDate"),
        sex=values.code(dataset, "PatientSex").upper()[:1],
        age_years=_age_years(dataset),
        name_guessed=name.guessed,
    )
    return StudyFacts(
        study_uid=values.code(dataset, "StudyInstanceUID"),
        patient=patient,
        study_date=values.calendar_date(dataset, "StudyDate")
        or values.calendar_date(dataset, "AcquisitionDate")
        or values.calendar_date(dataset, "ContentDate"),
        study_time=values.clock_time(dataset, "StudyTime"),
        description=values.text(dataset, "StudyDescription", charsets),
        accession_number=values.text(dataset, "AccessionNumber", charsets),
        study_id=values.text(dataset, "StudyID", charsets),
        institution=values.text(dataset, "InstitutionName", charsets),
        referring_physician=display_name(
            values.decoded(dataset, "ReferringPhysicianName", charsets).text
        ),
    )


def _age_years(dataset: Dataset) -> float | None:
    """Patient's Age, else the age on the day of the study by the birth date."""
    stated = values.age_years(dataset)
    if stated is not None:
        return stated
    born = values.calendar_date(dataset, "PatientBirthDate")
    studied = values.calendar_date(dataset, "StudyDate")
    if born is None or studied is None or studied < born:
        return None
    return round((studied - born).days / 365.25, 3)


def _series_facts(dataset: Dataset, charsets: tuple[str, ...], modality: str) -> SeriesFacts:
    return SeriesFacts(
        series_uid=values.code(dataset, "SeriesInstanceUID"),
        modality=modality,
        number=values.integer(dataset, "SeriesNumber"),
        description=values.text(dataset, "SeriesDescription", charsets),
        body_part=_body_part(dataset, charsets),
        protocol=values.text(dataset, "ProtocolName", charsets),
        manufacturer=values.text(dataset, "Manufacturer", charsets),
        model_name=values.text(dataset, "ManufacturerModelName", charsets),
        frame_of_reference_uid=values.code(dataset, "FrameOfReferenceUID"),
        presentation_intent=values.code(dataset, "PresentationIntentType").upper(),
    )


def _body_part(dataset: Dataset, charsets: tuple[str, ...]) -> str:
    """Body Part Examined, else the meaning of the coded anatomic region (DX, OP, enhanced)."""
    stated = values.code(dataset, "BodyPartExamined").upper()
    if stated:
        return stated
    region = values.first_item(dataset, "AnatomicRegionSequence")
    if not len(region):
        anatomy = functional_group(dataset, 0, "FrameAnatomySequence")
        if anatomy is not None:
            region = values.first_item(anatomy, "AnatomicRegionSequence")
    return values.text(region, "CodeMeaning", charsets).upper()


def _instance(header: DicomHeader, source: str, sop_uid: str, modality: str) -> Instance:
    dataset = header.dataset
    rows = values.integer(dataset, "Rows") or 0
    columns = values.integer(dataset, "Columns") or 0
    plane = group_or_header(dataset, 0, "PlanePositionSequence")
    orientation = group_or_header(dataset, 0, "PlaneOrientationSequence")
    measures = group_or_header(dataset, 0, "PixelMeasuresSequence")
    position_mm = values.numbers(plane, "ImagePositionPatient")
    cosines = values.numbers(orientation, "ImageOrientationPatient")
    syntax = header.transfer_syntax_uid
    return Instance(
        path=header.path,
        source=source,
        sop_instance_uid=sop_uid,
        sop_class_uid=values.code(dataset, "SOPClassUID"),
        transfer_syntax_uid=syntax,
        modality=modality,
        instance_number=values.integer(dataset, "InstanceNumber"),
        frames=_frames(header),
        rows=rows,
        columns=columns,
        samples_per_pixel=values.integer(dataset, "SamplesPerPixel") or 1,
        bits_stored=values.integer(dataset, "BitsStored")
        or values.integer(dataset, "BitsAllocated")
        or 0,
        photometric=values.code(dataset, "PhotometricInterpretation").upper(),
        image_type=values.codes(dataset, "ImageType"),
        has_pixels=header.pixels is not None,
        spacing=pixel_spacing(dataset, modality),
        position_mm=_triple(position_mm),
        orientation=_cosines(cosines),
        slice_thickness_mm=values.number(measures, "SliceThickness"),
        view_position=_view(dataset),
        laterality=_laterality(dataset),
        lossy=syntax in syntaxes.LOSSY or values.code(dataset, "LossyImageCompression") == "01",
        burned_in_annotation=values.code(dataset, "BurnedInAnnotation").upper(),
        tissue_px=tissue_rectangle(dataset, rows, columns) if modality == "US" else None,
    )


def _frames(header: DicomHeader) -> int:
    """Number of Frames; 1 where the file could not hold so many even at one bit each: a damaged
    file must not count as two thousand million images."""
    stated = values.integer(header.dataset, "NumberOfFrames") or 1
    data_bytes = header.size - header.pixels.offset if header.pixels is not None else 0
    return stated if 1 <= stated <= max(1, 8 * data_bytes) else 1


def _triple(numbers: tuple[float, ...]) -> tuple[float, float, float] | None:
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _cosines(
    numbers: tuple[float, ...],
) -> tuple[float, float, float, float, float, float] | None:
    if len(numbers) != 6:
        return None
    a, b, c, d, e, f = numbers
    return a, b, c, d, e, f


# SNOMED CT and the older SNOMED codes of CID 4010, 4014 -> the words of View Position.
_VIEWS = {
    "399162004": "CC",
    "R-10242": "CC",
    "399368009": "MLO",
    "R-10226": "MLO",
    "399260004": "ML",
    "R-10224": "ML",
    "399352003": "LM",
    "R-10228": "LM",
    "399099002": "LMO",
    "R-10230": "LMO",
    "399196006": "FB",
    "R-10244": "FB",
    "399188001": "SIO",
    "R-102D0": "SIO",
    "441555000": "ISO",
    "R-40AAA": "ISO",
    "399192008": "XCCL",
    "R-1024A": "XCCL",
    "399101009": "XCCM",
    "R-1024B": "XCCM",
    "127457009": "SPECIMEN",
    "G-8310": "SPECIMEN",
    "399348003": "AP",
    "R-10206": "AP",
    "399033003": "PA",
    "R-10214": "PA",
    "399067008": "LL",
    "R-10236": "LL",
}


def _view(dataset: Dataset) -> str:
    stated = values.code(dataset, "ViewPosition").upper()
    if stated:
        return stated
    return _VIEWS.get(values.code(values.first_item(dataset, "ViewCodeSequence"), "CodeValue"), "")


def _laterality(dataset: Dataset) -> str:
    """Image Laterality, else Laterality, else the frame's anatomy: R, L, B or U."""
    for keyword in ("ImageLaterality", "Laterality", "FrameLaterality"):
        stated = values.code(dataset, keyword).upper()
        if stated:
            return stated
    anatomy = functional_group(dataset, 0, "FrameAnatomySequence")
    return values.code(anatomy, "FrameLaterality").upper() if anatomy is not None else ""
