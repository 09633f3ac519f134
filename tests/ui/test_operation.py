"""The one way to do something slow: progress, one outcome, always on the main thread."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from mediassist.ui.operation import EVENT_INTERVAL_MS, Operation, OperationCancelled, Reporter


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
def parent(qapp: object) -> QObject:
    return QObject()


def run(qtbot: QtBot, parent: QObject, work) -> Heard:
    heard = Heard()
    heard.listen(Operation(parent, work)).run()
    qtbot.waitUntil(lambda: len(heard.outcomes) == 1, timeout=10_000)
    assert heard.threads == {QThread.currentThread()}
    return heard


def test_success_gives_the_value_once_on_the_main_thread(qtbot: QtBot, parent: QObject) -> None:
    workers: list[int] = []

    def work(reporter: Reporter) -> int:
        workers.append(threading.get_ident())
        return 42

    assert run(qtbot, parent, work).outcomes == [("success", 42)]
    assert workers != [threading.get_ident()]


def test_progress_arrives_whole_in_order_and_at_most_ten_times_a_second(
    qtbot: QtBot, parent: QObject
) -> None:
    def work(reporter: Reporter) -> None:
        for number in range(20_000):
            reporter.report(number)

    heard = run(qtbot, parent, work)
    assert [item for items in heard.progress for item in items] == list(range(20_000))
    assert EVENT_INTERVAL_MS == 100
    assert len(heard.progress) < 50


def test_any_exception_becomes_a_failure(qtbot: QtBot, parent: QObject) -> None:
    def work(reporter: Reporter) -> None:
        raise ZeroDivisionError("oh")

    ((kind, error),) = run(qtbot, parent, work).outcomes
    assert kind == "failure"
    assert isinstance(error, ZeroDivisionError)


def test_cancelled_work_ends_as_cancelled_even_if_it_returns_a_value(
    qtbot: QtBot, parent: QObject
) -> None:
    begun = threading.Event()

    def work(reporter: Reporter) -> int:
        begun.set()
        while not reporter.cancelled:
            pass
        return 1

    heard = Heard()
    operation = heard.listen(Operation(parent, work)).run()
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    operation.cancel()
    qtbot.waitUntil(lambda: len(heard.outcomes) == 1, timeout=10_000)
    assert heard.outcomes == [("cancelled", None)]


def test_work_that_notices_the_cancel_itself_is_cancelled(qtbot: QtBot, parent: QObject) -> None:
    def work(reporter: Reporter) -> None:
        raise OperationCancelled

    assert run(qtbot, parent, work).outcomes == [("cancelled", None)]
