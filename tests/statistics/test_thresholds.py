"""Thresholds keep their promises: simulated calibrations, counted exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.thresholds import (
    high_threshold,
    low_threshold,
    low_threshold_from_folds,
    operating_point,
    patient_scores,
    promise_for,
)

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=400)


def none() -> Promise:
    return Promise(PromiseKind.NONE, None, None, 0)


def test_the_rule_by_number_of_positive_patients() -> None:
    kinds = {n: promise_for(n) for n in (0, 29, 30, 98, 99, 298, 299, 5000)}
    assert [p.kind.value for p in kinds.values()] == [
        *("none", "none", "marginal", "marginal"),
        *("marginal", "marginal", "high_probability", "high_probability"),
    ]
    assert kinds[30].alpha == pytest.approx(1 / 31)
    assert kinds[98].alpha == pytest.approx(1 / 99)
    assert kinds[99].alpha == 0.01
    assert (kinds[299].alpha, kinds[299].delta) == (0.01, 0.05)
    assert all(promise.n == n for n, promise in kinds.items())


def test_under_thirty_positive_patients_nothing_is_cleared() -> None:
    t_low, promise = low_threshold(np.linspace(0.2, 0.9, 29))
    assert t_low is None
    assert OperatingPoint(t_low, 0.9, promise).verdict(0.0) is Verdict.REVIEW


@pytest.mark.parametrize(("patients", "cleared"), [(30, 0), (99, 0), (199, 1), (298, 1), (299, 0)])
def test_so_many_calibration_patients_lie_below_t_low(patients: int, cleared: int) -> None:
    scores = np.random.default_rng(0).permutation(np.linspace(0.1, 0.9, patients))
    t_low, _ = low_threshold(scores)
    assert t_low is not None
    assert int((scores < t_low).sum()) == cleared


@given(st.integers(299, 3000))
def test_the_exact_binomial_rank_is_the_largest_that_is_allowed(patients: int) -> None:
    scores = (np.arange(patients) + 1) / (patients + 1)
    t_low, _ = low_threshold(scores)
    assert t_low is not None
    missed = int((scores < t_low).sum())
    assert binom.cdf(missed, patients, 0.01) <= 0.05 < binom.cdf(missed + 1, patients, 0.01)


def test_the_marginal_promise_holds_on_the_average_of_calibrations() -> None:
    # The true miss rate at the k-th of n uniform scores is the score itself.
    random = np.random.default_rng(1)
    misses = [low_threshold(random.random(99))[0] for _ in range(4000)]
    assert np.mean(misses) == pytest.approx(0.01, abs=4 * 0.01 / 4000**0.5)


@pytest.mark.parametrize("patients", [299, 628, 1000])
def test_the_high_probability_promise_is_broken_in_at_most_5_percent(patients: int) -> None:
    random = np.random.default_rng(patients)
    broken = sum((low_threshold(random.random(patients))[0] or 0) > 0.01 for _ in range(1000))
    assert binomtest(broken, 1000, 0.05, alternative="greater").pvalue > 0.001


def test_ties_and_rounding_only_make_a_promise_safer() -> None:
    random = np.random.default_rng(2)
    broken = 0
    for _ in range(1000):
        t_low, _ = low_threshold(np.floor(random.random(299) * 50) / 50)
        # Rounded down to 1/50, the true share below t_low is t_low itself.
        broken += (t_low or 0.0) > 0.01
    assert binomtest(broken, 1000, 0.05, alternative="greater").pvalue > 0.001


def test_the_false_positive_bound_is_broken_in_at_most_5_percent() -> None:
    random = np.random.default_rng(3)
    broken = sum(1 - high_threshold(random.random(150))[0] > 0.05 for _ in range(1000))
    assert binomtest(broken, 1000, 0.05, alternative="greater").pvalue > 0.001


@given(SCORES)
def test_thresholds_count_as_the_operating_point_decides(scores: list[float]) -> None:
    t_high, bound = high_threshold(scores)
    t_low, _ = low_threshold(scores)
    point = OperatingPoint(t_low, t_high, none())
    flagged = sum(score >= t_high for score in scores)
    assert flagged <= 0.05 * (len(scores) + 1)
    assert bound.n == len(scores)
    verdicts = [point.verdict(score) for score in scores]
    assert verdicts.count(Verdict.FLAGGED) == flagged
    if t_low is not None and t_low <= t_high:
        assert verdicts.count(Verdict.CLEARED) == sum(score < t_low for score in scores)


@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_patients_changes_no_threshold(scores: list[float], random: object) -> None:
    shuffled = list(scores)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert low_threshold(scores) == low_threshold(shuffled)
    assert high_threshold(scores) == high_threshold(shuffled)


def test_all_tied_patients_are_never_cleared_and_never_flagged() -> None:
    t_low, _ = low_threshold([0.5] * 400)
    t_high, _ = high_threshold([0.5] * 400)
    assert t_low == 0.5  # p < t_low: the tied patients stay
    assert t_high > 0.5


def test_one_negative_patient_gives_the_weakest_bound() -> None:
    t_high, bound = high_threshold([0.7])
    assert t_high > 0.7
    assert (bound.kind, bound.alpha) == (PromiseKind.MARGINAL, 0.5)
    with pytest.raises(ValueError, match="negative patients"):
        high_threshold([])


def test_out_of_fold_scores_carry_the_weaker_proven_level() -> None:
    t_low, promise = low_threshold_from_folds(np.linspace(0, 1, 400), folds=5)
    assert t_low == pytest.approx(3 / 399)
    # Barber et al. 2021, theorem 4: 2 alpha + min(2(1-1/K)/(n/K+1), (1-K/n)/(K+1)).
    assert promise.alpha == pytest.approx(0.02 + 1.6 / 81)
    assert (promise.kind, promise.n) == (PromiseKind.CROSS_CONFORMAL, 400)
    assert low_threshold_from_folds(np.linspace(0, 1, 29), folds=5)[0] is None


def test_the_worst_study_decides_for_a_positive_patient() -> None:
    lows, highs = patient_scores(
        [1, 0, 1, 0, 0], [0.8, 0.99, 0.3, 0.1, 0.4], ["a", "a", "a", "b", "b"]
    )
    assert (lows.tolist(), highs.tolist()) == ([0.3], [0.4])


def test_an_operating_point_counts_patients_not_images() -> None:
    labels = np.repeat([1, 0], (300, 300))
    patients = np.concatenate([np.repeat(np.arange(30), 10), 100 + np.repeat(np.arange(30), 10)])
    probabilities = np.linspace(1, 0, 600)
    point, bound = operating_point(labels, probabilities, patients, measured_on="calib")
    assert (point.promise.n, bound.n) == (30, 30)
    assert point.promise.alpha == pytest.approx(1 / 31)
    assert point.t_low is not None
    assert point.t_low <= point.t_high
    assert point.measured_on == "calib"


@pytest.mark.parametrize("scores", [[-0.1], [1.2], [float("nan")]])
def test_what_is_no_probability_is_refused(scores: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        low_threshold(scores)
    with pytest.raises(ValueError, match="between 0 and 1"):
        high_threshold(scores)


def test_a_marginal_bound_on_false_positives_flags_more_and_keeps_its_expectation() -> None:
    random = np.random.default_rng(12)
    scores = random.random(125)
    marginal, promise = high_threshold(scores, delta=None)
    assert promise.kind is PromiseKind.MARGINAL
    assert marginal < high_threshold(scores)[0]
    shares = [1 - high_threshold(random.random(125), delta=None)[0] for _ in range(2000)]
    assert 0.044 < float(np.mean(shares)) <= 0.051
