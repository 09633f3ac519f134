"""What stands in the window before anything is open."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.buttons import ActionButton
from mediassist.ui.icons import icon


class StartScreen(QWidget):
    """The name, what it may be used for, and how to begin."""

    folder_asked = Signal()
    files_asked = Signal()

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(self)
        outer.addStretch(3)
        mark = QLabel()
        mark.setPixmap(icon("mediassist", theme.ACCENT).pixmap(QSize(64, 64)))
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name = QLabel("MediAssist")
        font = name.font()
        font.setPointSizeF(font.pointSizeF() * 2.2)
        name.setFont(font)
        name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        what = QLabel(
            words.sentence("Assisted reading of medical images. A person always decides.")
        )
        what.setProperty("dim", True)
        what.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer.addWidget(mark)
        outer.addSpacing(8)
        outer.addWidget(name)
        outer.addWidget(what)
        outer.addSpacing(28)
        outer.addLayout(self._buttons(words))
        hint = QLabel(words.sentence("or drop a folder, files, a zip or a DICOMDIR here"))
        hint.setProperty("faint", True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer.addSpacing(8)
        outer.addWidget(hint)
        outer.addStretch(4)
        for text in (
            words.sentence("Research and teaching use only, not for diagnosis."),
            "仅供科研教学，不作为临床诊断依据。" if words.lang == "en" else "",
        ):
            if text:
                line = QLabel(text)
                line.setAlignment(Qt.AlignmentFlag.AlignCenter)
                line.setStyleSheet("color: #f0d890;")
                outer.addWidget(line)
        outer.addSpacing(22)

    def _buttons(self, words: Words) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch(1)
        folder = ActionButton(icon("folder"), words.sentence("Open folder…"))
        folder.setProperty("main", True)
        folder.clicked.connect(self.folder_asked)
        files = ActionButton(icon("file"), words.sentence("Open files…"))
        files.clicked.connect(self.files_asked)
        for button in (folder, files):
            button.setIconSize(QSize(20, 20))
            button.setMinimumSize(170, 40)
            row.addWidget(button)
        row.addStretch(1)
        return row
