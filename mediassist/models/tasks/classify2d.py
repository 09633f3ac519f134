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
    """What a classifier says of one frame; `heat_map` is None where the network gives no map."""

    score: ImageScore
    heat_map: HeatMap | None


def assess_frame(
    bundle: LoadedBundle, sop_instance_uid: str, frame: int, picture: NDArray[Any]
) -> FrameAssessment:
    """Run the network on one display picture (see `loaded.channels_first`).

    The network's first output is the image-level logit (N, 1), the second, where there is one, the
    logits of the evidence map (N, 1, h, w) on the letterboxed square.
    """
    prepared = bundle.prepare(picture)
    outputs = bundle.runtime.predict(prepared)
    logit = float(outputs[0][0, 0])
    probability_map = ProbabilityMap.from_dict(bundle.info.block.probability_map.model_dump())
    # Not rounded: at a threshold the last digit decides between cleared and review.
    probability = float(probability_map.apply([logit])[0])
    score = ImageScore(sop_instance_uid, frame, probability, logit)
    if len(outputs) < 2:
        return FrameAssessment(score, None)
    size = prepared.shape[-1]
    evidence = 1.0 / (1.0 + np.exp(-outputs[1][0, 0].astype(np.float32)))
    letterbox = Letterbox(picture.shape[0], picture.shape[1], size)
    values = letterbox.map_to_stored(evidence, stride=size // evidence.shape[-1])
    return FrameAssessment(score, HeatMap(sop_instance_uid, frame, values))
