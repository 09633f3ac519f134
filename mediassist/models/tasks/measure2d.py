"""Task kind `measure2d`: outlines on one picture, and a score that is measured on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.finding import ImageScore, Refusal
from mediassist.core.messages import say
from mediassist.models.loaded import LoadedBundle
from mediassist.models.measures.cardiothoracic import chest_outlines
from mediassist.models.tasks.classify2d import FrameAssessment, assess_frame
from mediassist.statistics.probability import ProbabilityMap

Maps = NDArray[np.float32]


def heart_to_chest(maps: Maps) -> float | None:
    """Cardiothoracic ratio of the maps (heart, lungs); None where they aren't there."""
    found = chest_outlines(maps[0], maps[1])
    return None if found is None else found.ratio


# The measure named in a bundle -> its score from the maps (M, h, w) in 0..1.
SCORES: dict[str, Callable[[Maps], float | None]] = {"cardiothoracic_ratio": heart_to_chest}


def assess_measured(
    bundle: LoadedBundle, sop_instance_uid: str, frame: int, picture: NDArray[Any]
) -> FrameAssessment | Refusal:
    """Run the network and measure; a picture on which nothing can be measured is refused."""
    seen = assess_frame(bundle, sop_instance_uid, frame, picture)
    block = bundle.info.block
    score = SCORES[block.measure or ""](seen.maps)
    if score is None:
        return Refusal(
            say(
                "not_measurable",
                "What has to be measured could not be outlined on the picture.",
            )
        )
    probability_map = ProbabilityMap.from_dict(block.probability_map.model_dump())
    probability = float(probability_map.apply([score])[0])
    return replace(
        seen,
        score=ImageScore(sop_instance_uid, frame, probability, score),
        heat_map=None,
    )
