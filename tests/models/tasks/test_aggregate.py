"""One score of a study from the scores of its frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.models.tasks.aggregate import RULES, aggregate

LOGITS = st.lists(st.floats(-50, 50), min_size=1, max_size=40)


@given(LOGITS, st.sampled_from(RULES), st.randoms())
def test_the_order_of_frames_does_not_matter(
    logits: list[float], rule: str, chance: object
) -> None:
    mixed = list(np.random.default_rng(0).permutation(logits))
    assert aggregate(rule, logits) == pytest.approx(aggregate(rule, mixed))


@given(LOGITS, st.sampled_from(RULES))
def test_a_study_never_scores_above_its_worst_frame(logits: list[float], rule: str) -> None:
    assert aggregate(rule, logits) <= max(logits) + 1e-9
    assert aggregate(rule, [*logits, 60.0]) >= aggregate(rule, logits) - 1e-9


def test_fewer_frames_than_the_rule_averages_are_averaged_as_they_are() -> None:
    assert aggregate("mean_of_top_3", [1.0, 2.0]) == 1.5


def test_an_unknown_rule_and_an_empty_study_are_refused() -> None:
    for rule, logits in (("median", [1.0]), ("max", [])):
        with pytest.raises(ValueError, match="no study score"):
            aggregate(rule, logits)
