"""Task kind `classify_slices`: a scan's sections in, a score and an evidence map of each out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediassist.models.head_crop import Square
from mediassist.models.letterbox import Letterbox
from mediassist.models.loaded import LoadedBundle

_BATCH = 8


@dataclass(frozen=True, slots=True)
class SectionAnswer:
    """Logit of one section; `evidence` (h, w) float16 in 0..1 on the square, None without maps."""

    logit: float
    evidence: NDArray[np.float16] | None


def assess_sections(
    bundle: LoadedBundle, greys: Sequence[NDArray[np.float32]], square: Square
) -> list[SectionAnswer]:
    """Run the network on the same square of every section (rows, columns) in 0..1.

    Maps are kept on the network's own grid: 300 maps on the stored grid would take 300 MB.
    """
    answers: list[SectionAnswer] = []
    for start in range(0, len(greys), _BATCH):
        some = greys[start : start + _BATCH]
        batch = np.concatenate([bundle.prepare(square.cut(grey, 0.0)) for grey in some])
        outputs = bundle.runtime.predict(batch)
        for position in range(len(some)):
            evidence = None
            if len(outputs) > 1:
                logits = outputs[1][position, 0].astype(np.float32)
                evidence = (1.0 / (1.0 + np.exp(-logits))).astype(np.float16)
            answers.append(SectionAnswer(float(outputs[0][position, 0]), evidence))
    return answers


def evidence_on_section(
    evidence: NDArray[np.float16], square: Square, shape: tuple[int, int], size: int
) -> NDArray[np.float32]:
    """A map of the square brought onto the section (rows, columns); 0 outside the square.

    `size` is the side of the network's input in pixels.
    """
    box = Letterbox(square.side, square.side, size)
    inside = box.map_to_stored(evidence.astype(np.float32), stride=size // evidence.shape[0])
    whole = np.zeros(shape, np.float32)
    rows, columns = shape
    top, left = max(0, square.top), max(0, square.left)
    bottom, right = min(rows, square.top + square.side), min(columns, square.left + square.side)
    whole[top:bottom, left:right] = inside[
        top - square.top : bottom - square.top, left - square.left : right - square.left
    ]
    return whole
