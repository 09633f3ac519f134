"""Where t_low and t_high stand so that they promise something about patients not yet seen.

The score of a positive patient is the *lowest* probability of its positive studies (one cleared
study is a miss); of a negative patient the *highest* of its studies. A patient is cleared where
p < t_low and flagged where p >= t_high, exactly as `core.operating_point` decides.

Sources: Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World (2005), chapter 2
(split conformal order statistic); Angelopoulos, Bates, Fisch, Lei & Schuster, Conformal Risk
Control, ICLR 2024; Angelopoulos, Bates, Candes, Jordan & Lei, Learn then Test, Ann. Appl. Stat.
19 (2025) 1641; Vovk, Ann. Math. Artif. Intell. 74 (2015) 9 (cross-conformal); Barber, Candes,
Ramdas & Tibshirani, Ann. Stat. 49 (2021) 486, theorem 4 (its guarantee). All assume that
calibration patients and later ones are exchangeable: another hospital breaks that.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind
from mediassist.statistics.estimate import FloatArray, group_numbers, labels_and_scores

FEWEST_POSITIVES = 30  # below this no cleared band at all (product rule)


def promise_for(positives: int, alpha: float = 0.01, delta: float = 0.05) -> Promise:
    """What so many positive patients can support about misses.

    >>> [promise_for(n).kind.value for n in (29, 30, 99, 298, 299)]
    ['none', 'marginal', 'marginal', 'marginal', 'high_probability']
    >>> round(promise_for(49).alpha, 3), promise_for(99).alpha  # smallest supported, then 1 %
    (0.02, 0.01)
    """
    _check_levels(alpha, delta)
    if positives < FEWEST_POSITIVES:
        return Promise(PromiseKind.NONE, None, None, positives)
    return _promise(positives, alpha, delta)


def low_threshold(
    patient_scores: ArrayLike, alpha: float = 0.01, delta: float = 0.05
) -> tuple[float | None, Promise]:
    """`t_low` from the positive calibration patients, and what it promises.

    Parameters
    ----------
    patient_scores : (n,) lowest probability of each positive patient.
    alpha : tolerated share of positive patients cleared.
    delta : tolerated chance, over calibration draws, that the share is larger (n >= 299 at 1 %).

    Returns
    -------
    The k-th smallest score, so that k - 1 calibration patients are cleared. Marginal:
    k = floor(alpha (n + 1)), expected miss rate of the next patient at most alpha. High
    probability: the largest k with P(Binomial(n, alpha) <= k - 1) <= delta. Ties only make
    either safer. None below 30 patients.

    >>> t_low, promise = low_threshold([i / 200 for i in range(1, 200)])
    >>> t_low, promise.kind.value, promise.n  # 199 patients: the second lowest
    (0.01, 'marginal', 199)
    """
    scores = _probabilities(patient_scores)
    promise = promise_for(len(scores), alpha, delta)
    if promise.kind is PromiseKind.NONE:
        return None, promise
    return float(np.sort(scores)[_rank(promise) - 1]), promise


def low_threshold_from_folds(
    patient_scores: ArrayLike, folds: int, alpha: float = 0.01
) -> tuple[float | None, Promise]:
    """`t_low` from out-of-fold scores of all positive patients (cross-conformal).

    Every patient's score comes from the model of the `folds` models that has not seen the
    patient; the deployed model is their ensemble. t_low is the same order statistic as in the
    marginal method, but the proven level is weaker and is what the promise carries:
    ``2 alpha + min(2 (1 - 1/K) / (n/K + 1), (1 - K/n) / (K + 1))``. The theorem holds for the
    comparison fold by fold; one common threshold and an ensemble stand in for it, so an
    independent audit counts more than this promise.

    >>> t_low, promise = low_threshold_from_folds([i / 1000 for i in range(1, 1000)], folds=5)
    >>> t_low, promise.kind.value, round(promise.alpha, 4)
    (0.01, 'cross_conformal', 0.028)
    """
    scores = _probabilities(patient_scores)
    count = len(scores)
    if folds < 2:
        raise ValueError(f"{folds} folds: at least 2 are needed")
    if count < max(FEWEST_POSITIVES, folds):
        return None, Promise(PromiseKind.NONE, None, None, count)
    level = max(alpha, 1.0 / (count + 1))
    excess = min(
        2.0 * (1.0 - 1.0 / folds) / (count / folds + 1.0),
        (1.0 - folds / count) / (folds + 1.0),
    )
    proven = min(1.0, 2.0 * level + excess)
    t_low = float(np.sort(scores)[_marginal_rank(count, level) - 1])
    return t_low, Promise(PromiseKind.CROSS_CONFORMAL, proven, None, count)


def high_threshold(
    patient_scores: ArrayLike, alpha: float = 0.05, delta: float | None = 0.05
) -> tuple[float, Promise]:
    """`t_high` from the negative calibration patients, and the bound on false positives.

    Parameters
    ----------
    patient_scores : (n,) highest probability of each negative patient.
    alpha : tolerated share of negative patients flagged.
    delta : tolerated chance that the share is larger, where n supports it (n >= 59 at 5 %);
        with fewer, or with None, the bound is marginal (the expected share is at most `alpha`),
        below 19 at the smallest level that n supports.

    Returns
    -------
    The next number above the k-th highest score, so that k - 1 calibration patients are flagged.
    It must be stored with full precision: rounded, it would flag the k-th.

    >>> t_high, promise = high_threshold([i / 100 for i in range(100)])
    >>> 0.98 < t_high < 0.98000001, promise.kind.value  # 1 of 100 flagged
    (True, 'high_probability')
    """
    scores = _probabilities(patient_scores)
    if len(scores) == 0:
        raise ValueError("t_high needs negative patients")
    _check_levels(alpha, delta)
    promise = _promise(len(scores), alpha, delta)
    kth_highest = np.sort(scores)[len(scores) - _rank(promise)]
    return float(np.nextafter(kth_highest, np.inf)), promise


def patient_scores(
    labels: ArrayLike, scores: ArrayLike, patients: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Lowest score of each positive patient and highest of each negative one.

    A patient with any positive row is positive, and its negative rows say nothing here. For
    paired organs name patient and side in `patients`.

    >>> lows, highs = patient_scores([1, 1, 0, 0], [0.9, 0.4, 0.2, 0.3], ["a", "a", "b", "b"])
    >>> lows.tolist(), highs.tolist()
    ([0.4], [0.3])
    """
    truth, values = labels_and_scores(labels, scores)
    numbers, count = group_numbers(patients)
    lowest = np.full(count, np.inf)
    highest = np.full(count, -np.inf)
    np.minimum.at(lowest, numbers[truth], values[truth])
    np.maximum.at(highest, numbers[~truth], values[~truth])
    positive = np.isfinite(lowest)
    return lowest[positive], highest[~positive]


