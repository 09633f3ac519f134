"""Size of the outlined lesion in mm: longest extent, and the extent across it."""

from __future__ import annotations

from mediassist.core.finding import Measurement
from mediassist.core.vocabulary import Code
from mediassist.models.measures.reading import FrameReading, Measured

LONGEST = Code("SCT", "103339001", "Long axis")
ACROSS = Code("SCT", "103340004", "Short axis")


def lesion_size(reading: FrameReading) -> Measured:
    """Both extents of the largest outline; nothing without an outline or without a scale.

    Pixels are never called millimetres: a picture without a scale has an outline and no size.
    """
    sized = [(region.size_mm, region) for region in reading.regions if region.size_mm is not None]
    if not sized:
        return Measured()
    (longest, across), region = max(sized, key=lambda pair: pair[0])
    source = region.spacing.source.value if region.spacing else "unknown"
    method = f"extent of the model's outline; scale: {source}"
    return Measured(
        (
            Measurement("Longest extent of the lesion", LONGEST, longest, "mm", method),
            Measurement("Extent across it", ACROSS, across, "mm", method),
        )
    )
