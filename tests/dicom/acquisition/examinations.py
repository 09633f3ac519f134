"""One good examination for every protocol, in memory; a test breaks one thing and writes it.

The examinations meet every rule. They are small: slices of 512 pixels hold a plain ellipse, so that
a study of forty slices is made in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.dicom.builder import patient_and_study, set_pixels, uid, write

Study = list[Dataset]

MR_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
DX_STORAGE = "1.2.840.10008.5.1.4.1.1.1.1"
MG_STORAGE = "1.2.840.10008.5.1.4.1.1.1.2"
US_STORAGE = "1.2.840.10008.5.1.4.1.1.6.1"
OP_STORAGE = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
XA_STORAGE = "1.2.840.10008.5.1.4.1.1.12.1"


def texture(rows: int, columns: int, seed: int = 1) -> NDArray[np.float32]:
    """A soft ellipse with fine grain, 0 to 1: sharp, unclipped, black outside."""
    y, x = np.ogrid[:rows, :columns]
    radius = np.hypot((y - rows / 2) / (0.44 * rows), (x - columns / 2) / (0.44 * columns))
    body = np.clip(1.0 - radius**4, 0, 1)
    grain = np.random.default_rng(seed).uniform(-0.08, 0.08, (rows, columns))
    return np.where(body > 0, 0.15 + 0.6 * body + grain, 0.0).astype(np.float32)


def image(sop_class: str, modality: str, part: str, seed: object, number: int = 1) -> Dataset:
    dataset = patient_and_study(seed)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = uid("acquisition", seed, modality, number)
    dataset.SeriesInstanceUID = uid("acquisition series", seed, modality)
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = modality, 1, number
    dataset.BodyPartExamined = part
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    return dataset


def in_series(dataset: Dataset, name: str) -> Dataset:
    """Move an image to a series of its own."""
    dataset.SeriesInstanceUID = uid("acquisition series", dataset.StudyInstanceUID, name)
    dataset.SOPInstanceUID = uid("acquisition", dataset.SOPInstanceUID, name)
    dataset.SeriesDescription = name
    return dataset


def place(dataset: Dataset, z_mm: float, thickness_mm: float, spacing_mm: float) -> None:
    dataset.ImagePositionPatient = [-100.0, -100.0, z_mm]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [spacing_mm, spacing_mm]
    dataset.SliceThickness = thickness_mm
    dataset.FrameOfReferenceUID = uid("acquisition frame", dataset.StudyInstanceUID)


def _ct(
    seed: str, part: str, side: int, slices: int, thickness_mm: float, spacing_mm: float
) -> Study:
    body = texture(side, side)
    stored = np.where(body > 0, 1000 + 300 * body, 24).astype(np.uint16)
    study = []
    for index in range(slices):
        dataset = image(CT_STORAGE, "CT", part, seed, index + 1)
        place(dataset, index * thickness_mm, thickness_mm, spacing_mm)
        dataset.KVP = 120
        dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = 1, -1024, "HU"
        dataset.WindowCenter, dataset.WindowWidth = 100, 400
        set_pixels(dataset, stored, 12)
        study.append(dataset)
    return study


def brain_ct() -> Study:
    return _ct("brain ct", "HEAD", 512, 24, 5.0, 0.45)


def chest_ct() -> Study:
    return _ct("chest ct", "CHEST", 128, 136, 1.5, 0.7)


def brain_mr() -> Study:
    study = []
    picture = (2000 * texture(128, 128)).astype(np.uint16) + 20
    times = {"T1": (500, 10), "T1 +C": (500, 10), "T2": (4000, 100), "FLAIR": (9000, 120)}
    for name, (repetition, echo) in times.items():
        for index in range(22):
            dataset = in_series(image(MR_STORAGE, "MR", "BRAIN", "brain mr", index + 1), name)
            place(dataset, index * 5.0, 5.0, 0.9)
            dataset.RepetitionTime, dataset.EchoTime = repetition, echo
            dataset.MagneticFieldStrength = 1.5
            set_pixels(dataset, picture, 12)
            study.append(dataset)
    return study


def cardiac_cine_mr() -> Study:
    study = []
    picture = (2000 * texture(64, 64)).astype(np.uint16) + 20
    for name, places in (("cine SAX", 8), ("cine 2CH", 1), ("cine 4CH", 1)):
        for index in range(places):
            for phase in range(18):
                number = 20 * index + phase + 1
                dataset = in_series(image(MR_STORAGE, "MR", "HEART", "cine", number), name)
                place(dataset, index * 10.0, 8.0, 1.5)
                dataset.TriggerTime = 40.0 * phase
                dataset.NominalInterval = 800
                dataset.MagneticFieldStrength = 1.5
                set_pixels(dataset, picture, 12)
                study.append(dataset)
    return study


def _radiograph(part: str, view: str, side: str, number: int, rows: int = 1200) -> Dataset:
    dataset = image(DX_STORAGE, "DX", part, f"film {part}", number)
    dataset.SeriesDescription = f"{part} {view}"
    dataset.ViewPosition, dataset.ImageLaterality = view, side
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.ImagerPixelSpacing = [0.15, 0.15]
    dataset.KVP, dataset.DistanceSourceToDetector, dataset.ExposureTime = 60, 1800, 8
    dataset.DeviationIndex = "0.4"
    set_pixels(dataset, (3500 * texture(rows, 1000, number) + 200).astype(np.uint16), 12)
    return dataset


def chest_xray() -> Study:
    dataset = _radiograph("CHEST", "PA", "U", 1)
    dataset.KVP = 125
    return [dataset]


def bone_xray() -> Study:
    return [_radiograph("WRIST", view, "L", number) for number, view in ((1, "PA"), (2, "LL"))]


def knee_xray() -> Study:
    study = [_radiograph("KNEE", "AP", side, number) for number, side in ((1, "R"), (2, "L"))]
    for dataset in study:
        dataset.SeriesDescription = "Knee AP standing"
    return study


def fundus() -> Study:
    study = []
    field = texture(1024, 1024)
    colour = np.stack([220 * field, 150 * field, 90 * field], axis=-1).astype(np.uint8)
    for number, side in ((1, "R"), (2, "R"), (3, "L"), (4, "L")):
        dataset = image(OP_STORAGE, "OP", "EYE", "fundus", number)
        dataset.ImageLaterality = side
        dataset.HorizontalFieldOfView = 45.0
        set_pixels(dataset, colour)
        study.append(dataset)
    return study


def coronary_angiogram() -> Study:
    study = []
    run = np.stack([(220 * texture(512, 512, seed) + 10).astype(np.uint8) for seed in range(3)])
    for number, angle in ((1, -30.0), (2, 30.0)):
        dataset = image(XA_STORAGE, "XA", "HEART", "angiogram", number)
        dataset.PositionerPrimaryAngle, dataset.PositionerSecondaryAngle = angle, 0.0
        dataset.FrameTime = 66.7
        dataset.KVP = 75
        dataset.ImagerPixelSpacing = [0.2, 0.2]
        set_pixels(dataset, np.repeat(run, 12, axis=0))
        study.append(dataset)
    return study


def breast_us() -> Study:
    study = []
    picture = (220 * texture(480, 560) + 15).astype(np.uint8)
    for number in (1, 2):
        dataset = image(US_STORAGE, "US", "BREAST", "breast us", number)
        dataset.Laterality = "L"
        region = Dataset()
        region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
        region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
        region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 559, 479
        region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
        region.PhysicalDeltaX = region.PhysicalDeltaY = 0.008
        region.TransducerFrequency = 12000
        dataset.SequenceOfUltrasoundRegions = Items([region])
        set_pixels(dataset, np.repeat(picture[..., None], 3, axis=-1))
        study.append(dataset)
    return study


def mammogram() -> Study:
    study = []
    number = 0
    for side in ("R", "L"):
        for view in ("CC", "MLO"):
            number += 1
            dataset = image(MG_STORAGE, "MG", "BREAST", "mammogram", number)
            dataset.ImageLaterality, dataset.ViewPosition = side, view
            dataset.PresentationIntentType = "FOR PRESENTATION"
            dataset.ImagerPixelSpacing = [0.07, 0.07]
            dataset.KVP, dataset.CompressionForce, dataset.BodyPartThickness = 29, 120, 55
            dataset.OrganDose = 0.015
            set_pixels(dataset, (3000 * texture(900, 700, number) + 200).astype(np.uint16), 12)
            study.append(dataset)
    return study


GOOD: dict[str, Callable[[], Study]] = {
    function.__name__: function
    for function in (
        brain_ct,
        brain_mr,
        chest_xray,
        chest_ct,
        fundus,
        bone_xray,
        knee_xray,
        cardiac_cine_mr,
        coronary_angiogram,
        breast_us,
        mammogram,
    )
}


def write_study(study: Study, folder: Path) -> Path:
    for index, dataset in enumerate(study):
        write(dataset, folder / f"IM{index:04d}.dcm")
    return folder


def change(study: Study, **elements: Any) -> None:
    """Set elements of every image; None removes one."""
    for dataset in study:
        for keyword, value in elements.items():
            if value is None:
                if keyword in dataset:
                    del dataset[keyword]
            else:
                setattr(dataset, keyword, value)


def pixels_of(dataset: Dataset) -> NDArray[Any]:
    """The pixels of a data set that has not been written yet."""
    shape: tuple[int, ...] = (dataset.Rows, dataset.Columns)
    if dataset.SamplesPerPixel == 3:
        shape = (*shape, 3)
    frames = int(dataset.get("NumberOfFrames", 1))
    if frames > 1:
        shape = (frames, *shape)
    values = np.frombuffer(dataset.PixelData, f"<u{dataset.BitsAllocated // 8}")
    return values[: int(np.prod(shape))].reshape(shape)


def repaint(study: Study, paint: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
    """Change the pixels of every image."""
    for dataset in study:
        stored = dataset.BitsStored
        set_pixels(dataset, paint(pixels_of(dataset)), stored)
