"""Volumes of the two ventricles, what follows from them, and how unlike a normal heart it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.models.contours import LEVEL, Island, Points, area_of, outline_of

Maps = NDArray[np.float32]
Features = NDArray[np.float64]

RIGHT, OUTER, CAVITY = 0, 1, 2  # order of the network's maps
FEATURES = (
    "left ejection fraction",
    "right ejection fraction",
    "log muscle / left cavity at end-diastole",
    "log right / left cavity at end-diastole",
)
MUSCLE_GRAMS_PER_ML = 1.05  # density of the myocardium used in the field
_FARTHEST = 0.22  # of the square: a ventricle does not jump further from slice to slice
_LEAST = 1e-6
_NOTHING: Points = np.empty((0, 2))


@dataclass(frozen=True, slots=True)
class SliceOutlines:
    """Closed lines (n, 2) of (x, y) in cells of the maps; empty where a structure isn't cut."""

    right: Points
    outer: Points
    cavity: Points

    @property
    def areas(self) -> tuple[float, float, float]:
        """Right cavity, left outer border, left cavity in square cells."""
        return area_of(self.right), area_of(self.outer), area_of(self.cavity)


@dataclass(frozen=True, slots=True)
class PhaseVolumes:
    """Volumes at one phase; mL where slice distance and spacing are known, else any one unit."""

    right: float
    outer: float
    cavity: float

    @property
    def muscle(self) -> float:
        return max(0.0, self.outer - self.cavity)


@dataclass(frozen=True, slots=True)
class HeartFunction:
    """A heart at end-diastole and end-systole."""

    diastole: PhaseVolumes
    systole: PhaseVolumes

    @property
    def ejection_fraction(self) -> float:
        return _ejected(self.diastole.cavity, self.systole.cavity)

    @property
    def right_ejection_fraction(self) -> float:
        return _ejected(self.diastole.right, self.systole.right)

    @property
    def muscle_to_cavity(self) -> float:
        return self.diastole.muscle / max(self.diastole.cavity, _LEAST)

    @property
    def right_to_left(self) -> float:
        return self.diastole.right / max(self.diastole.cavity, _LEAST)

    @property
    def features(self) -> Features:
        """(4,) in the order of `FEATURES`: none needs a scale in mm."""
        ratios = np.clip([self.muscle_to_cavity, self.right_to_left], 0.05, 20.0)
        return np.array(
            [self.ejection_fraction, self.right_ejection_fraction, *np.log(ratios)], np.float64
        )


