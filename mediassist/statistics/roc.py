"""ROC curve, its area with DeLong's variance, and the two figures read off at an end of it.

Sources: Hanley & McNeil, Radiology 143 (1982) 29; DeLong, DeLong & Clarke-Pearson, Biometrics 44
(1988) 837; Sun & Xu, IEEE Signal Process. Lett. 21 (2014) 1389 (fast midranks); Qin & Hotilovac,
Stat. Methods Med. Res. 17 (2008) 207 (logit interval); Obuchowski, Biometrics 53 (1997) 567
(clusters). A case is called positive where its score is at or above the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit, ndtr, ndtri
from scipy.stats import rankdata

from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.estimate import (
    UNDEFINED,
    Estimate,
    FloatArray,
    IndexArray,
    group_numbers,
    labels_and_scores,
)


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Points from (0, 0) to (1, 1), one per distinct score; thresholds fall, the first is inf."""

    thresholds: FloatArray
    false_positive_rate: FloatArray
    sensitivity: FloatArray


@dataclass(frozen=True, slots=True)
class PairedAuc:
    """Two areas on the same cases: `difference` is second minus first."""

    first: float
    second: float
    difference: Estimate
    z: float
    p_value: float


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a positive outscores a negative, ties half.

    NaN where there is no positive or no negative.

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])  # scikit-learn's documented example
    0.75
    >>> auc([0, 1], [0.5, 0.5])
    0.5
    """
    truth, values = labels_and_scores(labels, scores)
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    rank_sum = float(rankdata(values)[truth].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def delong_variance(labels: ArrayLike, scores: ArrayLike) -> float:
    """DeLong's variance of the area; NaN with fewer than two positives or two negatives.

    >>> round(delong_variance([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6]), 6)
    0.024691
    """
    truth, values = labels_and_scores(labels, scores)
    return float(_covariance(truth, [values])[0, 0])


def auc_interval(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    confidence: float = 0.95,
    transform: bool = True,
) -> Estimate:
    """Area with DeLong's interval; with `patients`, Obuchowski's variance for clusters.

    `transform` makes the interval on the logit scale, which keeps it inside 0..1 and covers
    better near 1. An area of exactly 0 or 1 has no variance: its interval comes from the exact
    bound of the smaller group, since "1.000 (1.000-1.000)" of five cases would be a lie.

    >>> interval = auc_interval([0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6])
    >>> round(interval.value, 4), round(interval.low, 3), round(interval.high, 3)
    (0.8889, 0.261, 0.995)
    """
    truth, values = labels_and_scores(labels, scores)
    area = auc(truth, values)
    if np.isnan(area):
        return UNDEFINED
    if patients is None:
        variance = float(_covariance(truth, [values])[0, 0])
    else:
        variance = float(_clustered_covariance(truth, [values], group_numbers(patients))[0, 0])
    smaller = int(min(truth.sum(), (~truth).sum()))
    if np.isnan(variance):
        return Estimate(area, 0.0, 1.0)
    if area in (0.0, 1.0):
        reach = 1.0 - (0.5 - confidence / 2.0) ** (1.0 / smaller)
        return Estimate(area, max(0.0, area - reach), min(1.0, area + reach))
    half = float(ndtri(0.5 + confidence / 2.0)) * variance**0.5
    if not transform:
        return Estimate(area, max(0.0, area - half), min(1.0, area + half))
    half_logit = half / (area * (1.0 - area))
    centre = float(logit(area))
    return Estimate(area, float(expit(centre - half_logit)), float(expit(centre + half_logit)))


def delong_test(
    labels: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    confidence: float = 0.95,
) -> PairedAuc:
    """Are two scores of the same cases equally good? Two-sided paired DeLong test.

    >>> labels = [0, 0, 0, 1, 1, 1]
    >>> test = delong_test(labels, [1, 2, 4, 3, 5, 6], [1, 5, 4, 3, 2, 6])
    >>> round(test.difference.value, 4), 0 < test.p_value < 1
    (-0.3333, True)
    """
    truth, values = labels_and_scores(labels, first)
    _, others = labels_and_scores(labels, second)
    if patients is None:
        covariance = _covariance(truth, [values, others])
    else:
        covariance = _clustered_covariance(truth, [values, others], group_numbers(patients))
    one, two = auc(truth, values), auc(truth, others)
    if np.isnan(one) or np.isnan(covariance).any():
        return PairedAuc(one, two, Estimate(None, -1.0, 1.0), 0.0, 1.0)
    difference = two - one
    variance = max(0.0, float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    # The same ranking twice leaves only rounding errors.
    if variance < 1e-15:
        p_value = 1.0 if abs(difference) < 1e-12 else 0.0
        return PairedAuc(one, two, Estimate(difference, difference, difference), 0.0, p_value)
    z = difference / variance**0.5
    half = float(ndtri(0.5 + confidence / 2.0)) * variance**0.5
    interval = Estimate(difference, max(-1.0, difference - half), min(1.0, difference + half))
    return PairedAuc(one, two, interval, z, 2.0 * float(ndtr(-abs(z))))


def roc_curve(labels: ArrayLike, scores: ArrayLike) -> RocCurve:
    """Every operating point that the scores offer; tied scores are one point.

    >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> curve.false_positive_rate.tolist(), curve.sensitivity.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    truth, values = labels_and_scores(labels, scores)
    order = np.argsort(-values, kind="stable")
    ranked, hits = values[order], truth[order].astype(np.intp)
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1).astype(np.intp)
    if len(ranked) == 0:
        last_of_tie = np.zeros(0, dtype=np.intp)
    true_positives = np.cumsum(hits)[last_of_tie]
    false_positives = last_of_tie + 1 - true_positives
    return RocCurve(
        np.concatenate([[np.inf], ranked[last_of_tie]]),
        _shares(false_positives, int((~truth).sum())),
        _shares(true_positives, int(truth.sum())),
    )


