"""Task kind `classify2d`: one picture in, one probability and an evidence map out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.finding import HeatMap, ImageScore
from mediassist.models.letterbox import Letterbox
from mediassist.models.loaded import LoadedBundle
from mediassist.statistics.probability import ProbabilityMap


@dataclass(frozen=True, slots=True)
class FrameAssessment:
    """What a classifier says of one frame; `heat_map` is None where the network gives no map.

    `logits` (answers,), `maps` (M, h, w) as probabilities and `letterbox` are for what a bundle
    measures (`models.measures`).
    """

    score: ImageScore
    heat_map: HeatMap | None
    logits: NDArray[np.float64]
    maps: NDArray[np.float32]
    letterbox: Letterbox


def assess_frame(
    bundle: LoadedBundle, sop_instance_uid: str, frame: int, picture: NDArray[Any]
) -> FrameAssessment:
    """Run the network on one display picture (see `loaded.channels_first`).

    The network's first output are the image-level logits (N, answers), the finding first; the
    second, where there is one, the logits of its maps (N, M, h, w) on the letterboxed square, the
    evidence map first.
    """
    prepared = bundle.prepare(picture)
    outputs = bundle.runtime.predict(prepared)
    logits = outputs[0][0].astype(np.float64)
    probability_map = ProbabilityMap.from_dict(bundle.info.block.probability_map.model_dump())
    # Not rounded: at a threshold the last digit decides between cleared and review.
    probability = float(probability_map.apply(logits[:1])[0])
    score = ImageScore(sop_instance_uid, frame, probability, float(logits[0]))
    size = prepared.shape[-1]
    letterbox = bundle.letterbox(picture, size)
    if len(outputs) < 2:
        none = np.zeros((0, 1, 1), np.float32)
        return FrameAssessment(score, None, logits, none, letterbox)
    maps = 1.0 / (1.0 + np.exp(-outputs[1][0].astype(np.float32)))
    values = letterbox.map_to_stored(maps[0], stride=size // maps.shape[-1])
    heat = HeatMap(sop_instance_uid, frame, values)
    return FrameAssessment(score, heat, logits, maps, letterbox)
