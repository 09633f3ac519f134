"""A beating heart of plain circles as cine MR: muscle round a cavity, a right ventricle beside it.

Grey values tell the structures apart, so that a stand-in for the network can outline them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.dicom import builder

MR_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
BACKGROUND, RIGHT, MUSCLE, CAVITY = 60, 400, 600, 900
# Row and column direction whose normal points left, front and down, as a short axis does.
SHORT_AXIS = (0.6839, 0.7295, 0, -0.3502, 0.3283, -0.8773)
FOUR_CHAMBER = (0.8, 0.0, -0.6, 0.0, 1.0, 0.0)
SPACING_MM, STEP_MM, ROWS, COLUMNS = 1.5, 10.0, 176, 160
CENTRE_PX = (70.0, 96.0)  # row, column: not the middle of the picture
CAVITY_MM, MUSCLE_MM, RIGHT_MM = 24.0, 9.0, 20.0


def squeeze(phase: int, phases: int, least: float = 0.6) -> float:
    """Radius as a share of the fullest: fullest at phase 0, emptiest at two fifths."""
    at = phase / phases
    beat = (
        0.5 - 0.5 * np.cos(np.pi * at / 0.4)
        if at < 0.4
        else 0.5 + 0.5 * np.cos(np.pi * (at - 0.4) / 0.6)
    )
    return float(1 - (1 - least) * beat)


def section(radius_share: float) -> NDArray[np.uint16]:
    """One slice; the muscle keeps its area, so it thickens as the cavity empties."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    y, x = (rows - CENTRE_PX[0]) * SPACING_MM, (columns - CENTRE_PX[1]) * SPACING_MM
    inner = CAVITY_MM * radius_share
    outer = np.sqrt(inner**2 + (CAVITY_MM + MUSCLE_MM) ** 2 - CAVITY_MM**2)
    distance = np.hypot(x, y)
    picture = np.full((ROWS, COLUMNS), BACKGROUND)
    right = np.hypot(x + outer + RIGHT_MM + 4, y) < RIGHT_MM * (0.5 + 0.5 * radius_share)
    picture[right] = RIGHT
    picture[distance < outer] = MUSCLE
    picture[distance < inner] = CAVITY
    return picture.astype(np.uint16)


def write_cine(
    folder: Path,
    *,
    places: int = 5,
    phases: int = 8,
    series_of_place: bool = False,
    cosines: tuple[float, ...] = SHORT_AXIS,
    description: str = "SA cine",
    series: int = 1,
    least: float = 0.6,
    late_ms: float = 0.0,
    **changes: Any,
) -> None:
    """Classic MR objects, numbered against the order of their times; `late_ms` shifts the trigger
    times of each place a little against the last."""
    normal = np.cross(cosines[:3], cosines[3:])
    for place in range(places):
        for phase in range(phases):
            dataset = builder.patient_and_study(1)
            dataset.Modality = "MR"
            dataset.SOPClassUID = MR_STORAGE
            dataset.SOPInstanceUID = builder.uid("cine", series, place, phase)
            number = series * 100 + place if series_of_place else series
            dataset.SeriesInstanceUID = builder.uid("cine series", number)
            dataset.SeriesNumber, dataset.SeriesDescription = number, description
            dataset.FrameOfReferenceUID = builder.uid("cine frame")
            dataset.InstanceNumber = place * phases + phases - phase
            dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
            dataset.BodyPartExamined = "HEART"
            dataset.ImageOrientationPatient = [round(each, 6) for each in cosines]
            dataset.ImagePositionPatient = [round(each, 4) for each in normal * STEP_MM * place]
            dataset.PixelSpacing = [SPACING_MM, SPACING_MM]
            dataset.SliceThickness = 8.0
            dataset.TriggerTime = round(phase * 800 / phases + place * late_ms, 1)
            builder.set_pixels(dataset, section(squeeze(phase, phases, least)), 12)
            name = f"{series}-{place:02d}-{phase:02d}.dcm"
            builder.write(dataset, folder / name, **changes)
