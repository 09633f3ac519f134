"""What a measure is given, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediassist.core.finding import Measurement, Region
from mediassist.core.study import PixelSpacing
from mediassist.models.letterbox import Letterbox


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameReading:
    """Everything that a bundle's network said of one frame.

    Attributes
    ----------
    logits : (answers,) float64, the finding first.
    maps : (M, h, w) float32 in 0..1 on the network's square input; M may be 0. The first is the
        evidence map.
    letterbox : where the stored picture lies on that square.
    regions : what is outlined already, in pixels of the stored picture; empty where the verdict
        shows nothing.
    spacing : of the stored pixels in mm, None where the header does not give it.
    """

    sop_instance_uid: str
    frame: int
    logits: NDArray[np.float64]
    maps: NDArray[np.float32]
    letterbox: Letterbox
    regions: tuple[Region, ...] = ()
    spacing: PixelSpacing | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """Numbers for the result, and regions to be shown beside those of the evidence map."""

    measurements: tuple[Measurement, ...] = ()
    regions: tuple[Region, ...] = ()
