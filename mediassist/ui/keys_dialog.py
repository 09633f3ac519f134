"""The help page: every key and mouse action, from the same table that the keys come from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from mediassist.core.messages import say
from mediassist.reading.window_presets import CT_PRESETS
from mediassist.text import Words
from mediassist.ui.buttons import ActionButton
from mediassist.ui.shortcuts import SHORTCUTS

MOUSE = (
    (
        say("mouse_left", "Left drag"),
        say("mouse_left_does", "What the chosen tool says; window and level at first"),
    ),
    (say("mouse_right", "Right drag"), say("mouse_right_does", "Zoom")),
    (say("mouse_click", "Right click"), say("mouse_click_does", "Menu")),
    (say("mouse_middle", "Middle drag"), say("mouse_middle_does", "Move the image")),
    (
        say("mouse_wheel", "Wheel"),
        say("mouse_wheel_does", "Scroll; with Shift ten at a time, with Ctrl zoom"),
    ),
    (say("mouse_double", "Double click"), say("mouse_double_does", "Image alone, and back")),
)


class KeysDialog(QDialog):
    """Two columns: mouse and image keys."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(words.sentence("Keys and mouse"))
        self.resize(640, 620)
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(20, 16, 20, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(7)
        rows = [(words.message(keys), words.message(act)) for keys, act in MOUSE]
        for entry in SHORTCUTS:
            keys = ", ".join(
                QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                for key in entry.keys
            )
            rows.append((keys, words.message(entry.text)))
        rows.append(("0", words.sentence("Automatic window")))
        rows.append(("1, 2", words.sentence("First and second window of the file")))
        for preset in CT_PRESETS:
            if preset.key is not None:
                rows.append(
                    (
                        str(preset.key),
                        words.sentence("CT window: {name}", name=words.message(preset.label)),
                    )
                )
        for number, (keys, act) in enumerate(rows):
            key_label = QLabel(keys)
            key_label.setProperty("heading", True)
            grid.addWidget(key_label, number, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(QLabel(act), number, 1)
        grid.setColumnStretch(1, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.addWidget(scroll, 1)
        close = ActionButton(words.sentence("Close"))
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignHCenter)
