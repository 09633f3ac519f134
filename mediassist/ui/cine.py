"""Plays moving pictures: a clock for the loop that `reading.cine` defines."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from mediassist.reading.cine import loop_around, per_second
from mediassist.reading.viewport_model import ViewportModel

AHEAD = 12


class Cine(QObject):
    """Shows the next picture of the loop at each tick; one that is not read yet is waited for.

    Parameters
    ----------
    ready : whether the picture at a place of the series can be shown at once; asks for it if not.
    show : shows the picture at a place of the series.

    Signals
    -------
    playing_changed : whether it plays.
    """

    playing_changed = Signal(bool)

    def __init__(
        self,
        model: ViewportModel,
        ready: Callable[[list[int]], bool],
        show: Callable[[int], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._ready = ready
        self._show = show
        self._loop = range(0)
        self.chosen_per_second: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def pictures_per_second(self) -> float:
        picture = self._model.picture
        return per_second(picture.frame_time_ms if picture else None, self.chosen_per_second)

    def toggle(self) -> None:
        if self.playing:
            self.stop()
        else:
            self.play()

    def play(self) -> None:
        """Play the loop round the picture that is shown; a single picture does not move."""
        series = self._model.series
        if series is None:
            return
        self._loop = loop_around(series, self._model.index)
        if len(self._loop) > 1:
            self._timer.start(round(1000 / self.pictures_per_second))
            self.playing_changed.emit(True)

    def stop(self) -> None:
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def choose_speed(self, pictures_per_second: float | None) -> None:
        """A speed of the reader's, or the file's own (None)."""
        self.chosen_per_second = pictures_per_second
        if self.playing:
            self._timer.setInterval(round(1000 / self.pictures_per_second))

    def coming(self) -> list[int]:
        """The places that come next, in order, as far ahead as is worth reading."""
        start, count = self._model.index - self._loop.start, len(self._loop)
        steps = range(1, min(AHEAD, count - 1) + 1)
        return [self._loop.start + (start + step) % count for step in steps]

    def _tick(self) -> None:
        series = self._model.series
        if series is None or self._model.index not in self._loop:
            self.stop()
            return
        coming = self.coming()
        if self._ready(coming):
            self._show(coming[0])
