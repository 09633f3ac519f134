"""Buttons and labels that every part of the window is made of."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
)

from mediassist.ui.own_keys import BUTTON_KEYS, OwnKeys

# Padding and border at both sides of a row (theme.py).
_ROW_INSET = 8
# Qt breaks a path at its slashes, but no longer piece of Latin letters.
_LONG_WORD = re.compile("[!-.0-~]{36,}")


def text_label(text: str, kind: str = "") -> QLabel:
    """A label that wraps and can be copied from; never interpreted as markup.

    A word that no panel is wide enough for (a hash, a file's name) loses its middle: it would push
    everything beside it out of sight. The tool tip has it whole.
    """
    shown = _LONG_WORD.sub(lambda found: f"{found[0][:14]}…{found[0][-10:]}", text)
    label = QLabel(shown)
    if shown != text:
        label.setToolTip(text)
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


class RowButton(ActionButton):
    """A line of a list. In a narrow panel its end is cut, and the tool tip has it whole."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setProperty("row", True)
        self.setToolTip(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def paintEvent(self, event):
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.width() - _ROW_INSET
        option.text = option.fontMetrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)
