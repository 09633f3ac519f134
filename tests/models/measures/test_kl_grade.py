"""The estimated grade is the expected value of the ordinal answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.models.letterbox import Letterbox
from mediassist.models.measures import FrameReading
from mediassist.models.measures.kl_grade import expected_grade, kl_grade
from mediassist.models.training.domains import knee

LOGITS = st.lists(st.floats(-20, 20), min_size=4, max_size=4)


def test_the_measure_and_the_training_mean_the_same_steps() -> None:
    from mediassist.models.measures.kl_grade import STEPS

    assert knee.STEPS == STEPS


@pytest.mark.parametrize(
    ("two", "one", "three", "four", "grade"),
    [(-20, -20, -20, -20, 0.0), (20, 20, -20, -20, 2.0), (20, 20, 20, 20, 4.0)],
)
def test_sure_answers_give_whole_grades(
    two: float, one: float, three: float, four: float, grade: float
) -> None:
    assert expected_grade(np.array([[two, one, three, four]]))[0] == pytest.approx(grade, abs=1e-6)


@given(LOGITS)
def test_a_grade_is_never_outside_its_scale(logits: list[float]) -> None:
    assert 0.0 <= expected_grade(np.array([logits]))[0] <= 4.0


def test_a_higher_step_cannot_be_likelier_than_a_lower_one() -> None:
    assert expected_grade(np.array([[-20.0, -20.0, 20.0, 20.0]]))[0] == pytest.approx(0.0, abs=1e-6)


def test_the_number_says_that_it_is_an_estimate() -> None:
    reading = FrameReading(
        sop_instance_uid="1.2",
        frame=0,
        logits=np.array([1.0, 2.0, -1.0, -3.0]),
        maps=np.zeros((0, 1, 1), np.float32),
        letterbox=Letterbox(224, 224, 224),
    )
    (measurement,) = kl_grade(reading).measurements
    assert measurement.value == pytest.approx(1.9, abs=0.05)
    assert "estimate" in measurement.name and "not a reading" in measurement.method


@pytest.mark.parametrize(("grade", "step"), [(0, 1), (1, 2), (2, 3), (3, 4)])
def test_softened_labels_still_lean_to_the_reading(grade: int, step: int) -> None:
    assert knee.softened(grade, step) < 0.5 < knee.softened(step, step)
