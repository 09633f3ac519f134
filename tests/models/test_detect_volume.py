"""From candidates to marks, with a model that knows what a nodule is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.geometry import Volume
from mediassist.models.nodule_candidates import lung_mask
from mediassist.models.tasks.detect_volume import score_candidates
from tests.analysis.scan_builder import chest

SPACING = (2.0, 3.0, 3.0)


class BrightMiddle:
    """The brighter the middle and the darker the rim of a patch, the surer."""

    name = "bright middle"

    @property
    def runtime(self) -> BrightMiddle:
        return self

    def prepare(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        return picture[None, None].astype(np.float32)

    def predict(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        middle = batch.shape[2] // 2
        rim = np.concatenate([batch[:, 0, 0], batch[:, 0, -1], batch[:, 0, :, 0]], 1).mean(1)
        return (20 * (batch[:, :, middle, middle] - rim[:, None]),)


def test_the_ball_is_the_surest_mark_and_stands_there_once() -> None:
    array = chest(nodule_mm=12.0)
    lungs = lung_mask(array, SPACING)
    assert lungs is not None
    volume = Volume(array, np.eye(4), SPACING)
    marks = score_candidates(BrightMiddle(), volume, lungs, (-300.0, 1400.0), 35.0)
    middle = np.array([30, 48, 28.8]) * SPACING
    away = [np.linalg.norm(np.array(m.candidate.index) * SPACING - middle) for m in marks]
    assert away[0] < 5
    assert sum(each < 6 for each in away) == 1
    assert abs(marks[0].size_mm[0] - 12.0) < 4.5
