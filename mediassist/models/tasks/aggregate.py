"""From the scores of many frames to one score of the study."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

RULES = ("max", "mean_of_top_2", "mean_of_top_3", "mean_of_top_5")


def aggregate(rule: str, logits: ArrayLike) -> float:
    """One logit of a study from those of its frames.

    A mean over the few highest frames is steadier than the maximum: one bad frame among thirty
    no longer decides, and a real lesion shows on neighbouring slices.

    >>> aggregate("mean_of_top_2", [-3.0, 1.0, 2.0])
    1.5

    Raises
    ------
    ValueError
        If the rule is unknown or there is no frame.
    """
    values = np.sort(np.asarray(logits, np.float64).reshape(-1))[::-1]
    if rule not in RULES or values.size == 0:
        raise ValueError(f"no study score by {rule!r} of {values.size} frames")
    count = 1 if rule == "max" else int(rule.rpartition("_")[2])
    return float(values[:count].mean())