def operating_point(
    labels: ArrayLike,
    probabilities: ArrayLike,
    patients: ArrayLike,
    *,
    alpha: float = 0.01,
    delta: float = 0.05,
    false_positive_alpha: float = 0.05,
    false_positive_delta: float | None = 0.05,
    out_of_fold: int | None = None,
    measured_on: str = "",
) -> tuple[OperatingPoint, Promise]:
    """Both thresholds from calibration rows; the second value is the promise about t_high.

    `out_of_fold` is the number of folds where the probabilities are out-of-fold ones;
    `false_positive_delta` None asks for the marginal bound on false positives. Where the
    classes are so far apart that t_low would lie above t_high, t_low comes down to it: that
    only lowers the miss rate.

    >>> rows = [i / 100 for i in range(100)]
    >>> point, _ = operating_point([0] * 60 + [1] * 40, rows, range(100))
    >>> point.t_low == point.t_high, round(point.t_high, 2)
    (True, 0.59)
    """
    lows, highs = patient_scores(labels, probabilities, patients)
    if out_of_fold is None:
        t_low, promise = low_threshold(lows, alpha, delta)
    else:
        t_low, promise = low_threshold_from_folds(lows, out_of_fold, alpha)
    t_high, bound = high_threshold(highs, false_positive_alpha, false_positive_delta)
    if t_low is not None:
        t_low = min(t_low, t_high)
    return OperatingPoint(t_low, t_high, promise, measured_on=measured_on), bound


def _promise(count: int, alpha: float, delta: float | None) -> Promise:
    if delta is not None and (1.0 - alpha) ** count <= delta:
        return Promise(PromiseKind.HIGH_PROBABILITY, alpha, delta, count)
    return Promise(PromiseKind.MARGINAL, max(alpha, 1.0 / (count + 1)), None, count)


def _rank(promise: Promise) -> int:
    """k of the order statistic, counted from 1."""
    if promise.alpha is None:
        raise ValueError("no promise, no rank")
    if promise.delta is None:
        return _marginal_rank(promise.n, promise.alpha)
    rank = np.arange(1, promise.n + 1)
    kept = bdtr(rank - 1, promise.n, promise.alpha) <= promise.delta
    return int(kept.sum())


def _marginal_rank(count: int, alpha: float) -> int:
    # 0.01 * 100 must be 1, whatever floating point makes of it.
    return min(count, math.floor(alpha * (count + 1) + 1e-9))


def _probabilities(scores: ArrayLike) -> FloatArray:
    values = np.asarray(scores, dtype=np.float64).reshape(-1)
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise ValueError("probabilities must lie between 0 and 1")
    return values


def _check_levels(alpha: float, delta: float | None) -> None:
    if not (0.0 < alpha < 1.0 and (delta is None or 0.0 < delta < 1.0)):
        raise ValueError(f"alpha {alpha} and delta {delta} must lie between 0 and 1")
