"""What one viewport shows and how; no Qt. A grid of viewports is a list of these."""

from __future__ import annotations

from dataclasses import dataclass, field

from mediassist.core.messages import Message
from mediassist.core.study import Study
from mediassist.dicom.windows import Voi, Window
from mediassist.reading.annotations import AnnotationLevel
from mediassist.reading.display_set import DisplaySeries, ScrollPosition
from mediassist.reading.pictures import Picture
from mediassist.reading.view_state import ViewState, dragged_window, stepped_window
from mediassist.reading.window_presets import (
    AUTOMATIC_KEY,
    STORED_KEYS,
    WindowPreset,
    preset_for_key,
)


@dataclass(slots=True)
class ViewportModel:
    """One viewport.

    Attributes
    ----------
    index : place in the series' scroll positions.
    picture, failure : the decoded frame at `index`, or why there is none; both None while it is
        being read.
    chosen_window : the reader's window, kept while scrolling through the series; None for each
        picture's own.
    """

    study: Study | None = None
    series: DisplaySeries | None = None
    index: int = 0
    picture: Picture | None = None
    failure: Message | None = None
    chosen_window: Window | None = None
    inverted: bool = False
    level: AnnotationLevel = AnnotationLevel.ALL
    show_outlines: bool = True
    show_heat: bool = False
    view: ViewState = field(default_factory=ViewState)

    def open(self, study: Study, series: DisplaySeries, index: int | None = None) -> None:
        """Show a series; window, turn and zoom start afresh when it is another one."""
        same = self.series is not None and self.series.series.series_uid == series.series.series_uid
        if not same:
            self.chosen_window = None
            self.inverted = False
            self.view.reset()
        self.study, self.series = study, series
        self._go(series.start if index is None else index)

    def clear(self) -> None:
        self.study = self.series = self.picture = self.failure = None
        self.index = 0

    @property
    def position(self) -> ScrollPosition | None:
        return None if self.series is None else self.series.positions[self.index]

    @property
    def voi(self) -> Voi | None:
        """The grey window or table in use; None for colour and while nothing is read."""
        if self.picture is None or self.picture.colour:
            return None
        return self.chosen_window or self.picture.default

    @property
    def window(self) -> Window | None:
        """What dragging starts from: a table cannot be dragged, the automatic window can."""
        voi = self.voi
        if voi is None or self.picture is None:
            return None
        return voi if isinstance(voi, Window) else self.picture.automatic

    def scroll(self, steps: int) -> bool:
        """Move through the series; False where its end was reached already."""
        return self.scroll_to(self.index + steps)

    def scroll_to(self, index: int) -> bool:
        if self.series is None:
            return False
        index = max(0, min(len(self.series.positions) - 1, index))
        if index == self.index:
            return False
        self._go(index)
        return True

    def set_picture(self, picture: Picture) -> None:
        self.picture, self.failure = picture, None
        position = self.position
        self.view.show(
            picture.columns,
            picture.rows,
            None if position is None else position.instance.spacing,
            picture.pixel_aspect,
        )

    def set_failure(self, failure: Message) -> None:
        self.picture, self.failure = None, failure

    def drag_window(self, right: float, down: float, *, inverse: bool, fast: bool) -> bool:
        """Change the window by a drag; False where there is none to change."""
        window = self.window
        if window is None or self.picture is None:
            return False
        self.chosen_window = dragged_window(
            window, right, down, self.picture.span, inverse=inverse, fast=fast
        )
        return True

    def step_window(self, centre_steps: int, width_steps: int, step: float) -> bool:
        """Change the window by keyboard steps of `step` units."""
        window = self.window
        if window is None or self.picture is None:
            return False
        self.chosen_window = stepped_window(
            window, centre_steps, width_steps, step, self.picture.span
        )
        return True

    def choose_key(self, key: int) -> bool:
        """What a number key asks for: 0 automatic, 1-2 stored in the file, 3-9 presets of CT."""
        if self.picture is None or self.picture.colour:
            return False
        if key == AUTOMATIC_KEY:
            self.chosen_window = self.picture.automatic
            return True
        if key in STORED_KEYS:
            if key > len(self.picture.windows):
                return False
            self.chosen_window = self.picture.windows[key - 1]
            return True
        preset = preset_for_key(self.modality, key)
        if preset is None:
            return False
        self.choose_preset(preset)
        return True

    def choose_preset(self, preset: WindowPreset) -> None:
        self.chosen_window = Window(preset.centre_hu, preset.width_hu)

    @property
    def modality(self) -> str:
        return self.series.series.modality if self.series else ""

    def reset(self) -> None:
        """Fitted, unturned, in its own window."""
        self.chosen_window = None
        self.inverted = False
        self.view.reset()

    def _go(self, index: int) -> None:
        self.index = index
        self.picture = self.failure = None
