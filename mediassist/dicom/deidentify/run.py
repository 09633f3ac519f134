"""Files in, files without identity out; what cannot be made safe is withheld and named."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from mediassist.core.errors import (
    LimitExceeded,
    MediAssistError,
    OutputNotWritable,
    UnsupportedImage,
)
from mediassist.core.messages import Message, say
from mediassist.core.study import Rejected
from mediassist.dicom import syntaxes, values
from mediassist.dicom.archives import session_folder
from mediassist.dicom.burned_in.regions import RegionRule
from mediassist.dicom.deidentify.graphics_cleaning import drop_texts_in_overlays
from mediassist.dicom.deidentify.header_cleaning import Cleaning, clean_header, state_method
from mediassist.dicom.deidentify.identifiers import (
    Identifiers,
    TooManyIdentifiersError,
    identifiers_of,
    is_instance_uid,
)
from mediassist.dicom.deidentify.keyed import Key
from mediassist.dicom.deidentify.pixel_cleaning import (
    PixelReport,
    PixelState,
    clean_pixels,
    store_uncompressed,
    text_remains,
)
from mediassist.dicom.deidentify.profile import Option, Profile
from mediassist.dicom.deidentify.residue import Residue, find_residues
from mediassist.dicom.dicomdir import is_dicomdir
from mediassist.dicom.find import files_in, with_source
from mediassist.dicom.header import DicomHeader, read_header
from mediassist.dicom.values import CONVERSION_ERRORS
from mediassist.dicom.whole import read_whole

_IMPLEMENTATION_UID = "2.25.98115921273418437330131364903413017953"

_SAYING_WHERE = ("StudyDescription", "SeriesDescription", "ProtocolName")
_WORDS_OF_HEADS = (
    *("head", "brain", "skull", "face", "facial", "sinus", "orbit", "cranio", "cranial", "neck"),
    *("whole", "schädel", "kopf", "crane", "crâne", "头", "颅", "脑", "面", "鼻", "眼", "颌", "颈"),
)
# Every element of a result is searched for every original: about ten seconds of comparisons.
_MOST_COMPARISONS = 100_000_000
_DICOMDIR = say(
    "deid_dicomdir",
    "A DICOMDIR lists the names of patients: it was left out; the files that it lists were not.",
)


@dataclass(frozen=True, slots=True)
class Released:
    """A file that was written.

    `identity_removed` is False where the header is clean but the pixels are not known to be;
    `may_show_face` where it is a slice of a head, from which a face can be put together again.
    """

    source: str
    target: Path
    pixels: PixelReport
    identity_removed: bool
    may_show_face: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not wanted in the result, and why: nothing is missing without it."""

    source: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Withheld:
    """A file that was not written, because originals were still in it or it cannot be cleaned."""

    source: str
    reason: Message
    residues: tuple[Residue, ...] = ()


def deidentify(
    paths: Iterable[Path],
    out: Path,
    profile: Profile,
    key: Key,
    rules: Sequence[RegionRule] = (),
) -> Iterator[Released | LeftOut | Withheld | Rejected]:
    """De-identify every DICOM file in files, folders and archives into `out`.

    Each file is cleaned, written under a temporary name, read again and searched for everything
    that its original gave away; only then it gets its name. Nothing in `out` holds an original,
    file and folder names included.
    """
    for path in paths:
        for candidate in files_in(path, session_folder()):
            if isinstance(candidate, Rejected):
                yield candidate
                continue
            try:
                header = read_header(candidate.path)
                candidate.accept()
                if is_dicomdir(header):
                    yield LeftOut(candidate.source, _DICOMDIR)
                    continue
                yield _one(header, candidate.source, out, profile, key, rules)
            except OutputNotWritable:
                raise
            except (RecursionError, TooManyIdentifiersError):
                yield Rejected(candidate.source, _not_searchable(candidate.source))
            except MediAssistError as error:
                yield Rejected(candidate.source, with_source(error, candidate))
            finally:
                candidate.discard()


def _one(
    header: DicomHeader,
    source: str,
    out: Path,
    profile: Profile,
    key: Key,
    rules: Sequence[RegionRule],
) -> Released | Withheld:
    if "EncapsulatedDocument" in header.dataset:
        return Withheld(source, say("deid_document", "A document cannot be cleaned."))
    dataset, elements = read_whole(header)
    originals = identifiers_of(dataset, profile, values.character_sets(dataset))
    if elements * originals.searched > _MOST_COMPARISONS:
        raise TooManyIdentifiersError
    _add_file_meta(originals, header, profile)
    patient = _patient_of(dataset)
    face = _may_show_face(dataset)
    cleaning = Cleaning(profile, key, key.pseudonym(patient), key.shift_days(patient))
    overlay_in_pixels = _has_overlay_in_pixels(dataset)
    try:
        report = clean_pixels(header.path, dataset, Option.CLEAN_PIXELS in profile, rules)
        _make_storable(header, dataset, overlay_in_pixels)
    except UnsupportedImage as error:
        return Withheld(source, error.message)
    if Option.CLEAN_GRAPHICS in profile:
        drop_texts_in_overlays(dataset)
    clean_header(dataset, cleaning, originals)
    state_method(dataset, profile, report.state.is_safe)
    if report.state is PixelState.BLANKED or (
        report.state is PixelState.CLEAN and "BurnedInAnnotation" in dataset
    ):
        dataset.BurnedInAnnotation = "NO"
    target = _target(out, dataset, cleaning)
    unfinished = target.with_name(f"{target.name}.part")
    try:
        _write(dataset, unfinished)
        residues = find_residues(unfinished, originals)
        if not residues and report.state is PixelState.BLANKED and text_remains(unfinished):
            # The second look found text that the first one had not: nobody may rely on it.
            report = PixelReport(PixelState.TEXT, report.lines, report.share)
            state_method(dataset, profile, identity_removed=False)
            dataset.BurnedInAnnotation = "YES"
            _write(dataset, unfinished)
        if residues:
            return Withheld(
                source,
                say(
                    "deid_residue",
                    "Originals were found in the result ({places}); it was not written.",
                    places=", ".join(sorted({one.place for one in residues})),
                ),
                residues,
            )
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    return Released(source, target, report, report.state.is_safe, face)


