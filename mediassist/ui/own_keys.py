"""Lets a widget keep the keys that it works with itself, before the window's shortcuts take them.

The reading keys work wherever the focus is. Qt asks the widget with the focus first whether it
wants a key for itself (a `ShortcutOverride`); text fields answer for letters, the rest is here.
"""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, Qt

BUTTON_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})
LIST_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Space,
    }
)
TEXT_KEYS = LIST_KEYS | BUTTON_KEYS | {Qt.Key.Key_Escape}


class OwnKeys:
    """Stands before the Qt class among the bases; `own_keys` are kept where no modifier is held."""

    own_keys: ClassVar[frozenset[Qt.Key]] = frozenset()

    def event(self, event):
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in self.own_keys:
            held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if held == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().event(event)  # type: ignore[misc]  # the Qt class beside it
