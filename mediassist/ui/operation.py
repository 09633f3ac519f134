"""Work in the background: the one way in which the window does anything slow.

An `Operation` runs a function in a thread of a `BackgroundPool`. The function gets a `Reporter`,
calls `reporter.report(item)` as often as it likes and asks `reporter.cancelled` now and then. On
the main thread the operation hands over what was reported at most ten times a second (in order,
nothing lost), then exactly one of success, failure or cancellation. The function must not touch
a widget. Once the pool is closed nothing is called any more.

    Operation(pool, work).progress(show).success(done).failure(tell).run()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from mediassist.ui.background import BackgroundPool, Ending, OperationCancelled, Reporter, Task

__all__ = ["BackgroundPool", "Operation", "OperationCancelled", "Reporter"]


class Operation:
    """One piece of background work; see the module's docstring for its life."""

    def __init__(
        self, pool: BackgroundPool, work: Callable[[Reporter], Any], priority: int = 0
    ) -> None:
        self._pool = pool
        self._work = work
        self._priority = priority
        self._task: Task | None = None
        self._on_progress: Callable[[list[Any]], None] | None = None
        self._on_success: Callable[[Any], None] | None = None
        self._on_failure: Callable[[Exception], None] | None = None
        self._on_cancelled: Callable[[], None] | None = None

    @property
    def active(self) -> bool:
        """Whether it was started and its end has not been told."""
        return self._task is not None

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
        self._task = Task(self._work, self._finish, self._on_progress)
        self._pool.start(self._task, self._priority)
        return self

    def prefer(self, priority: int) -> None:
        """Give work that has not begun another place in the queue."""
        if self._task is not None:
            self._pool.prefer(self._task, priority)

    def cancel(self) -> None:
        """Ask the work to stop; it ends as cancelled whatever it returns after this."""
        if self._task is not None:
            self._pool.cancel(self._task)

    def _finish(self, ending: Ending, value: Any) -> None:
        self._task = None
        match ending:
            case Ending.CANCELLED:
                if self._on_cancelled is not None:
                    self._on_cancelled()
            case Ending.SUCCESS:
                if self._on_success is not None:
                    self._on_success(value)
            case Ending.FAILURE:
                if self._on_failure is not None:
                    self._on_failure(value)
