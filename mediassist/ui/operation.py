"""Work in the background: the one way in which the window does anything slow.

An `Operation` runs a function in a thread of its pool. The function gets a `Reporter`, calls
`reporter.report(item)` as often as it likes and asks `reporter.cancelled` now and then. On the
main thread the operation hands over what was reported at most ten times a second (in order,
nothing lost), then exactly one of success, failure or cancellation. The function must not touch
a widget.

    Operation(window, work).progress(show).success(done).failure(tell).run()
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, Self

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal

EVENT_INTERVAL_MS = 100

# Qt's thread is still inside a runnable when its outcome arrives: it has to outlive its operation.
_STARTED: deque[QRunnable] = deque(maxlen=256)


class OperationCancelled(Exception):
    """Raised by work that noticed it was cancelled."""


class Reporter(Protocol):
    """What background work may say, and what it must ask."""

    @property
    def cancelled(self) -> bool: ...

    def report(self, item: Any) -> None: ...


class _Reporter:
    def __init__(self) -> None:
        self._items: list[Any] = []
        self._lock = threading.Lock()
        self._cancel = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()

    def report(self, item: Any) -> None:
        with self._lock:
            self._items.append(item)

    def drain(self) -> list[Any]:
        with self._lock:
            items, self._items = self._items, []
        return items


class _Ended(QObject):
    """Carries the outcome from the thread to the main one (a QRunnable cannot have signals)."""

    ended = Signal(str, object)


class _Runnable(QRunnable):
    def __init__(self, work, reporter, ended) -> None:
        super().__init__()
        # Deleted by Qt in the pool's thread, it raced with Python's own end of it: a crash.
        self.setAutoDelete(False)
        _STARTED.append(self)
        self._work = work
        self._reporter = reporter
        self._ended = ended

    def run(self):
        try:
            if self._reporter.cancelled:
                raise OperationCancelled
            outcome = ("success", self._work(self._reporter))
        except OperationCancelled:
            outcome = ("cancelled", None)
        except Exception as error:
            # The edge of the thread: whatever it is, it goes to the failure callback.
            outcome = ("failure", error)
        # A window that was closed meanwhile took the receiver with it: nobody waits any more.
        with suppress(RuntimeError):
            self._ended.ended.emit(*outcome)

    def forget_work(self) -> None:
        """Let go of what the work holds (pictures, windows); on the main thread, once it ended."""
        self._work = None


class Operation(QObject):
    """One piece of background work; see the module's docstring for its life."""

    def __init__(
        self,
        parent: QObject,
        work: Callable[[Reporter], Any],
        pool: QThreadPool | None = None,
        priority: int = 0,
    ) -> None:
        super().__init__(parent)
        self._pool = pool or QThreadPool.globalInstance()
        self._priority = priority
        self._reporter = _Reporter()
        self._ended = _Ended()
        self._ended.ended.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        self._runnable = _Runnable(work, self._reporter, self._ended)
        self._on_progress: Callable[[list[Any]], None] | None = None
        self._on_success: Callable[[Any], None] | None = None
        self._on_failure: Callable[[Exception], None] | None = None
        self._on_cancelled: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(EVENT_INTERVAL_MS)
        self._timer.timeout.connect(self._hand_over)
        self.active = False

    def progress(self, callback: Callable[[list[Any]], None]) -> Self:
        """Called with the list of what was reported since the last call."""
        self._on_progress = callback
        return self

    def success(self, callback: Callable[[Any], None]) -> Self:
        self._on_success = callback
        return self

    def failure(self, callback: Callable[[Exception], None]) -> Self:
        self._on_failure = callback
        return self

    def on_cancelled(self, callback: Callable[[], None]) -> Self:
        self._on_cancelled = callback
        return self

    def run(self) -> Self:
        self.active = True
        if self._on_progress is not None:
            self._timer.start()
        self._pool.start(self._runnable, self._priority)
        return self

    def cancel(self) -> None:
        """Ask the work to stop; it ends as cancelled whatever it returns after this."""
        self._reporter.cancel()

    def _hand_over(self) -> None:
        items = self._reporter.drain()
        if items and self._on_progress is not None and not self._reporter.cancelled:
            self._on_progress(items)

    def _finish(self, kind: str, value: Any) -> None:
        self._timer.stop()
        self._runnable.forget_work()
        self._hand_over()
        self.active = False
        if self._reporter.cancelled or kind == "cancelled":
            if self._on_cancelled is not None:
                self._on_cancelled()
        elif kind == "success":
            if self._on_success is not None:
                self._on_success(value)
        elif self._on_failure is not None:
            self._on_failure(value)
        self.deleteLater()
