"""The other open studies of the patient whose study is shown, each with its verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mediassist.reading.worklist import AnalysisState, WorklistRow
from mediassist.text import Words
from mediassist.ui.buttons import RowButton, text_label
from mediassist.ui.row_words import badge_words, state_words

MOST_NAMED = 3


class OtherStudies(QWidget):
    """One line a study, newest first; hidden where there is none.

    Signals
    -------
    study_asked : Study Instance UID of the line that was pressed.
    """

    study_asked = Signal(str)

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._told: tuple[tuple[str, str], ...] = ()
        self.setProperty("clear", True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    def show_rows(self, rows: Sequence[WorklistRow]) -> None:
        """Show these; nothing is made anew while they say the same."""
        told = tuple((row.study.study_uid, line_words(row, self._words)) for row in rows)
        if told == self._told:
            return
        self._told = told
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                # Not gone at once: it may be the line whose click brought us here.
                old.hide()
                old.deleteLater()
        if told:
            heading = self._words.sentence(
                "Other studies of this patient ({number})", number=len(told)
            )
            self._column.addWidget(text_label(heading, "dim"))
        for uid, line in told[:MOST_NAMED]:
            button = RowButton(line)
            button.clicked.connect(lambda _checked, uid=uid: self.study_asked.emit(uid))
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        if len(told) > MOST_NAMED:
            more = self._words.sentence("{count} more studies", count=len(told) - MOST_NAMED)
            self._column.addWidget(text_label(more, "faint"))
        self.setVisible(bool(told))


def line_words(row: WorklistRow, words: Words) -> str:
    """Modality, date, and what the models say, or why they do not yet."""
    if row.state is AnalysisState.DONE and row.verdicts:
        comma = "、" if words.lang == "zh_CN" else ", "
        said = comma.join(text for _, text in badge_words(row, words, briefly=True))
    else:
        said = state_words(row, words)
    date = row.study.study_date.isoformat() if row.study.study_date else ""
    return "  ·  ".join(part for part in (" ".join(row.modalities), date, said) if part)
