"""Do probabilities mean what they say? Brier score, calibration error, reliability curve.

Sources: Brier, Mon. Weather Rev. 78 (1950) 1; Naeini, Cooper & Hauskrecht, AAAI 2015 (expected
calibration error); Nixon et al., CVPR workshops 2019 (bins of equal mass).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mediassist.core.operating_point import Rate
from mediassist.statistics.estimate import BoolArray, FloatArray, labels_and_scores
from mediassist.statistics.intervals import rate


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Cases of one bin: their mean probability against the share that are positive."""

    mean_probability: float
    observed: Rate


def brier(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean squared difference of probability and truth; NaN without cases.

    >>> round(brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]), 4)  # scikit-learn's documented example
    0.0375
    """
    truth, values = _checked(labels, probabilities)
    return float(np.mean((values - truth) ** 2)) if len(values) else float("nan")


def reliability_curve(
    labels: ArrayLike, probabilities: ArrayLike, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Up to `bins` bins with about equally many cases, from low to high; equal values together.

    >>> curve = reliability_curve([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], bins=2)
    >>> [(round(b.mean_probability, 2), b.observed.value) for b in curve]
    [(0.15, 0.0), (0.85, 1.0)]
    """
    truth, values = _checked(labels, probabilities)
    if len(values) == 0:
        return ()
    # Inner edges are observed values, so that ties are never parted whatever the order of rows.
    ranks = (np.arange(1, bins) * len(values)) // bins
    edges = np.unique(np.sort(values)[ranks])
    numbers = np.searchsorted(edges, values, side="right")
    return tuple(
        ReliabilityBin(
            float(values[numbers == number].mean()),
            rate(int(truth[numbers == number].sum()), int((numbers == number).sum())),
        )
        for number in np.unique(numbers)
    )


def expected_calibration_error(
    labels: ArrayLike, probabilities: ArrayLike, bins: int = 10
) -> float:
    """Mean gap between probability and observed share over bins of equal mass; NaN without cases.

    >>> round(expected_calibration_error([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], bins=2), 3)
    0.15
    """
    curve = reliability_curve(labels, probabilities, bins)
    cases = sum(part.observed.denominator for part in curve)
    if cases == 0:
        return float("nan")
    gaps = sum(
        abs(part.mean_probability * part.observed.denominator - part.observed.numerator)
        for part in curve
    )
    return gaps / cases


def _checked(labels: ArrayLike, probabilities: ArrayLike) -> tuple[BoolArray, FloatArray]:
    truth, values = labels_and_scores(labels, probabilities)
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise ValueError("probabilities must lie between 0 and 1")
    return truth, values
