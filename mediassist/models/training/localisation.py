"""Does a map point, and how well do outlines fit: measured where masks or boxes are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.models.training.sample import Sample
from mediassist.statistics.froc import dice, mask_iou, pointing_hit
from mediassist.statistics.intervals import rate

POINTS_FROM = 0.6  # a map is shown where it hits this share of the held-out fold's lesions
_LEVELS = tuple(round(0.05 * step, 2) for step in range(2, 17))


def coarse(mask: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """A target (S, S) on the map's grid: cells of which at least half is marked."""
    factor = mask.shape[0] // side
    blocks = mask.reshape(side, factor, side, factor).mean((1, 3))
    result: NDArray[np.bool_] = blocks >= 0.5
    return result


def marked(
    samples: Sequence[Sample], map_index: int, side: int
) -> list[tuple[int, NDArray[np.bool_]]]:
    """Positions of samples with a marked lesion, each with its target on the map's grid.

    A lesion smaller than half a cell keeps the cells that it touches most.
    """
    found = []
    for position, sample in enumerate(samples):
        target = sample.targets[map_index]
        if target.any():
            cells = coarse(target, side)
            if not cells.any():
                factor = target.shape[0] // side
                share = target.reshape(side, factor, side, factor).mean((1, 3))
                cells = share >= share.max()
            found.append((position, cells))
    return found


def outline_level(
    samples: Sequence[Sample], probabilities: NDArray[np.float16], map_index: int
) -> tuple[float, float]:
    """Outline threshold with the best mean IoU on these samples, and the pointing hit rate.

    `probabilities` (n, h, w). (0.5, 0.0) where no sample is marked.
    """
    truths = marked(samples, map_index, probabilities.shape[-1])
    if not truths:
        return 0.5, 0.0
    hits = [pointing_hit(probabilities[i], truth) for i, truth in truths]
    means = [
        np.mean([mask_iou(probabilities[i] >= level, truth) for i, truth in truths])
        for level in _LEVELS
    ]
    return _LEVELS[int(np.argmax(means))], float(np.mean(hits))


def evidence_figures(
    samples: Sequence[Sample],
    probabilities: NDArray[np.float16],
    map_index: int,
    level: float,
) -> dict[str, Any]:
    """Pointing game and IoU of an evidence map on marked samples."""
    truths = marked(samples, map_index, probabilities.shape[-1])
    if not truths:
        return {"Pictures with marked lesions": 0}
    hits = [pointing_hit(probabilities[i], truth) for i, truth in truths]
    overlaps = [mask_iou(probabilities[i] >= level, truth) for i, truth in truths]
    return {
        "Pointing game, hottest point inside a marked lesion": asdict(
            rate(int(np.sum(hits)), len(hits))
        ),
        "Mean IoU of the outline with marked lesions": round(float(np.mean(overlaps)), 3),
        "Pictures with marked lesions": len(truths),
    }


def outline_figures(
    samples: Sequence[Sample], probabilities: NDArray[np.float16], map_index: int, name: str
) -> dict[str, Any]:
    """Dice of an organ's outline on samples where it is drawn (on the map's grid)."""
    side = probabilities.shape[-1]
    scores = [
        dice(probabilities[i] >= 0.5, coarse(sample.targets[map_index], side))
        for i, sample in enumerate(samples)
        if sample.targets[map_index].any() and sample.known[map_index].any()
    ]
    if not scores:
        return {}
    return {
        f"Dice of {name}": round(float(np.mean(scores)), 3),
        f"Pictures with {name}": len(scores),
    }
