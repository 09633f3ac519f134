"""Lines finer than a map's cells round one island of it, and the area that they hold."""

from __future__ import annotations

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from scipy import ndimage

Plane = NDArray[np.float32]
Island = NDArray[np.bool_]
Points = NDArray[np.float64]

LEVEL = 0.5
_LIMIT = 6.0  # logits beyond this are as good as certain; sharper edges would cost no accuracy
_MAX_POINTS = 160


def outline_of(probabilities: Plane, island: Island) -> Points:
    """The longest closed line at one half round an island, (n, 2) of (x, y) in cells.

    Logits change evenly across an edge where probabilities jump, so the line between two cells is
    put by logits. Other islands count as empty. (0, 2) where the island is empty.
    """
    clipped = np.clip(probabilities.astype(np.float64), 1e-6, 1 - 1e-6)
    logits = np.clip(np.log(clipped / (1 - clipped)), -_LIMIT, _LIMIT)
    others = (probabilities >= LEVEL) & ~island
    padded = np.pad(np.where(others, -_LIMIT, logits), 1, constant_values=-_LIMIT)
    generator = contour_generator(z=padded, line_type=LineType.Separate)
    lines = [np.asarray(line, np.float64) - 1.0 for line in generator.lines(0.0)]
    # Noise elsewhere has its own short lines; the island's is the longest.
    line = max(lines, key=len, default=np.empty((0, 2)))
    step = max(1, -(-len(line) // _MAX_POINTS))
    return line[::step]


def area_of(line: Points) -> float:
    """Area inside a closed line, in the square of its unit (shoelace formula).

    >>> area_of(np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 3.0], [0.0, 3.0]]))
    6.0
    """
    if len(line) < 3:
        return 0.0
    x, y = line[:, 0], line[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2.0


def largest_island(mask: Island) -> Island | None:
    """The largest connected part of a mask; None where the mask is empty."""
    labels, count = ndimage.label(mask)
    if count == 0:
        return None
    sizes = ndimage.sum_labels(mask, labels, np.arange(1, count + 1))
    result: Island = labels == int(np.argmax(sizes)) + 1
    return result
