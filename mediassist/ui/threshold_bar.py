"""A probability on its scale from 0 to 1, with both thresholds (as in the report)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mediassist.core.operating_point import OperatingPoint
from mediassist.core.vocabulary import Verdict
from mediassist.ui import theme

_INSET = 7.0
_TRACK_TOP = 11.0
_TRACK_HEIGHT = 8.0


class ThresholdBar(QWidget):
    """Track in the tints of cleared, review and flagged; ticks at the thresholds; a pointer."""

    def __init__(
        self,
        probability: float,
        point: OperatingPoint,
        verdict: Verdict,
        labels: tuple[str, ...],
        parent: QWidget | None = None,
    ) -> None:
        """`labels` are the thresholds as text, lower first (one if there is no lower)."""
        super().__init__(parent)
        self._probability = probability
        self._point = point
        self._verdict = verdict
        self._labels = labels
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, int(_TRACK_TOP + _TRACK_HEIGHT) + self.fontMetrics().height() + 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low = self._point.t_low if self._point.t_low is not None else 0.0
        high = self._point.t_high
        for start, end, verdict in (
            (0.0, min(low, high), Verdict.CLEARED),
            (min(low, high), high, Verdict.REVIEW),
            (high, 1.0, Verdict.FLAGGED),
        ):
            tint = QColor(theme.verdict_colour(verdict))
            tint.setAlpha(120 if verdict is self._verdict else 60)
            left, right = self._x(start), self._x(end)
            painter.fillRect(QRectF(left, _TRACK_TOP, right - left, _TRACK_HEIGHT), tint)
        painter.setPen(QPen(QColor(theme.TEXT), 1.2))
        for value in self._thresholds():
            x = self._x(value)
            painter.drawLine(QPointF(x, _TRACK_TOP - 2), QPointF(x, _TRACK_TOP + _TRACK_HEIGHT + 2))
        self._paint_labels(painter)
        self._paint_pointer(painter)

    def _x(self, value: float) -> float:
        return _INSET + (self.width() - 2 * _INSET) * value

    def _thresholds(self) -> list[float]:
        return [v for v in (self._point.t_low, self._point.t_high) if v is not None]

    def _paint_labels(self, painter: QPainter) -> None:
        """Numbers under the ticks, moved apart where the thresholds stand close together."""
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.86)
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT_DIM))
        metrics = painter.fontMetrics()
        widths = [metrics.horizontalAdvance(label) for label in self._labels]
        lefts = [
            self._x(value) - width / 2
            for value, width in zip(self._thresholds(), widths, strict=True)
        ]
        if len(lefts) == 2 and (overlap := lefts[0] + widths[0] + 8 - lefts[1]) > 0:
            lefts = [lefts[0] - overlap / 2, lefts[1] + overlap / 2]
        top = _TRACK_TOP + _TRACK_HEIGHT + 3
        for left, label, width in zip(lefts, self._labels, widths, strict=True):
            left = min(max(left, 0.0), self.width() - width)
            painter.drawText(
                QRectF(left, top, width + 2, metrics.height()), Qt.AlignmentFlag.AlignLeft, label
            )

    def _paint_pointer(self, painter: QPainter) -> None:
        tip = self._x(self._probability)
        painter.setPen(QPen(QColor(theme.RAISED), 1.4))
        painter.setBrush(theme.verdict_colour(self._verdict))
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(tip, _TRACK_TOP + _TRACK_HEIGHT * 0.5),
                    QPointF(tip - 6, 0.8),
                    QPointF(tip + 6, 0.8),
                ]
            )
        )
