"""What a reader is told of thresholds and rates."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.operating_point import Promise, PromiseKind, Rate
from mediassist.report.plain_words import (
    bundle_remarks,
    decimals,
    lower_threshold_words,
    measured_words,
    percent,
    rate_words,
)
from mediassist.text import words
from tests.report.studies import POINT, bundle, flagged

EN = words("en")


def test_the_promise_names_confidence_only_where_it_has_one() -> None:
    strong = lower_threshold_words(POINT, EN)
    assert "at most 1 through unseen. This is promised with 95 % confidence, on 412" in strong
    marginal = replace(POINT, promise=Promise(PromiseKind.MARGINAL, 0.015, None, 120))
    assert "at most 1.5 through unseen on average" in lower_threshold_words(marginal, EN)
    cross = replace(POINT, promise=Promise(PromiseKind.CROSS_CONFORMAL, 0.01, None, 120))
    assert "weak" in lower_threshold_words(cross, EN)


@pytest.mark.parametrize(
    "promise", [Promise(PromiseKind.NONE, None, None, 0), Promise(PromiseKind.NONE, 0.01, None, 5)]
)
def test_a_threshold_without_promise_says_so(promise: Promise) -> None:
    said = lower_threshold_words(replace(POINT, promise=promise), EN)
    assert "No promise" in said


def test_a_model_that_cannot_clear_says_so() -> None:
    assert "no lower threshold" in lower_threshold_words(replace(POINT, t_low=None), EN)
    shy = flagged(bundle=bundle("fracture", "bone", marks_only=True, experimental=True))
    assert len(bundle_remarks(shy, EN)) == 2


def test_a_rate_without_cases_is_not_a_number() -> None:
    assert rate_words(Rate(None, 0, 0, 0.0, 1.0), EN) == "not measured (no such cases)"


def test_rates_name_the_data_they_were_measured_on() -> None:
    lines = measured_words(POINT, EN)
    assert lines[0] == "Measured on: held-out test patients of the training sources."
    assert lines[2].startswith("False-negative rate: 0.7 % (3 of 406;")


@given(st.floats(0, 1))
def test_a_probability_reads_as_0_or_1_only_where_it_is(value: float) -> None:
    text = decimals(value)
    assert (float(text.strip("<>")) in (0.0, 1.0)) == (value in (0.0, 1.0))


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0"), (0.0074, "0.7"), (0.52, "52"), (0.995, "99.5"), (1.0, "100")]
)
def test_percentages_keep_a_decimal_where_misses_are_counted(share: float, text: str) -> None:
    assert percent(share) == text
