"""Collects Python's cyclic garbage on the main thread only.

Python collects in whatever thread happens to allocate. Where that is a thread of a background pool
that reads a picture, the garbage may hold widgets, and destroying a widget outside the main thread
ends the program with a segmentation fault: seen in a test that changes studies while the next
picture is read.

`background.py` keeps the pools' own references away from that, but not this: a widget that is
thrown away (a finding's card, a dialog, the window of the other language) lies in cycles of its
own, through the lambdas connected to its signals, and only the collector ends those.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


class GarbageOnMainThread(QObject):
    """Switches the automatic collection off and collects by a timer, until `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_automatic = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect_due)
        self._timer.start(INTERVAL_MS)

    def collect_due(self) -> None:
        """Collect the oldest generation whose count is over Python's own threshold."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Collect once more and leave the rest to Python again."""
        self._timer.stop()
        gc.collect()
        if self._was_automatic:
            gc.enable()
