"""Rate and time left, and how they are shown."""

from __future__ import annotations

import pytest

from mediassist.batch.progress import BatchProgress, duration


def test_rate_and_time_left_come_from_what_this_run_has_done() -> None:
    progress = BatchProgress(todo=100, done=25, before=900, seconds=50.0)
    assert progress.per_second == 0.5
    assert progress.seconds_left == 150.0


def test_before_the_first_study_nothing_is_foretold() -> None:
    progress = BatchProgress(todo=100, seconds=5.0)
    assert (progress.per_second, progress.seconds_left) == (None, None)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (59.6, "1:00"), (62, "1:02"), (5025, "1:23:45"), (360000, "100:00:00")],
)
def test_durations_are_shown_as_a_clock_does(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
