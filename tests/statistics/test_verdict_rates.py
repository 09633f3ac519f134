"""The rates of product.md, counted by hand and against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.verdict_rates import (
    verdict_numbers,
    verdict_rates,
    verdicts_at,
)

ROW = st.tuples(st.integers(0, 8), st.booleans(), st.sampled_from(list(Verdict)))
ROWS = st.lists(ROW, max_size=40)


def rates(rows: list[tuple[int, bool, Verdict]], **options: bool) -> dict[str, tuple[int, int]]:
    found = verdict_rates(
        np.array([r[0] for r in rows], dtype=int),
        np.array([r[1] for r in rows], dtype=bool),
        verdict_numbers([r[2] for r in rows]),
        **options,
    )
    return {
        name: (getattr(found, name).numerator, getattr(found, name).denominator)
        for name in found.__dataclass_fields__
    }


def by_hand(rows: list[tuple[int, bool, Verdict]], as_errors: bool) -> dict[str, tuple[int, int]]:
    """The definitions of product.md, one patient after the other."""
    refused = (Verdict.NOT_APPLICABLE, Verdict.FAILED)
    count = dict.fromkeys(("detected", "missed", "positives", "false", "cleared", "negatives"), 0)
    for patient in {r[0] for r in rows}:
        own = [r for r in rows if r[0] == patient]
        positive = any(r[1] for r in own)
        verdicts = [r[2] for r in own if r[1] == positive]
        if as_errors:
            worst = Verdict.CLEARED if positive else Verdict.FLAGGED
            verdicts = [worst if v in refused else v for v in verdicts]
        verdicts = [v for v in verdicts if v not in refused]
        if not verdicts:
            continue
        if positive:
            count["positives"] += 1
            count["missed"] += Verdict.CLEARED in verdicts
            count["detected"] += all(v is Verdict.FLAGGED for v in verdicts)
        else:
            count["negatives"] += 1
            count["false"] += Verdict.FLAGGED in verdicts
            count["cleared"] += all(v is Verdict.CLEARED for v in verdicts)
    studies = [r[2] for r in rows if as_errors or r[2] not in refused]
    return {
        "detection": (count["detected"], count["positives"]),
        "false_negative": (count["missed"], count["positives"]),
        "false_positive": (count["false"], count["negatives"]),
        "review_load": (
            sum(v is Verdict.REVIEW or v in refused for v in studies),
            len(studies),
        ),
        "cleared_yield": (count["cleared"], count["negatives"]),
    }


@given(ROWS, st.booleans())
def test_rates_agree_with_the_definitions_counted_by_hand(
    rows: list[tuple[int, bool, Verdict]], as_errors: bool
) -> None:
    assert rates(rows, refused_as_errors=as_errors) == by_hand(rows, as_errors)


@given(ROWS, st.randoms(use_true_random=False), st.booleans())
def test_order_and_names_of_patients_change_nothing(
    rows: list[tuple[int, bool, Verdict]], random: object, as_errors: bool
) -> None:
    shuffled = [(97 - 3 * patient, label, verdict) for patient, label, verdict in rows]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rates(rows, refused_as_errors=as_errors) == rates(shuffled, refused_as_errors=as_errors)


def test_one_cleared_study_makes_a_positive_patient_a_miss() -> None:
    found = rates([(1, True, Verdict.FLAGGED), (1, True, Verdict.CLEARED)])
    assert found["false_negative"] == (1, 1)
    assert found["detection"] == (0, 1)


def test_a_cleared_healthy_side_is_no_miss() -> None:
    found = rates([(1, True, Verdict.FLAGGED), (1, False, Verdict.CLEARED)])
    assert found["false_negative"] == (0, 1)
    assert found["cleared_yield"] == (0, 0)


def test_a_refused_positive_does_not_make_the_patient_a_negative() -> None:
    found = rates([(1, True, Verdict.NOT_APPLICABLE), (1, False, Verdict.FLAGGED)])
    assert found["false_positive"] == (0, 0)
    assert found["detection"] == (0, 0)


@given(ROWS)
def test_counting_refusals_as_errors_never_looks_better(
    rows: list[tuple[int, bool, Verdict]],
) -> None:
    without, as_errors = rates(rows), rates(rows, refused_as_errors=True)
    assert as_errors["false_negative"][0] >= without["false_negative"][0]
    assert as_errors["false_positive"][0] >= without["false_positive"][0]
    assert as_errors["detection"][0] <= without["detection"][0]


@pytest.mark.parametrize("t_low", [None, 0.2, 0.7])
def test_a_column_is_judged_as_the_operating_point_judges_one(t_low: float | None) -> None:
    point = OperatingPoint(t_low, 0.7, Promise(PromiseKind.NONE, None, None, 0))
    values = [0.0, 0.1999, 0.2, 0.5, 0.69999, 0.7, 1.0]
    expected = verdict_numbers([point.verdict(value) for value in values])
    assert verdicts_at(values, t_low, 0.7).tolist() == expected.tolist()


def test_no_cases_give_no_rates() -> None:
    assert set(rates([]).values()) == {(0, 0)}
