"""Vertical cup-to-disc ratio, with the outlines of optic disc and optic cup that give it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.core.finding import Measurement, Region, RegionKind
from mediassist.core.vocabulary import Code
from mediassist.models.measures.reading import FrameReading, Measured
from mediassist.models.regions import outer_contour

NAME = "cup_disc_ratio"
METHOD = "vertical extents of the model's outlines of cup and disc, photograph as stored"
# No standard terminology that could be checked has the ratio; 99 marks a private scheme.
CODE = Code("99MEDIASSIST", "VCDR", "Vertical cup-to-disc ratio")
DISC_LABEL, CUP_LABEL = "Optic disc", "Optic cup"

DISC, CUP = 0, 1  # places of the maps
_LEVEL = 0.5
_SURE = 0.7  # a disc whose surest cell is below this was not found
# Diameters of discs in sides of the field of view: 30-degree to ultra-wide cameras.
_SIZES = (0.03, 0.45)


@dataclass(frozen=True, slots=True)
class DiscAndCup:
    """Probabilities of the disc alone and the cup alone, (h, w), zero elsewhere, and the ratio.

    `ratio` is None where there is a disc and no cup in it.
    """

    disc: NDArray[np.float32]
    cup: NDArray[np.float32]
    ratio: float | None


def disc_and_cup(maps: NDArray[np.floating]) -> DiscAndCup | None:
    """Disc and cup of maps (>= 2, h, w), the disc first; None where no disc is found."""
    disc = _one_thing(maps[DISC].astype(np.float32))
    if disc is None:
        return None
    height = vertical_extent(disc)
    if not _SIZES[0] * disc.shape[0] <= height <= _SIZES[1] * disc.shape[0]:
        return None
    # The cup is a part of the disc, whatever the two maps say each alone.
    cup = _one_thing(np.where(disc >= _LEVEL, np.minimum(maps[CUP], disc), 0).astype(np.float32))
    if cup is None:
        return DiscAndCup(disc, np.zeros_like(disc), None)
    return DiscAndCup(disc, cup, min(1.0, vertical_extent(cup) / height))


def cup_disc(reading: FrameReading) -> Measured:
    """The ratio to two decimals and both outlines; nothing where no disc was found."""
    found = disc_and_cup(reading.maps)
    if found is None:
        return Measured()
    regions = [
        region
        for label, values in ((DISC_LABEL, found.disc), (CUP_LABEL, found.cup))
        if (region := _outline(label, values, reading)) is not None
    ]
    if found.ratio is None:
        return Measured((), tuple(regions))
    ratio = Measurement(NAME, CODE, round(found.ratio, 2), "{ratio}", METHOD)
    return Measured((ratio,), tuple(regions))


def vertical_extent(values: NDArray[np.float32]) -> float:
    """Height in cells of what is at or above one half, to a fraction of a cell.

    The row maxima cross one half between two rows; where, is interpolated.
    """
    profile = np.pad(values.max(axis=1).astype(np.float64), 1)
    above = np.flatnonzero(profile >= _LEVEL)
    if above.size == 0:
        return 0.0
    first, last = int(above[0]), int(above[-1])
    return last - first + _share(profile, first, first - 1) + _share(profile, last, last + 1)


def _share(profile: NDArray[np.float64], inner: int, outer: int) -> float:
    """How far from row `inner` towards row `outer` the profile falls to one half."""
    return float((profile[inner] - _LEVEL) / (profile[inner] - profile[outer]))


def _one_thing(values: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The largest island at one half with its rim and without holes; None where it is not sure."""
    labels, count = ndimage.label(values >= _LEVEL)
    if count == 0:
        return None
    largest = labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    if float(values[largest].max()) < _SURE:
        return None
    filled = ndimage.binary_fill_holes(largest)
    rim = ndimage.binary_dilation(filled)
    alone: NDArray[np.float32] = np.where(
        filled, np.maximum(values, _LEVEL), np.where(rim & (labels == 0), values, 0.0)
    ).astype(np.float32)
    return alone


def _outline(label: str, values: NDArray[np.float32], reading: FrameReading) -> Region | None:
    points = outer_contour(values, _LEVEL)
    if len(points) < 3:
        return None
    stored = reading.letterbox.to_stored(points, reading.letterbox.size // values.shape[-1])
    return Region(
        kind=RegionKind.CONTOUR,
        sop_instance_uid=reading.sop_instance_uid,
        frame=reading.frame,
        points_px=tuple((round(float(x), 2), round(float(y), 2)) for x, y in stored),
        score=round(float(values.max()), 4),
        label=label,
        spacing=reading.spacing,
    )
