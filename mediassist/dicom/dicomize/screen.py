"""US pictures and clips, and Secondary Capture as the last resort."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from mediassist.dicom.dicomize.common import (
    Place,
    Source,
    anatomy,
    ds,
    new_object,
    put_laterality,
    put_pixels,
    put_window,
)
from mediassist.dicom.dicomize.projection import as_grey, put_clip
from mediassist.dicom.dicomize.statement import Statement

US_STORAGE = "1.2.840.10008.5.1.4.1.1.6.1"
US_CLIP_STORAGE = "1.2.840.10008.5.1.4.1.1.3.1"
SC_STORAGE = "1.2.840.10008.5.1.4.1.1.7"
_CENTIMETRES, _TISSUE, _TWO_DIMENSIONAL = 3, 1, 1


def ultrasound(statement: Statement, place: Place, source: Source) -> Dataset:
    """Ultrasound Image, or Ultrasound Multi-frame Image of a clip."""
    is_clip = len(source.values) > 1
    dataset = new_object(statement, place, source, US_CLIP_STORAGE if is_clip else US_STORAGE)
    values = as_bytes(source.values)
    put_pixels(dataset, values)
    put_window(dataset, statement, values)
    # Value 4 0001: two-dimensional imaging (PS3.3 C.8.5.6.1.1).
    dataset.ImageType = ["DERIVED", "PRIMARY", "", "0001"]
    dataset.PatientOrientation = ""
    dataset.UltrasoundColorDataPresent = int(source.is_colour)
    put_laterality(dataset, statement, source)
    region = anatomy(statement)
    if region:
        dataset.AnatomicRegionSequence = region
    if statement.spacing_mm is not None:
        dataset.SequenceOfUltrasoundRegions = Sequence(
            [_whole_picture(dataset.Rows, dataset.Columns, statement.spacing_mm)]
        )
    if is_clip:
        put_clip(dataset, len(values), statement.frame_time_ms)
    return dataset


def secondary_capture(statement: Statement, place: Place, source: Source) -> Dataset:
    """Secondary Capture Image of one picture, 8 or 16 bits."""
    dataset = new_object(statement, place, source, SC_STORAGE)
    values = source.values if source.is_colour else as_grey(source.values)
    put_pixels(dataset, values)
    put_window(dataset, statement, values)
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.Modality = "OT"
    put_laterality(dataset, statement, source)
    dataset.ConversionType = "WSD"
    dataset.DateOfSecondaryCapture = place.now.strftime("%Y%m%d")
    dataset.TimeOfSecondaryCapture = place.now.strftime("%H%M%S")
    dataset.PatientOrientation = ""
    if statement.spacing_mm is not None:
        dataset.NominalScannedPixelSpacing = [ds(value) for value in statement.spacing_mm]
    return dataset


def as_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """8-bit values; 16-bit ones lose their lower byte, wider ones are stretched first."""
    if values.dtype == np.uint8:
        return values
    return (as_grey(values) >> 8).astype(np.uint8)


def _whole_picture(rows: int, columns: int, spacing_mm: tuple[float, float]) -> Dataset:
    """The whole frame is one calibrated region of tissue."""
    item = Dataset()
    item.RegionSpatialFormat = _TWO_DIMENSIONAL
    item.RegionDataType = _TISSUE
    item.RegionFlags = 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = 0, 0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = columns - 1, rows - 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = _CENTIMETRES
    item.PhysicalDeltaX = spacing_mm[1] / 10
    item.PhysicalDeltaY = spacing_mm[0] / 10
    return item
