"""Asks in which language and where the report shall be written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mediassist.text import Words
from mediassist.ui.buttons import ActionButton, text_label

# A language is named in itself: whoever needs it can read it.
LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}


class ExportDialog(QDialog):
    """Language and file of the report; says how many findings nobody has decided on."""

    def __init__(
        self, words: Words, target: Path, undecided: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._words = words
        self.setWindowTitle(words.sentence("Export report"))
        self.setMinimumWidth(560)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        form = QFormLayout()
        form.setSpacing(10)
        self.language = QComboBox()
        for lang, name in LANGUAGE_NAMES.items():
            self.language.addItem(name, lang)
        self.language.setCurrentIndex(self.language.findData(words.lang))
        form.addRow(words.sentence("Language"), self.language)
        self.path = QLineEdit(str(target))
        browse = ActionButton(words.sentence("Browse…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(browse)
        form.addRow(words.sentence("File"), row)
        column.addLayout(form)
        self._exists = text_label(
            words.sentence("A file of this name exists; it will be replaced."), "dim"
        )
        column.addWidget(self._exists)
        self.path.textChanged.connect(self._look_at_target)
        self._look_at_target()
        if undecided:
            column.addWidget(
                text_label(
                    words.sentence(
                        "Findings without a decision: {number}. The report says so.",
                        number=undecided,
                    ),
                    "dim",
                )
            )
        column.addLayout(self._buttons())

    @property
    def lang(self) -> str:
        return str(self.language.currentData())

    @property
    def target(self) -> Path:
        """The file as named; without an ending it gets that of a PDF."""
        path = Path(self.path.text().strip())
        return path if path.suffix or not path.name else path.with_suffix(".pdf")

    def _look_at_target(self) -> None:
        self._exists.setVisible(self.target.is_file())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = QPushButton(self._words.sentence("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        write = QPushButton(self._words.sentence("Write report"))
        write.setProperty("main", True)
        write.setDefault(True)
        write.clicked.connect(self.accept)
        self.path.textChanged.connect(lambda text: write.setEnabled(bool(text.strip())))
        row.addWidget(cancel)
        row.addWidget(write)
        return row

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self._words.sentence("Export report"), self.path.text(), "PDF (*.pdf)"
        )
        if chosen:
            self.path.setText(chosen)
