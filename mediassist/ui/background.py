"""Threads for the window's slow work, and the one way back to the main thread.

The threads and everything about a task are Python's alone. Qt sees one object, the bell: it lives
on the main thread, and a thread rings it by a queued signal that carries nothing. Three rules keep
an object of Qt from being destroyed outside the main thread, which ends the program:

1. A thread rings only while it holds the lock under which `close` puts the bell away.
2. What a task holds (its work, its callbacks, its outcome) is let go on the main thread.
3. A task that outlives its pool is kept for good: its thread must not be the last to hold it.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

EVENT_INTERVAL_MS = 100


class OperationCancelled(Exception):
    """Raised by work that noticed it was cancelled."""


class Reporter(Protocol):
    """What background work may say, and what it must ask."""

    @property
    def cancelled(self) -> bool: ...

    def report(self, item: Any) -> None: ...


class Ending(StrEnum):
    """How a task ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"


class Task:
    """One piece of work and what became of it; compared by identity.

    `finish` and `hand_over` are called on the main thread only, `work` in a thread of the pool.
    """

    def __init__(
        self,
        work: Callable[[Reporter], Any],
        finish: Callable[[Ending, Any], None],
        hand_over: Callable[[list[Any]], None] | None,
    ) -> None:
        self._work: Callable[[Reporter], Any] | None = work
        self._finish: Callable[[Ending, Any], None] | None = finish
        self._hand_over = hand_over
        self._items: deque[Any] = deque()
        self._cancel = threading.Event()
        self._outcome: tuple[Ending, Any] = (Ending.CANCELLED, None)

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def report(self, item: Any) -> None:
        """Called by the work; the main thread hears of it within `EVENT_INTERVAL_MS`."""
        self._items.append(item)

    def ask_to_stop(self) -> None:
        self._cancel.set()

    def run(self) -> None:
        """In the thread: do the work and keep its outcome."""
        work = self._work
        if work is None or self.cancelled:
            return
        try:
            self._outcome = (Ending.SUCCESS, work(self))
        except OperationCancelled:
            self._outcome = (Ending.CANCELLED, None)
        except Exception as error:
            # The edge of the thread: whatever it is, it goes to the failure callback.
            self._outcome = (Ending.FAILURE, error)

    def tell_progress(self) -> None:
        """On the main thread: hand over what was reported since the last time."""
        items = [self._items.popleft() for _ in range(len(self._items))]
        if items and self._hand_over is not None and not self.cancelled:
            self._hand_over(items)

    def conclude(self) -> None:
        """On the main thread, once: tell the end and let go of everything."""
        finish, (ending, value) = self._finish, self._outcome
        try:
            self.tell_progress()
            if self.cancelled:
                ending, value = Ending.CANCELLED, None
            if finish is not None:
                finish(ending, value)
        finally:
            self.forget()

    def forget(self) -> None:
        self._work = self._finish = self._hand_over = None
        self._outcome = (Ending.CANCELLED, None)
        self._items.clear()


# Tasks that did not end when their pool closed, with the pool: see rule 3.
_OUTLIVING: list[object] = []


class _Bell(QObject):
    rung = Signal()

    def __init__(self, answer: Callable[[], None]) -> None:
        super().__init__()
        self._answer = answer
        self.rung.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _hear(self) -> None:
        self._answer()


class BackgroundPool:
    """Runs tasks, those of higher priority first, in at most `threads` threads.

    Make it, start tasks and close it on the main thread. After `close` nothing is called back.
    The threads are daemons: work that cannot be stopped (a share that no longer answers) does not
    keep the program from ending.
    """

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._lock = threading.Condition()
        self._order = itertools.count()
        self._waiting: list[tuple[int, int, Task]] = []
        self._working: set[Task] = set()
        self._ended: deque[Task] = deque()
        self._open: list[Task] = []
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._bell = _Bell(self._deliver)
        self._timer = QTimer(self._bell)
        self._timer.setInterval(EVENT_INTERVAL_MS)
        self._timer.timeout.connect(self._tell_progress)

    def start(self, task: Task, priority: int = 0) -> None:
        """Run a task as soon as a thread is free; a closed pool drops it."""
        with self._lock:
            if self._closed:
                return
            heapq.heappush(self._waiting, (-priority, next(self._order), task))
            wanted = min(self._most, len(self._waiting) + len(self._working))
            if wanted > len(self._threads):
                thread = threading.Thread(
                    target=self._work_off, name="mediassist-window", daemon=True
                )
                self._threads.append(thread)
                thread.start()
            self._lock.notify()
        self._open.append(task)
        if not self._timer.isActive():
            self._timer.start()

    def cancel(self, task: Task) -> None:
        """Ask a task to stop; one that has not begun ends at the next turn of the event loop."""
        task.ask_to_stop()
        with self._lock:
            if self._withdraw(task):
                self._end(task)

    def prefer(self, task: Task, priority: int) -> None:
        """Give a task that has not begun another priority."""
        with self._lock:
            if self._withdraw(task):
                heapq.heappush(self._waiting, (-priority, next(self._order), task))

    def _withdraw(self, task: Task) -> bool:
        """Take a task out of the queue if it is in it; the lock is held."""
        waiting = [entry for entry in self._waiting if entry[2] is not task]
        found = len(waiting) < len(self._waiting)
        heapq.heapify(waiting)
        self._waiting = waiting
        return found

    def shut(self) -> None:
        """Drop what waits, ask what runs to stop, and call nobody back from now on."""
        with self._lock:
            self._closed = True
            for task in self._working:
                task.ask_to_stop()
            self._waiting.clear()
            self._lock.notify_all()
        self._timer.stop()

    def close(self, seconds: float = 3.0) -> bool:
        """Shut, and wait for the threads; whether all of them ended in time."""
        self.shut()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        ended = not any(thread.is_alive() for thread in self._threads)
        with self._lock:
            outliving = set(self._working)
        if not ended:
            _OUTLIVING.append((self, outliving))
        for task in self._open:
            if task not in outliving:
                task.forget()
        self._open.clear()
        self._ended.clear()
        return ended

    # In the threads

    def _work_off(self) -> None:
        while True:
            with self._lock:
                while not self._waiting and not self._closed:
                    self._lock.wait()
                if self._closed:
                    return
                task = heapq.heappop(self._waiting)[2]
                self._working.add(task)
            task.run()
            with self._lock:
                self._working.discard(task)
                self._end(task)
            del task

    def _end(self, task: Task) -> None:
        """Give a task back to the main thread; the lock is held."""
        if self._closed:
            return
        self._ended.append(task)
        self._bell.rung.emit()

    # On the main thread

    def _deliver(self) -> None:
        """One task a ring: a callback that raises keeps no other from its turn."""
        if self._closed or not self._ended:
            return
        task = self._ended.popleft()
        self._open.remove(task)
        if not self._open:
            self._timer.stop()
        task.conclude()

    def _tell_progress(self) -> None:
        for task in list(self._open):
            task.tell_progress()
