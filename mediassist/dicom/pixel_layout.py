"""Shape and coding of stored values. Needs NumPy only: the decoding worker starts with it.

What pydicom and its plugins weigh (50 MB, a third of a second) the worker bears only where a
stream needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelLayout:
    """Shape and coding of the stored values (PS3.3 C.7.6.3).

    `dtype` is what `load_pixels` gives, in native byte order: unsigned or signed whole numbers
    of Bits Allocated (1 bit becomes one byte, 12 bits become two), or float32 / float64.
    """

    keyword: str
    frames: int
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    planar: bool
    photometric: str
    vr: str
    high_bit: int

    @property
    def dtype(self) -> np.dtype[Any]:
        if self.keyword == "FloatPixelData":
            return np.dtype(np.float32)
        if self.keyword == "DoubleFloatPixelData":
            return np.dtype(np.float64)
        if self.bits_allocated == 1:
            return np.dtype(np.uint8)
        width = {8: 1, 12: 2, 16: 2, 32: 4, 64: 8}[self.bits_allocated]
        return np.dtype(f"{'i' if self.signed else 'u'}{width}")

    @property
    def frame_shape(self) -> tuple[int, ...]:
        shape = (self.rows, self.columns)
        return shape if self.samples == 1 else (*shape, self.samples)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.frames, *self.frame_shape)

    @property
    def frame_values(self) -> int:
        return self.rows * self.columns * self.samples

    @property
    def decoded_bytes(self) -> int:
        return self.frames * self.frame_values * self.dtype.itemsize

    @property
    def unused_bits(self) -> int:
        """Bits of `dtype` above Bits Stored."""
        return 8 * self.dtype.itemsize - self.bits_stored

    @property
    def is_float(self) -> bool:
        return self.keyword != "PixelData"

    def empty(self) -> NDArray[Any]:
        return np.empty(self.shape, self.dtype)


def drop_unused_bits(frames: NDArray[Any], unused: int) -> None:
    """Clear the bits above Bits Stored in place; signed values get their sign back.

    Old equipment keeps overlays there (PS3.5 8.1.1: their content is undefined).
    """
    np.left_shift(frames, unused, out=frames)
    np.right_shift(frames, unused, out=frames)
