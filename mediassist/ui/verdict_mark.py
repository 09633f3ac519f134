"""A verdict on screen: shape, colour and word together, as in the report."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from mediassist.core.vocabulary import Verdict
from mediassist.ui import theme


def draw_mark(painter: QPainter, verdict: Verdict, centre: QPointF, size: float) -> None:
    """Flagged: filled triangle; review: half-filled diamond; cleared: ring; not applicable: dash;
    failed: cross (the shapes of the report)."""
    half = size / 2
    colour = theme.verdict_colour(verdict)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, max(1.3, size * 0.15))
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.translate(centre)
    if verdict is Verdict.FLAGGED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF([QPointF(0, -half), QPointF(half, half), QPointF(-half, half)])
        )
    elif verdict is Verdict.REVIEW:
        top, right = QPointF(0, -half), QPointF(half, 0)
        bottom, left = QPointF(0, half), QPointF(-half, 0)
        painter.drawPolygon(QPolygonF([top, right, bottom, left]))
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([top, bottom, left]))
    elif verdict is Verdict.CLEARED:
        painter.drawEllipse(QPointF(0, 0), half * 0.85, half * 0.85)
    elif verdict is Verdict.NOT_APPLICABLE:
        painter.drawLine(QPointF(-half, 0), QPointF(half, 0))
    else:
        painter.drawLine(QPointF(-half, -half), QPointF(half, half))
        painter.drawLine(QPointF(-half, half), QPointF(half, -half))
    painter.restore()


def badge_width(metrics: QFontMetrics, text: str) -> int:
    return metrics.horizontalAdvance(text) + metrics.height() + 12


def draw_badge(painter: QPainter, verdict: Verdict, text: str, rect: QRectF) -> None:
    """A mark and a word on a faint ground of the verdict's colour."""
    ground = QColor(theme.verdict_colour(verdict))
    ground.setAlpha(38)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, 4, 4)
    side = painter.fontMetrics().height()
    draw_mark(painter, verdict, QPointF(rect.left() + 5 + side / 2, rect.center().y()), side * 0.62)
    painter.setPen(theme.verdict_colour(verdict))
    painter.drawText(
        rect.adjusted(side + 7, 0, -4, 0),
        Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
        text,
    )
    painter.restore()


class VerdictBadge(QWidget):
    """One verdict as a widget."""

    def __init__(self, verdict: Verdict, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = verdict
        self._text = text
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(badge_width(metrics, self._text), metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setFont(self.font())
        draw_badge(painter, self._verdict, self._text, QRectF(self.rect()))
