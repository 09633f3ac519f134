"""Every chart of the audit, drawn once for PDF and page alike (reportlab drawings, in points)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor

from mediassist.audit.result import FindingFigures, Histogram, LesionFigures, Subgroup
from mediassist.core.operating_point import Rate
from mediassist.report.typeface import printable, report_font, shortened
from mediassist.report.typesetting import Style, text_width
from mediassist.statistics.calibration import ReliabilityBin
from mediassist.text import Words

INK = HexColor("#1c2126")
SOFT = HexColor("#5b6670")
GRID = HexColor("#dde2e6")
# Okabe and Ito: told apart with red-green blindness and in grey print.
POSITIVE = HexColor("#b8390e")
NEGATIVE = HexColor("#1f6aa5")
CURVE = HexColor("#0b6e57")

SIDE = 240.0
_LEFT, _BOTTOM, _TOP, _RIGHT = 36.0, 32.0, 20.0, 10.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_HEIGHTS = (0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8, 1.0)  # axis ends whose quarters are round


@dataclass(frozen=True, slots=True)
class _Frame:
    """Maps data to points of a drawing; both axes start at their lowest value."""

    drawing: Drawing
    x_start: float
    x_end: float
    y_end: float

    def x(self, value: float) -> float:
        width = float(self.drawing.width) - _LEFT - _RIGHT
        return _LEFT + (value - self.x_start) / (self.x_end - self.x_start) * width

    def y(self, value: float) -> float:
        height = float(self.drawing.height) - _BOTTOM - _TOP
        return _BOTTOM + value / self.y_end * height

    def line(self, points: Sequence[tuple[float, float]], colour: Color, width: float) -> None:
        flat = [number for x, y in points for number in (self.x(x), self.y(y))]
        self.drawing.add(
            PolyLine(flat, strokeColor=colour, strokeWidth=width, strokeLineJoin=1, fillColor=None)
        )


def roc_chart(one: FindingFigures, words: Words) -> Drawing:
    """ROC curve with both operating points and their exact intervals as crosses."""
    frame = _framed(
        words.sentence("ROC curve"),
        words.sentence("False-positive rate"),
        words.sentence("Sensitivity"),
    )
    frame.line([(0, 0), (1, 1)], GRID, 0.8)
    if one.roc:
        frame.line(one.roc, CURVE, 1.6)
    if one.without_verdict < one.cases:
        rates = {name: figure.rate for name, figure in one.rates}
        _cross(frame, rates["false_positive"], rates["sensitivity_high"], POSITIVE)
        _cross(frame, _complement(rates["specificity_low"]), rates["sensitivity_low"], NEGATIVE)
        _key(
            frame,
            (
                (POSITIVE, words.sentence("at the upper threshold (flagged)")),
                (NEGATIVE, words.sentence("at the lower threshold (not cleared)")),
            ),
        )
    return frame.drawing


def froc_chart(lesions: LesionFigures, words: Words) -> Drawing:
    """Lesions found against false marks an image."""
    most = max([2.0, *(x for x, _ in lesions.points)])
    end = min(most, 10.0)
    frame = _framed(
        words.sentence("FROC curve"),
        words.sentence("False marks an image"),
        words.sentence("Lesions found"),
        x_end=end,
        x_ticks=tuple(end * share for share in _TICKS),
    )
    inside = [(x, y) for x, y in lesions.points if x <= end]
    if len(inside) > 1:
        frame.line(inside, CURVE, 1.6)
    for marks, rate in lesions.detection_at:
        if rate.value is not None and marks <= end:
            _dot(frame, marks, rate, POSITIVE)
    return frame.drawing


def reliability_chart(bins: Sequence[ReliabilityBin], words: Words) -> Drawing:
    """Observed share of positives against mean probability, with exact intervals."""
    frame = _framed(
        words.sentence("Reliability"),
        words.sentence("Mean probability"),
        words.sentence("Share positive"),
    )
    frame.line([(0, 0), (1, 1)], GRID, 0.8)
    points = [
        (part.mean_probability, part.observed.value)
        for part in bins
        if part.observed.value is not None
    ]
    if len(points) > 1:
        frame.line(points, CURVE, 1.0)
    for part in bins:
        _dot(frame, part.mean_probability, part.observed, CURVE)
    return frame.drawing


def histogram_chart(histogram: Histogram, thresholds: Sequence[float], words: Words) -> Drawing:
    """Scores by truth, each as a share of its own kind; dashed lines are thresholds."""
    totals = max(1, sum(histogram.positives)), max(1, sum(histogram.negatives))
    shares = [
        [count / total for count in counts]
        for counts, total in zip((histogram.positives, histogram.negatives), totals, strict=True)
    ]
    highest = max([*shares[0], *shares[1]])
    end = next(nice for nice in _HEIGHTS if nice >= min(highest, 1.0))
    steps = tuple(histogram.start + share * (histogram.end - histogram.start) for share in _TICKS)
    frame = _framed(
        words.sentence("Scores by truth"),
        words.sentence("Score"),
        words.sentence("Share of cases"),
        x_start=histogram.start,
        x_end=histogram.end,
        x_ticks=steps,
        y_end=end,
    )
    step = (histogram.end - histogram.start) / len(histogram.positives)
    for colour, heights, first in ((POSITIVE, shares[0], 0.08), (NEGATIVE, shares[1], 0.5)):
        for place, height in enumerate(heights):
            left = histogram.start + (place + first) * step
            x, y = frame.x(left), frame.y(0)
            width = frame.x(left + 0.42 * step) - x
            frame.drawing.add(_rectangle(x, y, width, frame.y(height) - y, fill=colour))
    for threshold in thresholds:
        if histogram.start <= threshold <= histogram.end:
            frame.drawing.add(
                Line(
                    frame.x(threshold),
                    frame.y(0),
                    frame.x(threshold),
                    frame.y(end),
                    strokeColor=INK,
                    strokeWidth=0.8,
                    strokeDashArray=[3, 2],
                )
            )
    _key(
        frame,
        ((POSITIVE, words.sentence("positives")), (NEGATIVE, words.sentence("negatives"))),
        below=True,
    )
    return frame.drawing


def forest_chart(
    title: str, rows: Sequence[tuple[str, Rate]], overall: Rate, width: float
) -> Drawing:
    """One line a group: name, counts, interval; the dashed line is the rate of all."""
    row_height, label = 15.0, width * 0.42
    height = row_height * len(rows) + 38.0
    drawing = Drawing(width, height)
    right = width - 14.0
    drawing.add(_text(0, height - 11, title, 8.5, INK))

    def x(share: float) -> float:
        return label + share * (right - label)

    top, bottom = height - 18.0, 20.0
    for tick in _TICKS:
        drawing.add(Line(x(tick), bottom, x(tick), top, strokeColor=GRID, strokeWidth=0.5))
        drawing.add(_text(x(tick), 8, f"{tick * 100:g} %", 6.5, SOFT, "middle"))
    if overall.value is not None:
        at = x(overall.value)
        drawing.add(
            Line(at, bottom, at, top, strokeColor=SOFT, strokeWidth=0.8, strokeDashArray=[3, 2])
        )
    for place, (name, rate) in enumerate(rows):
        y = top - (place + 0.5) * row_height
        counts = f"{rate.numerator}/{rate.denominator}"
        room = label - 22 - text_width(counts, Style(size=7.0))
        drawing.add(_text(0, y - 2.5, _fitting(name, room), 7.5, INK))
        drawing.add(_text(label - 12, y - 2.5, counts, 7.0, SOFT, "end"))
        if rate.value is None:
            continue
        drawing.add(Line(x(rate.low), y, x(rate.high), y, strokeColor=CURVE, strokeWidth=1.2))
        drawing.add(Circle(x(rate.value), y, 2.6, fillColor=CURVE, strokeColor=None))
    return drawing


def subgroup_rows(groups: Sequence[Subgroup], *, detection: bool) -> list[tuple[str, Rate]]:
    """Rows of a forest chart; groups without cases of the kind are left out."""
    rates = [(g.value or "-", g.detection if detection else g.false_positive) for g in groups]
    return [(name, rate) for name, rate in rates if rate.denominator]


def flow_chart(one: FindingFigures, excluded: int, words: Words, width: float) -> Drawing:
    """Who came in, who was left out, and what was said of the rest (STARD-AI)."""
    count = dict(one.flow)
    height = 172.0
    drawing = Drawing(width, height)
    width -= 1.0  # the right border's own width
    box_width, gap = (width - 24) / 3, 12.0
    refused = one.not_applicable + one.failed
    _box(
        drawing,
        (0, height - 34, box_width, 32),
        words.sentence("Cases named: {cases}", cases=one.cases + excluded),
    )
    _box(
        drawing,
        (box_width + gap, height - 34, 2 * box_width + gap, 32),
        words.sentence("Left out, seen in training: {cases}", cases=excluded),
    )
    _arrow(drawing, box_width / 2, height - 34, height - 56)
    _box(
        drawing,
        (0, height - 88, box_width, 32),
        words.sentence("Assessed: {cases}", cases=one.cases - refused),
    )
    _box(
        drawing,
        (box_width + gap, height - 88, 2 * box_width + gap, 32),
        words.sentence(
            "Not applicable: {refused}, failed: {failed}",
            refused=one.not_applicable,
            failed=one.failed,
        ),
    )
    lower = (
        (0.0, "positive", words.sentence("Positive cases: {cases}", cases=count["positive"])),
        (
            (width + gap) / 2,
            "negative",
            words.sentence("Negative cases: {cases}", cases=count["negative"]),
        ),
    )
    half = (width - gap) / 2
    # From the assessed down to both kinds.
    for x0, y0, x1, y1 in (
        (box_width / 2, height - 88, box_width / 2, 74),
        (min(half, box_width) / 2, 74, (width + gap + half) / 2, 74),
    ):
        drawing.add(Line(x0, y0, x1, y1, strokeColor=SOFT, strokeWidth=0.8))
    for y in (height - 18, height - 72):
        drawing.add(Line(box_width, y, box_width + gap, y, strokeColor=SOFT, strokeWidth=0.8))
    for left, kind, title in lower:
        _arrow(drawing, left + half / 2, 74, 62)
        _box(
            drawing,
            (left, 14, half, 48),
            title,
            words.sentence(
                "flagged {flagged}, review {review}, cleared {cleared}",
                flagged=count[f"{kind}_flagged"],
                review=count[f"{kind}_review"],
                cleared=count[f"{kind}_cleared"],
            ),
            words.sentence(
                "not applicable {refused}, failed {failed}",
                refused=count[f"{kind}_not_applicable"],
                failed=count[f"{kind}_failed"],
            ),
        )
    return drawing


def _framed(
    title: str,
    x_name: str,
    y_name: str,
    *,
    x_start: float = 0.0,
    x_end: float = 1.0,
    y_end: float = 1.0,
    x_ticks: Sequence[float] = _TICKS,
) -> _Frame:
    drawing = Drawing(SIDE, SIDE)
    frame = _Frame(drawing, x_start, x_end, y_end)
    for share in _TICKS:
        y = frame.y(share * y_end)
        drawing.add(Line(_LEFT, y, SIDE - _RIGHT, y, strokeColor=GRID, strokeWidth=0.5))
        drawing.add(_text(_LEFT - 4, y - 2.3, f"{share * y_end:.2g}", 6.5, SOFT, "end"))
    for tick in x_ticks:
        drawing.add(_text(frame.x(tick), _BOTTOM - 10, f"{tick:.3g}", 6.5, SOFT, "middle"))
    drawing.add(Line(_LEFT, _BOTTOM, SIDE - _RIGHT, _BOTTOM, strokeColor=SOFT, strokeWidth=0.7))
    drawing.add(Line(_LEFT, _BOTTOM, _LEFT, SIDE - _TOP, strokeColor=SOFT, strokeWidth=0.7))
    drawing.add(_text(0, SIDE - 10, title, 8.5, INK))
    drawing.add(_text((SIDE + _LEFT) / 2, 6, x_name, 7.5, SOFT, "middle"))
    drawing.add(_text(SIDE - _RIGHT, SIDE - 10, f"↑ {y_name}", 7.5, SOFT, "end"))
    return frame


def _cross(frame: _Frame, across: Rate, up: Rate, colour: Color) -> None:
    if across.value is None or up.value is None:
        return
    for x0, x1, y0, y1 in (
        (across.low, across.high, up.value, up.value),
        (across.value, across.value, up.low, up.high),
    ):
        frame.line([(x0, y0), (x1, y1)], colour, 1.0)
    frame.drawing.add(
        Circle(frame.x(across.value), frame.y(up.value), 3.2, fillColor=colour, strokeColor=None)
    )


def _dot(frame: _Frame, x: float, rate: Rate, colour: Color) -> None:
    if rate.value is None:
        return
    frame.line([(x, rate.low), (x, rate.high)], colour, 0.9)
    frame.drawing.add(
        Circle(frame.x(x), frame.y(rate.value), 2.6, fillColor=colour, strokeColor=None)
    )


def _complement(rate: Rate) -> Rate:
    if rate.value is None:
        return rate
    return Rate(
        1.0 - rate.value,
        rate.denominator - rate.numerator,
        rate.denominator,
        1.0 - rate.high,
        1.0 - rate.low,
    )


def _key(frame: _Frame, entries: Sequence[tuple[Color, str]], *, below: bool = False) -> None:
    if below:
        # Beside the axis' name: bars may reach anywhere inside the frame.
        places = [(12.0, 6.0), (SIDE - 58.0, 6.0)]
    else:
        places = [(_LEFT + 60, _BOTTOM + 12 * (len(entries) - n)) for n in range(len(entries))]
    for (x, y), (colour, text) in zip(places, entries, strict=True):
        frame.drawing.add(Circle(x, y + 2.5, 2.8, fillColor=colour, strokeColor=None))
        frame.drawing.add(_text(x + 7, y, text, 7.0, INK))


def _box(drawing: Drawing, place: tuple[float, float, float, float], *lines: str) -> None:
    x, y, width, height = place
    drawing.add(_rectangle(x, y, width, height, line=SOFT))
    step = 12.0
    top = y + height / 2 + step * (len(lines) - 1) / 2 - 2.8
    for place_of_line, line in enumerate(lines):
        size = 8.0 if place_of_line == 0 else 7.2
        drawing.add(_text(x + 7, top - place_of_line * step, line, size, INK))


def _arrow(drawing: Drawing, x: float, start: float, end: float) -> None:
    drawing.add(Line(x, start, x, end, strokeColor=SOFT, strokeWidth=0.8))
    drawing.add(
        PolyLine(
            [x - 3, end + 4, x, end, x + 3, end + 4],
            strokeColor=SOFT,
            strokeWidth=0.8,
            fillColor=None,
        )
    )


def _rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: Color | None = None,
    line: Color | None = None,
) -> Rect:
    """A filled bar, or a frame with round corners."""
    corner = 3 if line is not None else 0
    found = Rect(x, y, width, height, corner, corner)
    found.fillColor, found.strokeColor, found.strokeWidth = fill, line, 0.7
    return found


def _fitting(text: str, room: float) -> str:
    """As much of the text as fits into `room` points."""
    plain = printable(text)
    most = len(plain)
    while most > 1 and text_width(shortened(plain, most), Style(size=7.5)) > room:
        most -= 1
    return shortened(plain, most)


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    colour: Color,
    anchor: Literal["start", "middle", "end"] = "start",
) -> String:
    return String(
        x,
        y,
        printable(text),
        fontName=report_font(),
        fontSize=size,
        fillColor=colour,
        textAnchor=anchor,
    )