def sensitivity_at_fpr(labels: ArrayLike, scores: ArrayLike, fpr: float = 0.05) -> float:
    """The best sensitivity whose false-positive rate is at most `fpr`; nothing is interpolated.

    >>> sensitivity_at_fpr([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], fpr=0.05)
    0.5
    """
    curve = roc_curve(labels, scores)
    allowed = curve.false_positive_rate <= fpr + 1e-12
    return float(curve.sensitivity[allowed].max()) if allowed.any() else float("nan")


def fpr_at_sensitivity(labels: ArrayLike, scores: ArrayLike, sensitivity: float = 0.95) -> float:
    """The lowest false-positive rate whose sensitivity is at least `sensitivity`.

    >>> fpr_at_sensitivity([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], sensitivity=0.95)
    0.5
    """
    curve = roc_curve(labels, scores)
    allowed = curve.sensitivity >= sensitivity - 1e-12
    return float(curve.false_positive_rate[allowed].min()) if allowed.any() else float("nan")


def auc_bootstrap(
    labels: ArrayLike,
    scores: ArrayLike,
    patients: ArrayLike,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Area with a patient bootstrap interval."""
    truth, values = labels_and_scores(labels, scores)
    return cluster_bootstrap(
        lambda rows: auc(truth[rows], values[rows]),
        patients,
        strata=truth,
        resamples=resamples,
        seed=seed,
    )


def sensitivity_at_fpr_interval(
    labels: ArrayLike,
    scores: ArrayLike,
    patients: ArrayLike,
    fpr: float = 0.05,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Estimate:
    """`sensitivity_at_fpr` with a patient bootstrap interval; each draw finds its threshold."""
    truth, values = labels_and_scores(labels, scores)
    return cluster_bootstrap(
        lambda rows: sensitivity_at_fpr(truth[rows], values[rows], fpr),
        patients,
        strata=truth,
        resamples=resamples,
        seed=seed,
    )


def fpr_at_sensitivity_interval(
    labels: ArrayLike,
    scores: ArrayLike,
    patients: ArrayLike,
    sensitivity: float = 0.95,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Estimate:
    """`fpr_at_sensitivity` with a patient bootstrap interval; each draw finds its threshold."""
    truth, values = labels_and_scores(labels, scores)
    return cluster_bootstrap(
        lambda rows: fpr_at_sensitivity(truth[rows], values[rows], sensitivity),
        patients,
        strata=truth,
        resamples=resamples,
        seed=seed,
    )


def _shares(counts: IndexArray, total: int) -> FloatArray:
    start = np.concatenate([[0.0], counts.astype(np.float64)])
    return start / total if total else np.full_like(start, np.nan)


def _placements(truth: np.ndarray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each positive the share of negatives below it; for each negative of positives above."""
    ranks = rankdata(values)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    of_positives = (ranks[truth] - rankdata(values[truth])) / negatives
    of_negatives = 1.0 - (ranks[~truth] - rankdata(values[~truth])) / positives
    return of_positives, of_negatives


def _covariance(truth: np.ndarray, columns: list[FloatArray]) -> FloatArray:
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if positives < 2 or negatives < 2:
        return np.full((len(columns), len(columns)), np.nan)
    placed = [_placements(truth, column) for column in columns]
    of_positives = np.atleast_2d(np.cov(np.stack([pair[0] for pair in placed])))
    of_negatives = np.atleast_2d(np.cov(np.stack([pair[1] for pair in placed])))
    return np.asarray(of_positives / positives + of_negatives / negatives)


def _clustered_covariance(
    truth: np.ndarray, columns: list[FloatArray], patients: tuple[IndexArray, int]
) -> FloatArray:
    """Obuchowski's sums over patients, who may have positives, negatives or both."""
    positives, negatives = int(truth.sum()), int((~truth).sum())
    numbers, count = patients
    if positives < 2 or negatives < 2:
        return np.full((len(columns), len(columns)), np.nan)
    sums_positive, sums_negative = [], []
    for column in columns:
        of_positives, of_negatives = _placements(truth, column)
        area = float(of_positives.mean())
        sums_positive.append(np.bincount(numbers[truth], of_positives - area, minlength=count))
        sums_negative.append(np.bincount(numbers[~truth], of_negatives - area, minlength=count))
    with_positive = len(np.unique(numbers[truth]))
    with_negative = len(np.unique(numbers[~truth]))
    if with_positive < 2 or with_negative < 2:
        return np.full((len(columns), len(columns)), np.nan)
    ten, one = np.stack(sums_positive), np.stack(sums_negative)
    s10 = ten @ ten.T * with_positive / ((with_positive - 1) * positives)
    s01 = one @ one.T * with_negative / ((with_negative - 1) * negatives)
    s11 = ten @ one.T * count / (count - 1)
    cross = s11 + s11.T
    return np.asarray(s10 / positives + s01 / negatives + cross / (positives * negatives))
