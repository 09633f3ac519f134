"""What bundles measure on a picture: the word in `measure` of the metadata, and who does it.

A measure takes one `FrameReading` and gives `Measured`: numbers with unit and method, and regions
that show what was measured. One more measure is one more module and one more line here.
"""

from __future__ import annotations

from collections.abc import Callable

from mediassist.models.measures.cardiothoracic import cardiothoracic_ratio
from mediassist.models.measures.cup_disc import cup_disc
from mediassist.models.measures.kl_grade import kl_grade
from mediassist.models.measures.lesion_size import lesion_size
from mediassist.models.measures.reading import FrameReading, Measured

Measure = Callable[[FrameReading], Measured]

MEASURES: dict[str, Measure] = {
    "cardiothoracic_ratio": cardiothoracic_ratio,
    "cup_disc": cup_disc,
    "kl_grade": kl_grade,
    "lesion_size": lesion_size,
}

__all__ = ["MEASURES", "FrameReading", "Measure", "Measured"]
