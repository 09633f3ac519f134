"""Short news above the viewport: what was written, what failed, what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QWidget

from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.buttons import ActionButton
from mediassist.ui.icons import icon


class NoticeBar(QWidget):
    """One notice at a time; it stays until it is closed or replaced, so that it can be read."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._action: Callable[[], None] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = ActionButton()
        self._button.clicked.connect(self._act)
        self._close = ActionButton(icon("close"), "")
        self._close.setProperty("quiet", True)
        self._close.setIconSize(QSize(14, 14))
        self._close.setToolTip(words.sentence("Close this notice"))
        self._close.setAccessibleName(words.sentence("Close this notice"))
        self._close.clicked.connect(self.hide)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._text.text()

    def tell(self, text: str, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Good or neutral news, with something that can be done."""
        self._show(text, theme.ACCENT_GROUND, action, act)

    def warn(self, text: str, details: str = "") -> None:
        """Something went wrong; `details` can be copied for whoever mends it."""
        if details:
            self._show(
                text,
                "#4a2b24",
                self._words.sentence("Copy details"),
                lambda: QApplication.clipboard().setText(details),
            )
        else:
            self._show(text, "#4a2b24", "", None)

    def _show(self, text: str, ground: str, action: str, act: Callable[[], None] | None) -> None:
        self._text.setText(text)
        self._action = act
        self._button.setVisible(act is not None)
        self._button.setText(action)
        self.setStyleSheet(f"NoticeBar {{ background: {ground}; }}")
        self.show()

    def _act(self) -> None:
        if self._action is not None:
            self._action()
