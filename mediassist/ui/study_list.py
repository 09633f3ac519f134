"""The study list: `QtWorklist` shows `Worklist`, one painted row a study."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import ReviewState
from mediassist.reading.worklist import AnalysisState, SortOrder, Worklist, WorklistRow
from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.own_keys import LIST_KEYS, OwnKeys
from mediassist.ui.row_words import badge_words, row_identity, row_speech, state_words
from mediassist.ui.verdict_mark import badge_width, draw_badge

ROW_ROLE = Qt.ItemDataRole.UserRole + 1


class QtWorklist(QAbstractListModel):
    """Shows a `Worklist` in its order."""

    def __init__(self, worklist: Worklist, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worklist = worklist
        self._words = words
        self.order = SortOrder.URGENT_FIRST
        self._rows: tuple[WorklistRow, ...] = ()

    def rowCount(self, parent=QModelIndex()):  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row_speech(row, self._words)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row_speech(row, self._words).replace("; ", "\n")
        return None

    def refresh(self) -> None:
        """Take the worklist's present rows and order."""
        rows = self._worklist.rows(self.order)
        if len(rows) == len(self._rows):
            self.layoutAboutToBeChanged.emit()
            self._rows = rows
            self.layoutChanged.emit()
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def index_of(self, study_uid: str) -> QModelIndex:
        for number, row in enumerate(self._rows):
            if row.study.study_uid == study_uid:
                return self.index(number)
        return QModelIndex()

    def uid_at(self, number: int) -> str:
        return self._rows[number].study.study_uid


class _RowDelegate(QStyledItemDelegate):
    """Name; identity and date; verdict badges; a bar of the headline's colour at the left."""

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words

    def sizeHint(self, option, index):
        line = option.fontMetrics.height()
        return QSize(220, 3 * line + 34)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index):
        row: WorklistRow = index.data(ROW_ROLE)
        rect = QRectF(option.rect)
        painter.save()
        self._paint_ground(painter, option, rect, row)
        inner = rect.adjusted(14, 8, -10, -8)
        line = option.fontMetrics.height()
        self._paint_name(painter, option, QRectF(inner.x(), inner.y(), inner.width(), line), row)
        second = QRectF(inner.x(), inner.y() + line + 3, inner.width(), line)
        self._paint_identity(painter, second, row)
        badges = QRectF(inner.x(), inner.y() + 2 * line + 9, inner.width(), line + 6)
        self._paint_badges(painter, badges, row)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, row: WorklistRow
    ) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.ACCENT_GROUND))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.HOVER))
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if row.headline in (Verdict.FLAGGED, Verdict.REVIEW, Verdict.FAILED):
            bar = QRectF(rect.left(), rect.top(), 3, rect.height() - 1)
            painter.fillRect(bar, theme.verdict_colour(row.headline))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.ACCENT), 1))
            painter.drawRect(rect.adjusted(0.5, 0.5, -1.5, -1.5))

    def _paint_name(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, row: WorklistRow
    ) -> None:
        font = QFont(option.font)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT))
        name = row.study.patient.name or self._words.sentence("Name unknown")
        painter.drawText(
            rect,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(rect.width())),
        )
        painter.setFont(option.font)

    def _paint_identity(self, painter: QPainter, rect: QRectF, row: WorklistRow) -> None:
        """The date is never cut; patient ID and modality share the rest."""
        date = row.study.study_date.isoformat() if row.study.study_date else ""
        painter.setPen(QColor(theme.TEXT_DIM))
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, date)
        metrics = painter.fontMetrics()
        room = int(rect.width() - metrics.horizontalAdvance(date) - 12)
        painter.drawText(
            rect,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(row_identity(row), Qt.TextElideMode.ElideRight, room),
        )

    def _paint_badges(self, painter: QPainter, rect: QRectF, row: WorklistRow) -> None:
        font = QFont(painter.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        if row.state is not AnalysisState.DONE:
            if row.state is AnalysisState.FAILED:
                text = self._words.term(Verdict.FAILED)
                width = badge_width(painter.fontMetrics(), text)
                badge = QRectF(rect.x(), rect.y(), width, rect.height())
                draw_badge(painter, Verdict.FAILED, text, badge)
                return
            painter.setPen(
                QColor(theme.ACCENT if row.state is AnalysisState.RUNNING else theme.TEXT_FAINT)
            )
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, state_words(row, self._words))
            return
        if not row.verdicts:
            painter.setPen(QColor(theme.TEXT_FAINT))
            words = self._words.sentence("Nothing was looked for")
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, words)
            return
        right = rect.right() - self._paint_review(painter, rect, row)
        x = rect.x()
        for verdict, text in badge_words(row, self._words, briefly=True):
            width = badge_width(painter.fontMetrics(), text)
            if x + width > right:
                painter.setPen(QColor(theme.TEXT_DIM))
                painter.drawText(QPointF(x, rect.center().y() + 4), "…")
                break
            draw_badge(painter, verdict, text, QRectF(x, rect.y(), width, rect.height()))
            x += width + 5

    def _paint_review(self, painter: QPainter, rect: QRectF, row: WorklistRow) -> float:
        """A tick where every finding is decided; gives the width it took."""
        if row.review is not ReviewState.DECIDED:
            return 0.0
        side = rect.height() * 0.5
        centre = QPointF(rect.right() - side / 2 - 2, rect.center().y())
        pen = QPen(QColor(theme.ACCENT), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPolyline(
            [
                centre + QPointF(-side * 0.45, 0),
                centre + QPointF(-side * 0.1, side * 0.35),
                centre + QPointF(side * 0.5, -side * 0.4),
            ]
        )
        return side + 8


class StudyList(OwnKeys, QListView):
    """The list itself; emits the Study Instance UID that the reader chose."""

    study_chosen = Signal(str)
    opened = Signal()
    own_keys = LIST_KEYS

    def __init__(self, worklist: Worklist, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current = ""
        self._refreshing = False
        self.worklist_model = QtWorklist(worklist, words, self)
        self.setModel(self.worklist_model)
        self.setItemDelegate(_RowDelegate(words, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(words.sentence("Studies"))

    @property
    def current_uid(self) -> str:
        return self._current

    def refresh(self) -> None:
        """Show the present rows; the chosen study stays chosen wherever it has moved."""
        self._refreshing = True
        self.worklist_model.refresh()
        index = self.worklist_model.index_of(self._current)
        if index.isValid():
            self.setCurrentIndex(index)
        self._refreshing = False

    def choose(self, study_uid: str) -> None:
        index = self.worklist_model.index_of(study_uid)
        if index.isValid():
            self.setCurrentIndex(index)

    def step(self, steps: int) -> None:
        """Choose the next or a previous study of the list."""
        count = self.worklist_model.rowCount()
        if count:
            number = self.worklist_model.index_of(self._current).row()
            self.choose(self.worklist_model.uid_at(max(0, min(count - 1, number + steps))))

    def currentChanged(self, current, previous):
        super().currentChanged(current, previous)
        if self._refreshing or not current.isValid():
            return
        uid = self.worklist_model.uid_at(current.row())
        if uid != self._current:
            self._current = uid
            self.study_chosen.emit(uid)

    def keyPressEvent(self, event):
        if event.key() == Qt.Key.Key_Space:
            self.opened.emit()
        else:
            super().keyPressEvent(event)
