"""Plain text on a page: one style a block, own line breaking, no markup.

reportlab's Paragraph reads its text as markup (a patient called `<b>` would matter) and its CJK
mode breaks English words anywhere. Reports mix both scripts in every sentence, so lines are
broken here: between words, between ideographs, never before a closing punctuation mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from mediassist.report.typeface import printable, report_font

INK = HexColor("#1c2126")
SOFT = HexColor("#5b6670")
RULE = HexColor("#c9d0d6")
PAPER_TINT = HexColor("#f4f6f8")


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes in points. `strong` thickens the strokes (the shipped typeface has one weight).

    `indent` is the room at the left that a block's mark ("1.", a dash) stands in. Text beyond
    `most_lines` is cut with an ellipsis (0: never): a table row must fit a page, whatever a
    header holds.
    """

    size: float = 9.0
    leading: float = 13.0
    colour: Color = INK
    strong: bool = False
    align: str = "left"
    before: float = 0.0
    after: float = 0.0
    indent: float = 0.0
    most_lines: int = 0


BODY = Style()
SMALL = Style(size=7.5, leading=10.5, colour=SOFT)
LABEL = Style(size=7.5, leading=11.0, colour=SOFT)
VALUE = Style(size=9.0, leading=12.5)
HEADING = Style(size=11.0, leading=15.0, strong=True, before=13.0, after=4.0)
TITLE = Style(size=17.0, leading=22.0, strong=True)

# Kinsoku: what may not begin a line, and what may not end one.
_NOT_FIRST = "，。、；：？！）》】」』”’％…%,.;:?!)]}°"
_NOT_LAST = "（《【「『“‘([{"
_IDEOGRAPHS = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"\s+|[{_IDEOGRAPHS}]|[^\s{_IDEOGRAPHS}]+")


def text_width(text: str, style: Style) -> float:
    """Width in points."""
    return float(stringWidth(text, report_font(), style.size))


def _pieces(text: str) -> Iterator[str]:
    """Unbreakable pieces: words, single ideographs with the punctuation that clings to them."""
    held = ""
    for token in _TOKEN.findall(text):
        if token.isspace():
            if held:
                yield held
            held = ""
            yield " "
        elif held and (token[0] in _NOT_FIRST or held[-1] in _NOT_LAST):
            held += token
        else:
            if held:
                yield held
            held = token
    if held:
        yield held


def break_lines(text: str, width: float, style: Style) -> list[str]:
    """Lines no wider than `width` points; a word wider than a line is cut between characters."""
    lines: list[str] = []
    line, used = "", 0.0
    for piece in _pieces(printable(text).strip()):
        wide = text_width(piece, style)
        if line and used + wide > width and piece != " ":
            lines.append(line.rstrip())
            line, used = "", 0.0
        if piece == " " and not line:
            continue
        if wide > width:
            for character in piece:
                step = text_width(character, style)
                if line and used + step > width:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = line + character, used + step
        else:
            line, used = line + piece, used + wide
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def cut_to(lines: list[str], most: int) -> list[str]:
    """The first `most` lines, the last with an ellipsis where something was cut."""
    if most == 0 or len(lines) <= most:
        return lines
    return [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def draw_text(canvas: Canvas, x: float, y: float, text: str, style: Style) -> None:
    """One line with its left, middle or right end at x, baseline at y."""
    canvas.saveState()
    canvas.setFont(report_font(), style.size)
    canvas.setFillColor(style.colour)
    if style.strong:
        canvas.setStrokeColor(style.colour)
        canvas.setLineWidth(style.size * 0.028)
    wide = text_width(text, style)
    left = x - {"left": 0.0, "centre": wide / 2, "right": wide}[style.align]
    canvas.drawString(left, y, text, mode=2 if style.strong else 0)
    canvas.restoreState()


class TextBlock(Flowable):
    """A paragraph in one style. It may be split between any two lines."""

    def __init__(
        self,
        text: str,
        style: Style = BODY,
        mark: str = "",
        _lines: list[str] | None = None,
    ) -> None:
        super().__init__()
        self.text = text
        self.style = style
        self.mark = mark
        self._fixed = _lines
        self._lines: list[str] = _lines or []
        self.width = 0.0
        self.height = 0.0

    def getSpaceBefore(self) -> float:
        return self.style.before

    def getSpaceAfter(self) -> float:
        return self.style.after

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        if self._fixed is None:
            lines = break_lines(self.text, available_width - self.style.indent, self.style)
            self._lines = cut_to(lines, self.style.most_lines)
        self.width = available_width
        self.height = len(self._lines) * self.style.leading
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        self.wrap(available_width, available_height)
        fit = int(available_height // self.style.leading)
        if fit >= len(self._lines):
            return [self]
        if fit < 1:
            return []
        first = replace(self.style, after=0.0)
        rest = replace(self.style, before=0.0)
        return [
            TextBlock(self.text, first, self.mark, self._lines[:fit]),
            TextBlock(self.text, rest, "", self._lines[fit:]),
        ]

    def draw(self) -> None:
        style = self.style
        x = {"left": style.indent, "centre": self.width / 2, "right": self.width}[style.align]
        # Noto's ascent is 0.88 em: centre the glyphs in the line.
        y = self.height - style.leading / 2 - style.size * 0.36
        if self.mark:
            draw_text(self.canv, 0.0, y, self.mark, style)
        for line in self._lines:
            draw_text(self.canv, x, y, line, style)
            y -= style.leading
