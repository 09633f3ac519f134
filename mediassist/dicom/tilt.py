"""Volumes of a tilted gantry made straight, for networks that know only right angles."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.core.geometry import Volume
from mediassist.core.messages import say

_STRAIGHT_DEGREES = 0.1


def tilt_degrees(volume: Volume) -> float:
    """Angle between the way from slice to slice and the normal of the slices."""
    step, normal = volume.affine_lps[:3, 0], _normal(volume)
    cosine = abs(float(step @ normal)) / float(np.linalg.norm(step))
    return math.degrees(math.acos(min(1.0, cosine)))


def straightened(volume: Volume) -> Volume:
    """The same values on a grid of right angles: each slice is shifted within its plane.

    The grid grows by as much as the slices were shifted against each other; what lies outside the
    original gets its lowest value (air). Values between pixels are interpolated linearly. A
    straight volume, and one in colour, is given back as it is.
    """
    degrees = tilt_degrees(volume)
    if degrees < _STRAIGHT_DEGREES or volume.array.ndim != 3:
        return volume
    affine, normal = volume.affine_lps, _normal(volume)
    step = affine[:3, 0]
    along = float(step @ normal) * normal
    beside = step - along
    # Pixels by which a slice lies beside the one before it, down and across.
    drift = np.array(
        [
            float(beside @ affine[:3, axis]) / float(affine[:3, axis] @ affine[:3, axis])
            for axis in (1, 2)
        ]
    )
    count = len(volume.array)
    places = np.arange(count)[:, None] * drift
    first = np.floor(np.minimum(places.min(axis=0), 0)).astype(int)
    grown = np.ceil(places.max(axis=0) - first).astype(int)
    rows, columns = volume.array.shape[1:]
    shape = (count, rows + int(grown[0]), columns + int(grown[1]))
    lowest = float(volume.array.min())
    array = np.empty(shape, dtype=volume.array.dtype)
    for index, plane in enumerate(volume.array):
        array[index] = _shifted(plane, places[index] - first, shape[1:], lowest)
    straight = affine.copy()
    straight[:3, 0] = along
    straight[:3, 3] += affine[:3, 1] * first[0] + affine[:3, 2] * first[1]
    message = say(
        "tilt_straightened",
        "The gantry was tilted by {degrees} degrees; the slices were shifted against each other to"
        " make the volume straight.",
        degrees=round(degrees, 1),
    )
    kept = tuple(warning for warning in volume.warnings if warning.code != "gantry_tilt")
    return replace(
        volume,
        array=array,
        affine_lps=straight,
        spacing_mm=(float(np.linalg.norm(along)), *volume.spacing_mm[1:]),
        warnings=(*kept, message),
    )


def _normal(volume: Volume) -> NDArray[np.float64]:
    normal = np.cross(volume.affine_lps[:3, 2], volume.affine_lps[:3, 1])
    unit: NDArray[np.float64] = normal / np.linalg.norm(normal)
    return unit if float(unit @ volume.affine_lps[:3, 0]) > 0 else -unit


def _shifted(
    plane: NDArray[Any], offset: NDArray[np.float64], shape: tuple[int, int], outside: float
) -> NDArray[Any]:
    """`plane` moved by `offset` pixels into a larger picture."""
    values: NDArray[np.float32] = ndimage.affine_transform(
        plane.astype(np.float32),
        np.eye(2),
        -offset.round(9),
        output_shape=shape,
        order=1,
        cval=outside,
    )
    return values if plane.dtype.kind == "f" else np.rint(values).astype(plane.dtype)
