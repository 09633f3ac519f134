"""The scores of a finding along a series: a bar for each picture; a click goes to the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mediassist.core.vocabulary import Verdict
from mediassist.reading.places import PictureScore, SeriesScores
from mediassist.text import Words
from mediassist.ui import theme

HEIGHT = 54
INSET = 5.0


class SliceScores(QWidget):
    """Pictures with marks have bars in the verdict's colour, the others grey ones.

    Signals
    -------
    picture_asked : (SOP Instance UID, frame) of the bar that was clicked.
    """

    picture_asked = Signal(str, int)

    def __init__(
        self,
        scores: SeriesScores,
        verdict: Verdict,
        thresholds: tuple[float, ...],
        words: Words,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._scores = scores
        self._verdict = verdict
        self._thresholds = thresholds
        self._words = words
        self._shown: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        best = max(scores.scores, key=lambda each: each.score)
        self.setAccessibleName(
            words.sentence(
                "Scores of {count} images; the highest on image {image}: {score}",
                count=len(scores.scores),
                image=best.position + 1,
                score=f"{best.score:.2f}",
            )
        )

    @property
    def series_index(self) -> int:
        return self._scores.series_index

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def show_position(self, series_index: int, position: int) -> None:
        """Mark the picture that the viewport shows, if it is of this series."""
        shown = position if series_index == self._scores.series_index else None
        if shown != self._shown:
            self._shown = shown
            self.update()

    def place_of(self, position: float) -> float:
        """Middle of a picture's bar, in pixels of the widget."""
        return INSET + (position + 0.5) * self._step

    @property
    def _step(self) -> float:
        return (self.width() - 2 * INSET) / max(1, self._scores.positions)

    def _nearest(self, x: float) -> PictureScore:
        return min(self._scores.scores, key=lambda each: abs(self.place_of(each.position) - x))

    def paintEvent(self, event):
        painter = QPainter(self)
        ground = QRectF(0.5, 0.5, self.width() - 1, self.height() - 1)
        painter.setPen(QColor(theme.LINE))
        painter.setBrush(QColor(theme.GROUND))
        painter.drawRect(ground)
        high = self.height() - 2 * INSET
        bottom = self.height() - INSET
        self._paint_thresholds(painter, bottom, high)
        # Slabs have a score at their middle slice only: their bars reach half-way to the next.
        gaps = [
            b.position - a.position
            for a, b in zip(self._scores.scores, self._scores.scores[1:], strict=False)
        ]
        wide = max(1.5, self._step * min(gaps, default=1) * 0.8)
        marked, plain = theme.verdict_colour(self._verdict), QColor(theme.LINE_STRONG)
        painter.setPen(Qt.PenStyle.NoPen)
        for each in self._scores.scores:
            length = max(1.5, high * min(1.0, max(0.0, each.score)))
            painter.setBrush(marked if each.marked else plain)
            middle = self.place_of(each.position)
            painter.drawRect(QRectF(middle - wide / 2, bottom - length, wide, length))
        if self._shown is not None:
            x = self.place_of(self._shown)
            painter.setPen(QPen(QColor("#ffffff"), 1.4))
            painter.drawLine(QPointF(x, INSET - 3), QPointF(x, bottom + 3))

    def _paint_thresholds(self, painter: QPainter, bottom: float, high: float) -> None:
        pen = QPen(QColor(theme.TEXT_FAINT), 1, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        for threshold in self._thresholds:
            y = bottom - high * threshold
            painter.drawLine(QPointF(INSET, y), QPointF(self.width() - INSET, y))

    def mousePressEvent(self, event):
        each = self._nearest(event.position().x())
        self.picture_asked.emit(each.sop_instance_uid, each.frame)

    def event(self, event):
        if event.type() == QEvent.Type.ToolTip:
            each = self._nearest(event.pos().x())
            text = self._words.sentence(
                "Image {image} of {images}: {score}",
                image=each.position + 1,
                images=self._scores.positions,
                score=f"{each.score:.2f}",
            )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
