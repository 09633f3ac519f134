"""Tests between methods and groups, against statsmodels and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import PermutationMethod, chi2_contingency
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_chisquare

from mediassist.core.operating_point import Rate
from mediassist.statistics.comparison import heterogeneity, holm, mcnemar
from mediassist.statistics.intervals import rate


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_mcnemar_agrees_with_statsmodels(pairs: list[tuple[bool, bool]]) -> None:
    table = np.zeros((2, 2), dtype=int)
    for first, second in pairs:
        table[int(first), int(second)] += 1
    expected = statsmodels_mcnemar(table, exact=True).pvalue
    assert mcnemar(*zip(*pairs, strict=True)) == pytest.approx(expected)


def test_mcnemar_gives_the_published_value() -> None:
    # Fagerland et al. 2013, airway hyper-responsiveness: 1 against 7 discordant, p = 0.0703.
    first = [0] * 1 + [1] * 1 + [0] * 7 + [1] * 12
    second = [0] * 1 + [0] * 1 + [1] * 7 + [1] * 12
    assert mcnemar(first, second) == pytest.approx(0.0703, abs=5e-5)


@settings(max_examples=20)  # statsmodels takes long
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(expected.tolist())


def test_subgroups_that_differ_are_found_and_equal_ones_are_not() -> None:
    assert (heterogeneity([rate(90, 100), rate(60, 100), rate(88, 100)]).p_value or 1) < 1e-5
    assert heterogeneity([rate(80, 100), rate(40, 50), rate(160, 200)]).p_value == pytest.approx(1)


def test_large_groups_are_tested_as_statsmodels_does() -> None:
    groups = [rate(90, 100), rate(60, 100), rate(88, 110)]
    counts = [g.numerator for g in groups]
    expected = proportions_chisquare(counts, [g.denominator for g in groups])[1]
    assert heterogeneity(groups).p_value == pytest.approx(expected)


def test_small_groups_are_named_and_tested_by_permutation() -> None:
    groups = [rate(9, 10), rate(3, 12), rate(50, 80)]
    found = heterogeneity(groups)
    assert found.small_groups == (0, 1)
    assert found.method == "exact by permutation"
    table = np.array([[g.numerator, g.denominator - g.numerator] for g in groups])
    method = PermutationMethod(n_resamples=4999, rng=np.random.default_rng(0))
    expected = chi2_contingency(table, correction=False, method=method).pvalue
    assert found.p_value == pytest.approx(expected, abs=0.005)


def test_one_group_cannot_differ_from_itself() -> None:
    assert heterogeneity([rate(3, 4), rate(0, 0)]).p_value is None
    assert heterogeneity([]).p_value is None


def test_groups_without_any_event_do_not_differ() -> None:
    assert heterogeneity([rate(0, 40), rate(0, 10)]).p_value == 1.0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=5))
def test_the_order_of_groups_hardly_matters(counts: list[tuple[int, int]]) -> None:
    groups: list[Rate] = [rate(a, a + b) for a, b in counts]
    first, second = heterogeneity(groups), heterogeneity(groups[::-1])
    if first.p_value is None:
        assert second.p_value is None
    else:
        assert second.p_value == pytest.approx(first.p_value, abs=0.03)
