"""Task kind `segment_cine`: outlines of both ventricles on every slice and phase of a cine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.models.head_crop import Square
from mediassist.models.heart_function import (
    CAVITY,
    OUTER,
    PhaseVolumes,
    SliceOutlines,
    outlines_of_phase,
    unweighted,
    volumes_of,
)
from mediassist.models.loaded import LoadedBundle

Grey = NDArray[np.float32]
Maps = NDArray[np.float32]

WINDOW_MM = 192.0  # what the training pictures show of a chest: 128 pixels of about 1.5 mm
_BATCH = 16
_ROUNDS = 2
_PRESENT = 0.8  # of the phases: slices that show the cavity so often tell the phase
_BRIGHTEST = 99.7  # percentile that becomes white, as in the training set


@dataclass(frozen=True, slots=True)
class HeartPhase:
    """One phase (from 0): outlines of every slice in cells of the maps, and volumes in mL."""

    phase: int
    outlines: tuple[SliceOutlines, ...]
    volumes: PhaseVolumes


@dataclass(frozen=True, slots=True)
class SegmentedCine:
    """`square` is the window that the network saw, in pixels of the stored picture."""

    square: Square
    diastole: HeartPhase
    systole: HeartPhase
    cavity_ml: tuple[float, ...]
    map_side: int


def scaled(values: Grey) -> Grey:
    """Values of a stack (slices, phases, rows, columns) to 0..1 by its own brightness."""
    least = min(0.0, float(values.min()))
    white = float(np.percentile(values[:, :, ::3, ::3] - least, _BRIGHTEST))
    result: Grey = np.clip((values - least) / max(white, 1e-6), 0, 1).astype(np.float32)
    return result


def find_heart(bundle: LoadedBundle, greys: Grey, pixel_mm: float) -> Square:
    """The window round the heart.

    The heart is what moves: the start is the centre of what changes over the phases in the middle
    slices, the middle of the picture where that finds no ventricle. The network's own outlines
    then centre the window.
    """
    rows, columns = greys.shape[2:]
    side = max(16, round(WINDOW_MM / pixel_mm))
    if side >= max(rows, columns):
        longest = max(rows, columns)
        return Square((rows - longest) // 2, (columns - longest) // 2, longest)
    starts = [_moving_centre(greys, pixel_mm), (rows / 2, columns / 2)]
    seen = [_centred(bundle, greys, start, side) for start in starts]
    return max(seen, key=lambda each: each[1])[0]


def segment(
    bundle: LoadedBundle, greys: Grey, square: Square, cell_ml_of_picture: float
) -> SegmentedCine | None:
    """Outlines and volumes; None where no left ventricle is found in any phase.

    Parameters
    ----------
    greys : (slices, phases, rows, columns) in 0..1, slices along their normal.
    cell_ml_of_picture : volume in mL of one pixel of the stored picture over the slice distance.
    """
    slices, phases = greys.shape[:2]
    maps = np.stack([_maps(bundle, list(greys[index]), square) for index in range(slices)], axis=1)
    side = maps.shape[-1]
    cell_ml = cell_ml_of_picture * (square.side / side) ** 2
    outlines = [outlines_of_phase(maps[phase]) for phase in range(phases)]
    cavity = np.array([[each.areas[CAVITY] for each in phase] for phase in outlines])
    if not cavity.any():
        return None
    present = (cavity > 0).mean(0) >= _PRESENT
    curve = cavity[:, present].sum(1) if present.any() else cavity.sum(1)
    found = [
        HeartPhase(index, tuple(outlines[index]), volumes_of(outlines[index], cell_ml))
        for index in (int(curve.argmax()), int(curve.argmin()))
    ]
    return SegmentedCine(
        square, found[0], found[1], tuple((cavity.sum(1) * cell_ml).tolist()), side
    )


def _maps(bundle: LoadedBundle, greys: list[Grey], square: Square) -> Maps:
    """(pictures, 3, h, w) probabilities of the window of each picture."""
    parts = []
    for start in range(0, len(greys), _BATCH):
        some = greys[start : start + _BATCH]
        batch = np.concatenate([bundle.prepare(square.cut(grey, 0.0)) for grey in some])
        logits = bundle.runtime.predict(batch)[1].astype(np.float32)
        probabilities = (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)
        parts.append(unweighted(probabilities, bundle.info.block.inside_weights))
    return np.concatenate(parts)


def _moving_centre(greys: Grey, pixel_mm: float) -> tuple[float, float]:
    slices = greys.shape[0]
    middle = greys[slices // 4 : max(slices // 4 + 1, slices - slices // 4)]
    motion = ndimage.gaussian_filter(middle.std(1).mean(0), 8.0 / pixel_mm)
    rows, columns = motion.shape
    # Arms, breathing of the chest wall and wrapped tissue move too, but at the edges.
    inner = np.zeros_like(motion)
    top, left = rows // 8, columns // 8
    inner[top : rows - top, left : columns - left] = 1
    strong = motion * inner
    strong[strong < 0.6 * strong.max()] = 0
    if strong.max() <= 0:
        return rows / 2, columns / 2
    y, x = ndimage.center_of_mass(strong)
    return float(y), float(x)


def _centred(
    bundle: LoadedBundle, greys: Grey, start: tuple[float, float], side: int
) -> tuple[Square, float]:
    """A window moved onto the ventricles that the network finds in it, and how many it finds."""
    slices, phases = greys.shape[:2]
    some = [
        greys[min(slices - 1, round(place * slices)), phase]
        for place in (0.35, 0.5, 0.65)
        for phase in dict.fromkeys((0, phases // 2))
    ]
    y, x = start
    square = Square(round(y - side / 2), round(x - side / 2), side)
    found = 0.0
    for _ in range(_ROUNDS):
        maps = _maps(bundle, some, square)
        sure = np.where(maps[:, OUTER] >= 0.5, maps[:, OUTER], 0.0)
        held = sure.sum((1, 2)) > 0.01 * sure[0].size
        found = float(held.sum()) + float(maps[:, CAVITY].max((1, 2)).mean())
        if not held.any():
            break
        both = np.maximum(maps[held][:, OUTER], maps[held][:, 0]).mean(0)
        both[both < 0.3] = 0
        if both.max() <= 0:
            break
        row, column = ndimage.center_of_mass(both)
        scale = side / maps.shape[-1]
        square = Square(
            square.top + round((row + 0.5) * scale - side / 2),
            square.left + round((column + 0.5) * scale - side / 2),
            side,
        )
    return square, found
