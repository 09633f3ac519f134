"""The square in which a head lies, one for a whole scan: what the training pictures were cut to.

A head fills a third of the field of view of one scanner and all of another's. The head is the
largest connected thing that is not air; table and head rest fall off when the mask is opened. One
square for the whole scan keeps the size of a slice near the vertex in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]

MARGIN = 0.05  # of the head's extent, on each side
_LEAST_AREA = 0.005  # of the picture; below it a slice holds no head
_LEAST_SIDE_MM = 190.0  # no head of an adult is smaller over a whole scan
_WHOLE_FROM = 0.85  # of the picture: a head that fills it is left as it was framed
# One or two slices do not tell the size of the head: only where it is far too small it is cut out.
_FEW, _WHOLE_FROM_OF_FEW = 3, 0.55
_COARSE = 128  # pixels of the longer side on which masks are made


@dataclass(frozen=True, slots=True)
class Square:
    """A part of a picture: upper left pixel and side; it may reach over the picture's edges."""

    top: int
    left: int
    side: int

    def cut(self, picture: NDArray[Any], outside: float) -> NDArray[Any]:
        """(side, side) of a picture (rows, columns), filled with `outside` beyond its edges."""
        rows, columns = picture.shape[:2]
        result = np.full((self.side, self.side), outside, picture.dtype)
        top, left = max(0, self.top), max(0, self.left)
        bottom, right = min(rows, self.top + self.side), min(columns, self.left + self.side)
        if bottom > top and right > left:
            result[top - self.top : bottom - self.top, left - self.left : right - self.left] = (
                picture[top:bottom, left:right]
            )
        return result


def head_mask(bright: Mask) -> Mask:
    """The largest thing of a slice after opening; `bright` is what is not air (rows, columns)."""
    opened = ndimage.binary_opening(bright, iterations=max(1, bright.shape[0] // 64))
    labels, count = ndimage.label(opened)
    if count == 0:
        return np.zeros_like(bright)
    sizes = np.bincount(labels.ravel())[1:]
    largest = int(sizes.argmax())
    if sizes[largest] < _LEAST_AREA * bright.size:
        return np.zeros_like(bright)
    mask: Mask = labels == largest + 1
    return mask


def head_square(slices: Sequence[Mask], pixel_mm: float | None = None) -> Square | None:
    """One square round the head in all slices; None where no slice holds a head.

    Parameters
    ----------
    slices : masks of what is not air, all of one shape (rows, columns).
    pixel_mm : distance of pixels, where known; a few small slices of a scan (or one slice near
        the vertex) are then not blown up to the size of a whole head.
    """
    rows, columns = slices[0].shape
    step = max(1, round(max(rows, columns) / _COARSE))
    edges = []
    for bright in slices:
        mask = head_mask(bright[::step, ::step])
        if mask.any():
            inside = np.argwhere(mask)
            edges.append((*inside.min(0), *(inside.max(0) + 1)))
    if not edges:
        return None
    # Tenth and ninetieth percentile: a slice with the shoulders or a tube does not count.
    table = np.array(edges, float) * step
    top, left = np.percentile(table[:, :2], 10, axis=0)
    bottom, right = np.percentile(table[:, 2:], 90, axis=0)
    side = max(bottom - top, right - left) * (1 + 2 * MARGIN)
    if pixel_mm is not None:
        side = max(side, _LEAST_SIDE_MM / pixel_mm)
    whole_from = _WHOLE_FROM if len(edges) >= _FEW else _WHOLE_FROM_OF_FEW
    if side >= whole_from * max(rows, columns):
        longest = max(rows, columns)
        return Square((rows - longest) // 2, (columns - longest) // 2, longest)
    side = int(round(side))
    return Square(
        int(round((top + bottom) / 2 - side / 2)), int(round((left + right) / 2 - side / 2)), side
    )
