"""One bundle's finding in the panel: what it says, how sure, and the reader's word on it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message
from mediassist.reading.decisions import decidable
from mediassist.reading.display_set import DisplaySet
from mediassist.reading.places import (
    MarkedPlace,
    marked_places,
    series_scores,
    structure_places,
)
from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.buttons import ActionButton, text_label
from mediassist.ui.card_parts import MeasurementTable, PlacesList
from mediassist.ui.finding_words import (
    details_lines,
    meaning_sentence,
    only_marks,
    promise_sentence,
    threshold_labels,
    verdict_badge,
    warning_lines,
)
from mediassist.ui.icons import icon
from mediassist.ui.own_keys import TEXT_KEYS, OwnKeys
from mediassist.ui.slice_scores import SliceScores
from mediassist.ui.threshold_bar import ThresholdBar
from mediassist.ui.verdict_mark import VerdictBadge

# Room for the words of a card in a panel of least width, less the gap between two of them.
NARROWEST = 225


class _ReasonField(OwnKeys, QLineEdit):
    """Keeps Enter to itself: passed on, it would accept the finding that is being rejected."""

    own_keys = TEXT_KEYS
    left = Signal()

    def keyPressEvent(self, event):
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


class FindingCard(QFrame):
    """A flagged, review, cleared or failed result.

    Signals
    -------
    chosen : bundle id, and whether by a click (which also leads back to its place).
    """

    chosen = Signal(str, bool)
    decided = Signal(str, object, str)
    place_asked = Signal(str, object)

    def __init__(
        self,
        result: BundleResult,
        shown: DisplaySet,
        words: Words,
        said: Collection[Message] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`shown` are the pictures of the study, by which places are named; `said` are warnings
        that stand above all cards."""
        super().__init__(parent)
        self.bundle_id = result.bundle.bundle_id
        self._result = result
        self._words = words
        self._decision: Decision | None = None
        self.setProperty("card", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(words.term(result.bundle.finding))
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(self._heading())
        self._add_assessment(layout)
        self._add_places(layout, shown)
        if result.measurements:
            layout.addWidget(MeasurementTable(result, words))
        for line in warning_lines(result, words, said):
            layout.addWidget(text_label(line, "dim"))
        if decidable(result):
            layout.addLayout(self._buttons())
        self._reason = _ReasonField()
        self._reason.setPlaceholderText(words.sentence("Reason (optional), Enter keeps it"))
        self._reason.setMaxLength(200)
        self._reason.returnPressed.connect(self._keep_reason)
        self._reason.left.connect(self._leave_reason)
        self._decision_text = text_label("", "dim")
        layout.addWidget(self._decision_text)
        layout.addWidget(self._reason)
        self._add_details(layout)
        self._hear_clicks(self)
        self.show_decision(None)

    # Parts

    def _heading(self) -> QBoxLayout:
        """Name and verdict beside each other, or below where the narrowest panel is too narrow:
        a verdict is never cut."""
        name = text_label(self._words.term(self._result.bundle.finding))
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        verdict = self._result.verdict
        badge = VerdictBadge(verdict, verdict_badge(self._result, self._words))
        beside = name.minimumSizeHint().width() + badge.sizeHint().width() <= NARROWEST
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        layout = QBoxLayout(way)
        layout.setSpacing(8 if beside else 4)
        layout.addWidget(name, 1)
        side = Qt.AlignmentFlag.AlignRight if beside else Qt.AlignmentFlag.AlignLeft
        layout.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop | side)
        return layout

    def _add_assessment(self, layout: QVBoxLayout) -> None:
        result, words = self._result, self._words
        has_verdict = not only_marks(result)
        if has_verdict and result.probability is not None and result.operating_point is not None:
            row = QHBoxLayout()
            row.setSpacing(10)
            value, labels = threshold_labels(result.probability, result.operating_point)
            number = QLabel(value)
            font = number.font()
            font.setPointSizeF(font.pointSizeF() * 1.5)
            font.setBold(True)
            number.setFont(font)
            number.setToolTip(words.sentence("Calibrated probability of this finding, 0 to 1"))
            row.addWidget(number, 0, Qt.AlignmentFlag.AlignTop)
            bar = ThresholdBar(result.probability, result.operating_point, result.verdict, labels)
            row.addWidget(bar, 1)
            layout.addLayout(row)
        layout.addWidget(text_label(meaning_sentence(result, words)))
        promise = promise_sentence(result, words)
        if promise:
            layout.addWidget(text_label(promise, "dim"))

    def _add_places(self, layout: QVBoxLayout, shown: DisplaySet) -> None:
        """Scores along each series, and the places to jump to where there is a choice."""
        result, words = self._result, self._words
        point = None if only_marks(result) else result.operating_point
        thresholds = () if point is None else (point.t_low, point.t_high)
        self.scores = [
            SliceScores(each, result.verdict, tuple(t for t in thresholds if t is not None), words)
            for each in series_scores(result, shown)
        ]
        for scores in self.scores:
            scores.picture_asked.connect(
                lambda uid, frame: self.place_asked.emit(self.bundle_id, MarkedPlace(uid, frame))
            )
            layout.addWidget(scores)
        # Where nothing suspicious is marked, the pictures on which structures were measured.
        places = marked_places(result) or structure_places(result)
        self.places: PlacesList | None = None
        if places:
            self.places = PlacesList(places, shown, words)
            self.places.place_asked.connect(
                lambda place: self.place_asked.emit(self.bundle_id, place)
            )
            layout.addWidget(self.places)
        elif decidable(result) and not result.regions:
            layout.addWidget(
                text_label(words.sentence("No place is marked: look at the whole image."), "dim")
            )

    def show_position(self, series_index: int, position: int) -> None:
        """The viewport shows this picture."""
        for scores in self.scores:
            scores.show_position(series_index, position)

    def _buttons(self) -> QHBoxLayout:
        words = self._words
        row = QHBoxLayout()
        row.setSpacing(8)
        self._accept = ActionButton(icon("accept"), words.sentence("Accept"))
        self._accept.setToolTip(words.sentence("Agree with this finding (Enter)"))
        self._reject = ActionButton(icon("reject"), words.sentence("Reject"))
        self._reject.setToolTip(words.sentence("Disagree with this finding (X)"))
        for button, kind in (
            (self._accept, DecisionKind.ACCEPTED),
            (self._reject, DecisionKind.REJECTED),
        ):
            button.setCheckable(True)
            button.setIconSize(QSize(18, 18))
            button.clicked.connect(lambda _checked, kind=kind: self.decide(kind))
            row.addWidget(button, 1)
        return row

    def _add_details(self, layout: QVBoxLayout) -> None:
        self._details_button = ActionButton(
            icon("open_details", theme.ACCENT), self._words.sentence("Details")
        )
        self._details_button.setProperty("quiet", True)
        self._details_button.setCheckable(False)
        self._details_button.setIconSize(QSize(14, 14))
        self._details_button.clicked.connect(self._toggle_details)
        layout.addWidget(self._details_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._details: QWidget | None = None

    def _toggle_details(self) -> None:
        """Made when first asked for: a study has many bundles and few are looked into."""
        if self._details is None:
            self._details = QWidget()
            self._details.setProperty("clear", True)
            column = QVBoxLayout(self._details)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(5)
            for line in details_lines(self._result, self._words):
                column.addWidget(text_label(line, "dim"))
            self._column.addWidget(self._details)
            self._hear_clicks(self._details)
            self._details.hide()
        opened = self._details.isHidden()
        self._details.setVisible(opened)
        name = "close_details" if opened else "open_details"
        self._details_button.setIcon(icon(name, theme.ACCENT))

    # What changes

    def show_decision(self, decision: Decision | None) -> None:
        """Show who decided what and when, or that nobody has."""
        self._decision = decision
        if decidable(self._result):
            self._accept.setChecked(decision is not None and decision.kind is DecisionKind.ACCEPTED)
            self._reject.setChecked(decision is not None and decision.kind is DecisionKind.REJECTED)
        self._decision_text.setVisible(decision is not None)
        self._reason.setVisible(decision is not None and decision.kind is DecisionKind.REJECTED)
        if decision is None:
            return
        self._decision_text.setText(decision_sentence(decision, self._words))
        self._reason.setText(decision.reason)

    def set_current(self, current: bool) -> None:
        if self.property("current") != current:
            self.setProperty("current", current)
            self.style().unpolish(self)
            self.style().polish(self)

    def decide(self, kind: DecisionKind) -> None:
        if decidable(self._result):
            # The button shows what is kept; the answer to this signal sets it.
            self.show_decision(self._decision)
            self.decided.emit(self.bundle_id, kind, "")

    def _keep_reason(self) -> None:
        if self._decision is not None and self._reason.text().strip() != self._decision.reason:
            self.decided.emit(self.bundle_id, self._decision.kind, self._reason.text())
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_reason(self) -> None:
        """Esc in the field: what was typed and not kept is dropped."""
        self._reason.setText("" if self._decision is None else self._decision.reason)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _hear_clicks(self, part: QWidget) -> None:
        """Text that can be copied keeps its clicks to itself; the card is meant by them too."""
        for label in part.findChildren(QLabel):
            label.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.MouseButtonPress:
            self.chosen.emit(self.bundle_id, True)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event):
        self.chosen.emit(self.bundle_id, True)
        super().mousePressEvent(event)

    def focusInEvent(self, event):
        super().focusInEvent(event)
        self.chosen.emit(self.bundle_id, False)


def decision_sentence(decision: Decision, words: Words) -> str:
    """Who decided what, when (local time)."""
    at = local_time(decision.at)
    if decision.kind is DecisionKind.ACCEPTED:
        if not decision.reader:
            return words.sentence("Accepted on {at}", at=at)
        return words.sentence("Accepted by {reader} on {at}", reader=decision.reader, at=at)
    if not decision.reader:
        return words.sentence("Rejected on {at}", at=at)
    return words.sentence("Rejected by {reader} on {at}", reader=decision.reader, at=at)


def local_time(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
