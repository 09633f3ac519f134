"""Buttons and labels that every part of the window is made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy

from mediassist.ui.own_keys import BUTTON_KEYS, OwnKeys


def text_label(text: str, kind: str = "") -> QLabel:
    """A label that wraps and can be copied from; never interpreted as markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    if kind:
        label.setProperty(kind, True)
    return label


class ActionButton(OwnKeys, QPushButton):
    """A button that Enter presses too, so that the whole window works from the keyboard."""

    own_keys = BUTTON_KEYS

    def keyPressEvent(self, event):
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
