"""Says in the summary whether the tests of the window ran."""

from __future__ import annotations

import pytest


def test_the_tests_of_the_window_can_run(qt_problem: str) -> None:
    if qt_problem:
        pytest.skip(f"the tests of the window were left out: {qt_problem}")
