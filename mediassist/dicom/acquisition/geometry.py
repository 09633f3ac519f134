"""Where the slices of a series lie: steps, gaps, coverage, repeats at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import MediAssistError
from mediassist.core.study import Series
from mediassist.dicom.slices import Slice, cross, placed_slices

_SAME_PLANE = 2e-3
_SAME_PLACE_MM = 0.01


@dataclass(frozen=True, slots=True)
class Geometry:
    """The slices of the largest plane of a series, by their place along the normal.

    `levels` are the slices at each place, in the order of `places_mm`; a cine has several at
    each. `cosines` is the shared orientation.
    """

    places_mm: NDArray[np.float64]
    levels: tuple[tuple[Slice, ...], ...]

    @property
    def first(self) -> Slice:
        return self.levels[0][0]

    @property
    def steps_mm(self) -> NDArray[np.float64]:
        steps: NDArray[np.float64] = np.diff(self.places_mm)
        return steps

    @property
    def step_mm(self) -> float | None:
        """The usual distance of neighbouring slices."""
        return float(np.median(self.steps_mm)) if len(self.places_mm) > 1 else None

    @property
    def thickness_mm(self) -> float | None:
        known = [one.thickness_mm for level in self.levels for one in level]
        return max((each for each in known if each), default=None)

    @property
    def unevenness_mm(self) -> float | None:
        """Largest deviation of a step from the usual one: a missing slice, or uneven spacing."""
        step = self.step_mm
        return None if step is None else float(np.abs(self.steps_mm - step).max())

    @property
    def gap_mm(self) -> float | None:
        """What is not imaged between neighbouring slices; negative where they overlap."""
        step, thickness = self.step_mm, self.thickness_mm
        return None if step is None or thickness is None else step - thickness

    @property
    def coverage_mm(self) -> float:
        """Length of the imaged part of the body along the normal."""
        length = float(self.places_mm[-1] - self.places_mm[0])
        return length + (self.thickness_mm or self.step_mm or 0.0)

    @property
    def phases(self) -> int:
        """How often the least often imaged place was imaged."""
        return min(len(level) for level in self.levels)

    @property
    def normal(self) -> tuple[float, float, float]:
        return cross(self.first.cosines)


def geometry_of(series: Series) -> Geometry | None:
    """The geometry of the plane with most slices; None where no image has a place."""
    try:
        placed, _ = placed_slices(series)
    except MediAssistError:
        return None
    planes = _planes(placed)
    if not planes:
        return None
    plane = max(planes, key=len)
    normal = np.array(cross(plane[0].cosines))
    along = np.array([np.dot(normal, one.position_mm) for one in plane])
    order = np.argsort(along, kind="stable")
    places: list[float] = []
    levels: list[list[Slice]] = []
    for index in order:
        if not places or along[index] - places[-1] > _SAME_PLACE_MM:
            places.append(float(along[index]))
            levels.append([])
        levels[-1].append(plane[index])
    return Geometry(np.array(places), tuple(tuple(level) for level in levels))


def _planes(placed: Sequence[Slice]) -> list[list[Slice]]:
    planes: list[list[Slice]] = []
    for one in placed:
        for plane in planes:
            if np.abs(np.subtract(plane[0].cosines, one.cosines)).max() <= _SAME_PLANE:
                plane.append(one)
                break
        else:
            planes.append([one])
    return planes
