"""What every object made here shares: patient, study, series, equipment, pixels, UIDs."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian
from pydicom.valuerep import format_number_as_ds

import mediassist
from mediassist.dicom.dicomize.statement import Statement, codes, side_of

_UNPAIRED_PARTS = (
    "ABDOMEN ABDOMENPELVIS AORTA BLADDER BRAIN CHEST CHESTABDOMEN CHESTABDPELVIS COCCYX COLON "
    "CSPINE CTSPINE DUODENUM ESOPHAGUS FACE GALLBLADDER HEAD HEADNECK HEART ILEUM ILIUM JAW "
    "JEJUNUM LARYNX LIVER LSPINE LSSPINE MAXILLA MEDIASTINUM NECK NOSE PANCREAS PELVIS PROSTATE "
    "RECTUM SKULL SPINE SPLEEN SSPINE STERNUM STOMACH THYROID TLSPINE TRACHEA TSPINE URETER "
    "URETHRA UTERUS WHOLEBODY"
)
_UNPAIRED = frozenset(_UNPAIRED_PARTS.split())
IMPLEMENTATION_UID = "2.25.98115921273418437330131364903413017953"
IMPLEMENTATION_NAME = "MEDIASSIST"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands: UIDs of study and series, numbers, and the seed of its own UID."""

    study_uid: str
    series_uid: str
    series_number: int
    instance_number: int
    seed: str
    study_id: str
    now: datetime

    @property
    def sop_uid(self) -> str:
        return derived_uid(self.seed, "image", str(self.instance_number))


@dataclass(frozen=True, slots=True)
class Source:
    """Values that become one object, and what is known of them.

    `values` is (frames, rows, columns) or (frames, rows, columns, 3); the rest as in
    `picture_files.PictureFrames`.
    """

    name: str
    values: NDArray[Any]
    lossy_method: str = ""
    ratio: float = 0.0

    @property
    def is_colour(self) -> bool:
        return self.values.ndim == 4


def derived_uid(*parts: str) -> str:
    """The same UID for the same parts, in every run."""
    digest = hashlib.sha256("\n".join(("mediassist dicomize", *parts)).encode()).hexdigest()
    return f"2.25.{int(digest[:32], 16)}"


def code_item(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def coded(table: str, word: str) -> list[Dataset]:
    """The coded form of a body part or view; empty where the word has no code."""
    entry = codes()[table].get(word)
    return [code_item(entry[0], "SCT", entry[1])] if entry else []


def ds(number: float) -> str:
    """A number as a Decimal String of at most 16 characters, as exact as that allows."""
    return str(format_number_as_ds(float(number) + 0.0))


def new_object(statement: Statement, place: Place, source: Source, sop_class: str) -> Dataset:
    """Patient, study, series, equipment, general image and SOP common attributes."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.InstanceCreationDate = place.now.strftime("%Y%m%d")
    dataset.InstanceCreationTime = place.now.strftime("%H%M%S")
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = place.sop_uid
    dataset.StudyDate = statement.study_date
    dataset.StudyTime = ""
    dataset.ContentDate = statement.study_date
    dataset.ContentTime = ""
    dataset.AccessionNumber = ""
    dataset.Modality = statement.modality
    dataset.Manufacturer = "MediAssist"
    dataset.ManufacturerModelName = "dicomize"
    dataset.DeviceSerialNumber = "none"
    dataset.SoftwareVersions = mediassist.__version__
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = statement.study_description[:64]
    dataset.SeriesDescription = (statement.series_description or source.name)[:64]
    dataset.PatientName = statement.patient_name
    dataset.PatientID = statement.patient_id
    dataset.PatientBirthDate = statement.birth_date
    dataset.PatientSex = statement.patient_sex
    if statement.age:
        dataset.PatientAge = statement.age
    if statement.body_part:
        dataset.BodyPartExamined = statement.body_part
    dataset.StudyInstanceUID = place.study_uid
    dataset.SeriesInstanceUID = place.series_uid
    dataset.StudyID = place.study_id
    dataset.SeriesNumber = place.series_number
    dataset.InstanceNumber = place.instance_number
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.DerivationDescription = "Converted from a file that was not DICOM"
    if statement.spacing_unknown:
        dataset.ImageComments = "Pixel spacing is not known; 1 mm is a stand-in, do not measure."
    dataset.LossyImageCompression = "01" if source.lossy_method else "00"
    if source.lossy_method:
        dataset.LossyImageCompressionRatio = ds(round(max(source.ratio, 1.0), 2))
        dataset.LossyImageCompressionMethod = source.lossy_method
    return dataset


def put_pixels(dataset: Dataset, values: NDArray[Any]) -> None:
    """Image Pixel attributes and raw pixels of (frames, rows, columns[, 3])."""
    colour = values.ndim == 4
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = values.shape[1:3]
    bits = 8 * values.dtype.itemsize
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(values.dtype.kind == "i")
    raw = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"


def put_window(dataset: Dataset, statement: Statement, values: NDArray[Any]) -> None:
    """The stated window; else, for grey, one over the full range, so that nothing is stretched.

    PS3.3 C.11.2.1.2.1: with the linear function centre 2^(n-1), width 2^n maps 0..2^n-1 onto 0..1.
    """
    if dataset.SamplesPerPixel != 1:
        return
    if statement.window is not None:
        dataset.WindowCenter, dataset.WindowWidth = (ds(value) for value in statement.window)
    elif values.dtype.kind == "u":
        bits = 8 * values.dtype.itemsize
        dataset.WindowCenter, dataset.WindowWidth = 2 ** (bits - 1), 2**bits


def put_laterality(dataset: Dataset, statement: Statement, source: Source) -> None:
    """Laterality of the series, for classes without Image Laterality; empty where not known.

    It must be there for a paired or unknown body part and must not for any other
    (PS3.3 C.7.3.1).
    """
    if statement.body_part in _UNPAIRED:
        return
    side = side_of(statement, source.name)
    dataset.Laterality = side if side in ("L", "R") else ""


def anatomy(statement: Statement, default: str = "") -> Sequence:
    """Anatomic Region Sequence of the stated body part, empty where it has no code."""
    return Sequence(coded("body_parts", statement.body_part or default))


def write(dataset: Dataset, path: Path) -> None:
    """Write a Part 10 file whole or not at all."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = IMPLEMENTATION_NAME
    dataset.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    dataset.save_as(unfinished, enforce_file_format=True)
    os.replace(unfinished, path)
