"""What every simulated DICOM file shares: patient, study, fixed dates, hashed UIDs, encoding."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

# Fixed, so that the bytes do not change with the library that writes them.
IMPLEMENTATION_UID = UID("2.25.203842916057240962831710893554021")
IMPLEMENTATION_NAME = "MEDIASSIST_SIM1"
COMMENT = "SIMULATED picture, no patient. Made by tools/samples of MediAssist for demonstration."
JPEG_QUALITY = 92


class Packing(Enum):
    """How the pixels are stored."""

    PLAIN = ExplicitVRLittleEndian
    RLE = RLELossless
    JPEG_LS = JPEGLSLossless
    JPEG_2000 = JPEG2000Lossless
    JPEG = JPEGBaseline8Bit


@dataclass(frozen=True, slots=True)
class Person:
    """A patient who does not exist."""

    number: int
    name: str
    sex: str
    birth_date: str
    charset: str = "ISO_IR 100"

    @property
    def patient_id(self) -> str:
        return f"SIMULATED-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class Order:
    """Study facts; `key` seeds every UID of the study."""

    key: str
    person: Person
    date: str
    time: str
    description: str
    body_part: str
    age: str


def uid(*parts: object) -> str:
    """A UID under 2.25 that depends on the text of `parts` alone."""
    text = "mediassist simulated study/" + "/".join(str(part) for part in parts)
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:15], 'big')}"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def new_object(
    order: Order, sop_class: str, modality: str, series: int, number: int, series_text: str
) -> Dataset:
    """Patient, study, series, equipment and general image attributes."""
    ds = Dataset()
    ds.SpecificCharacterSet = order.person.charset
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = uid(order.key, series, number)
    ds.StudyInstanceUID = uid(order.key)
    ds.SeriesInstanceUID = uid(order.key, series)
    ds.PatientName = order.person.name
    ds.PatientID = order.person.patient_id
    ds.PatientBirthDate = order.person.birth_date
    ds.PatientSex = order.person.sex
    ds.PatientAge = order.age
    ds.PatientComments = "SIMULATED"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = order.date
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = order.time
    ds.InstanceCreationDate, ds.InstanceCreationTime = order.date, order.time
    ds.StudyID = f"SIM{order.person.number:04d}"
    ds.AccessionNumber = f"SIM{int(uid(order.key)[-6:]):06d}"
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = f"SIMULATED {order.description}"
    ds.SeriesDescription = series_text
    ds.Modality = modality
    ds.SeriesNumber = series
    ds.InstanceNumber = number
    ds.BodyPartExamined = order.body_part
    ds.Manufacturer = "MediAssist simulator"
    ds.ManufacturerModelName = "tools/samples"
    ds.DeviceSerialNumber = "SIMULATED"
    ds.SoftwareVersions = "1"
    ds.InstitutionName = "SIMULATED"
    ds.ImageComments = COMMENT
    ds.BurnedInAnnotation = "NO"
    ds.LossyImageCompression = "00"
    return ds


def put_grey(ds: Dataset, frames: NDArray[np.generic], bits: int) -> None:
    """Image Pixel attributes of grey frames (n, rows, columns), and the raw pixels."""
    signed = frames.dtype.kind == "i"
    ds.SamplesPerPixel = 1
    ds.Rows, ds.Columns = frames.shape[1:]
    ds.BitsAllocated = 8 * frames.dtype.itemsize
    ds.BitsStored, ds.HighBit = bits, bits - 1
    ds.PixelRepresentation = int(signed)
    raw = np.ascontiguousarray(frames.astype(frames.dtype.newbyteorder("<"))).tobytes()
    ds.PixelData = raw + b"\0" * (len(raw) % 2)


def put_colour(ds: Dataset, picture: NDArray[np.uint8]) -> None:
    """Image Pixel attributes of one RGB picture (rows, columns, 3), and the raw pixels."""
    ds.SamplesPerPixel = 3
    ds.PhotometricInterpretation = "RGB"
    ds.PlanarConfiguration = 0
    ds.Rows, ds.Columns = picture.shape[:2]
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    raw = picture.tobytes()
    ds.PixelData = raw + b"\0" * (len(raw) % 2)


def _pack_jpeg(ds: Dataset) -> None:
    """JPEG baseline with 4:2:2 colour, and what the standard wants said about the loss."""
    shape = (ds.Rows, ds.Columns, 3)
    size = int(np.prod(shape))
    picture = np.frombuffer(ds.PixelData, np.uint8)[:size].reshape(shape)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=JPEG_QUALITY, subsampling="4:2:2")
    packed = stream.getvalue()
    ds.PixelData = encapsulate([packed])
    ds["PixelData"].VR = "OB"
    ds.PhotometricInterpretation = "YBR_FULL_422"
    ds.LossyImageCompression = "01"
    ds.LossyImageCompressionRatio = f"{size / len(packed):.2f}"
    ds.LossyImageCompressionMethod = "ISO_10918_1"


def write(ds: Dataset, path: Path, packing: Packing = Packing.PLAIN) -> None:
    """Write a Part 10 file; the same `ds` always gives the same bytes."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.ImplementationClassUID = IMPLEMENTATION_UID
    ds.file_meta.ImplementationVersionName = IMPLEMENTATION_NAME
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds["PixelData"].VR = "OW" if ds.BitsAllocated > 8 else "OB"
    if packing is Packing.JPEG:
        _pack_jpeg(ds)
        ds.file_meta.TransferSyntaxUID = packing.value
    elif packing is not Packing.PLAIN:
        if packing is Packing.JPEG_2000 and ds.SamplesPerPixel == 3:
            # asks the encoder for the reversible colour transform
            ds.PhotometricInterpretation = "YBR_RCT"
        with warnings.catch_warnings():
            # only the 12-in-16-bit hint of the JPEG encoders is expected here
            warnings.simplefilter("ignore")
            ds.compress(packing.value, generate_instance_uid=False, encapsulate_ext=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
