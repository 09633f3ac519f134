"""Size of the outlined lesion in mm: longest extent, and the extent across it."""

from __future__ import annotations

from mediassist.core.finding import Measurement
from mediassist.core.study import SpacingSource
from mediassist.core.vocabulary import Code
from mediassist.models.measures.reading import FrameReading, Measured

LONGEST = Code("SCT", "103339001", "Long axis")
ACROSS = Code("SCT", "103340004", "Short axis")
METHODS = {
    SpacingSource.PATIENT: "extent of the model's outline",
    SpacingSource.REGION: "extent of the model's outline, scale of the ultrasound region",
    SpacingSource.DETECTOR: "extent of the model's outline at the detector, magnified",
    SpacingSource.ERMF: "extent of the model's outline, estimated magnification taken off",
}


def lesion_size(reading: FrameReading) -> Measured:
    """Both extents of the largest outline; nothing without an outline or without a scale.

    Pixels are never called millimetres: a picture without a scale has an outline and no size.
    """
    sized = [(region.size_mm, region) for region in reading.regions if region.size_mm is not None]
    if not sized:
        return Measured()
    (longest, across), region = max(sized, key=lambda pair: pair[0])
    method = METHODS[region.spacing.source if region.spacing else SpacingSource.DETECTOR]
    return Measured(
        (
            Measurement("longest_extent", LONGEST, longest, "mm", method),
            Measurement("extent_across", ACROSS, across, "mm", method),
        )
    )
