"""Reads frames in the background: the newest wish first, neighbours afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from mediassist.core.messages import Message
from mediassist.reading.display_set import ScrollPosition
from mediassist.reading.pictures import Picture, PictureStore
from mediassist.ui.error_words import failure_message
from mediassist.ui.operation import BackgroundPool, Operation, OperationCancelled, Reporter

THREADS = 2


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
        self._pool = BackgroundPool(THREADS)
        self._running: dict[ScrollPosition, Operation] = {}
        self._urgent: set[ScrollPosition] = set()
        self._near: set[ScrollPosition] = set()
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

    def prefetch(self, positions: Sequence[ScrollPosition]) -> None:
        """Read the neighbours of what is shown; those of where the reader has been are dropped."""
        for position in self._near - self._urgent - self._lasting - set(positions):
            operation = self._running.pop(position, None)
            if operation is not None:
                operation.cancel()
        self._near = set(positions)
        for position in positions:
            if self._store.known(position) is None:
                self._start(position, urgent=False)

    def known(self, position: ScrollPosition) -> bool:
        """Whether a picture is at hand, or it is known that it cannot be shown."""
        return self._store.known(position) is not None

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
        self._running.clear()
        self._pool.close()

    def _drop_urgent(self, keep: ScrollPosition) -> None:
        """Let go of the last wish; it can be wished again at once, by an operation of its own."""
        for position in self._urgent - {keep}:
            operation = self._running.pop(position, None)
            if operation is None:
                continue
            operation.cancel()
            if position in self._lasting:
                self._start(position, urgent=False)
        self._urgent = {keep}

    def _start(self, position: ScrollPosition, *, urgent: bool) -> None:
        self._turn += 1
        priority = self._turn if urgent else 0
        if position in self._running:
            if urgent:
                self._running[position].prefer(priority)
            return

        def read(reporter: Reporter) -> Picture:
            if reporter.cancelled:
                raise OperationCancelled
            return self._store.load(position)

        def done(picture: Picture) -> None:
            del self._running[position]
            self.loaded.emit(position, picture)

        def failed(error: Exception) -> None:
            del self._running[position]
            reason = failure_message(error)
            self._store.remember_failure(position, reason)
            self.loaded.emit(position, reason)

        operation = Operation(self._pool, read, priority)
        operation.success(done).failure(failed)
        self._running[position] = operation
        operation.run()
