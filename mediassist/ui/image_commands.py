"""What keys, menus and tool buttons do to the image: window, turn, zoom, overlays, cine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QStatusBar

from mediassist.reading.window_presets import WindowPreset
from mediassist.text import Words
from mediassist.ui.commands import TOOLS, Commands
from mediassist.ui.viewing import Viewing
from mediassist.ui.viewport import ZOOM_PER_STEP, QtViewport, Tool

HINT_MS = 4000


class ImageCommands:
    """Connects the commands that change how a picture is shown, and which one."""

    def __init__(
        self,
        commands: Commands,
        viewport: QtViewport,
        viewing: Viewing,
        status: QStatusBar,
        words: Words,
    ) -> None:
        self._commands = commands
        self._viewport = viewport
        self._model = viewport.model
        self._viewing = viewing
        self._status = status
        self._words = words
        self._connect()
        viewport.view_changed.connect(self._view_changed)
        viewing.cine.playing_changed.connect(self._cine_changed)

    def _connect(self) -> None:
        commands, viewport, viewing = self._commands, self._viewport, self._viewing
        for name, tool in zip(TOOLS, Tool, strict=True):
            commands.connect(name, partial(viewport.choose_tool, tool))
        view = viewport.model.view
        for name, act in {
            "rotate": lambda: self._changed(view.turn),
            "mirror": lambda: self._changed(view.mirror),
            "fit": lambda: self._changed(view.fit),
            "reset": lambda: self._changed(viewport.model.reset),
            "actual_size": lambda: self._changed(
                lambda: view.zoom_to(1.0 / viewport.devicePixelRatioF())
            ),
            "zoom_in": lambda: self._changed(lambda: view.zoom_to(view.zoom * ZOOM_PER_STEP)),
            "zoom_out": lambda: self._changed(lambda: view.zoom_to(view.zoom / ZOOM_PER_STEP)),
            "invert": self._invert,
            "annotations": self._cycle_annotations,
            "annotations_too": self._cycle_annotations,
            "outlines": self._switch_outlines,
            "heat": self._switch_heat,
            "cine": self._switch_cine,
            "up": lambda: viewport.scroll_by(-1),
            "down": lambda: viewport.scroll_by(1),
            "up_fast": lambda: viewport.scroll_by(-10),
            "down_fast": lambda: viewport.scroll_by(10),
            "first": lambda: viewing.show_end(last=False),
            "last": lambda: viewing.show_end(last=True),
            "previous_series": lambda: viewing.step_series(-1),
            "next_series": lambda: viewing.step_series(1),
        }.items():
            commands.connect(name, act)
        commands.connect_numbers(self.choose_number)
        commands.connect_window_steps(
            lambda centre, width, step: self._changed(
                lambda: viewport.model.step_window(centre, width, step)
            )
        )

    def choose_number(self, number: int) -> None:
        """A number key: automatic, stored windows, presets."""
        if self._model.choose_key(number):
            self._viewport.refresh()

    def choose_preset(self, preset: WindowPreset) -> None:
        self._changed(lambda: self._model.choose_preset(preset))

    def choose_speed(self, pictures_per_second: float | None) -> None:
        """Of moving pictures; None for what the file says."""
        self._viewing.cine.choose_speed(pictures_per_second)
        if self._viewing.cine.playing:
            self._cine_changed(True)

    def _changed(self, change: Callable[[], object]) -> None:
        change()
        self._viewport.refresh()

    def _view_changed(self) -> None:
        self._commands["outlines"].setChecked(self._model.show_outlines)
        self._commands["heat"].setChecked(self._model.show_heat)
        self._commands["invert"].setChecked(self._model.inverted)

    def _invert(self) -> None:
        self._model.inverted = not self._model.inverted
        self._viewport.refresh()

    def _cycle_annotations(self) -> None:
        self._model.level = self._model.level.next()
        self._viewport.refresh()

    def _switch_outlines(self) -> None:
        self._model.show_outlines = not self._model.show_outlines
        self._viewport.refresh()

    def _switch_heat(self) -> None:
        self._model.show_heat = not self._model.show_heat
        self._viewport.refresh()
        if self._model.show_heat and not self._viewing.heat_available:
            self._hint(self._words.sentence("There is no heat map for this image."))

    def _switch_cine(self) -> None:
        cine = self._viewing.cine
        cine.toggle()
        self._commands["cine"].setChecked(cine.playing)
        series = self._model.series
        if series is not None and len(series.positions) < 2:
            self._hint(self._words.sentence("This series has only one image."))

    def _cine_changed(self, playing: bool) -> None:
        self._commands["cine"].setChecked(playing)
        if not playing:
            self._status.clearMessage()
            return
        speed = f"{self._viewing.cine.pictures_per_second:.3g}"
        self._status.showMessage(
            self._words.sentence("Playing {speed} images a second (C pauses)", speed=speed)
        )

    def _hint(self, sentence: str) -> None:
        self._status.showMessage(sentence, HINT_MS)
