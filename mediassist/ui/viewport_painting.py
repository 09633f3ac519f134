"""What is drawn over the picture: outlines, texts, letters, scale bar, marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QTransform

from mediassist.core.finding import Region, RegionKind
from mediassist.core.vocabulary import Verdict
from mediassist.reading.annotations import Corners, EdgeLetters, ScaleBar
from mediassist.reading.view_state import Affine
from mediassist.report.structures import (
    ON_COLOUR,
    LegendEntry,
    StructureLook,
    end_marks,
    is_line,
)
from mediassist.ui import theme

EDGE = 10


@dataclass(frozen=True, slots=True)
class Outline:
    """One region to draw: its verdict gives colour and dash, `label` stands beside it. A named
    structure has a `look` of its own instead."""

    region: Region
    verdict: Verdict
    label: str
    current: bool
    look: StructureLook | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """Outlines with the legend that explains the named ones among them."""

    outlines: tuple[Outline, ...] = ()
    legend: tuple[LegendEntry, ...] = ()


def transform_of(affine: Affine) -> QTransform:
    return QTransform(affine.a, affine.c, affine.b, affine.d, affine.tx, affine.ty)


def corners_of(region: Region) -> list[tuple[float, float]]:
    """Corner points in image pixels; a box is given by two of them."""
    points = list(region.points_px)
    if region.kind is RegionKind.BOX and len(points) == 2:
        (x0, y0), (x1, y1) = points
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return points


def draw_outline(
    painter: QPainter, affine: Affine, outline: Outline, *, on_colour: bool = False
) -> None:
    """A thin line with a dark seam, legible on bright and dark tissue alike; dashed for review.

    On pictures in colour it is that of the report: the verdict's warm colours drown in a fundus.
    """
    points = [QPointF(*affine.apply(x, y)) for x, y in corners_of(outline.region)]
    if len(points) < 2:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if outline.look is not None:
        _draw_structure(painter, points, outline.look, is_line(outline.region))
        painter.restore()
        return
    polygon = QPolygonF(points)
    width = 2.4 if outline.current else 1.6
    seam = QPen(QColor(0, 0, 0, 170), width + 2.4)
    colour = QColor(*ON_COLOUR) if on_colour else theme.verdict_colour(outline.verdict)
    line = QPen(colour, width)
    if outline.verdict is Verdict.REVIEW:
        line.setDashPattern([5.0, 3.0])
    for pen in (seam, line):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolygon(polygon)
    if outline.label:
        corner = max(points, key=lambda point: point.x() - point.y())
        _shadowed(
            painter,
            QRectF(corner.x() + 5, corner.y() - 14, 90, 18),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            outline.label,
            colour,
        )
    painter.restore()


def _draw_structure(
    painter: QPainter, points: list[QPointF], look: StructureLook, length: bool
) -> None:
    """A named structure; a measured length gets marks at its ends."""
    strokes = end_marks(_pair(points[0]), _pair(points[1]), 6.0) if length else []
    for pen in (QPen(QColor(0, 0, 0, 170), 3.6), structure_pen(look, 1.6)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        if length:
            painter.drawLine(points[0], points[1])
        else:
            painter.drawPolygon(QPolygonF(points))
        pen.setStyle(Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        for first, second in strokes:
            painter.drawLine(QPointF(*first), QPointF(*second))


def structure_pen(look: StructureLook, width: float) -> QPen:
    pen = QPen(QColor(*look.rgb), width)
    if look.dashes:
        pen.setDashPattern(list(look.dashes))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _pair(point: QPointF) -> tuple[float, float]:
    return point.x(), point.y()


def draw_legend(
    painter: QPainter, area: QRectF, lines_above: int, entries: Sequence[LegendEntry]
) -> None:
    """The named structures with their lines, at the right below the upper corner's texts."""
    if not entries:
        return
    metrics = painter.fontMetrics()
    step, sample = metrics.height() + 4, 30
    width = max(metrics.horizontalAdvance(entry.text) for entry in entries) + sample + 22
    top = area.top() + EDGE + lines_above * (metrics.height() + 1) + 8
    box = QRectF(area.right() - EDGE - width, top, width, step * len(entries) + 8)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 140))
    painter.drawRoundedRect(box, 4, 4)
    for number, entry in enumerate(entries):
        middle = box.top() + 4 + step * (number + 0.5)
        painter.setPen(structure_pen(entry.look, 2.0))
        left = box.left() + 8
        painter.drawLine(QPointF(left, middle), QPointF(left + sample, middle))
        painter.setPen(QColor(theme.VIEWPORT_TEXT))
        painter.drawText(
            QRectF(left + sample + 8, middle - step / 2, width, step),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            entry.text,
        )
    painter.restore()


