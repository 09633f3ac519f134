"""Rates of one finding with their intervals, one-sided bounds, and refused cases as errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mediassist.audit.columns import Columns
from mediassist.audit.result import RATE_NAMES, AuditOptions, PredictiveValues, RateFigure
from mediassist.core.operating_point import Rate
from mediassist.statistics.estimate import BoolArray, Estimate, IndexArray
from mediassist.statistics.intervals import clopper_pearson, lower_bound, rate, upper_bound
from mediassist.statistics.verdict_rates import (
    CLEARED,
    FLAGGED,
    REFUSED,
    REVIEW,
    VerdictRates,
    verdict_rates,
)

# Rates of which more is better: their one-sided bound is the lower one.
_UPWARD = frozenset(RATE_NAMES) - {"false_negative", "false_positive", "review_load"}

# Above so many units the bootstrap's own noise is small and its time is not.
_MANY_UNITS = 20_000
_RESAMPLES_OF_MANY = 200


@dataclass(frozen=True, slots=True)
class _Interval:
    low: float
    high: float
    bound: float


def unit_rates(columns: Columns, options: AuditOptions) -> tuple[tuple[str, RateFigure], ...]:
    """The headline: counted by unit, but for the review load, which is per case."""
    return _figures(columns, options, columns.unit, clustered=("review_load",))


def case_rates(columns: Columns, options: AuditOptions) -> tuple[tuple[str, RateFigure], ...]:
    """Every case counted by itself; intervals by patient bootstrap where patients have several."""
    rows = np.arange(len(columns.cases), dtype=np.intp)
    return _figures(columns, options, rows, clustered=RATE_NAMES)


def predictive_values(
    detection: Rate, false_positive: Rate, cleared: Rate, missed: Rate, prevalence: float
) -> PredictiveValues:
    """PPV of *flagged* and NPV of *cleared* at a prevalence, by Bayes' rule.

    The interval takes each of the two rates at the unfavourable end of its own exact interval at
    97.5 %, so that both hold at once with at least 95 %: wide, but valid also at 0 and 1.

    >>> values = predictive_values(
    ...     Rate(0.9, 90, 100, 0, 1), Rate(0.05, 5, 100, 0, 1),
    ...     Rate(0.7, 70, 100, 0, 1), Rate(0.0, 0, 100, 0, 1), 0.06)
    >>> round(values.ppv.value, 3), values.npv.value
    (0.535, 1.0)
    """
    return PredictiveValues(
        prevalence,
        _bayes(detection, false_positive, prevalence),
        _bayes(cleared, missed, 1.0 - prevalence),
    )


def _bayes(right: Rate, wrong: Rate, share: float) -> Estimate:
    def value(hits: float, errors: float) -> float | None:
        total = hits * share + errors * (1.0 - share)
        return hits * share / total if total > 0 else None

    if right.value is None or wrong.value is None:
        return Estimate(None, 0.0, 1.0)
    right_low, right_high = clopper_pearson(right.numerator, right.denominator, 0.975)
    wrong_low, wrong_high = clopper_pearson(wrong.numerator, wrong.denominator, 0.975)
    low, high = value(right_low, wrong_high), value(right_high, wrong_low)
    return Estimate(
        value(right.value, wrong.value),
        0.0 if low is None else low,
        1.0 if high is None else high,
    )


def _figures(
    columns: Columns, options: AuditOptions, counted: IndexArray, clustered: tuple[str, ...]
) -> tuple[tuple[str, RateFigure], ...]:
    without = _named(_rates(columns, options, counted, refused_as_errors=False))
    with_errors = _named(_rates(columns, options, counted, refused_as_errors=True))
    drawn, drawn_with = _bootstraps(columns, options, clustered)
    found = []
    for name in RATE_NAMES:
        plain, bound, method = _joined(name, without[name], drawn, options)
        refused, bound_with, _ = _joined(name, with_errors[name], drawn_with, options)
        found.append((name, RateFigure(plain, bound, refused, bound_with, method)))
    return tuple(found)


def _rates(
    columns: Columns, options: AuditOptions, counted: IndexArray, *, refused_as_errors: bool
) -> VerdictRates:
    return verdict_rates(
        counted,
        columns.positive,
        columns.verdict,
        refused_as_errors=refused_as_errors,
        method=options.interval,
    )


def _named(rates: VerdictRates) -> dict[str, tuple[int, int]]:
    """Counts of every rate of interface.md; all follow from the four of product.md."""
    detected, positives = rates.detection.numerator, rates.detection.denominator
    missed, flagged = rates.false_negative.numerator, rates.false_positive.numerator
    cleared, negatives = rates.cleared_yield.numerator, rates.cleared_yield.denominator
    return {
        "detection": (detected, positives),
        "false_negative": (missed, positives),
        "false_positive": (flagged, negatives),
        "review_load": (rates.review_load.numerator, rates.review_load.denominator),
        "cleared_yield": (cleared, negatives),
        "sensitivity_low": (positives - missed, positives),
        "specificity_low": (cleared, negatives),
        "sensitivity_high": (detected, positives),
        "specificity_high": (negatives - flagged, negatives),
        "ppv": (detected, detected + flagged),
        "npv": (cleared, cleared + missed),
    }


def _joined(
    name: str, counts: tuple[int, int], drawn: dict[str, _Interval], options: AuditOptions
) -> tuple[Rate, float, str]:
    """Exact (or Wilson) figures, widened to the bootstrap's where cases depend on each other."""
    plain = rate(*counts, method=options.interval)
    bound = lower_bound(*counts) if name in _UPWARD else upper_bound(*counts)
    wider = drawn.get(name)
    if wider is None:
        return plain, bound, options.interval
    low, high = min(plain.low, wider.low), max(plain.high, wider.high)
    bound = min(bound, wider.bound) if name in _UPWARD else max(bound, wider.bound)
    widened = Rate(plain.value, plain.numerator, plain.denominator, low, high)
    return widened, bound, "cluster_bootstrap"