@dataclass(frozen=True, slots=True)
class GroupModel:
    """Multinomial logistic regression over `FEATURES`; the first group is the normal one."""

    groups: tuple[str, ...]
    mean: Features
    spread: Features
    weights: Features
    offsets: Features

    def log_odds(self, features: Features) -> float:
        """Of any abnormal group against the normal one: the bundle's score."""
        logits = self._logits(features)
        others = logits[1:]
        highest = float(others.max())
        return highest + float(np.log(np.exp(others - highest).sum())) - float(logits[0])

    def probabilities(self, features: Features) -> dict[str, float]:
        logits = self._logits(features)
        shares = np.exp(logits - logits.max())
        return dict(zip(self.groups, (shares / shares.sum()).tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        return {
            "groups": list(self.groups),
            "features": list(FEATURES),
            "mean": self.mean.tolist(),
            "spread": self.spread.tolist(),
            "weights": self.weights.tolist(),
            "offsets": self.offsets.tolist(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> GroupModel:
        return cls(
            tuple(stored["groups"]),
            *(np.asarray(stored[n], np.float64) for n in ("mean", "spread", "weights", "offsets")),
        )

    def _logits(self, features: Features) -> Features:
        scaled = (features - self.mean) / self.spread
        result: Features = self.weights @ scaled + self.offsets
        return result


def unweighted(maps: Maps, inside_weights: Sequence[float]) -> Maps:
    """Maps (n, 3, h, w) in 0..1 as if every cell had weighed the same in training.

    There, cells inside a structure weigh more than those outside, which moves every border: where
    inside and outside are equally likely, the network says `inside_weights` to 1, one for each
    map. They are measured (`inside_weights_of`), as the overlap term of the loss moves borders too.
    """
    weights = np.asarray(inside_weights, np.float32)[:, None, None]
    return np.asarray(maps / (maps + weights * (1.0 - maps)), np.float32)


def inside_weights_of(maps: Maps, drawn: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Odds above which as many cells lie inside a structure as are drawn.

    Parameters
    ----------
    maps : (n, 3, h, w) probabilities of slices that taught the network nothing.
    drawn : (n, 3, H, W) outlines drawn by hand; H and W are whole multiples of h and w.
    """
    factor = (drawn.shape[2] // maps.shape[2]) ** 2
    weights = []
    for found, truth in zip(maps.swapaxes(0, 1), drawn.swapaxes(0, 1), strict=True):
        cells = min(found.size, max(1, round(int(truth.sum()) / factor)))
        level = float(np.partition(found.ravel(), -cells)[-cells])
        weights.append(round(level / max(1.0 - level, _LEAST), 3))
    return weights[0], weights[1], weights[2]


def outlines_of_phase(maps: Maps) -> list[SliceOutlines]:
    """Outlines of every slice of one phase, from maps (slices, 3, h, w) in 0..1.

    The middle slice is the surest. From there to both ends the left ventricle has to stay near
    where it was in the slice before; the right one has to lie beside it.
    """
    count = len(maps)
    start = _surest(maps)
    islands: list[Island | None] = [None] * count
    islands[start] = _island_near(maps[start, OUTER], None)
    for order in (range(start + 1, count), range(start - 1, -1, -1)):
        last = islands[start]
        for index in order:
            islands[index] = _island_near(maps[index, OUTER], last)
            last = islands[index] if islands[index] is not None else last
    return [_outlines(each, island) for each, island in zip(maps, islands, strict=True)]


def volumes_of(outlines: Sequence[SliceOutlines], cell_volume: float) -> PhaseVolumes:
    """Sum of areas times `cell_volume` (area of a cell times the distance of slices)."""
    areas = np.array([each.areas for each in outlines]).reshape(-1, 3)
    right, outer, cavity = (float(total) for total in areas.sum(0) * cell_volume)
    return PhaseVolumes(right, outer, cavity)


def _ejected(full: float, empty: float) -> float:
    return (full - empty) / full if full > _LEAST else 0.0


def _surest(maps: Maps) -> int:
    """Among the middle half of the slices, the one with most left ventricle."""
    count = len(maps)
    low, high = count // 4, max(count // 4 + 1, count - count // 4)
    return low + int(maps[low:high, OUTER].sum((1, 2)).argmax())


def _island_near(outer: NDArray[np.float32], near: Island | None) -> Island | None:
    """The largest island, of those whose centre is not far from that of `near`."""
    labels, count = ndimage.label(outer >= LEVEL)
    if count == 0:
        return None
    numbers = np.arange(1, count + 1)
    sizes = ndimage.sum_labels(labels > 0, labels, numbers)
    if near is not None:
        at = np.array(ndimage.center_of_mass(near))
        centres = np.array(ndimage.center_of_mass(labels > 0, labels, numbers)).reshape(-1, 2)
        far = np.hypot(*(centres - at).T) > _FARTHEST * outer.shape[0]
        sizes = np.where(far, 0.0, sizes)
    if sizes.max() <= 0:
        return None
    island: Island = ndimage.binary_fill_holes(labels == int(sizes.argmax()) + 1)
    return island


def _outlines(maps: Maps, island: Island | None) -> SliceOutlines:
    right = _right(maps[RIGHT], island)
    if island is None:
        return SliceOutlines(right, _NOTHING, _NOTHING)
    within = np.where(island, maps[CAVITY], 0.0).astype(np.float32)
    cavity = _island_near(within, None)
    return SliceOutlines(
        right,
        outline_of(maps[OUTER], island),
        _NOTHING if cavity is None else outline_of(within, cavity),
    )


def _right(right: NDArray[np.float32], left: Island | None) -> Points:
    island = _island_near(right, None)
    if island is None:
        return _NOTHING
    if left is not None:
        gap = ndimage.distance_transform_edt(~left)[island].min()
        if gap > _FARTHEST / 2 * right.shape[0]:
            return _NOTHING
    return outline_of(right, island)
