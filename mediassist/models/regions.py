"""Outlines and boxes from evidence maps, in pixels of the stored image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.core.finding import HeatMap, Region, RegionKind
from mediassist.core.study import PixelSpacing

# Share of the picture's area (smaller islands are noise of the map's own grid), and how many.
_LEAST_SHARE, _MOST = 0.002, 6
_MAX_POINTS = 200


def outlines(
    heat: HeatMap,
    threshold: float,
    spacing: PixelSpacing | None,
    least_share: float = _LEAST_SHARE,
    most: int = _MOST,
) -> tuple[Region, ...]:
    """Contours of `heat` at `threshold`, the strongest first; at most `most`.

    Each region's `score` is the map's maximum inside, `size_mm` the longest extent and the largest
    one perpendicular to it, where `spacing` is known.
    """
    values = heat.values
    regions = []
    for mask, peak in _islands(values, threshold, least_share, most):
        points = outer_contour(np.where(mask, values, 0.0), threshold)
        if len(points) < 3:
            continue
        regions.append(
            Region(
                kind=RegionKind.CONTOUR,
                sop_instance_uid=heat.sop_instance_uid,
                frame=heat.frame,
                points_px=tuple((round(float(x), 2), round(float(y), 2)) for x, y in points),
                score=round(peak, 4),
                size_mm=extent_mm(points, spacing) if spacing else None,
                spacing=spacing,
            )
        )
    return tuple(regions)


def boxes(
    heat: HeatMap,
    threshold: float,
    spacing: PixelSpacing | None,
    least_share: float = _LEAST_SHARE,
    most: int = _MOST,
    sized: bool = False,
) -> tuple[Region, ...]:
    """Rectangles round the places above `threshold`, the strongest first; at most `most`.

    For findings whose truth is a box: an outline would promise an edge that was never taught. A
    box has `size_mm`, its longer and its shorter side, only where `sized`: where the boxes of
    training were as large as what they hold.
    """
    regions = []
    for mask, peak in _islands(heat.values, threshold, least_share, most):
        rows, columns = np.nonzero(mask)
        corners = ((columns.min(), rows.min()), (columns.max(), rows.max()))
        size = sides_mm(*corners, spacing) if sized and spacing else None
        regions.append(
            Region(
                kind=RegionKind.BOX,
                sop_instance_uid=heat.sop_instance_uid,
                frame=heat.frame,
                points_px=tuple((float(x), float(y)) for x, y in corners),
                score=round(peak, 4),
                size_mm=size,
                spacing=spacing,
            )
        )
    return tuple(regions)


def _islands(
    values: NDArray[np.float32], threshold: float, least_share: float, most: int
) -> Iterator[tuple[NDArray[np.bool_], float]]:
    """Connected places at or above `threshold`, each with its maximum, the strongest first."""
    labels, count = ndimage.label(values >= threshold)
    if count == 0:
        return
    indices = np.arange(1, count + 1)
    peaks = ndimage.maximum(values, labels, indices)
    areas = ndimage.sum_labels(np.ones_like(values), labels, indices)
    kept = [i for i in indices if areas[i - 1] >= least_share * values.size]
    kept.sort(key=lambda i: -float(peaks[i - 1]))
    for index in kept[:most]:
        yield labels == index, float(peaks[index - 1])


def sides_mm(
    first: tuple[float, float], last: tuple[float, float], spacing: PixelSpacing
) -> tuple[float, float]:
    """Longer and shorter side of a box in mm; corners (x, y) are pixels that lie in it."""
    wide = (float(last[0] - first[0]) + 1) * spacing.column_mm
    high = (float(last[1] - first[1]) + 1) * spacing.row_mm
    return max(wide, high), min(wide, high)


def extent_mm(points_px: NDArray[np.float64], spacing: PixelSpacing) -> tuple[float, float]:
    """Longest diameter of a point set and its extent perpendicular to that, in mm.

    `points_px` has shape (n, 2) with columns x, y in pixels.
    """
    points = points_px * np.array([spacing.column_mm, spacing.row_mm])
    differences = points[:, None, :] - points[None, :, :]
    distances = np.hypot(differences[..., 0], differences[..., 1])
    first, second = np.unravel_index(int(distances.argmax()), distances.shape)
    longest = float(distances[first, second])
    if longest == 0.0:
        return 0.0, 0.0
    direction = (points[second] - points[first]) / longest
    across = points @ np.array([-direction[1], direction[0]])
    return round(longest, 1), round(float(across.max() - across.min()), 1)


def outer_contour(values: NDArray[np.floating], threshold: float) -> NDArray[np.float64]:
    """Longest closed line at `threshold`, thinned to at most `_MAX_POINTS` points, shape (n, 2)."""
    # A border of zeros closes contours that would run out of the picture.
    padded = np.pad(values, 1)
    generator = contour_generator(z=padded, line_type=LineType.Separate)
    lines = [np.asarray(line, dtype=np.float64) for line in generator.lines(threshold)]
    if not lines:
        return np.empty((0, 2))
    line = max(lines, key=len) - 1.0
    line = np.clip(line, 0, np.array([values.shape[1] - 1, values.shape[0] - 1]))
    step = max(1, int(np.ceil(len(line) / _MAX_POINTS)))
    return line[::step]