def _bootstraps(
    columns: Columns, options: AuditOptions, names: tuple[str, ...]
) -> tuple[dict[str, _Interval], dict[str, _Interval]]:
    if columns.units() == len(columns.cases):
        return {}, {}
    refused = columns.verdict == REFUSED
    kept = columns.rows(~refused) if refused.any() else columns
    plain = _cluster_intervals(kept.unit, _masks(kept.positive, kept.verdict), names, options)
    if not refused.any():
        return plain, plain
    as_errors = np.where(columns.positive, CLEARED, FLAGGED)
    verdict = np.where(refused, as_errors, columns.verdict).astype(np.intp)
    masks = _masks(columns.positive, verdict, refused)
    return plain, _cluster_intervals(columns.unit, masks, names, options)


def _masks(
    positive: BoolArray, verdict: IndexArray, refused: BoolArray | None = None
) -> dict[str, tuple[BoolArray, BoolArray]]:
    """(counts, is counted among) of every case for each rate."""
    flagged, cleared = verdict == FLAGGED, verdict == CLEARED
    everything = np.ones(len(positive), dtype=np.bool_)
    review = verdict == REVIEW if refused is None else (verdict == REVIEW) | refused
    return {
        "detection": (positive & flagged, positive),
        "false_negative": (positive & cleared, positive),
        "false_positive": (~positive & flagged, ~positive),
        "review_load": (review, everything),
        "cleared_yield": (~positive & cleared, ~positive),
        "sensitivity_low": (positive & ~cleared, positive),
        "specificity_low": (~positive & cleared, ~positive),
        "sensitivity_high": (positive & flagged, positive),
        "specificity_high": (~positive & ~flagged, ~positive),
        "ppv": (positive & flagged, flagged),
        "npv": (~positive & cleared, cleared),
    }


def _cluster_intervals(
    unit: IndexArray,
    masks: dict[str, tuple[BoolArray, BoolArray]],
    names: tuple[str, ...],
    options: AuditOptions,
) -> dict[str, _Interval]:
    """Percentile intervals of ratios of sums, all from the same draws of units."""
    numbers, count = np.unique(unit, return_inverse=True)[1].reshape(-1), len(np.unique(unit))
    if count == 0:
        return {}
    sums = np.stack(
        [
            np.bincount(numbers, weights=mask, minlength=count)
            for name in names
            for mask in masks[name]
        ],
        axis=1,
    )
    random = np.random.default_rng(options.seed)
    many = count > _MANY_UNITS
    resamples = min(options.resamples, _RESAMPLES_OF_MANY) if many else options.resamples
    drawn = np.empty((resamples, sums.shape[1]))
    for number in range(resamples):
        times = np.bincount(random.integers(count, size=count), minlength=count)
        drawn[number] = times @ sums
    found: dict[str, _Interval] = {}
    for place, name in enumerate(names):
        tops, bottoms = drawn[:, 2 * place], drawn[:, 2 * place + 1]
        shares = tops[bottoms > 0] / bottoms[bottoms > 0]
        if len(shares) == 0:
            continue
        low, high, fifth, rest = np.quantile(shares, [0.025, 0.975, 0.05, 0.95])
        bound = fifth if name in _UPWARD else rest
        found[name] = _Interval(float(low), float(high), float(bound))
    return found
