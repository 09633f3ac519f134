"""The rates of product.md from verdicts: what a hospital meets of 95 / 1 / 5.

A positive patient stands where its *least* alarming positive study stands (cleared before review
before flagged): one cleared study is a miss. A negative patient stands where its *most* alarming
study stands. Negative studies of a positive patient count in the review load alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mediassist.core.operating_point import Rate
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.estimate import IndexArray, group_numbers
from mediassist.statistics.intervals import IntervalMethod, rate

# In rising alarm; refused are both that cannot say anything.
CLEARED, REVIEW, FLAGGED, REFUSED = 0, 1, 2, 3
_NUMBER = {
    Verdict.CLEARED: CLEARED,
    Verdict.REVIEW: REVIEW,
    Verdict.FLAGGED: FLAGGED,
    Verdict.NOT_APPLICABLE: REFUSED,
    Verdict.FAILED: REFUSED,
}


@dataclass(frozen=True, slots=True)
class VerdictRates:
    """Rates per patient, but the review load, which is per study (see product.md)."""

    detection: Rate
    false_negative: Rate
    false_positive: Rate
    review_load: Rate
    cleared_yield: Rate


def verdict_numbers(verdicts: Sequence[Verdict] | Sequence[str]) -> IndexArray:
    """Verdicts as numbers in rising alarm: 0 cleared, 1 review, 2 flagged, 3 refused.

    >>> verdict_numbers(["cleared", "flagged", "failed"]).tolist()
    [0, 2, 3]
    """
    return np.array([_NUMBER[Verdict(verdict)] for verdict in verdicts], dtype=np.intp)


def verdicts_at(probabilities: ArrayLike, t_low: float | None, t_high: float) -> IndexArray:
    """The numbers that `OperatingPoint.verdict` would give, for a whole column.

    >>> verdicts_at([0.1, 0.2, 0.8], t_low=0.2, t_high=0.8).tolist()
    [0, 1, 2]
    """
    values = np.asarray(probabilities, dtype=np.float64)
    cleared = np.zeros(values.shape, np.bool_) if t_low is None else values < t_low
    numbers = np.where(values >= t_high, FLAGGED, np.where(cleared, CLEARED, REVIEW))
    return numbers.astype(np.intp)


def patient_verdicts(
    patients: ArrayLike, labels: ArrayLike, numbers: ArrayLike
) -> tuple[NDArray[np.bool_], IndexArray]:
    """``(positive?, verdict number)`` of every patient, in the order of their sorted names.

    >>> patient_verdicts(["a", "a", "b"], [1, 1, 0], [FLAGGED, CLEARED, REVIEW])[1].tolist()
    [0, 1]
    """
    truth = np.asarray(labels).astype(np.bool_)
    verdicts = np.asarray(numbers, dtype=np.intp)
    groups, count = group_numbers(patients)
    lowest = np.full(count, REFUSED + 1, dtype=np.intp)
    highest = np.full(count, -1, dtype=np.intp)
    np.minimum.at(lowest, groups[truth], verdicts[truth])
    np.maximum.at(highest, groups[~truth], verdicts[~truth])
    positive = lowest <= REFUSED
    return positive, np.where(positive, lowest, highest).astype(np.intp)


def verdict_rates(
    patients: ArrayLike,
    labels: ArrayLike,
    numbers: ArrayLike,
    *,
    refused_as_errors: bool = False,
    method: IntervalMethod = "exact",
) -> VerdictRates:
    """Every rate with its counts and interval.

    Parameters
    ----------
    patients, labels : (n,) unit of counting and truth of each study (or image).
    numbers : (n,) from `verdict_numbers` or `verdicts_at`.
    refused_as_errors : count a refused positive as cleared (a miss), a refused negative as
        flagged, a refused study as one to review; otherwise refused studies are left out.

    >>> verdicts = [FLAGGED, FLAGGED, CLEARED, CLEARED, REFUSED]
    >>> rates = verdict_rates(["a", "b", "b", "c", "d"], [1, 1, 1, 0, 0], verdicts)
    >>> rates.detection.value, rates.false_negative.value, rates.cleared_yield.denominator
    (0.5, 0.5, 1)
    """
    truth = np.asarray(labels).astype(np.bool_)
    verdicts = np.asarray(numbers, dtype=np.intp)
    names = np.asarray(patients)
    refused = verdicts == REFUSED
    if refused_as_errors:
        judged = np.where(refused, np.where(truth, CLEARED, FLAGGED), verdicts)
        in_review, studies = int(((verdicts == REVIEW) | refused).sum()), len(verdicts)
    else:
        in_review, studies = int((verdicts == REVIEW).sum()), int((~refused).sum())
        # Whether a patient is positive is known from all of its studies, also the refused.
        positive_patients = np.isin(names, np.unique(names[truth]))
        kept = ~refused & (truth | ~positive_patients)
        names, truth, judged = names[kept], truth[kept], verdicts[kept]
    positive, verdict = patient_verdicts(names, truth, judged)
    of_positives, of_negatives = verdict[positive], verdict[~positive]

    def share(among: IndexArray, number: int) -> Rate:
        return rate(int((among == number).sum()), len(among), method=method)

    return VerdictRates(
        detection=share(of_positives, FLAGGED),
        false_negative=share(of_positives, CLEARED),
        false_positive=share(of_negatives, FLAGGED),
        review_load=rate(in_review, studies, method=method),
        cleared_yield=share(of_negatives, CLEARED),
    )
