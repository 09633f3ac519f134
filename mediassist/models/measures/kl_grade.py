"""Kellgren-Lawrence grade as the expected value of an ordinal scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mediassist.core.finding import Measurement
from mediassist.core.vocabulary import Code
from mediassist.models.measures.reading import FrameReading, Measured

# Which step each answer of the network stands for: KL >= 2 (the finding), then 1, 3 and 4.
STEPS = (2, 1, 3, 4)
NAME = "kl_grade_estimate"
METHOD = "expected grade 0 to 4 from the model's chances of KL >= 1 to KL >= 4; not a reading"
# No standard terminology has the expected value; 99 marks a private scheme (PS3.16, chapter 8).
CODE = Code("99MEDIASSIST", "KL-EXPECTED", "Expected Kellgren-Lawrence grade")


def kl_grade(reading: FrameReading) -> Measured:
    """One number from 0 to 4, to a tenth."""
    grade = float(expected_grade(reading.logits[None])[0])
    return Measured((Measurement(NAME, CODE, round(grade, 1), "1", METHOD),))


def expected_grade(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) expected grades of ordinal logits (n, 4) in the order of `STEPS`.

    The sum of P(KL >= k) over k is the expected grade. A higher step can't be likelier than a
    lower one, so each is held down to the lowest before it.
    """
    in_order = logits[:, np.argsort(STEPS)]
    chances = 1.0 / (1.0 + np.exp(-in_order))
    falling: NDArray[np.float64] = np.minimum.accumulate(chances, axis=1)
    total: NDArray[np.float64] = falling.sum(1)
    return total
