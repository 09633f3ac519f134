"""Calibration figures against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from mediassist.statistics.calibration import (
    brier,
    expected_calibration_error,
    reliability_curve,
)

ROWS = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=80)


@given(ROWS)
def test_brier_agrees_with_scikit_learn(rows: list[tuple[bool, float]]) -> None:
    labels, values = [r[0] for r in rows], [r[1] for r in rows]
    assert brier(labels, values) == pytest.approx(brier_score_loss(labels, values), abs=1e-12)


def test_the_curve_agrees_with_scikit_learns_quantile_bins() -> None:
    random = np.random.default_rng(0)
    values = random.permutation((np.arange(200) + 0.5) / 200)
    labels = random.random(200) < values
    curve = reliability_curve(labels, values, bins=10)
    observed, predicted = calibration_curve(labels, values, n_bins=10, strategy="quantile")
    assert [part.observed.value for part in curve] == pytest.approx(observed)
    assert [part.mean_probability for part in curve] == pytest.approx(predicted)
    by_hand = np.mean(np.abs(observed - predicted))
    assert expected_calibration_error(labels, values) == pytest.approx(by_hand)


@given(ROWS, st.randoms(use_true_random=False))
def test_ties_are_never_parted_whatever_the_order(
    rows: list[tuple[bool, float]], random: object
) -> None:
    rounded = [(label, round(value, 1)) for label, value in rows]
    shuffled = list(rounded)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = expected_calibration_error([r[0] for r in rounded], [r[1] for r in rounded])
    second = expected_calibration_error([r[0] for r in shuffled], [r[1] for r in shuffled])
    assert first == pytest.approx(second, abs=1e-12)


@given(ROWS)
def test_the_bins_hold_every_case_once(rows: list[tuple[bool, float]]) -> None:
    labels, values = [r[0] for r in rows], [r[1] for r in rows]
    curve = reliability_curve(labels, values)
    assert sum(part.observed.denominator for part in curve) == len(rows)
    assert sum(part.observed.numerator for part in curve) == sum(labels)


def test_one_probability_for_all_is_one_bin() -> None:
    (only,) = reliability_curve([0, 1, 1, 0], [0.5] * 4)
    assert (only.mean_probability, only.observed.value) == (0.5, 0.5)
    assert expected_calibration_error([0, 1, 1, 0], [0.5] * 4) == 0.0


def test_without_cases_there_is_no_figure() -> None:
    assert np.isnan(brier([], []))
    assert np.isnan(expected_calibration_error([], []))
    assert reliability_curve([], []) == ()
