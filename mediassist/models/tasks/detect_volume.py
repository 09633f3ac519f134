"""Task kind `detect_volume`: candidates of a chest CT, each with a score, an edge and a size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mediassist.core.geometry import Volume
from mediassist.models.head_crop import Square
from mediassist.models.nodule_candidates import Candidate, diameter_mm, find_candidates
from mediassist.models.runtime import Runtime

_BATCH = 32
_NEIGHBOUR_MM = 2.0  # slices so far above and below are judged too
_APART_MM = 6.0  # two marks nearer than this are one


@dataclass(frozen=True, slots=True)
class Mark:
    """A candidate with its mean logit over three slices and its size (longest, across) in mm."""

    candidate: Candidate
    logit: float
    size_mm: tuple[float, float]


class PatchModel(Protocol):
    """What of a `LoadedBundle` is needed here; training judges whole volumes without a bundle."""

    @property
    def runtime(self) -> Runtime: ...

    def prepare(self, picture: NDArray[Any]) -> NDArray[np.float32]: ...


def score_candidates(
    bundle: PatchModel,
    volume: Volume,
    lungs: NDArray[np.bool_],
    window_hu: tuple[float, float],
    patch_mm: float,
) -> list[Mark]:
    """All marks of a volume in HU, the surest first; of close ones only the surest stays."""
    candidates = find_candidates(volume.array, volume.spacing_mm, lungs)
    logits = _logits(bundle, volume, candidates, window_hu, patch_mm)
    marks: list[Mark] = []
    for position in np.argsort(-logits):
        candidate = candidates[int(position)]
        if any(_distance_mm(candidate, mark, volume.spacing_mm) < _APART_MM for mark in marks):
            continue
        size = diameter_mm(volume.array, candidate, volume.spacing_mm)
        fallback = (candidate.diameter_mm, candidate.diameter_mm)
        marks.append(Mark(candidate, float(logits[position]), size or fallback))
    return marks


def _logits(
    bundle: PatchModel,
    volume: Volume,
    candidates: Sequence[Candidate],
    window_hu: tuple[float, float],
    patch_mm: float,
) -> NDArray[np.float64]:
    """Mean logit (n,) over the slice of a candidate and one above and below."""
    offset = max(1, round(_NEIGHBOUR_MM / volume.spacing_mm[0]))
    side = max(8, round(patch_mm / volume.spacing_mm[1]))
    centre, width = window_hu
    patches = []
    for candidate in candidates:
        section, row, column = (round(value) for value in candidate.index)
        square = Square(row - side // 2, column - side // 2, side)
        for step in (-offset, 0, offset):
            place = min(max(section + step, 0), len(volume.array) - 1)
            raw = square.cut(volume.array[place], -1000.0).astype(np.float32)
            patches.append(np.clip((raw - (centre - width / 2)) / width, 0, 1))
    scores: list[float] = []
    for start in range(0, len(patches), _BATCH):
        batch = np.concatenate([bundle.prepare(each) for each in patches[start : start + _BATCH]])
        scores.extend(bundle.runtime.predict(batch)[0][:, 0].tolist())
    means: NDArray[np.float64] = np.array(scores, np.float64).reshape(-1, 3).mean(1)
    return means


def _distance_mm(candidate: Candidate, mark: Mark, spacing: tuple[float, float, float]) -> float:
    """Distance between the middles, less what lies inside the mark already."""
    apart = (np.array(candidate.index) - np.array(mark.candidate.index)) * np.array(spacing)
    return float(np.linalg.norm(apart)) - max(0.0, mark.size_mm[0] / 2 - _APART_MM / 2)
