"""Rates of one finding with their intervals, one-sided bounds, and refused cases as errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mediassist.audit.columns import Columns
from mediassist.audit.result import RATE_NAMES, AuditOptions, PredictiveValues, RateFigure
from mediassist.core.operating_point import Rate
from mediassist.statistics.estimate import BoolArray, Estimate, FloatArray, IndexArray
from mediassist.statistics.intervals import (
    clopper_pearson,
    lower_bound,
    rate,
    upper_bound,
    wilson,
)
from mediassist.statistics.verdict_rates import (
    CLEARED,
    FLAGGED,
    REFUSED,
    REVIEW,
    patient_verdicts,
)

RateFigures: TypeAlias = tuple[tuple[str, RateFigure], ...]

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


def unit_rates(columns: Columns, options: AuditOptions) -> RateFigures:
    """The headline: counted by unit, but for the review load, which is always per study."""
    studies = columns.by_study()
    return _figures(studies, options, studies.unit)


def study_rates(columns: Columns, options: AuditOptions) -> RateFigures:
    """Every study counted by itself; intervals by patient bootstrap where patients have several."""
    studies = columns.by_study()
    return _figures(studies, options, np.arange(len(studies.unit), dtype=np.intp))


def case_rates(columns: Columns, options: AuditOptions) -> RateFigures:
    """Every case counted by itself; intervals by patient bootstrap where patients have several."""
    return _figures(columns, options, np.arange(len(columns.cases), dtype=np.intp))


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


@dataclass(frozen=True, slots=True)
class _Level:
    """What is counted at one level, and the patient that each thing counted belongs to.

    `verdict` is that of `statistics.verdict_rates`; the review load is counted by study.
    """

    unit: IndexArray
    positive: BoolArray
    verdict: IndexArray
    study_unit: IndexArray
    in_review: BoolArray

    def counts(self) -> dict[str, tuple[int, int]]:
        return {
            name: (int(top.sum()), int(bottom.sum())) for name, (_, top, bottom) in self._masks()
        }

    def sums(self, names: tuple[str, ...]) -> tuple[FloatArray, int]:
        """Numerator and denominator of each rate by unit, (units, 2 rates); and how many units."""
        every = np.unique(np.concatenate([self.unit, self.study_unit]))
        masks = dict(self._masks())
        columns = []
        for name in names:
            unit, top, bottom = masks[name]
            numbers = np.searchsorted(every, unit)
            columns += [np.bincount(numbers, mask, len(every)) for mask in (top, bottom)]
        return np.stack(columns, axis=1), len(every)

    def clustered(self) -> tuple[str, ...]:
        """Rates of which one unit counts several times."""
        names = set()
        if len(np.unique(self.unit)) < len(self.unit):
            names |= set(RATE_NAMES) - {"review_load"}
        if len(np.unique(self.study_unit)) < len(self.study_unit):
            names.add("review_load")
        return tuple(name for name in RATE_NAMES if name in names)

    def _masks(self) -> list[tuple[str, tuple[IndexArray, BoolArray, BoolArray]]]:
        """(unit, counts, is counted among) of each rate; all follow from the five of product.md."""
        positive = self.positive
        flagged, cleared = self.verdict == FLAGGED, self.verdict == CLEARED
        shares = {
            "detection": (positive & flagged, positive),
            "false_negative": (positive & cleared, positive),
            "false_positive": (~positive & flagged, ~positive),
            "cleared_yield": (~positive & cleared, ~positive),
            "sensitivity_low": (positive & ~cleared, positive),
            "specificity_low": (~positive & cleared, ~positive),
            "sensitivity_high": (positive & flagged, positive),
            "specificity_high": (~positive & ~flagged, ~positive),
            "ppv": (positive & flagged, flagged),
            "npv": (~positive & cleared, cleared),
        }
        found = [(name, (self.unit, top, bottom)) for name, (top, bottom) in shares.items()]
        studies = np.ones(len(self.in_review), dtype=np.bool_)
        return [*found, ("review_load", (self.study_unit, self.in_review, studies))]


def _figures(columns: Columns, options: AuditOptions, counted: IndexArray) -> RateFigures:
    without = _level(columns, counted, refused_as_errors=False)
    with_errors = _level(columns, counted, refused_as_errors=True)
    drawn = _intervals(without, options)
    drawn_with = (
        drawn if not (columns.verdict == REFUSED).any() else _intervals(with_errors, options)
    )
    counts, counts_with = without.counts(), with_errors.counts()
    found = []
    for name in RATE_NAMES:
        plain, bound, method = _joined(name, counts[name], drawn, options)
        refused, bound_with, _ = _joined(name, counts_with[name], drawn_with, options)
        exact, score = clopper_pearson(*counts[name]), wilson(*counts[name])
        found.append((name, RateFigure(plain, bound, refused, bound_with, method, exact, score)))
    return tuple(found)


def _level(columns: Columns, counted: IndexArray, *, refused_as_errors: bool) -> _Level:
    """Cases joined by `counted` as product.md says: see `statistics.verdict_rates`.

    Refused cases are left out, or a positive one is cleared and a negative one flagged.
    """
    truth, refused = columns.positive, columns.verdict == REFUSED
    if refused_as_errors:
        verdict = np.where(refused, np.where(truth, CLEARED, FLAGGED), columns.verdict)
        kept = np.ones(len(truth), dtype=np.bool_)
    else:
        verdict = columns.verdict
        # Whether a unit is positive is known from all of its cases, also the refused.
        kept = ~refused & (truth | ~np.isin(counted, counted[truth]))
    _, first = np.unique(counted[kept], return_index=True)
    positive, joined = patient_verdicts(counted[kept], truth[kept], verdict[kept])
    return _Level(
        columns.patient[kept][first],
        positive,
        joined,
        *_reviews(columns, refused, refused_as_errors),
    )


def _reviews(
    columns: Columns, refused: BoolArray, refused_as_errors: bool
) -> tuple[IndexArray, BoolArray]:
    """Patient of each study, and whether a person must look at it.

    So it is where nothing in it is flagged, and something is in review (or refused, where that
    counts as an error).
    """
    kept = np.ones(len(refused), dtype=np.bool_) if refused_as_errors else ~refused
    studies, first, numbers = np.unique(columns.study[kept], return_index=True, return_inverse=True)
    alarm = np.where(refused, REVIEW, columns.verdict)[kept]
    highest = np.zeros(len(studies), dtype=np.intp)
    np.maximum.at(highest, numbers.reshape(-1), alarm)
    return columns.patient[kept][first], np.asarray(highest == REVIEW)


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


def _intervals(level: _Level, options: AuditOptions) -> dict[str, _Interval]:
    """Percentile intervals of ratios of sums, all from the same draws of units."""
    names = level.clustered()
    if not names:
        return {}
    sums, count = level.sums(names)
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
