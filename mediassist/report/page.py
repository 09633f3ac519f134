"""The page: A4 with the notice on top, whose study it is, and "page n of N" at the foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from mediassist.report.typeface import printable, report_font
from mediassist.report.typesetting import RULE, SOFT, Style, draw_text, text_width
from mediassist.text import Words

# Streams as bytes: writing them as ASCII takes most of a report's time and a quarter more room.
rl_config.useA85 = 0

WIDTH, HEIGHT = A4
MARGIN = 15 * mm
CONTENT_WIDTH = WIDTH - 2 * MARGIN

# Both languages on every page, whatever the report's: a page may be read by anybody.
NOTICE = "Research use, not for diagnosis  ·  仅供科研教学，不作为临床诊断依据"

_NOTICE_STYLE = Style(size=8.0, colour=HexColor("#7a2e0e"), align="centre")
_FOOT = Style(size=7.0, colour=SOFT)
_FOOT_RIGHT = Style(size=7.0, colour=SOFT, align="right")


@dataclass(frozen=True, slots=True)
class RunningText:
    """What stands on every page: `who` at the top from page 2 on, `made` at the foot."""

    who: str
    made: str


def _fitted(text: str, width: float, style: Style) -> str:
    text = printable(text)
    if text_width(text, style) <= width:
        return text
    while text and text_width(text + "…", style) > width:
        text = text[:-1]
    return text + "…"


def report_canvas(running: RunningText, words: Words) -> type[Canvas]:
    """A canvas class that writes each page's furniture once the number of pages is known."""

    class ReportCanvas(Canvas):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            # Otherwise each page names Helvetica, which is not embedded.
            options["initialFontName"] = report_font()
            super().__init__(*arguments, **options)
            self._finished: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._finished.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            pages = list(self._finished)
            for number, state in enumerate(pages, start=1):
                self.__dict__.update(state)
                draw_furniture(self, running, words, number, len(pages))
                super().showPage()
            super().save()

    return ReportCanvas


def draw_furniture(
    canvas: Canvas, running: RunningText, words: Words, page: int, pages: int
) -> None:
    """Notice, running head and foot of one page."""
    top = HEIGHT - 9 * mm
    canvas.saveState()
    canvas.setFillColor(HexColor("#fdf3e7"))
    canvas.setStrokeColor(HexColor("#e3b98f"))
    canvas.setLineWidth(0.5)
    canvas.rect(MARGIN, top - 13, CONTENT_WIDTH, 15, stroke=1, fill=1)
    canvas.restoreState()
    draw_text(canvas, WIDTH / 2, top - 8.3, NOTICE, _NOTICE_STYLE)
    if page > 1:
        draw_text(canvas, MARGIN, top - 25, _fitted(running.who, CONTENT_WIDTH, _FOOT), _FOOT)
    foot = 10 * mm
    canvas.saveState()
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, foot + 11, WIDTH - MARGIN, foot + 11)
    canvas.restoreState()
    numbered = words.sentence("Page {page} of {pages}", page=page, pages=pages)
    room = CONTENT_WIDTH - text_width(numbered, _FOOT) - 20
    draw_text(canvas, MARGIN, foot, _fitted(running.made, room, _FOOT), _FOOT)
    draw_text(canvas, WIDTH - MARGIN, foot, numbered, _FOOT_RIGHT)


def report_template(target: Any, title: str, lang: str) -> BaseDocTemplate:
    """The document: one frame a page, the same bytes for the same content."""
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=title,
        author="MediAssist",
        subject=NOTICE,
        creator="MediAssist",
        lang=lang.replace("_", "-"),
        invariant=1,
        pageCompression=1,
    )
    frame = Frame(
        MARGIN,
        17 * mm,
        CONTENT_WIDTH,
        HEIGHT - 17 * mm - 21 * mm,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    document.addPageTemplates([PageTemplate(id="page", frames=[frame])])
    return document
