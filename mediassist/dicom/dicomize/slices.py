"""CT and MR: one object a slice, with its place in the patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.dicom.dicomize.common import (
    Place,
    Source,
    anatomy,
    derived_uid,
    ds,
    new_object,
    put_laterality,
    put_pixels,
)
from mediassist.dicom.dicomize.nifti import Grid
from mediassist.dicom.dicomize.projection import as_grey
from mediassist.dicom.dicomize.statement import Statement

CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
MR_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
_HU_LIMITS = (-32768, 32767)


@dataclass(frozen=True, slots=True)
class Scale:
    """Stored value to what it means: HU in CT, arbitrary units in MR."""

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = "US"


@dataclass(frozen=True, slots=True)
class Step:
    """Where one slice of a series lies in space and time."""

    index: int
    time: int
    times: int
    time_ms: float


def stored_and_scale(statement: Statement, values: NDArray[Any]) -> tuple[NDArray[Any], Scale]:
    """16-bit values and their scale: exact for whole numbers and for pictures.

    An 8-bit (or 16-bit) CT picture was made with a window; with it, stored values keep the
    picture's steps and slope and intercept give HU. Without it they stay of unspecified unit.
    Fractions are kept to 1/65535 of the range.
    """
    is_ct = statement.modality == "CT"
    unit = "HU" if is_ct else "US"
    if values.dtype.kind in "iub" and values.size:
        low, high = int(values.min()), int(values.max())
        if _HU_LIMITS[0] <= low and high <= _HU_LIMITS[1]:
            return values.astype(np.int16), Scale(unit=unit)
        if low >= 0 and high <= 65535:
            return values.astype(np.uint16), Scale(unit=unit)
    wide = values.astype(np.float64)
    known = wide[np.isfinite(wide)]
    # What has no value becomes the lowest: in HU, 0 would be water.
    least = float(known.min()) if known.size else 0.0
    wide = np.nan_to_num(wide, nan=least, posinf=least, neginf=least)
    if is_ct and np.array_equal(wide, np.rint(wide)) and np.abs(wide).max() <= _HU_LIMITS[1]:
        return wide.astype(np.int16), Scale(unit=unit)
    low_mark, high_mark = float(wide.min()), float(wide.max())
    slope = float(ds((high_mark - low_mark) / 65535 or 1.0))
    stored = np.clip(np.rint((wide - low_mark) / slope), 0, 65535).astype(np.uint16)
    return stored, Scale(slope, float(ds(low_mark)), unit)


def picture_scale(statement: Statement, values: NDArray[Any]) -> tuple[NDArray[Any], Scale]:
    """The same for pictures; those of CT become HU by the stated window."""
    if statement.modality == "CT" and values.dtype.kind == "u":
        top = int(np.iinfo(values.dtype).max)
        stored = values.astype(np.uint16)
        if statement.window is None:
            return stored, Scale()
        level, width = statement.window
        return stored, Scale(width / top, level - width / 2, "HU")
    if statement.modality == "MR" and values.dtype.kind == "u":
        return as_grey(values).astype(np.uint16), Scale()
    return stored_and_scale(statement, values)


def stack_of_pictures(statement: Statement, values: NDArray[Any]) -> Grid:
    """Pictures of one size as a stack with the stated spacing, first slice at the origin; phases
    of one place where the statement says cine."""
    assert statement.spacing_mm is not None  # noqa: S101  (checked by check_said)
    cine = statement.is_cine
    row_mm, column_mm = statement.spacing_mm
    affine = np.zeros((4, 4))
    affine[2, 0] = statement.slice_step_mm or 1.0
    affine[1, 1], affine[0, 2], affine[3, 3] = row_mm, column_mm, 1.0
    shaped = values[:, None] if cine else values[None]
    return Grid(shaped, affine, statement.frame_time_ms if cine else 0.0)


def slice_object(
    statement: Statement,
    place: Place,
    source: Source,
    affine_lps: NDArray[np.float64],
    scale: Scale,
    step: Step,
) -> Dataset:
    """One slice; `source` holds its stored values, `affine_lps` the place of its stack."""
    is_ct = statement.modality == "CT"
    dataset = new_object(statement, place, source, CT_STORAGE if is_ct else MR_STORAGE)
    put_pixels(dataset, source.values)
    _put_place(dataset, affine_lps, step.index)
    dataset.FrameOfReferenceUID = derived_uid(place.seed, "frame of reference")
    dataset.PositionReferenceIndicator = ""
    dataset.PatientPosition = ""
    dataset.RescaleSlope, dataset.RescaleIntercept = ds(scale.slope), ds(scale.intercept)
    if statement.body_part:
        region = anatomy(statement)
        if region:
            dataset.AnatomicRegionSequence = region
    put_laterality(dataset, statement, source)
    if is_ct:
        dataset.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
        dataset.RescaleType = scale.unit
        dataset.KVP = ""
        dataset.AcquisitionNumber = ""
    else:
        dataset.ImageType = ["DERIVED", "PRIMARY", "OTHER"]
        _mr_acquisition(dataset, step, statement.is_cine)
    if statement.window is not None:
        if statement.window[1] < 1:
            # The linear function knows no width below 1 (PS3.3 C.11.2.1.2.1).
            dataset.VOILUTFunction = "LINEAR_EXACT"
        dataset.WindowCenter, dataset.WindowWidth = (ds(value) for value in statement.window)
    return dataset


def _put_place(dataset: Dataset, affine: NDArray[np.float64], index: int) -> None:
    row_axis, column_axis = affine[:3, 2], affine[:3, 1]
    column_mm, row_mm = (float(np.linalg.norm(axis)) for axis in (row_axis, column_axis))
    across = row_axis / column_mm
    down = column_axis / row_mm
    # Exactly perpendicular, whatever single precision left in the header.
    down = down - across * float(across @ down)
    down /= np.linalg.norm(down)
    normal = np.cross(across, down)
    position = affine[:3, 3] + index * affine[:3, 0]
    dataset.PixelSpacing = [ds(row_mm), ds(column_mm)]
    dataset.ImageOrientationPatient = [ds(value) for value in (*across, *down)]
    dataset.ImagePositionPatient = [ds(value) for value in position]
    dataset.SliceLocation = ds(round(float(position @ normal), 4))
    step = abs(float(affine[:3, 0] @ normal))
    dataset.SliceThickness = ds(step)
    dataset.SpacingBetweenSlices = ds(step)


def _mr_acquisition(dataset: Dataset, step: Step, is_cine: bool) -> None:
    """MR Image module: what is not known stays empty where PS3.3 C.8.3.1 lets it."""
    dataset.ScanningSequence = "RM"
    dataset.SequenceVariant = "NONE"
    dataset.ScanOptions = ""
    dataset.MRAcquisitionType = ""
    dataset.EchoTime = dataset.EchoTrainLength = ""
    dataset.RepetitionTime = ""
    if is_cine:
        dataset.ScanOptions = "CG"
        dataset.TriggerTime = ds(step.time * step.time_ms)
        dataset.CardiacNumberOfImages = step.times
    if step.times > 1:
        dataset.TemporalPositionIdentifier = step.time + 1
        dataset.NumberOfTemporalPositions = step.times
        if step.time_ms:
            dataset.TemporalResolution = ds(step.time_ms)


def with_window(statement: Statement, stored: NDArray[Any], scale: Scale) -> Statement:
    """A window for MR and for grey of unknown unit, where none is stated: 0.5 to 99.5 % of the
    values. HU need none: viewers have their presets."""
    if statement.window is not None or scale.unit == "HU":
        return statement
    low, high = np.percentile(stored, [0.5, 99.5]) * scale.slope + scale.intercept
    width = max(float(high - low), abs(scale.slope))
    return replace(statement, window=(float(low + high) / 2, width))
