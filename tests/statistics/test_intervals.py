"""Intervals against statsmodels, scipy and Newcombe's published table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from mediassist.statistics.intervals import (
    cases_needed,
    clopper_pearson,
    lower_bound,
    rate,
    upper_bound,
    wilson,
)

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))

# Newcombe, Statistics in Medicine 17 (1998) 857, table I: methods 5 (exact) and 3 (Wilson).
NEWCOMBE = [
    (81, 263, (0.2527, 0.3676), (0.2553, 0.3662)),
    (15, 148, (0.0578, 0.1617), (0.0624, 0.1605)),
    (0, 20, (0.0000, 0.1684), (0.0000, 0.1611)),
    (1, 29, (0.0009, 0.1776), (0.0061, 0.1718)),
]


@pytest.mark.parametrize(("hits", "cases", "exact", "score"), NEWCOMBE)
def test_intervals_agree_with_newcombes_table(
    hits: int, cases: int, exact: tuple[float, float], score: tuple[float, float]
) -> None:
    assert clopper_pearson(hits, cases) == pytest.approx(exact, abs=5.1e-5)
    assert wilson(hits, cases) == pytest.approx(score, abs=5.1e-5)


@given(COUNTS)
def test_intervals_agree_with_statsmodels(counts: tuple[int, int]) -> None:
    hits, cases = counts
    assert clopper_pearson(hits, cases) == pytest.approx(
        proportion_confint(hits, cases, method="beta"), abs=1e-9
    )
    assert wilson(hits, cases) == pytest.approx(
        proportion_confint(hits, cases, method="wilson"), abs=1e-9
    )


@given(COUNTS)
def test_one_sided_bounds_agree_with_scipy(counts: tuple[int, int]) -> None:
    hits, cases = counts
    low = binomtest(hits, cases, alternative="greater").proportion_ci(method="exact").low
    high = binomtest(hits, cases, alternative="less").proportion_ci(method="exact").high
    assert lower_bound(hits, cases) == pytest.approx(low, abs=1e-7)
    assert upper_bound(hits, cases) == pytest.approx(high, abs=1e-7)


@given(COUNTS)
def test_the_interval_of_the_complement_is_the_mirror(counts: tuple[int, int]) -> None:
    hits, cases = counts
    low, high = clopper_pearson(hits, cases)
    assert clopper_pearson(cases - hits, cases) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_the_published_case_numbers_prove_their_targets() -> None:
    assert [cases_needed(errors, 0.01) for errors in range(4)] == [299, 473, 628, 773]
    assert [cases_needed(errors, 0.05) for errors in range(4)] == [59, 93, 124, 153]
    assert [cases_needed(errors, 0.01, 0.975) for errors in range(4)] == [368, 555, 720, 874]


@given(st.integers(0, 30), st.floats(0.002, 0.6))
def test_one_case_fewer_than_needed_does_not_prove_the_target(errors: int, limit: float) -> None:
    needed = cases_needed(errors, limit)
    assert upper_bound(errors, needed) < limit
    assert needed == errors + 1 or upper_bound(errors, needed - 1) >= limit


def test_without_cases_nothing_is_known() -> None:
    empty = rate(0, 0)
    assert (empty.value, empty.low, empty.high) == (None, 0.0, 1.0)
    assert rate(0, 0, method="wilson").high == 1.0


@pytest.mark.parametrize(("hits", "cases"), [(2, 1), (-1, 4)])
def test_impossible_counts_are_refused(hits: int, cases: int) -> None:
    with pytest.raises(ValueError, match="not a proportion"):
        rate(hits, cases)
