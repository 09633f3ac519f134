"""Ultrasound Image and Ultrasound Multi-frame Image objects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from tools.samples.objects.base import Order, code, new_object, put_grey

US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
US_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"
CENTIMETRES, TISSUE, TWO_D, HIGH_PRIORITY = 3, 1, 1, 0


def _region(rows: int, columns: int, mm_per_pixel: float) -> Dataset:
    """The whole frame is one calibrated two-dimensional tissue region."""
    item = Dataset()
    item.RegionSpatialFormat = TWO_D
    item.RegionDataType = TISSUE
    item.RegionFlags = HIGH_PRIORITY
    item.RegionLocationMinX0, item.RegionLocationMinY0 = 0, 0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = columns - 1, rows - 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = CENTIMETRES
    item.PhysicalDeltaX = item.PhysicalDeltaY = mm_per_pixel / 10.0
    item.ReferencePixelX0, item.ReferencePixelY0 = 0, 0
    item.ReferencePixelPhysicalValueX = item.ReferencePixelPhysicalValueY = 0.0
    return item


def breast_ultrasound(
    order: Order, frames: NDArray[np.uint8], mm_per_pixel: float, laterality: str, frame_ms: float
) -> Dataset:
    """A still picture, or a clip where there is more than one frame."""
    clip = len(frames) > 1
    ds = new_object(
        order,
        US_MULTI_FRAME if clip else US_IMAGE,
        "US",
        1,
        1,
        f"Breast {laterality} linear 10 MHz",
    )
    ds.ImageType = ["ORIGINAL", "PRIMARY", "BREAST", "0001"]
    ds.PhotometricInterpretation = "MONOCHROME2"
    put_grey(ds, frames, 8)
    if clip:
        ds.NumberOfFrames = len(frames)
        ds.FrameTime = frame_ms
        ds.FrameIncrementPointer = Tag("FrameTime")
        ds.CineRate = round(1000 / frame_ms)
        ds.RecommendedDisplayFrameRate = round(1000 / frame_ms)
    ds.PatientOrientation = ""
    ds.Laterality = laterality
    ds.UltrasoundColorDataPresent = 0
    ds.TransducerType = "LINEAR"
    ds.AnatomicRegionSequence = Sequence([code("76752008", "SCT", "Breast")])
    ds.SequenceOfUltrasoundRegions = Sequence([_region(*frames.shape[1:], mm_per_pixel)])
    return ds
