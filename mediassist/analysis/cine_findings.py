"""Contours and numbers of a heart, for the result."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.cine_frames import CineFrames
from mediassist.core.finding import Measurement, Region, RegionKind
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.core.vocabulary import Code
from mediassist.dicom.slices import Slice
from mediassist.models.heart_function import MUSCLE_GRAMS_PER_ML, HeartFunction
from mediassist.models.letterbox import Letterbox
from mediassist.models.tasks.segment_cine import SegmentedCine

SUMMED = "outlined areas of all slices times their distance"
MASS = "outlined muscle at end-diastole, 1.05 g/mL"
SHARE = "from the volumes at end-diastole and end-systole"
RATIO = "volumes at end-diastole"
# In the order of the network's maps; the outline of the muscle is its outer border.
_STRUCTURES = ("Right ventricle", "Myocardium", "Left ventricle")
_LEAST_POINTS = 6


def heart_measurements(heart: HeartFunction) -> tuple[Measurement, ...]:
    """Left ventricle first; volumes in mL, mass in g, ejection fractions in per cent."""
    full, empty = heart.diastole, heart.systole
    mass = full.muscle * MUSCLE_GRAMS_PER_ML
    rows = (
        ("lv_ejection_fraction", "8811-2", 100 * heart.ejection_fraction, "%", SHARE),
        ("lv_end_diastolic_volume", "8821-1", full.cavity, "mL", SUMMED),
        ("lv_end_systolic_volume", "8823-7", empty.cavity, "mL", SUMMED),
        ("lv_stroke_volume", "", full.cavity - empty.cavity, "mL", SHARE),
        ("lv_muscle_mass", "", mass, "g", MASS),
        ("rv_ejection_fraction", "8818-7", 100 * heart.right_ejection_fraction, "%", SHARE),
        ("rv_end_diastolic_volume", "", full.right, "mL", SUMMED),
        ("rv_end_systolic_volume", "", empty.right, "mL", SUMMED),
        ("lv_muscle_to_cavity", "", heart.muscle_to_cavity, "1", RATIO),
        ("rv_to_lv_volume", "", heart.right_to_left, "1", RATIO),
    )
    return tuple(
        Measurement(name, _code(name, loinc), round(value, 2 if unit == "1" else 1), unit, method)
        for name, loinc, value, unit, method in rows
    )


def heart_regions(frames: CineFrames, found: SegmentedCine, size: int) -> tuple[Region, ...]:
    """Contours at end-diastole, then at end-systole, slice by slice.

    `size` is the side of the network's square input in pixels.
    """
    return tuple(
        region
        for phase, moment in ((found.diastole, "end-diastole"), (found.systole, "end-systole"))
        for place, outlines in zip(frames.places, phase.outlines, strict=True)
        for region in _of_slice(
            place.phases[phase.phase],
            (outlines.right, outlines.outer, outlines.cavity),
            moment,
            found,
            size,
        )
    )


def _of_slice(
    one: Slice,
    lines: tuple[NDArray[np.float64], ...],
    moment: str,
    found: SegmentedCine,
    size: int,
) -> Iterator[Region]:
    square = found.square
    box = Letterbox(
        square.side, square.side, size, square.top, square.left, (one.rows, one.columns)
    )
    for name, line in zip(_STRUCTURES, lines, strict=True):
        if len(line) < _LEAST_POINTS:
            continue
        points = box.to_stored(line, stride=size // found.map_side)
        points = np.clip(points, 0, [one.columns - 1, one.rows - 1])
        yield Region(
            kind=RegionKind.CONTOUR,
            sop_instance_uid=one.instance.sop_instance_uid,
            frame=one.frame,
            points_px=tuple((round(float(x), 2), round(float(y), 2)) for x, y in points),
            label=f"{name}, {moment}",
            points_mm=_in_patient(points, one),
            spacing=PixelSpacing(*one.spacing_mm, SpacingSource.PATIENT),
        )


def _in_patient(points: NDArray[np.float64], one: Slice) -> tuple[tuple[float, float, float], ...]:
    """LPS mm of (x, y) pixels (PS3.3 C.7.6.2.1.1)."""
    row_mm, column_mm = one.spacing_mm
    along_row, along_column = np.array(one.cosines[:3]), np.array(one.cosines[3:])
    placed = (
        np.array(one.position_mm)
        + points[:, :1] * column_mm * along_row
        + points[:, 1:] * row_mm * along_column
    )
    return tuple((round(x, 2), round(y, 2), round(z, 2)) for x, y, z in placed.tolist())


def _code(name: str, loinc: str) -> Code:
    meaning = (
        name.replace("_", " ").replace("lv", "left ventricular").replace("rv", "right ventricular")
    )
    if loinc:
        return Code("LN", loinc, meaning)
    return Code("99MEDIASSIST", name.upper().replace("_", "-"), meaning)
