"""Lists the files that could not be opened, each with the reason and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from mediassist.core.study import Rejected
from mediassist.text import Words
from mediassist.ui.buttons import ActionButton


class RejectedDialog(QDialog):
    """Plain text that can be copied into a message to whoever sent the files."""

    def __init__(
        self, rejected: Sequence[Rejected], words: Words, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(words.sentence("Files that could not be opened"))
        self.resize(760, 420)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        text = QPlainTextEdit("\n\n".join(_told(one, words) for one in rejected))
        text.setReadOnly(True)
        column.addWidget(text, 1)
        close = ActionButton(words.sentence("Close"))
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)


def _told(rejected: Rejected, words: Words) -> str:
    """The reason and what to do, after the file's name where the reason does not begin with it."""
    said = words.error(rejected.error)
    return said if said.startswith(rejected.source) else f"{rejected.source}\n{said}"
