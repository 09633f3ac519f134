"""A probability on its scale from 0 to 1, with both thresholds."""

from __future__ import annotations

from collections.abc import Callable

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from mediassist.core.operating_point import OperatingPoint
from mediassist.core.vocabulary import Verdict
from mediassist.report.plain_words import decimals
from mediassist.report.typesetting import INK, SOFT, Style, draw_text, text_width
from mediassist.report.verdict_marks import LOOKS

_TICK = Style(size=6.5, leading=8.0, colour=SOFT)


class ThresholdBar(Flowable):
    """Track in the tints of cleared, review and flagged; ticks at t_low and t_high; a pointer."""

    def __init__(
        self, probability: float, point: OperatingPoint, verdict: Verdict, width: float
    ) -> None:
        super().__init__()
        self.probability = probability
        self.point = point
        self.verdict = verdict
        self.width = width
        self.height = 25.0

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self.width = min(self.width, available_width)
        return self.width, self.height

    def draw(self) -> None:
        canvas: Canvas = self.canv
        bottom, thick, inset = 9.0, 6.0, 6.0
        scale = self.width - 2 * inset

        def x_of(value: float) -> float:
            return inset + scale * value

        low = self.point.t_low if self.point.t_low is not None else 0.0
        high = self.point.t_high
        canvas.saveState()
        for start, end, verdict in (
            (0.0, min(low, high), Verdict.CLEARED),
            (min(low, high), high, Verdict.REVIEW),
            (high, 1.0, Verdict.FLAGGED),
        ):
            canvas.setFillColor(LOOKS[verdict].tint)
            canvas.rect(
                x_of(start), bottom, max(scale * (end - start), 0.0), thick, stroke=0, fill=1
            )
        canvas.setStrokeColor(HexColor("#9aa4ad"))
        canvas.setLineWidth(0.5)
        canvas.rect(inset, bottom, scale, thick, stroke=1, fill=0)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.8)
        for value in self._thresholds():
            canvas.line(x_of(value), bottom - 1.5, x_of(value), bottom + thick + 1.5)
        self._label_ticks(x_of)
        tip = x_of(self.probability)
        canvas.setFillColor(LOOKS[self.verdict].ink)
        pointer = canvas.beginPath()
        pointer.moveTo(tip, bottom + thick * 0.35)
        pointer.lineTo(tip - 3.4, bottom + thick + 5.5)
        pointer.lineTo(tip + 3.4, bottom + thick + 5.5)
        pointer.close()
        canvas.setStrokeColor(HexColor("#ffffff"))
        canvas.setLineWidth(0.6)
        canvas.drawPath(pointer, stroke=1, fill=1)
        canvas.restoreState()

    def _thresholds(self) -> list[float]:
        point = self.point
        return [value for value in (point.t_low, point.t_high) if value is not None]

    def _label_ticks(self, x_of: Callable[[float], float]) -> None:
        """Numbers under the ticks, moved apart where the thresholds stand close together."""
        labels = [decimals(value) for value in self._thresholds()]
        widths = [text_width(label, _TICK) for label in labels]
        lefts = [
            x_of(value) - wide / 2 for value, wide in zip(self._thresholds(), widths, strict=True)
        ]
        if len(lefts) == 2 and (overlap := lefts[0] + widths[0] + 3.0 - lefts[1]) > 0:
            lefts = [lefts[0] - overlap / 2, lefts[1] + overlap / 2]
        for left, label, wide in zip(lefts, labels, widths, strict=True):
            draw_text(self.canv, min(max(left, 0.0), self.width - wide), 1.0, label, _TICK)
