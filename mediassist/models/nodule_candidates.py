"""Places in a chest CT that are round and denser than lung: where a nodule could be.

Found by scale space (Lindeberg 1998): a ball of diameter d answers most to the Laplacian of a
Gaussian of sigma d / (2 sqrt 3). Vessels answer too; the classifier tells them apart afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]

GRID_MM = 1.5
_LUNG_GRID_MM = 4.0
_LUNG_BELOW_HU = -400.0
_LEAST_LUNG_ML = 300.0
_CLOSED_MM = 12.0  # nodules at the wall and vessels belong to the lung after closing
_DIAMETERS_MM = (4.0, 6.0, 9.0, 13.0, 19.0, 28.0)
_LEAST_RESPONSE_HU = 60.0
_MOST = 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """`index` is (slice, row, column) in voxels of the volume, `diameter_mm` that of its scale."""

    index: tuple[float, float, float]
    diameter_mm: float
    response: float


def lung_mask(volume: NDArray[Any], spacing_mm: tuple[float, float, float]) -> Mask | None:
    """Lungs with vessels and wall nodules, on the volume's grid thinned to about 4 mm.

    None where less than 0.3 L of lung is found. Air that touches the sides of the picture lies
    round the body; air that touches its first or last slice may be lung.
    """
    steps = thinning(spacing_mm, _LUNG_GRID_MM)
    coarse = volume[:: steps[0], :: steps[1], :: steps[2]]
    spacing = np.array(spacing_mm) * steps
    air = coarse < _LUNG_BELOW_HU
    labels, count = ndimage.label(air)
    if count == 0:
        return None
    outside = np.unique(
        np.concatenate(
            [
                labels[:, 0].ravel(),
                labels[:, -1].ravel(),
                labels[:, :, 0].ravel(),
                labels[:, :, -1].ravel(),
            ]
        )
    )
    sizes = np.bincount(labels.ravel()).astype(float) * float(np.prod(spacing)) / 1000
    sizes[0] = 0.0
    sizes[outside] = 0.0
    kept = np.flatnonzero(sizes >= max(100.0, 0.1 * sizes.max()))
    if sizes[kept].sum() < _LEAST_LUNG_ML:
        return None
    lungs = np.isin(labels, kept)
    radius = [max(1, round(_CLOSED_MM / each)) for each in spacing]
    pad = [(each, each) for each in radius]
    ball = _ball(radius)
    closed = ndimage.binary_closing(np.pad(lungs, pad), ball)
    inner = tuple(slice(each, -each) for each in radius)
    result: Mask = closed[inner] | lungs
    return result


def thinning(spacing_mm: tuple[float, float, float], wanted_mm: float) -> tuple[int, int, int]:
    """Every how many-th voxel comes nearest to the wanted distance along each axis."""
    first, second, third = (max(1, round(wanted_mm / each)) for each in spacing_mm)
    return first, second, third


def find_candidates(
    volume: NDArray[Any], spacing_mm: tuple[float, float, float], lungs: Mask
) -> list[Candidate]:
    """At most 400 places inside the lungs, the strongest first.

    `volume` (slices, rows, columns) in HU; `lungs` from `lung_mask`.
    """
    box = _box(lungs, volume.shape)
    cut = np.clip(volume[box], -1000, 100).astype(np.float32)
    zoom = [min(1.0, each / GRID_MM) for each in spacing_mm]
    grid = ndimage.zoom(cut, zoom, order=1, grid_mode=True, mode="nearest")
    scale = np.array(cut.shape) / np.array(grid.shape)
    start = np.array([each.start for each in box])
    inside = lungs[np.ix_(*_nearest(lungs.shape, volume.shape, start, scale, grid.shape))]
    found = []
    for place, diameter, response in _blobs(grid, np.array(spacing_mm) * scale, inside):
        first, second, third = ((np.array(place) + 0.5) * scale - 0.5 + start).tolist()
        found.append(Candidate((first, second, third), diameter, response))
    return found


def diameter_mm(
    volume: NDArray[Any], candidate: Candidate, spacing_mm: tuple[float, float, float]
) -> tuple[float, float] | None:
    """Longest and perpendicular extent (mm) on the axial slice; None where no edge is found.

    The edge lies half-way between the middle and the lung round it, as a reader would put it; what
    the candidate touches is cut off by an opening and by the size of its scale.
    """
    section = round(candidate.index[0])
    rows_mm, columns_mm = spacing_mm[1:]
    reach = 0.5 * candidate.diameter_mm * 1.8 + 3.0
    row, column = round(candidate.index[1]), round(candidate.index[2])
    top, left = max(0, row - round(reach / rows_mm)), max(0, column - round(reach / columns_mm))
    bottom, right = row + round(reach / rows_mm) + 1, column + round(reach / columns_mm) + 1
    patch = np.clip(volume[section, top:bottom, left:right], -1000, 100).astype(np.float32)
    y, x = np.indices(patch.shape)
    away = np.hypot((y + top - row) * rows_mm, (x + left - column) * columns_mm)
    middle = patch[away <= max(1.0, 0.2 * candidate.diameter_mm)]
    if middle.size == 0:
        return None
    edge = (float(np.median(middle)) + float(np.percentile(patch, 15))) / 2
    mask = (patch >= edge) & (away <= reach)
    opened = ndimage.binary_opening(
        mask, iterations=max(0, round(0.12 * candidate.diameter_mm / rows_mm))
    )
    labels, _ = ndimage.label(opened if opened[away <= 1.5].any() else mask)
    near = labels[away <= max(1.5, 0.2 * candidate.diameter_mm)]
    near = near[near > 0]
    if near.size == 0:
        return None
    points = np.argwhere(labels == np.bincount(near).argmax()) * np.array([rows_mm, columns_mm])
    return _extent(points, rows_mm)


def _extent(points: NDArray[np.float64], pixel_mm: float) -> tuple[float, float]:
    """Longest extent of pixels and the extent across it, edges included."""
    centred = points - points.mean(0)
    angles = np.radians(np.arange(0, 180, 5))
    widths = np.ptp(centred @ np.stack([np.cos(angles), np.sin(angles)]), axis=0) + pixel_mm
    longest = int(widths.argmax())
    return float(widths[longest]), float(widths[(longest + 18) % 36])


def _box(lungs: Mask, shape: tuple[int, ...]) -> tuple[slice, ...]:
    """The part of the volume that holds the lungs."""
    scale = np.array(shape) / np.array(lungs.shape)
    places = np.argwhere(lungs)
    low = np.floor(places.min(0) * scale).astype(int)
    high = np.ceil((places.max(0) + 1) * scale).astype(int)
    return tuple(slice(int(a), int(b)) for a, b in zip(low, np.minimum(high, shape), strict=True))


def _nearest(
    coarse: tuple[int, ...],
    shape: tuple[int, ...],
    start: NDArray[np.int64],
    scale: NDArray[np.float64],
    grid: tuple[int, ...],
) -> list[NDArray[np.int64]]:
    """For each axis of the grid, the index of the coarse mask that lies there."""
    return [
        np.minimum(
            ((np.arange(grid[axis]) + 0.5) * scale[axis] + start[axis])
            * coarse[axis]
            / shape[axis],
            coarse[axis] - 1,
        ).astype(np.int64)
        for axis in range(3)
    ]


def _blobs(
    grid: Values, spacing: NDArray[np.float64], inside: Mask
) -> list[tuple[tuple[int, int, int], float, float]]:
    """Maxima of the scale-normalised Laplacian over place and scale."""
    best = np.full(grid.shape, -np.inf, np.float32)
    scale_of = np.zeros(grid.shape, np.uint8)
    for number, diameter in enumerate(_DIAMETERS_MM):
        sigma = diameter / (2 * math.sqrt(3))
        # A difference of two Gaussians is the Laplacian for a factor of 1.26 between them.
        narrow = ndimage.gaussian_filter(grid, sigma / 1.12 / spacing, truncate=3)
        narrow -= ndimage.gaussian_filter(grid, sigma * 1.12 / spacing, truncate=3)
        narrow *= np.float32(1 / math.log(1.2544))
        higher = narrow > best
        best[higher] = narrow[higher]
        scale_of[higher] = number
    best[~inside] = -np.inf
    peaks = (best >= _LEAST_RESPONSE_HU) & (best == ndimage.maximum_filter(best, size=5))
    places = np.argwhere(peaks)
    order = np.argsort(-best[peaks])[:_MOST]
    return [
        (
            (int(a), int(b), int(c)),
            _DIAMETERS_MM[scale_of[a, b, c]],
            float(best[a, b, c]),
        )
        for a, b, c in places[order]
    ]


def _ball(radius: list[int]) -> Mask:
    axes = [np.arange(-each, each + 1) / each for each in radius]
    first, second, third = np.meshgrid(*axes, indexing="ij")
    return np.asarray(first**2 + second**2 + third**2 <= 1.0)
