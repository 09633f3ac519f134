"""Volumes and where their voxels lie, in LPS millimetres (DICOM patient axes)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.messages import Message


@dataclass(frozen=True, slots=True)
class Volume:
    """A stack of slices on one grid.

    Attributes
    ----------
    array : shape (slices, rows, columns); rescaled values (HU for CT) as float32 or int16.
    affine_lps : 4x4 float64; maps (slice, row, column, 1) to LPS mm.
    spacing_mm : (slice, row, column) distances between voxel centres.
    sop_instance_uids : one per slice, in the order of `array`.
    warnings : what a reader must know, with numbers (tilt, gaps).
    """

    array: NDArray[Any]
    affine_lps: NDArray[np.float64]
    spacing_mm: tuple[float, float, float]
    sop_instance_uids: tuple[str, ...] = ()
    warnings: tuple[Message, ...] = ()
