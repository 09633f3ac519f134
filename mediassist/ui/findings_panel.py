"""The panel at the right: the state of the analysis, every bundle's finding, and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message
from mediassist.core.vocabulary import Verdict
from mediassist.reading.display_set import DisplaySet, display_set
from mediassist.reading.worklist import AnalysisState, WorklistRow, findings_in_order
from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.acquisition_box import AcquisitionBox
from mediassist.ui.buttons import ActionButton, text_label
from mediassist.ui.finding_card import FindingCard
from mediassist.ui.finding_words import meaning_sentence, refusal_numbers
from mediassist.ui.icons import icon
from mediassist.ui.other_studies import OtherStudies
from mediassist.ui.row_words import state_words
from mediassist.ui.verdict_mark import draw_mark


class _Mark(QWidget):
    """A verdict's shape alone, beside a line of text."""

    def __init__(self, verdict: Verdict, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = verdict
        self.setFixedSize(14, 18)

    def paintEvent(self, event):
        draw_mark(QPainter(self), self._verdict, QPointF(7, 10), 9)


class FindingsPanel(QWidget):
    """Shows one row of the study list; the decisions are given to it, it holds none."""

    analyse_asked = Signal()
    cancel_asked = Signal()
    export_asked = Signal()
    decided = Signal(str, object, str)
    finding_chosen = Signal(str, bool)
    place_asked = Signal(str, object)
    study_asked = Signal(str)

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.cards: dict[str, FindingCard] = {}
        self._shown: object = None
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(300)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._heading())
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self._footer())
        self.clear()

    def _heading(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(14, 10, 14, 8)
        column.setSpacing(6)
        row = QHBoxLayout()
        title = QLabel(self._words.sentence("Findings"))
        title.setProperty("heading", True)
        row.addWidget(title, 1)
        self._analyse = ActionButton(icon("analyse"), "")
        self._analyse.setIconSize(QSize(16, 16))
        self._analyse.clicked.connect(self.analyse_asked)
        self._cancel = ActionButton(icon("stop"), self._words.sentence("Stop"))
        self._cancel.setIconSize(QSize(16, 16))
        self._cancel.setToolTip(self._words.sentence("Stop the analysis"))
        self._cancel.clicked.connect(self.cancel_asked)
        row.addWidget(self._analyse)
        row.addWidget(self._cancel)
        column.addLayout(row)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 0)
        self._step = QLabel()
        self._step.setProperty("dim", True)
        column.addWidget(self._progress)
        column.addWidget(self._step)
        self.others = OtherStudies(self._words)
        self.others.study_asked.connect(self.study_asked)
        column.addWidget(self.others)
        return column

    def _footer(self) -> QWidget:
        footer = QWidget()
        row = QHBoxLayout(footer)
        row.setContentsMargins(14, 10, 14, 12)
        self._export = ActionButton(icon("export"), self._words.sentence("Export report…"))
        self._export.setIconSize(QSize(18, 18))
        self._export.setProperty("main", True)
        self._export.setToolTip(self._words.sentence("Write the report with your decisions (E)"))
        self._export.clicked.connect(self.export_asked)
        row.addWidget(self._export, 1)
        return footer

    def clear(self) -> None:
        self._set_content([])
        self.cards = {}
        self._shown = None
        self._analyse.hide()
        self._cancel.hide()
        self._progress.hide()
        self._step.hide()
        self._export.setEnabled(False)

    def show_row(self, row: WorklistRow, decisions: Mapping[str, Decision]) -> None:
        """Show a study's findings, or why there are none yet."""
        self._show_state(row)
        if row.result is None:
            self.cards = {}
            self._shown = None
            sentence = state_words(row, self._words)
            if row.failure is not None:
                sentence = self._words.message(row.failure)
            elif row.state in (AnalysisState.RUNNING, AnalysisState.WAITING):
                sentence = ""
            self._set_content([text_label(sentence, "dim")] if sentence else [])
            return
        if self._shown is not row.result:
            self._shown = row.result
            self._build(row.result, display_set(row.study))
        for bundle_id, card in self.cards.items():
            card.show_decision(decisions.get(bundle_id))

    def show_step(self, text: str) -> None:
        """What the analysis is doing now."""
        self._step.setText(text)

    def set_current(self, bundle_id: str) -> None:
        for card_id, card in self.cards.items():
            card.set_current(card_id == bundle_id)
        if bundle_id not in self.cards:
            return
        if bundle_id == next(iter(self.cards)):
            # What stands above the first card (the acquisition check) belongs to its reading.
            self._scroll.verticalScrollBar().setValue(0)
        else:
            self._scroll.ensureWidgetVisible(self.cards[bundle_id], 0, 12)

    def show_position(self, series_index: int, position: int) -> None:
        """The viewport shows this picture of the study."""
        for card in self.cards.values():
            card.show_position(series_index, position)

    def _show_state(self, row: WorklistRow) -> None:
        running = row.state in (AnalysisState.RUNNING, AnalysisState.WAITING)
        self._progress.setVisible(row.state is AnalysisState.RUNNING)
        self._step.setVisible(running)
        if row.state is AnalysisState.WAITING:
            self._step.setText(state_words(row, self._words))
        self._cancel.setVisible(running)
        self._analyse.setVisible(not running)
        again = row.state in (AnalysisState.DONE, AnalysisState.FAILED)
        self._analyse.setText(
            self._words.sentence("Analyse again") if again else self._words.sentence("Analyse")
        )
        self._analyse.setToolTip(self._words.sentence("Analyse this study"))
        self._export.setEnabled(row.result is not None)

    def _build(self, study_result: StudyResult, shown: DisplaySet) -> None:
        self.cards = {}
        parts: list[QWidget] = []
        refused: list[BundleResult] = []
        check = study_result.acquisition
        if check is not None and check.results:
            parts.append(AcquisitionBox(check, self._words))
        for message in study_result.warnings:
            parts.append(text_label(self._words.message(message), "dim"))
        for failed in study_result.failed_images:
            parts.append(text_label(self._words.error(failed.error), "dim"))
        said = _common_warnings(study_result)
        parts += [text_label(self._words.message(warning), "dim") for warning in said]
        for result in findings_in_order(study_result):
            if result.verdict is Verdict.NOT_APPLICABLE:
                refused.append(result)
                continue
            card = FindingCard(result, shown, self._words, said)
            card.chosen.connect(self.finding_chosen)
            card.decided.connect(self.decided)
            card.place_asked.connect(self.place_asked)
            self.cards[result.bundle.bundle_id] = card
            parts.append(card)
        if not study_result.results:
            parts.append(
                text_label(
                    self._words.sentence(
                        "No model is installed, so nothing was looked for."
                        " 'mediassist doctor' tells where models are expected."
                    )
                )
            )
        elif not self.cards:
            parts.append(text_label(_nothing_said(study_result, self._words)))
        if refused:
            parts.append(self._refusals(refused))
        self._set_content(parts)

    def _refusals(self, refused: list[BundleResult]) -> QWidget:
        """The bundles that do not apply, each with its reason; those for other modalities, which
        are most and say least, together at the end."""
        from mediassist.report.refusals import by_modality, other_modality_words

        words = self._words
        box = QWidget()
        box.setProperty("clear", True)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(9)
        heading = QLabel(
            words.sentence("Not assessed in this study ({number})", number=len(refused))
        )
        heading.setProperty("heading", True)
        column.addWidget(heading)
        others, near = by_modality(refused)
        for result in near:
            reason = meaning_sentence(result, words)
            numbers = refusal_numbers(result, words)
            column.addLayout(
                _marked_lines(
                    text_label(words.term(result.bundle.finding)),
                    text_label(f"{reason}\n{numbers}" if numbers else reason, "dim"),
                )
            )
        if others:
            column.addLayout(_marked_lines(text_label(other_modality_words(others, words), "dim")))
        return box

    def _set_content(self, parts: list[QWidget]) -> None:
        content = QWidget()
        content.setProperty("panel", True)
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 4, 14, 12)
        column.setSpacing(theme.SPACE + 2)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        self._scroll.setWidget(content)


def _nothing_said(study_result: StudyResult, words: Words) -> str:
    """Why there is no finding, and that this is no good news."""
    if study_result.unreadable:
        return words.sentence(
            "No image of this study could be read, so nothing was looked for."
            " This says nothing about the patient."
        )
    return words.sentence(
        "No model applies to this study, so nothing was looked for."
        " This says nothing about the patient."
    )


def _marked_lines(*labels: QLabel) -> QHBoxLayout:
    """Lines of text beside the mark of what does not apply."""
    row = QHBoxLayout()
    row.setSpacing(7)
    row.addWidget(_Mark(Verdict.NOT_APPLICABLE), 0, Qt.AlignmentFlag.AlignTop)
    lines = QVBoxLayout()
    lines.setSpacing(1)
    for label in labels:
        lines.addWidget(label)
    row.addLayout(lines, 1)
    return row


def _common_warnings(study_result: StudyResult) -> list[Message]:
    """Warnings that several models give: they are about the picture, and are said once."""
    counts = Counter(
        warning
        for result in study_result.results
        if result.verdict is not Verdict.NOT_APPLICABLE
        for warning in result.warnings
    )
    return [warning for warning, count in counts.items() if count > 1]
