"""CT and MR scans from arrays, as DICOM files, for the tests of volume tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.dicom.builder import CT_STORAGE, patient_and_study, set_pixels, uid, write

MR_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
AIR_HU, BRAIN_HU, BONE_HU = -1000, 34, 900


def ct_scan(
    folder: Path,
    hu: NDArray[np.int16],
    *,
    series: str = "soft",
    mm: float = 0.86,
    step_mm: float = 5.0,
    body_part: str = "HEAD",
    **changes: Any,
) -> list[Path]:
    """An axial CT of (slices, rows, columns) in HU, feet to head; the header's window is absurd."""
    return [
        _slice(
            folder / series,
            (values + 1024).astype(np.uint16),
            index,
            series,
            mm,
            step_mm,
            {
                "SOPClassUID": CT_STORAGE,
                "Modality": "CT",
                "BodyPartExamined": body_part,
                "RescaleSlope": 1,
                "RescaleIntercept": -1024,
                "RescaleType": "HU",
                "WindowCenter": 600,
                "WindowWidth": 50,
                **changes,
            },
        )
        for index, values in enumerate(hu)
    ]


def mr_scan(
    folder: Path,
    values: NDArray[np.uint16],
    *,
    series: str = "flair",
    mm: float = 0.9,
    step_mm: float = 5.0,
    **changes: Any,
) -> list[Path]:
    """An axial MR of (slices, rows, columns) in arbitrary units."""
    facts = {"SOPClassUID": MR_STORAGE, "Modality": "MR", "BodyPartExamined": "BRAIN"}
    return [
        _slice(folder / series, each, index, series, mm, step_mm, facts | changes)
        for index, each in enumerate(values)
    ]


def _slice(
    folder: Path,
    stored: NDArray[np.uint16],
    index: int,
    series: str,
    mm: float,
    step_mm: float,
    facts: dict[str, Any],
) -> Path:
    dataset = patient_and_study("scan")
    dataset.SOPInstanceUID = uid("scan", series, index)
    dataset.SeriesInstanceUID = uid("scan series", series)
    dataset.FrameOfReferenceUID = uid("scan frame")
    dataset.SeriesNumber, dataset.InstanceNumber = 2, index + 1
    dataset.SeriesDescription = series
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.ImagePositionPatient = [-100.0, -120.0, index * step_mm]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [mm, mm]
    dataset.SliceThickness = step_mm
    set_pixels(dataset, stored)
    return write(dataset, folder / f"IM{index:04d}.dcm", **facts)


def head(slices: int = 12, side: int = 128, radius: int = 36) -> NDArray[np.int16]:
    """A skull with brain in air, smaller towards the vertex."""
    y, x = np.indices((side, side))
    volume = np.full((slices, side, side), AIR_HU, np.int16)
    for index in range(slices):
        size = radius * (1 - 0.5 * (index / slices) ** 2)
        away = np.hypot((y - side * 0.45) / 1.15, x - side * 0.55)
        volume[index][away <= size] = BONE_HU
        volume[index][away <= size - 4] = BRAIN_HU
    return volume


def chest(
    slices: int = 60, side: int = 96, nodule_mm: float = 9.0, mm: float = 3.0
) -> NDArray[np.int16]:
    """Two lungs in a body, with one ball in the right lung; 2 mm between slices."""
    z, y, x = np.indices((slices, side, side)).astype(float)
    body = np.hypot((y - side / 2) / 0.75, x - side / 2) <= side * 0.45
    volume = np.where(body, 40, AIR_HU).astype(np.int16)
    for middle in (0.3, 0.7):
        lung = (
            ((x - side * middle) / (side * 0.15)) ** 2
            + ((y - side / 2) / (side * 0.24)) ** 2
            + ((z - slices / 2) / (slices * 0.45)) ** 2
        ) <= 1
        volume[lung] = -850
    away = np.sqrt(
        ((x - side * 0.3) * mm) ** 2 + ((y - side / 2) * mm) ** 2 + ((z - slices / 2) * 2.0) ** 2
    )
    volume[away <= nodule_mm / 2] = 30
    return volume