def draw_corners(painter: QPainter, area: QRectF, corners: Corners) -> None:
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    _lines(painter, area, corners.top_left, left, top=True)
    _lines(painter, area, corners.top_right, right, top=True)
    _lines(painter, area, corners.bottom_left, left, top=False)
    _lines(painter, area, corners.bottom_right, right, top=False)


def _lines(
    painter: QPainter,
    area: QRectF,
    lines: Sequence[str],
    side: Qt.AlignmentFlag,
    *,
    top: bool,
) -> None:
    height = painter.fontMetrics().height() + 1
    half = area.width() / 2 - 3 * EDGE
    y = area.top() + EDGE if top else area.bottom() - EDGE - height * len(lines)
    x = area.left() + EDGE if side == Qt.AlignmentFlag.AlignLeft else area.right() - EDGE - half
    for number, line in enumerate(lines):
        shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, int(half))
        rect = QRectF(x, y + number * height, half, height)
        _shadowed(painter, rect, side | Qt.AlignmentFlag.AlignVCenter, shown)


def draw_letters(painter: QPainter, area: QRectF, letters: EdgeLetters) -> None:
    font = QFont(painter.font())
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 1.15)
    painter.save()
    painter.setFont(font)
    middle = Qt.AlignmentFlag.AlignCenter
    side, edge = 44.0, 26.0
    x, y = area.center().x(), area.center().y()
    for text, place in (
        (letters.left, QPointF(area.left() + edge, y)),
        (letters.right, QPointF(area.right() - edge, y)),
        (letters.top, QPointF(x, area.top() + edge - 6)),
        (letters.bottom, QPointF(x, area.bottom() - edge + 6)),
    ):
        rect = QRectF(0, 0, side, side)
        rect.moveCenter(place)
        _shadowed(painter, rect, middle, text, QColor("#f0d890"))
    painter.restore()


def draw_scale_bar(painter: QPainter, area: QRectF, bar: ScaleBar) -> None:
    """A horizontal bar in the middle of the lower edge, above the letter."""
    y = area.bottom() - 48
    left = area.center().x() - bar.length_view_px / 2
    right = left + bar.length_view_px
    painter.save()
    for width, colour in ((4.0, QColor(0, 0, 0, 190)), (1.6, QColor(theme.VIEWPORT_TEXT))):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.drawLine(QPointF(left, y - 4), QPointF(left, y + 4))
        painter.drawLine(QPointF(right, y - 4), QPointF(right, y + 4))
    painter.restore()
    text = f"{bar.text}  ({bar.remark})" if bar.remark else bar.text
    rect = QRectF(area.center().x() - 160, y - 24, 320, 18)
    _shadowed(painter, rect, Qt.AlignmentFlag.AlignCenter, text)


def draw_tag(painter: QPainter, left: float, top: float, text: str, colour: str) -> None:
    """A small framed word, such as "LOSSY"."""
    painter.save()
    font = QFont(painter.font())
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 0.9)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    width = metrics.horizontalAdvance(text) + 12
    rect = QRectF(left, top, width, metrics.height() + 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.2))
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(rect, 3, 3)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def draw_failure(painter: QPainter, area: QRectF, heading: str, reason: str) -> None:
    """The grey tile that stands for a picture that cannot be shown, and why."""
    tile = QRectF(0, 0, min(520.0, area.width() - 40), min(300.0, area.height() - 40))
    tile.moveCenter(area.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#5a5f66"), 1))
    painter.setBrush(QColor("#3a3d41"))
    painter.drawRoundedRect(tile, theme.RADIUS, theme.RADIUS)
    inner = tile.adjusted(24, 20, -24, -20)
    font = QFont(painter.font())
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 1.15)
    plain = QFont(painter.font())
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
    painter.drawText(inner, int(wrap | Qt.AlignmentFlag.AlignTop), heading)
    used = painter.fontMetrics().boundingRect(inner.toRect(), int(wrap), heading).height()
    painter.setFont(plain)
    painter.setPen(QColor("#d5d8db"))
    painter.drawText(
        inner.adjusted(0, used + 14, 0, 0), int(wrap | Qt.AlignmentFlag.AlignTop), reason
    )
    painter.restore()


def _shadowed(
    painter: QPainter,
    rect: QRectF,
    flags: Qt.AlignmentFlag,
    text: str,
    colour: QColor | None = None,
) -> None:
    """Text with a dark seam: legible on white bone and on black air."""
    if not text:
        return
    painter.setPen(QColor(0, 0, 0, 200))
    for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1)):
        painter.drawText(rect.translated(dx, dy), flags, text)
    painter.setPen(colour or QColor(theme.VIEWPORT_TEXT))
    painter.drawText(rect, flags, text)
