"""What a series says as a whole: geometry, time, motion between slices."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from scipy import ndimage

from mediassist.core.errors import MediAssistError
from mediassist.dicom import values
from mediassist.dicom.acquisition.header_measures import holder
from mediassist.dicom.acquisition.subject import SeriesSubject
from mediassist.dicom.display import load_frame
from mediassist.dicom.header import read_header
from mediassist.dicom.slices import Slice

_BODY_HU = -300.0
_MOST_NEIGHBOURS = 48
_LEAST_BODY = 0.02


def step_mm(series: SeriesSubject) -> float | None:
    return None if series.geometry is None else series.geometry.step_mm


def gap_mm(series: SeriesSubject) -> float | None:
    return None if series.geometry is None else series.geometry.gap_mm


def unevenness_mm(series: SeriesSubject) -> float | None:
    return None if series.geometry is None else series.geometry.unevenness_mm


def coverage_mm(series: SeriesSubject) -> float | None:
    return None if series.geometry is None else series.geometry.coverage_mm


def slice_places(series: SeriesSubject) -> float | None:
    return None if series.geometry is None else float(len(series.geometry.levels))


def phases(series: SeriesSubject) -> float | None:
    return None if series.geometry is None else float(series.geometry.phases)


def tilt_degrees(series: SeriesSubject) -> float | None:
    """Angle between the slices' normal and the way from slice to slice: the gantry's tilt."""
    geometry = series.geometry
    if geometry is None or len(geometry.levels) < 2:
        return None
    way = np.subtract(geometry.levels[-1][0].position_mm, geometry.levels[0][0].position_mm)
    along = abs(float(np.dot(way, geometry.normal)))
    return math.degrees(math.acos(min(1.0, along / float(np.linalg.norm(way)))))


def temporal_resolution_ms(series: SeriesSubject) -> float | None:
    """Time from phase to phase at one place, by trigger times, else the heart beat divided by
    the number of phases."""
    geometry = series.geometry
    if geometry is None or geometry.phases < 2:
        return None
    times = []
    for one in geometry.levels[0]:
        dataset = holder(_header(one), "TriggerTime") or holder(
            _header(one), "NominalCardiacTriggerDelayTime"
        )
        if dataset is not None:
            found = values.number(dataset, "TriggerTime")
            if found is None:
                found = values.number(dataset, "NominalCardiacTriggerDelayTime")
            if found is not None:
                times.append(found)
    steps = np.diff(np.unique(times))
    if len(steps):
        return float(np.median(steps))
    dataset = holder(_header(geometry.first), "NominalInterval")
    beat_ms = values.number(dataset, "NominalInterval") if dataset is not None else None
    return beat_ms / geometry.phases if beat_ms else None


def _header(one: Slice) -> Dataset:
    try:
        return read_header(one.instance.path).dataset
    except MediAssistError:
        return Dataset()


def slice_jump_mm(series: SeriesSubject) -> float | None:
    """Largest sideways jump of the body between neighbouring slices: motion while scanning.

    The middle of the body's outline runs smoothly from slice to slice; where the patient moved
    it jumps. The jump is the second difference of the middles in mm; the outermost fifths of the
    stack, where outlines change by anatomy, are left out.
    """
    geometry = series.geometry
    if geometry is None or len(geometry.levels) < 8:
        return None
    fifth = len(geometry.levels) // 5
    inner = [level[0] for level in geometry.levels[fifth : len(geometry.levels) - fifth]]
    start = max(0, (len(inner) - _MOST_NEIGHBOURS) // 2)
    middles = [_middle_mm(one) for one in inner[start : start + _MOST_NEIGHBOURS]]
    known = np.array([middle for middle in middles if middle is not None])
    if len(known) < len(middles) or len(known) < 3:
        return None
    bends = known[1:-1] - (known[:-2] + known[2:]) / 2
    return float(np.hypot(bends[:, 0], bends[:, 1]).max())


def _middle_mm(one: Slice) -> NDArray[np.float64] | None:
    """Centre of the largest piece of tissue in a slice, (row, column) in mm."""
    try:
        frame = load_frame(one.instance.path, one.frame)
    except MediAssistError:
        return None
    picture = frame.modality_values
    if picture is None:
        return None
    level = _BODY_HU if frame.unit == "HU" else 0.15 * float(np.percentile(picture, 99))
    labels, count = ndimage.label(picture[::2, ::2] > level)
    if not count:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    largest = labels == 1 + int(sizes.argmax())
    if largest.mean() < _LEAST_BODY:
        return None
    body = ndimage.binary_fill_holes(largest)
    centre = np.array(ndimage.center_of_mass(body), dtype=np.float64)
    middle: NDArray[np.float64] = 2 * centre * np.array(one.spacing_mm)
    return middle
