"""The part of an ultrasound picture that shows tissue, without the machine's own screen."""

from __future__ import annotations

from pydicom.dataset import Dataset

from mediassist.dicom import values

Rectangle = tuple[int, int, int, int]

_TWO_DIMENSIONAL = 1  # PS3.3 C.8.5.5.1.1, Region Spatial Format
_TISSUE = 1  # PS3.3 C.8.5.5.1.2, Region Data Type
_SMALLEST = 64  # pixels; a smaller region is a thumbnail or a mistake


def tissue_rectangle(dataset: Dataset, rows: int, columns: int) -> Rectangle | None:
    """(left, top, right, bottom), ends excluded, of all two-dimensional tissue regions together.

    None where the header states none, or where they are the whole picture.
    """
    corners = [
        region
        for item in values.items(dataset, "SequenceOfUltrasoundRegions")
        if values.integer(item, "RegionSpatialFormat") == _TWO_DIMENSIONAL
        and values.integer(item, "RegionDataType") == _TISSUE
        and (region := _corners(item)) is not None
    ]
    if not corners:
        return None
    left, top = (max(0, min(corner[axis] for corner in corners)) for axis in (0, 1))
    right = min(columns, max(corner[2] for corner in corners))
    bottom = min(rows, max(corner[3] for corner in corners))
    if right - left < _SMALLEST or bottom - top < _SMALLEST:
        return None
    return (
        None if (left, top, right, bottom) == (0, 0, columns, rows) else (left, top, right, bottom)
    )


def _corners(item: Dataset) -> Rectangle | None:
    """The standard gives the last pixel of a region; the end here is the pixel after it."""
    names = ("RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1")
    left, top, right = (values.integer(item, name) for name in names)
    bottom = values.integer(item, "RegionLocationMaxY1")
    if left is None or top is None or right is None or bottom is None:
        return None
    return left, top, right + 1, bottom + 1
