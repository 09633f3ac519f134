"""What the window can do, as actions with icon, key and tooltip; and the bars made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QToolBar, QWidget

from mediassist.text import Words
from mediassist.ui.icons import icon
from mediassist.ui.shortcuts import (
    NUMBER_KEYS,
    SHORTCUTS,
    WINDOW_MOVES,
    WINDOW_STEPS,
    key_text,
    shortcut,
)

# Tool bar, left to right; an empty name is a gap. The icon has the command's name where none is
# given here.
TOOLBAR = (
    "tool_window",
    "tool_pan",
    "tool_zoom",
    "tool_scroll",
    "cine",
    "",
    "presets",
    "invert",
    "",
    "fit",
    "rotate",
    "mirror",
    "reset",
    "",
    "outlines",
    "heat",
    "annotations",
    "",
    "previous_finding",
    "next_finding",
)
TOOLS = ("tool_window", "tool_pan", "tool_zoom", "tool_scroll")
SWITCHES = ("outlines", "heat", "invert", "cine")
ICONS = {
    "tool_window": "window_level",
    "tool_pan": "pan",
    "tool_zoom": "zoom",
    "tool_scroll": "scroll",
    "outlines": "outline",
    "previous_finding": "previous",
    "next_finding": "next",
    "presets": "preset",
    "open_folder": "folder",
    "open_files": "file",
}


class Commands:
    """All actions of the window by name; `connect` gives each what it does."""

    def __init__(self, window: QWidget, words: Words) -> None:
        self._window = window
        self._words = words
        self.actions: dict[str, QAction] = {}
        for entry in SHORTCUTS:
            sentence = words.message(entry.text)
            action = QAction(sentence, window)
            action.setShortcuts([QKeySequence(key) for key in entry.keys])
            window.addAction(action)
            action.setToolTip(f"{sentence} ({key_text(entry.command)})")
            if entry.command in TOOLBAR or entry.command in ICONS:
                action.setIcon(icon(ICONS.get(entry.command, entry.command)))
            self.actions[entry.command] = action
        for name in (*TOOLS, *SWITCHES):
            self.actions[name].setCheckable(True)
        self.tools = QActionGroup(window)
        for name in TOOLS:
            self.tools.addAction(self.actions[name])
        self.actions["tool_window"].setChecked(True)

    def __getitem__(self, name: str) -> QAction:
        return self.actions[name]

    def connect(self, name: str, act: Callable[[], object]) -> None:
        self.actions[name].triggered.connect(lambda _checked=False: act())

    def connect_numbers(self, act: Callable[[int], None]) -> None:
        """Number keys: 0 automatic, 1-2 stored windows, 3-9 presets."""
        for number in NUMBER_KEYS:
            key = QShortcut(QKeySequence(str(number)), self._window)
            key.activated.connect(partial(act, number))

    def connect_window_steps(self, act: Callable[[int, int, float], None]) -> None:
        """Alt and an arrow change the window by 1; with Shift by 10, with Ctrl by 100."""
        for command, (centre, width) in WINDOW_MOVES.items():
            base = shortcut(command).keys[0]
            for modifier, step in WINDOW_STEPS:
                if not modifier:
                    self.connect(command, partial(act, centre, width, step))
                    continue
                key = QShortcut(QKeySequence(modifier + base), self._window)
                key.activated.connect(partial(act, centre, width, step))

    def toolbar(self, presets: QWidget) -> QToolBar:
        bar = QToolBar(self._words.sentence("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(22, 22))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for name in TOOLBAR:
            if not name:
                bar.addSeparator()
            elif name == "presets":
                bar.addWidget(presets)
            else:
                bar.addAction(self.actions[name])
                button = bar.widgetForAction(self.actions[name])
                button.setAccessibleName(self.actions[name].text())
        return bar
