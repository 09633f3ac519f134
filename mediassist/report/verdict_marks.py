"""How a verdict looks: word, colour and shape, so that none of the three is needed alone.

Colours are from the set of Okabe and Ito, which readers with red-green blindness tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from mediassist.core.vocabulary import Verdict
from mediassist.report.typeface import printable
from mediassist.report.typesetting import Style, break_lines, draw_text, text_width


@dataclass(frozen=True, slots=True)
class VerdictLook:
    """`ink` for words and shapes on paper, `tint` behind them, `outline_rgb` on pictures."""

    ink: Color
    tint: Color
    outline_rgb: tuple[int, int, int]


LOOKS: dict[Verdict, VerdictLook] = {
    Verdict.FLAGGED: VerdictLook(HexColor("#b8390e"), HexColor("#fbe6dd"), (255, 96, 32)),
    Verdict.REVIEW: VerdictLook(HexColor("#8a5a00"), HexColor("#fcf0d2"), (255, 200, 40)),
    Verdict.CLEARED: VerdictLook(HexColor("#0b6e57"), HexColor("#def1ec"), (0, 190, 150)),
    Verdict.NOT_APPLICABLE: VerdictLook(HexColor("#5b6670"), HexColor("#eceff2"), (150, 160, 170)),
    Verdict.FAILED: VerdictLook(HexColor("#54307a"), HexColor("#ebe3f4"), (190, 130, 240)),
}


def draw_mark(canvas: Canvas, verdict: Verdict, x: float, y: float, size: float) -> None:
    """The verdict's shape with its middle at (x, y), `size` points wide.

    Flagged: filled triangle; review: half-filled diamond; cleared: ring; not applicable: dash;
    failed: cross.
    """
    ink = LOOKS[verdict].ink
    half = size / 2
    canvas.saveState()
    canvas.setFillColor(ink)
    canvas.setStrokeColor(ink)
    canvas.setLineWidth(max(0.9, size * 0.14))
    path = canvas.beginPath()
    if verdict is Verdict.FLAGGED:
        path.moveTo(x, y + half)
        path.lineTo(x + half, y - half)
        path.lineTo(x - half, y - half)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
    elif verdict is Verdict.REVIEW:
        path.moveTo(x, y + half)
        path.lineTo(x + half, y)
        path.lineTo(x, y - half)
        path.lineTo(x - half, y)
        path.close()
        canvas.drawPath(path, stroke=1, fill=0)
        path = canvas.beginPath()
        path.moveTo(x, y + half)
        path.lineTo(x, y - half)
        path.lineTo(x - half, y)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
    elif verdict is Verdict.CLEARED:
        canvas.circle(x, y, half * 0.85, stroke=1, fill=0)
    elif verdict is Verdict.NOT_APPLICABLE:
        canvas.line(x - half, y, x + half, y)
    else:
        canvas.line(x - half, y - half, x + half, y + half)
        canvas.line(x - half, y + half, x + half, y - half)
    canvas.restoreState()


class VerdictWord(Flowable):
    """Shape and word of a verdict."""

    def __init__(self, verdict: Verdict, word: str, size: float = 9.0) -> None:
        super().__init__()
        self.verdict = verdict
        self.word = word
        self.style = Style(size=size, leading=size * 1.35, colour=LOOKS[verdict].ink, strong=True)
        self._indent = size * 1.45
        self._lines: list[str] = []

    @property
    def natural_width(self) -> float:
        """Width of mark and word on one line."""
        return self._indent + text_width(printable(self.word), self.style)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self._lines = break_lines(self.word, available_width - self._indent, self.style)
        self.width = available_width
        self.height = len(self._lines) * self.style.leading
        return self.width, self.height

    def draw(self) -> None:
        style = self.style
        middle = self.height - style.leading / 2
        draw_mark(self.canv, self.verdict, style.size * 0.5, middle, style.size * 0.85)
        for number, line in enumerate(self._lines):
            y = middle - number * style.leading - style.size * 0.36
            draw_text(self.canv, self._indent, y, line, style)
