"""Reads frames in the background: the newest wish first, neighbours afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QThreadPool, Signal

from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message
from mediassist.reading.display_set import ScrollPosition
from mediassist.reading.pictures import Picture, PictureStore
from mediassist.ui.operation import Operation, OperationCancelled, Reporter

THREADS = 2
Answer = Callable[[ScrollPosition, Picture | Message], None]


class PictureLoader(QObject):
    """The bridge from `PictureStore` to the main thread.

    Signals
    -------
    loaded : (position, picture or message) for each picture that was wanted.
    """

    loaded = Signal(object, object)

    def __init__(self, store: PictureStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._running: dict[ScrollPosition, Operation] = {}
        self._urgent: set[ScrollPosition] = set()
        self._lasting: set[ScrollPosition] = set()
        self._turn = 0

    def show(self, position: ScrollPosition) -> Picture | Message | None:
        """The picture if it is at hand, else None: `loaded` will bring it.

        What was wanted before and has not begun is dropped: while a reader scrolls fast, only
        where he arrives matters.
        """
        known = self._store.known(position)
        if known is not None:
            return known
        self._drop_urgent(keep=position)
        self._start(position, urgent=True)
        return None

    def prefetch(self, positions: Iterable[ScrollPosition]) -> None:
        for position in positions:
            if self._store.known(position) is None:
                self._start(position, urgent=False)

    def prefetched(self, position: ScrollPosition) -> Picture | Message | None:
        """The picture if it is at hand; else it is read when nothing more urgent is."""
        known = self._store.known(position)
        if known is None:
            self._lasting.add(position)
            self._start(position, urgent=False)
        return known

    def forget_lasting(self) -> None:
        """Another study is shown: the thumbnails of the last one are no longer wanted."""
        self._lasting.clear()

    def close(self) -> None:
        self._lasting.clear()
        for operation in list(self._running.values()):
            operation.cancel()
        self._pool.clear()
        self._pool.waitForDone(2000)

    def _drop_urgent(self, keep: ScrollPosition) -> None:
        for position, operation in list(self._running.items()):
            if position != keep and position in self._urgent:
                operation.cancel()
        self._urgent = {keep}

    def _start(self, position: ScrollPosition, *, urgent: bool) -> None:
        if position in self._running:
            return
        self._turn += 1

        def read(reporter: Reporter) -> Picture:
            if reporter.cancelled:
                raise OperationCancelled
            return self._store.load(position)

        def done(picture: Picture) -> None:
            del self._running[position]
            self.loaded.emit(position, picture)

        def failed(error: Exception) -> None:
            del self._running[position]
            if not isinstance(error, MediAssistError):
                raise error
            self._store.remember_failure(position, error.message)
            self.loaded.emit(position, error.message)

        def dropped() -> None:
            del self._running[position]
            if position in self._lasting:
                self._start(position, urgent=False)

        priority = self._turn if urgent else 0
        operation = Operation(self, read, self._pool, priority)
        operation.success(done).failure(failed).on_cancelled(dropped)
        self._running[position] = operation
        operation.run()
