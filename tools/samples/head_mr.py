"""Simulated head MR: the averaged head of `head_ct` seen as FLAIR and as T1 with contrast.

The CT average tells bone, fluid, brain and fat apart; each tissue gets the brightness that the
sequence gives it. Own shape and own sulci are drawn as in `head_ct`; white matter is the brain
more than a centimetre below its surface. A tumour is bright with oedema in FLAIR and a bright rim
round a dark core with contrast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import generator, smooth_field
from tools.samples.drawing import enlarged, smooth_step
from tools.samples.head_ct import (
    ATLAS_MM,
    SLICE_MM,
    folds_at,
    own_shape,
    sulci,
)
from tools.samples.models import load

Array = NDArray[np.float64]

# Brightness of fluid, grey matter, white matter, fat, skin and muscle.
FLAIR_TISSUE = (0.08, 0.50, 0.40, 0.62, 0.30)
CONTRAST_TISSUE = (0.14, 0.38, 0.50, 0.85, 0.42)


@dataclass(frozen=True, slots=True)
class Tumour:
    """A ball with an uneven edge: atlas level, offsets from the centre, radii in mm."""

    level: float
    left_mm: float
    behind_mm: float
    radius_mm: float
    oedema_mm: float


@dataclass(frozen=True, slots=True)
class HeadMr:
    """uint16 (slices, rows, columns) of both sequences from foot to head, and the tumour's mask
    with its oedema, or None."""

    flair: NDArray[np.uint16]
    contrast: NDArray[np.uint16]
    lesion: NDArray[np.bool_] | None


def _tissue(value: Array, folds: Array, mm: float, bright: tuple[float, ...]) -> Array:
    """Brightness of one level without disease from the averaged CT `value` (0-1)."""
    fluid, grey, white, fat, skin = bright
    head = ndi.binary_fill_holes(ndi.gaussian_filter(value, 1.0 / mm) > 0.25)
    bone = value > 0.78
    brain = ndi.binary_opening((value > 0.34) & (value < 0.70) & head, iterations=2)
    parts, count = ndi.label(brain)
    if count > 1:
        brain = parts == 1 + int(np.argmax(ndi.sum(brain, parts, range(1, count + 1))))
    brain = ndi.binary_fill_holes(brain)
    depth = ndi.distance_transform_edt(brain) * mm
    slope = np.hypot(*np.gradient(folds)) / mm + 1e-3
    away = np.abs(folds) / slope
    near_fold = np.exp(-((away / 2.6) ** 2)) * smooth_step((17.0 - depth) / 10.0)
    deep = smooth_step((depth - 4.0) / 4.0) * (1.0 - near_fold)
    tissue = grey + (white - grey) * deep
    wet = smooth_step((0.46 - ndi.gaussian_filter(value, 1.2 / mm)) / 0.10) * (depth > 0)
    tissue = tissue + (fluid - tissue) * wet
    fold = np.exp(-((away / 0.9) ** 2)) * smooth_step((15.0 - depth) / 10.0)
    tissue = tissue + (fluid - tissue) * 0.8 * fold * (depth > 0)
    outside = ndi.distance_transform_edt(~head) * mm
    picture = np.where(brain, tissue, np.where(head & ~bone, skin, 0.04))
    scalp = (outside > 0) & (outside < 4.0)
    return np.where(scalp, fat, picture)


def head_mr(
    name: str, levels: range, side: int, mm: float, size: float, tumour: Tumour | None
) -> HeadMr:
    """One examination of atlas `levels`; `name` decides everything that is left to chance."""
    rng = generator(name)
    atlas = load("head_ct")["average"].astype(np.float64) / 255.0
    count, grid = atlas.shape[0], atlas.shape[1]
    own, folds = own_shape(rng, count, grid), sulci(rng, count)
    rows, columns = np.mgrid[:side, :side].astype(float)
    x = (columns - (side - 1) / 2) * mm / size
    y = (rows - (side - 1) / 2) * mm / size
    turn = (grid - 1) / 2
    lumps = ndi.gaussian_filter(rng.standard_normal((count, side, side)), (0.8, 5 / mm, 5 / mm))
    lumps /= lumps.std()
    drift = 1.0 + 0.05 * smooth_field(rng, (side, side), side / 4)
    made: list[tuple[NDArray[np.uint16], NDArray[np.uint16]]] = []
    masks = []
    for level in levels:
        at_row = y / ATLAS_MM + turn + enlarged(own[level, 0], (side, side), 1)
        at_column = x / ATLAS_MM + turn + enlarged(own[level, 1], (side, side), 1)
        value = ndi.map_coordinates(atlas[level], [at_row, at_column], order=1, mode="nearest")
        fold = folds_at(folds[level], (at_column - turn) * ATLAS_MM, (at_row - turn) * ATLAS_MM)
        flair = _tissue(value, fold, mm, FLAIR_TISSUE)
        contrast = _tissue(value, fold, mm, CONTRAST_TISSUE)
        if tumour is not None:
            z = (level - tumour.level) * SLICE_MM
            away = np.sqrt(z**2 + (y - tumour.behind_mm) ** 2 + (x - tumour.left_mm) ** 2)
            away = away * (1.0 + 0.14 * lumps[level]) - tumour.radius_mm
            brain = smooth_step((value - 0.2) / 0.1) * smooth_step((0.74 - value) / 0.05)
            wet = smooth_step(1.0 - away / tumour.oedema_mm) * brain
            core = smooth_step(0.5 - away / 2.0) * brain
            rim = np.exp(-((away + 2.0) ** 2) / 6.0) * brain
            flair += (0.86 - flair) * wet * 0.9 + 0.05 * core
            contrast += (0.30 - contrast) * wet * 0.5
            contrast += (0.20 - contrast) * core * (1 - rim) + (0.95 - contrast) * rim
            masks.append((wet > 0.5) | (core > 0.5))
        made.append((_scanned(flair * drift, mm, rng), _scanned(contrast * drift, mm, rng)))
    return HeadMr(
        np.stack([flair for flair, _ in made]),
        np.stack([contrast for _, contrast in made]),
        np.stack(masks) if tumour is not None else None,
    )


def _scanned(picture: Array, mm: float, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Blur, Rician noise, 12 bits."""
    blurred = ndi.gaussian_filter(picture, 0.5 / mm)
    noise = rng.standard_normal((2, *picture.shape)) * 0.018
    seen = np.hypot(blurred + noise[0], noise[1])
    return np.rint(np.clip(seen, 0, 2.0) * 1200.0).astype(np.uint16)
