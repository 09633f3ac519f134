"""Proved, met, not met or too few: decided by the exact one-sided bound."""

from __future__ import annotations

import pytest

from mediassist.audit.targets import Targets, TargetVerdict, judge, worst
from mediassist.core.errors import WrongUsage
from mediassist.statistics.intervals import rate


@pytest.mark.parametrize(
    ("detected", "positives", "verdict"),
    [
        (59, 59, TargetVerdict.PROVED),
        (58, 58, TargetVerdict.TOO_FEW),
        (96, 100, TargetVerdict.MET_NOT_PROVED),
        (95, 100, TargetVerdict.NOT_MET),  # more than 95 %, not 95 %
        (5, 10, TargetVerdict.NOT_MET),  # few, but the opposite is shown
        (9, 10, TargetVerdict.TOO_FEW),
        (0, 0, TargetVerdict.TOO_FEW),
    ],
)
def test_detection_is_judged_by_its_lower_bound(
    detected: int, positives: int, verdict: TargetVerdict
) -> None:
    found = rate(detected, positives)
    assert judge("detection", 0.95, found, found).verdict is verdict


@pytest.mark.parametrize(
    ("missed", "positives", "verdict", "more"),
    [
        (0, 299, TargetVerdict.PROVED, 0),
        (0, 298, TargetVerdict.TOO_FEW, 1),
        (1, 473, TargetVerdict.PROVED, 0),
        (1, 472, TargetVerdict.MET_NOT_PROVED, 1),
        (3, 300, TargetVerdict.NOT_MET, 473),
    ],
)
def test_misses_are_judged_by_their_upper_bound(
    missed: int, positives: int, verdict: TargetVerdict, more: int
) -> None:
    found = rate(missed, positives)
    result = judge("false_negative", 0.01, found, found)
    assert (result.verdict, result.more_cases) == (verdict, more)


def test_refused_cases_counted_as_errors_can_take_the_proof_away() -> None:
    without, with_refused = rate(0, 300), rate(2, 302)
    result = judge("false_negative", 0.01, without, with_refused)
    assert result.verdict is TargetVerdict.MET_NOT_PROVED
    assert result.bound < 0.01 < result.bound_with_refused
    assert result.more_cases == 628 - 302


def test_the_weakest_target_decides() -> None:
    assert worst([TargetVerdict.PROVED, TargetVerdict.TOO_FEW]) is TargetVerdict.TOO_FEW
    assert worst([TargetVerdict.TOO_FEW, TargetVerdict.NOT_MET]) is TargetVerdict.NOT_MET


def test_targets_are_read_as_percentages() -> None:
    assert Targets.from_text("90, 2,10") == Targets(0.90, 0.02, 0.10)
    for text in ("95,1", "95,1,x", "95,0,5", "100,1,5"):
        with pytest.raises(WrongUsage, match="three percentages"):
            Targets.from_text(text)
