"""The one way to do something slow: progress, one outcome, always on the main thread."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mediassist.ui.background import EVENT_INTERVAL_MS
from mediassist.ui.operation import BackgroundPool, Operation, OperationCancelled, Reporter


class Heard:
    """Records what an operation says, and on which thread."""

    def __init__(self) -> None:
        self.progress: list[list[Any]] = []
        self.outcomes: list[tuple[str, Any]] = []
        self.threads: set[QThread] = set()

    def listen(self, operation: Operation) -> Operation:
        def note(kind: str):
            def callback(value: Any = None) -> None:
                self.threads.add(QThread.currentThread())
                self.outcomes.append((kind, value))

            return callback

        def progress(items: list[Any]) -> None:
            self.threads.add(QThread.currentThread())
            self.progress.append(items)

        return (
            operation.progress(progress)
            .success(note("success"))
            .failure(note("failure"))
            .on_cancelled(note("cancelled"))
        )


@pytest.fixture
def pool(qapp: object) -> Iterator[BackgroundPool]:
    made = BackgroundPool(threads=2)
    yield made
    assert made.close()


def run(qtbot: QtBot, pool: BackgroundPool, work) -> Heard:
    heard = Heard()
    heard.listen(Operation(pool, work)).run()
    qtbot.waitUntil(lambda: len(heard.outcomes) == 1, timeout=10_000)
    assert heard.threads == {QThread.currentThread()}
    return heard


def test_success_gives_the_value_once_on_the_main_thread(
    qtbot: QtBot, pool: BackgroundPool
) -> None:
    workers: list[int] = []

    def work(reporter: Reporter) -> int:
        workers.append(threading.get_ident())
        return 42

    assert run(qtbot, pool, work).outcomes == [("success", 42)]
    assert workers != [threading.get_ident()]


def test_progress_arrives_whole_in_order_and_at_most_ten_times_a_second(
    qtbot: QtBot, pool: BackgroundPool
) -> None:
    def work(reporter: Reporter) -> None:
        for number in range(20_000):
            reporter.report(number)

    heard = run(qtbot, pool, work)
    assert [item for items in heard.progress for item in items] == list(range(20_000))
    assert EVENT_INTERVAL_MS == 100
    assert len(heard.progress) < 50


def test_any_exception_becomes_a_failure(qtbot: QtBot, pool: BackgroundPool) -> None:
    def work(reporter: Reporter) -> None:
        raise ZeroDivisionError("oh")

    ((kind, error),) = run(qtbot, pool, work).outcomes
    assert kind == "failure"
    assert isinstance(error, ZeroDivisionError)


def until_cancelled(begun: threading.Event) -> Callable[[Reporter], int]:
    """Work that goes on until it is asked to stop, and gives a value nevertheless."""

    def work(reporter: Reporter) -> int:
        begun.set()
        while not reporter.cancelled:
            pass
        return 1

    return work


def test_cancelled_work_ends_as_cancelled_even_if_it_returns_a_value(
    qtbot: QtBot, pool: BackgroundPool
) -> None:
    begun = threading.Event()
    heard = Heard()
    operation = heard.listen(Operation(pool, until_cancelled(begun))).run()
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    operation.cancel()
    qtbot.waitUntil(lambda: len(heard.outcomes) == 1, timeout=10_000)
    assert heard.outcomes == [("cancelled", None)]
    assert not operation.active


def test_work_that_notices_the_cancel_itself_is_cancelled(
    qtbot: QtBot, pool: BackgroundPool
) -> None:
    def work(reporter: Reporter) -> None:
        raise OperationCancelled

    assert run(qtbot, pool, work).outcomes == [("cancelled", None)]


def test_work_that_waits_is_cancelled_without_waiting_for_a_thread(qtbot: QtBot) -> None:
    begun = threading.Event()
    pool = BackgroundPool(threads=1)
    busy = Operation(pool, until_cancelled(begun)).run()
    heard = Heard()
    ran: list[int] = []
    waiting = heard.listen(Operation(pool, lambda reporter: ran.append(1))).run()
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    waiting.cancel()
    qtbot.waitUntil(lambda: heard.outcomes == [("cancelled", None)], timeout=10_000)
    assert busy.active
    assert ran == []
    assert pool.close()


def test_what_is_preferred_runs_before_what_came_earlier(qtbot: QtBot) -> None:
    begun = threading.Event()
    pool = BackgroundPool(threads=1)
    busy = Operation(pool, until_cancelled(begun)).run()
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    ran: list[str] = []
    first = Operation(pool, lambda reporter: ran.append("first"), priority=1).run()
    second = Operation(pool, lambda reporter: ran.append("second"), priority=2).run()
    last = Operation(pool, lambda reporter: ran.append("last")).run()
    last.prefer(3)
    busy.cancel()
    qtbot.waitUntil(lambda: not (first.active or second.active or last.active), timeout=10_000)
    assert ran == ["last", "second", "first"]
    assert pool.close()


def test_closing_in_the_middle_of_work_stops_it_and_calls_nobody(qtbot: QtBot) -> None:
    begun = threading.Event()
    pool = BackgroundPool(threads=1)
    heard = Heard()
    heard.listen(Operation(pool, until_cancelled(begun))).run()
    for _ in range(3):
        heard.listen(Operation(pool, lambda reporter: 2)).run()
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    assert pool.close()
    heard.listen(Operation(pool, lambda reporter: 3)).run()
    qtbot.wait(2 * EVENT_INTERVAL_MS)
    assert heard.outcomes == []
    assert not [thread for thread in pool._threads if thread.is_alive()]


def test_work_that_does_not_stop_is_left_behind_without_a_call(qtbot: QtBot) -> None:
    begun, end = threading.Event(), threading.Event()
    pool = BackgroundPool(threads=1)
    heard = Heard()

    def deaf(reporter: Reporter) -> int:
        begun.set()
        end.wait()
        return 1

    heard.listen(Operation(pool, deaf)).run()
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    assert not pool.close(seconds=0.05)
    end.set()
    assert pool.close()
    qtbot.wait(2 * EVENT_INTERVAL_MS)
    assert heard.outcomes == []


def test_a_widget_that_only_work_still_knows_is_destroyed_on_the_main_thread(
    qtbot: QtBot, pool: BackgroundPool
) -> None:
    """Its last reference used to go in the thread that had worked, where Qt must not destroy it."""
    destroyed_in: list[int] = []
    ended: list[object] = []

    def start() -> None:
        widget = QWidget()
        weakref.finalize(widget, lambda: destroyed_in.append(threading.get_ident()))

        def work(reporter: Reporter) -> str:
            if ended:
                raise ValueError(repr(widget))
            return repr(widget)

        Operation(pool, work).success(ended.append).failure(ended.append).run()

    for number in range(1, 21):
        start()
        qtbot.waitUntil(lambda number=number: len(ended) == number, timeout=10_000)
    ended.clear()
    gc.collect()
    assert destroyed_in == 20 * [threading.get_ident()]


def test_a_callback_that_raises_keeps_no_other_from_its_turn(
    qtbot: QtBot, pool: BackgroundPool
) -> None:
    def broken(value: object) -> None:
        raise RuntimeError("broken callback")

    heard = Heard()
    with qtbot.captureExceptions() as caught:
        for number in range(20):
            Operation(pool, lambda reporter: 0).success(broken).run()
            heard.listen(Operation(pool, lambda reporter, number=number: number)).run()
        qtbot.waitUntil(lambda: len(heard.outcomes) == 20, timeout=10_000)
        qtbot.waitUntil(lambda: len(caught) == 20, timeout=10_000)
    assert sorted(value for _, value in heard.outcomes) == list(range(20))


QUIT_IN_THE_MIDDLE = """
import sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from mediassist.ui.operation import BackgroundPool, Operation
app = QApplication([])
begun = threading.Event()
pool = BackgroundPool(threads=2)
window = QWidget()
def work(reporter):
    begun.set()
    number = 0
    while {goes_on}:
        reporter.report(number := number + 1)
    return window
for _ in range(4):
    Operation(pool, work).progress(print).success(print).failure(print).run()
begun.wait()
QTimer.singleShot(0, app.quit)
code = app.exec()
{close}
del window
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("goes_on", "close"),
    [
        ("not reporter.cancelled", "pool.close()"),
        ("True", "pool.close(seconds=0.1)"),
        ("True", ""),
    ],
    ids=["work that stops", "work that never stops", "a pool that nobody closed"],
)
def test_the_program_ends_in_the_middle_of_work(goes_on: str, close: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", QUIT_IN_THE_MIDDLE.format(goes_on=goes_on, close=close)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