def _not_searchable(source: str) -> LimitExceeded:
    return LimitExceeded(
        say(
            "deid_too_many",
            "{path} holds more names, dates and numbers, or nests them deeper, than can be"
            " searched for.",
            path=source,
        )
    )


def _add_file_meta(originals: Identifiers, header: DicomHeader, profile: Profile) -> None:
    meta = getattr(header.dataset, "file_meta", None)
    uid = values.code(meta, "MediaStorageSOPInstanceUID") if meta is not None else ""
    if is_instance_uid(uid) and Option.UIDS not in profile:
        originals.uids.add(uid)


def _patient_of(dataset: Dataset) -> str:
    """What stays the same for a patient: ID, else name and birth date, else the study."""
    charsets = values.character_sets(dataset)
    patient_id = values.text(dataset, "PatientID", charsets).strip()
    if patient_id:
        return f"id {patient_id}"
    name = values.text(dataset, "PatientName", charsets).strip("^ ")
    if name:
        return f"name {name} {values.code(dataset, 'PatientBirthDate')}"
    return f"study {values.code(dataset, 'StudyInstanceUID')}"


def _may_show_face(dataset: Dataset) -> bool:
    """A CT or MR that says head, or says nothing of where it was taken."""
    if values.code(dataset, "Modality").upper() not in ("CT", "MR", "PT"):
        return False
    charsets = values.character_sets(dataset)
    part = values.code(dataset, "BodyPartExamined").upper()
    said = " ".join(
        (part, *(values.text(dataset, keyword, charsets) for keyword in _SAYING_WHERE))
    ).lower()
    return not said.strip() or any(word in said for word in _WORDS_OF_HEADS)


def _has_overlay_in_pixels(dataset: Dataset) -> bool:
    return any(
        0x6000 <= tag.group <= 0x60FF
        and tag.element == 0x0102
        and str(dataset[tag].value or 0) != "0"
        for tag in dataset.keys()  # noqa: SIM118  (a Dataset iterates over elements)
    )


def _make_storable(header: DicomHeader, dataset: Dataset, overlay_in_pixels: bool) -> None:
    """Bring pixels into a form that can be written: what no library writes, big endian, pixels
    that are coded otherwise than the file says, and old files with overlays in the pixels' unused
    bits become uncompressed little endian."""
    syntax = values.code(dataset.file_meta, "TransferSyntaxUID") or header.transfer_syntax_uid
    is_native = syntax in syntaxes.NATIVE
    keeps = not is_native and UID(syntax).is_transfer_syntax and not overlay_in_pixels
    swapped = is_native and (
        not header.little_endian or syntax == syntaxes.GE_PRIVATE_BIG_ENDIAN_PIXELS
    )
    if "PixelData" in dataset and (
        swapped
        or overlay_in_pixels
        or not (is_native or keeps)
        or is_native == dataset["PixelData"].is_undefined_length
        # Fragments of odd length: a pad byte behind them would be taken for the next one.
        or (not is_native and len(dataset.PixelData) % 2)
    ):
        store_uncompressed(header.path, dataset)
        return
    dataset.file_meta.TransferSyntaxUID = UID(syntax) if keeps else ExplicitVRLittleEndian


def _target(out: Path, dataset: Dataset, cleaning: Cleaning) -> Path:
    study, series, image = (
        hashlib.sha256(str(dataset.get(keyword, "")).encode()).hexdigest()[:12]
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    )
    folder = out / cleaning.pseudonym / study / series
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(folder, error) from error
    return folder / f"{image}.dcm"


def _write(dataset: Dataset, path: Path) -> None:
    """Write with fresh file meta and preamble: both may hold names of applications and people."""
    syntax = dataset.file_meta.TransferSyntaxUID
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", "")
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "")
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = _IMPLEMENTATION_UID
    meta.ImplementationVersionName = "MEDIASSIST"
    dataset.file_meta = meta
    dataset.preamble = b"\0" * 128
    dataset.SpecificCharacterSet = "ISO_IR 192"
    try:
        dcmwrite(path, dataset, enforce_file_format=True, implicit_vr=None)
    except OSError as error:
        raise _not_writable(path, error) from error
    except CONVERSION_ERRORS as error:
        raise UnsupportedImage(
            say(
                "deid_not_writable",
                "The cleaned object cannot be written as DICOM ({reason}).",
                reason=str(error)[:200] or type(error).__name__,
            )
        ) from error


def _not_writable(path: Path, error: OSError) -> OutputNotWritable:
    return OutputNotWritable(
        say(
            "output_not_writable",
            "Results cannot be written to {path}: {why}.",
            path=str(path),
            why=error.strerror or type(error).__name__,
        )
    )
