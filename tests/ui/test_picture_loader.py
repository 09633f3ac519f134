"""Pictures come as they are wished for: the last wish first, and none is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mediassist.core.messages import Message
from mediassist.reading.display_set import ScrollPosition, display_set
from mediassist.reading.pictures import PictureStore
from mediassist.ui.picture_loader import PictureLoader
from tests.reading.results import study_of

POSITIONS = display_set(study_of(images=12)).series[0].positions


class Slow:
    """Reads nothing, one picture after the other, as it is allowed to."""

    def __init__(self) -> None:
        self.asked: list[ScrollPosition] = []
        self.allowed = threading.Semaphore(0)

    def __call__(self, position: ScrollPosition) -> object:
        self.asked.append(position)
        self.allowed.acquire(timeout=30)
        raise OSError("the disk is gone")


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def loader(qtbot: QtBot, slow: Slow) -> Iterator[PictureLoader]:
    made = PictureLoader(PictureStore(slow))  # type: ignore[arg-type]
    yield made
    for _ in range(100):
        slow.allowed.release()
    made.close()


def test_a_picture_that_was_scrolled_past_comes_when_the_reader_returns(
    loader: PictureLoader, slow: Slow, qtbot: QtBot
) -> None:
    """Its cancelled first wish stood in the way of the second: the viewport stayed empty."""
    came: list[ScrollPosition] = []
    loader.loaded.connect(lambda position, what: came.append(position))
    here, there = POSITIONS[0], POSITIONS[1]
    loader.show(here)
    qtbot.waitUntil(lambda: slow.asked == [here], timeout=10_000)
    loader.show(there)
    loader.show(here)
    for _ in range(10):
        slow.allowed.release()
    qtbot.waitUntil(lambda: here in came, timeout=10_000)


def test_what_is_shown_is_read_before_all_neighbours_and_old_neighbours_never(
    loader: PictureLoader, slow: Slow, qtbot: QtBot
) -> None:
    loader.show(POSITIONS[0])
    loader.prefetch(POSITIONS[1:5])
    qtbot.waitUntil(lambda: len(slow.asked) == 2, timeout=10_000)
    loader.show(POSITIONS[8])
    loader.prefetch(POSITIONS[9:11])
    for _ in range(20):
        slow.allowed.release()
    qtbot.waitUntil(lambda: len(slow.asked) >= 5 and not loader._running, timeout=10_000)
    assert slow.asked[2] == POSITIONS[8]
    assert set(slow.asked[3:]) == set(POSITIONS[9:11])


def test_an_unforeseen_error_becomes_a_reason_and_not_an_endless_wait(
    loader: PictureLoader, slow: Slow, qtbot: QtBot
) -> None:
    told: list[object] = []
    loader.loaded.connect(lambda position, what: told.append(what))
    loader.show(POSITIONS[0])
    slow.allowed.release()
    qtbot.waitUntil(lambda: len(told) == 1, timeout=10_000)
    assert isinstance(told[0], Message)
    assert "OSError" in str(told[0])
    assert str(Path("none.dcm")) not in str(told[0])
