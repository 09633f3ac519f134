"""Small synthetic DICOM files for every test that needs one: `from tests.dicom.builder import ...`

Pictures are simple shapes with a bright mark at the upper left, so that a turned, flipped or
inverted picture is noticed. Every file is valid enough for any reader; `**changes` sets elements
by keyword (None removes one), which is how tests make the odd and the broken ones.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.charset import encode_string
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

CR_STORAGE = "1.2.840.10008.5.1.4.1.1.1"
DX_STORAGE = "1.2.840.10008.5.1.4.1.1.1.1"
CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2.1"
ULTRASOUND_STORAGE = "1.2.840.10008.5.1.4.1.1.6.1"
ULTRASOUND_CINE_STORAGE = "1.2.840.10008.5.1.4.1.1.3.1"
FUNDUS_STORAGE = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
REPORT_STORAGE = "1.2.840.10008.5.1.4.1.1.88.11"

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
JPEG_XL = "1.2.840.10008.1.2.4.110"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"

# pydicom 3.0 does not know these and refuses to save under them: a syntax of the same length
# stands in until the file is written.
_STAND_INS = {
    JPEG_XL: "1.2.840.10008.1.2.4.201",
    DEFLATED_FRAMES: "1.2.840.10008.1.2.7.1",
    ENCAPSULATED_UNCOMPRESSED: "1.2.840.10008.1.2.4.57",
}

_ROOT = "1.2.826.0.1.3680043.10.1671"


def uid(*parts: object) -> str:
    """The same UID for the same parts, in every run."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()
    return f"{_ROOT}.{int(digest[:20], 16)}"


