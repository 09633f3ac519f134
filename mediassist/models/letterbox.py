"""Where a pixel of a stored image lies on a network's square input, and back.

Pixel centres stand at whole numbers (as in `core.finding.Region`), so the left edge of the first
pixel is -0.5. Mixing this with the corner convention shifts every outline by half a pixel of the
*network*, which is six pixels of a 3000-pixel film.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A stored image of `rows` x `columns`, scaled to fit and centred on a square of `size`.

    Where preprocessing keeps only a window of the stored image, `rows` and `columns` are the
    window's, `top` and `left` its upper left pixel, `stored` (rows, columns) the entire image's.
    """

    rows: int
    columns: int
    size: int
    top: int = 0
    left: int = 0
    stored: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if min(self.rows, self.columns, self.size) < 1:
            raise ValueError(f"no letterbox for {self.rows}x{self.columns} in {self.size}")

    @property
    def inner(self) -> tuple[int, int]:
        """Rows and columns that the picture takes on the square."""
        longer = max(self.rows, self.columns)
        return (
            max(1, round(self.rows * self.size / longer)),
            max(1, round(self.columns * self.size / longer)),
        )

    @property
    def margin(self) -> tuple[int, int]:
        """Empty rows above and empty columns to the left of the picture."""
        inner_rows, inner_columns = self.inner
        return (self.size - inner_rows) // 2, (self.size - inner_columns) // 2

    def to_network(self, points_px: Points) -> Points:
        """Stored (x, y) of shape (..., 2) to (x, y) on the network's square."""
        scale, margin = self._scale_and_margin()
        inside = np.asarray(points_px, float) - self._corner
        result: Points = (inside + 0.5) * scale - 0.5 + margin
        return result

    def to_stored(self, points_network: Points, stride: int = 1) -> Points:
        """(x, y) on the square, or on a map of it with `stride`, back to stored (x, y)."""
        scale, margin = self._scale_and_margin()
        on_square = (np.asarray(points_network, float) + 0.5) * stride - 0.5
        result: Points = (on_square + 0.5 - margin) / scale - 0.5 + self._corner
        return result

    def map_to_stored(self, values: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
        """Bring a map (h, w) of the square onto the stored grid (rows, columns), bilinearly.

        Outside the window it is 0: nobody looked there.
        """
        rows = self._positions(self.rows, axis=0, stride=stride)
        columns = self._positions(self.columns, axis=1, stride=stride)
        by_rows = _interpolate(values.astype(np.float32), rows)
        window = np.ascontiguousarray(_interpolate(by_rows.T, columns).T)
        if self.stored is None:
            return window
        entire = np.zeros(self.stored, np.float32)
        entire[self.top : self.top + self.rows, self.left : self.left + self.columns] = window
        return entire

    @property
    def _corner(self) -> Points:
        return np.array([float(self.left), float(self.top)])

    def _scale_and_margin(self) -> tuple[Points, Points]:
        inner_rows, inner_columns = self.inner
        top, left = self.margin
        scale = np.array([inner_columns / self.columns, inner_rows / self.rows])
        return scale, np.array([float(left), float(top)])

    def _positions(self, count: int, axis: int, stride: int) -> NDArray[np.float64]:
        points = np.tile(self._corner, (count, 1))
        points[:, 1 - axis] += np.arange(count)
        on_square: NDArray[np.float64] = self.to_network(points)[:, 1 - axis]
        return (on_square + 0.5) / stride - 0.5


def _interpolate(values: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows of `values` at fractional positions `at`, held constant beyond the ends."""
    at = np.clip(at, 0, len(values) - 1)
    lower = np.floor(at).astype(int)
    upper = np.minimum(lower + 1, len(values) - 1)
    share = (at - lower).astype(np.float32)[:, None]
    result: NDArray[np.float32] = values[lower] * (1 - share) + values[upper] * share
    return result