def phantom(rows: int = 96, columns: int = 80, top: int = 4095) -> NDArray[np.uint16]:
    """An ellipse on a slope with a bright mark at the upper left; values 0 to `top`."""
    y, x = np.mgrid[0:rows, 0:columns]
    picture = 0.15 + 0.25 * x / columns
    inside = ((y - rows / 2) / (0.4 * rows)) ** 2 + ((x - columns / 2) / (0.35 * columns)) ** 2 < 1
    picture = np.where(inside, 0.65 - 0.2 * y / rows, picture)
    picture[: max(1, rows // 12), : max(1, columns // 10)] = 1.0
    return np.asarray(np.rint(picture * top), dtype=np.uint16)


def patient_and_study(seed: object = 1) -> Dataset:
    """The patient and study modules, and UIDs derived from `seed`."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.StudyDate, dataset.StudyTime = "20240305", "101500"
    dataset.AccessionNumber = f"A{seed}"
    dataset.ReferringPhysicianName = "Referrer^Rita"
    dataset.PatientName = "Sample^Sam"
    dataset.PatientID = f"P{seed}"
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "19600101", "F", "064Y"
    dataset.StudyInstanceUID = uid("study", seed)
    dataset.StudyID = str(seed)[:16]
    dataset.StudyDescription = "Synthetic"
    dataset.InstitutionName = "Test Hospital"
    dataset.Manufacturer, dataset.ManufacturerModelName = "Builder", "Synthetic 1"
    return dataset


def set_pixels(dataset: Dataset, pixels: NDArray[Any], bits_stored: int | None = None) -> None:
    """Image pixel module of (rows, columns[, 3]) or (frames, rows, columns[, 3]), uncompressed."""
    is_colour = pixels.shape[-1] == 3 and pixels.ndim >= 3
    frames = pixels if pixels.ndim == 3 + is_colour else pixels[None]
    dataset.SamplesPerPixel = 3 if is_colour else 1
    dataset.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        dataset.PlanarConfiguration = 0
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.BitsAllocated = frames.dtype.itemsize * 8
    dataset.BitsStored = bits_stored or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(frames.dtype.kind == "i")
    data = np.ascontiguousarray(frames, dtype=frames.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"


def write(dataset: Dataset, path: Path, syntax: str = EXPLICIT_LITTLE, **changes: Any) -> Path:
    """Write a data set; `changes` sets elements by keyword, None removes one.

    A name given as bytes is written as those bytes, whatever the character set says.
    """
    raw_values: dict[bytes, bytes] = {}
    for keyword, value in changes.items():
        if value is None:
            if keyword in dataset:
                del dataset[keyword]
        elif isinstance(value, bytes) and keyword != "PixelData":
            # pydicom would encode it anew: a stand-in of the same length is replaced on disc.
            letters = "1234567" if dictionary_VR(keyword) in ("DS", "IS") else "!#$%&*+"
            stand_in = letters[len(raw_values)] * len(value)
            raw_values[stand_in.encode()] = value
            setattr(dataset, keyword, stand_in)
        else:
            setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(_STAND_INS.get(syntax, syntax))
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CR_STORAGE)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", uid("none"))
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    if syntax in _STAND_INS:
        raw_values[_STAND_INS[syntax].encode()] = syntax.encode()
    for stand_in, value in raw_values.items():
        path.write_bytes(path.read_bytes().replace(stand_in, value, 1))
    return path


def compress(dataset: Dataset, syntax: str) -> None:
    """Replace uncompressed pixels by compressed ones, one fragment a frame."""
    import imagecodecs

    frames = dataset.get("NumberOfFrames", 1)
    samples = dataset.SamplesPerPixel
    dtype = f"{'i' if dataset.PixelRepresentation else 'u'}{dataset.BitsAllocated // 8}"
    shape = (frames, dataset.Rows, dataset.Columns) + ((3,) if samples == 3 else ())
    pixels = np.frombuffer(dataset.PixelData, dtype)[: int(np.prod(shape))].reshape(shape)
    coded = []
    for frame in pixels:
        if syntax == RLE:
            coded.append(_rle(frame))
        elif syntax == JPEG_BASELINE:
            options = {"colorspace": "RGB", "outcolorspace": "YCBCR"} if samples == 3 else {}
            coded.append(imagecodecs.jpeg8_encode(frame, level=95, **options))
        elif syntax == JPEG_LOSSLESS:
            coded.append(imagecodecs.ljpeg_encode(frame))
        elif syntax == JPEG_XL:
            coded.append(imagecodecs.jpegxl_encode(frame, lossless=True))
        elif syntax == ENCAPSULATED_UNCOMPRESSED:
            coded.append(frame.tobytes())
        elif syntax == DEFLATED_FRAMES:
            packer = zlib.compressobj(wbits=-15)
            coded.append(packer.compress(frame.tobytes()) + packer.flush())
        elif syntax == JPEG_LS:
            coded.append(imagecodecs.jpegls_encode(frame))
        elif syntax == JPEG_2000:
            coded.append(
                imagecodecs.jpeg2k_encode(frame, level=0, codecformat="j2k", reversible=True)
            )
        else:
            raise ValueError(f"the builder does not compress as {syntax}")
    if syntax == JPEG_BASELINE and samples == 3:
        dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.PixelData = encapsulate(coded)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True


def _rle(frame: NDArray[Any]) -> bytes:
    from pydicom.pixels.encoders.native import _encode_row

    planes = frame.reshape(frame.shape[0], frame.shape[1], -1)
    width = frame.dtype.itemsize
    segments = []
    for sample in range(planes.shape[2]):
        octets = np.ascontiguousarray(planes[..., sample]).view(np.uint8)
        octets = octets.reshape(frame.shape[0], frame.shape[1], width)
        for byte in reversed(range(width)):
            segment = b"".join(bytes(_encode_row(row.tobytes())) for row in octets[..., byte])
            segments.append(segment + b"\0" * (len(segment) % 2))
    offsets = np.cumsum([64, *map(len, segments[:-1])])
    header = np.zeros(16, "<u4")
    header[0] = len(segments)
    header[1 : 1 + len(segments)] = offsets
    return header.tobytes() + b"".join(segments)


def chest_radiograph(
    path: Path,
    *,
    seed: object = 1,
    pixels: NDArray[Any] | None = None,
    bits_stored: int = 12,
    syntax: str = EXPLICIT_LITTLE,
    **changes: Any,
) -> Path:
    """A DX chest radiograph, PA, 12 bits, with a stored window; returns `path`."""
    dataset = patient_and_study(seed)
    dataset.SOPClassUID = DX_STORAGE
    dataset.SOPInstanceUID = uid("image", seed, path.name)
    dataset.SeriesInstanceUID = uid("series", seed)
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "DX", 1, 1
    dataset.SeriesDescription = "Chest PA"
    dataset.BodyPartExamined, dataset.ViewPosition = "CHEST", "PA"
    dataset.ImageLaterality = "U"
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.ImagerPixelSpacing = [0.2, 0.2]
    dataset.WindowCenter, dataset.WindowWidth = 2048, 4096
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = 1, 0, "US"
    dataset.BurnedInAnnotation = "NO"
    set_pixels(dataset, phantom() if pixels is None else pixels, bits_stored)
    if syntax not in ("1.2.840.10008.1.2", EXPLICIT_LITTLE, "1.2.840.10008.1.2.1.99"):
        compress(dataset, syntax)
    return write(dataset, path, syntax, **changes)


def ct_series(
    folder: Path,
    *,
    seed: object = 1,
    slices: int = 6,
    rows: int = 48,
    columns: int = 40,
    spacing_mm: tuple[float, float] = (0.8, 0.6),
    step_mm: float = 5.0,
    tilt_degrees: float = 0.0,
    missing: Sequence[int] = (),
    syntax: str = EXPLICIT_LITTLE,
    **changes: Any,
) -> list[Path]:
    """An axial CT, one file a slice, feet to head; returns the files in that order.

    `tilt_degrees` tilts the gantry: slices keep stepping along z while their plane leans.
    `missing` leaves out slices by index. Values are HU after rescale (slope 1, intercept -1024).
    """
    angle = np.radians(tilt_degrees)
    orientation = [1, 0, 0, 0, round(float(np.cos(angle)), 8), round(float(-np.sin(angle)), 8)]
    paths = []
    for index in range(slices):
        if index in missing:
            continue
        dataset = patient_and_study(seed)
        dataset.SOPClassUID = CT_STORAGE
        dataset.SOPInstanceUID = uid("ct", seed, index)
        dataset.SeriesInstanceUID = uid("ct series", seed)
        dataset.FrameOfReferenceUID = uid("frame of reference", seed)
        dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "CT", 2, index + 1
        dataset.SeriesDescription, dataset.BodyPartExamined = "Axial", "HEAD"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.ImagePositionPatient = [-12.0, -19.2, -30.0 + index * step_mm]
        dataset.ImageOrientationPatient = orientation
        dataset.PixelSpacing = list(spacing_mm)
        dataset.SliceThickness = step_mm
        dataset.GantryDetectorTilt = tilt_degrees
        dataset.KVP = 120
        dataset.WindowCenter, dataset.WindowWidth = 40, 80
        dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = 1, -1024, "HU"
        pixels = phantom(rows, columns, 1200).astype(np.int16) + np.int16(10 * index)
        set_pixels(dataset, pixels.astype(np.uint16), 12)
        if syntax != EXPLICIT_LITTLE:
            compress(dataset, syntax)
        paths.append(write(dataset, folder / f"IM{index:04d}.dcm", syntax, **changes))
    return paths


def enhanced_ct(
    path: Path, *, seed: object = 1, frames: int = 5, step_mm: float = 3.0, **changes: Any
) -> Path:
    """A multi-frame CT whose geometry stands in per-frame functional groups."""
    dataset = patient_and_study(seed)
    dataset.SOPClassUID = ENHANCED_CT_STORAGE
    dataset.SOPInstanceUID = uid("enhanced", seed)
    dataset.SeriesInstanceUID = uid("enhanced series", seed)
    dataset.FrameOfReferenceUID = uid("frame of reference", seed)
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "CT", 3, 1
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    shared = Dataset()
    measures = Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.7, 0.9], step_mm
    shared.PixelMeasuresSequence = Items([measures])
    plane = Dataset()
    plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PlaneOrientationSequence = Items([plane])
    rescale = Dataset()
    rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, -1024, "HU"
    shared.PixelValueTransformationSequence = Items([rescale])
    dataset.SharedFunctionalGroupsSequence = Items([shared])
    per_frame = []
    for index in range(frames):
        groups, position = Dataset(), Dataset()
        position.ImagePositionPatient = [-10.0, -20.0, 40.0 + index * step_mm]
        groups.PlanePositionSequence = Items([position])
        voi = Dataset()
        voi.WindowCenter, voi.WindowWidth = 40 + index, 80
        groups.FrameVOILUTSequence = Items([voi])
        per_frame.append(groups)
    dataset.PerFrameFunctionalGroupsSequence = Items(per_frame)
    pixels = np.stack([phantom(40, 32, 1200) + 7 * index for index in range(frames)])
    set_pixels(dataset, pixels.astype(np.uint16), 12)
    return write(dataset, path, **changes)


def ultrasound(
    path: Path, *, seed: object = 1, frames: int = 1, syntax: str = EXPLICIT_LITTLE, **changes: Any
) -> Path:
    """A colour ultrasound picture or cine with one calibrated region (0.1 mm per pixel)."""
    dataset = patient_and_study(seed)
    dataset.SOPClassUID = ULTRASOUND_STORAGE if frames == 1 else ULTRASOUND_CINE_STORAGE
    dataset.SOPInstanceUID = uid("us", seed, path.name)
    dataset.SeriesInstanceUID = uid("us series", seed)
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "US", 4, 1
    dataset.BodyPartExamined = "BREAST"
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 79, 95
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.01
    dataset.SequenceOfUltrasoundRegions = Items([region])
    grey = (phantom(top=255)).astype(np.uint8)
    picture = np.stack([grey, grey, np.minimum(grey, 200)], axis=-1)
    moving = np.stack([np.roll(picture, 2 * index, axis=1) for index in range(frames)])
    set_pixels(dataset, moving if frames > 1 else picture)
    if syntax != EXPLICIT_LITTLE:
        compress(dataset, syntax)
    return write(dataset, path, syntax, **changes)


def text_report(path: Path, *, seed: object = 1, **changes: Any) -> Path:
    """A structured report: an object without pixels in the same study."""
    dataset = patient_and_study(seed)
    dataset.SOPClassUID = REPORT_STORAGE
    dataset.SOPInstanceUID = uid("report", seed)
    dataset.SeriesInstanceUID = uid("report series", seed)
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "SR", 9, 1
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    return write(dataset, path, **changes)


def encoded_name(name: str, character_set: str) -> bytes:
    """The bytes of a name in a DICOM character set, to be passed as `PatientName=...`."""
    from pydicom.charset import convert_encodings

    return bytes(encode_string(name, convert_encodings(character_set.split("\\"))))
