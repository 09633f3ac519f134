"""Blocks that every section of a report is built from: headings, grids of labels, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reportlab.lib.colors import Color
from reportlab.platypus import CondPageBreak, Flowable, HRFlowable, Table, TableStyle

from mediassist.report.page import CONTENT_WIDTH
from mediassist.report.typeface import report_font
from mediassist.report.typesetting import (
    HEADING,
    LABEL,
    PAPER_TINT,
    RULE,
    VALUE,
    Style,
    TextBlock,
)

Cell = str | Flowable | list[Flowable]

# Room at either side of what stands in a frame.
_BOX_INSET = 8.0
# A cell's lines, so that a row always fits a page; and a value's in a grid of labels.
_MOST_LINES = 14
_GRID_VALUE = replace(VALUE, most_lines=3)
_HEAD_CELL = Style(size=7.5, leading=10.0, colour=LABEL.colour)


def table_style(commands: Sequence[Any]) -> TableStyle:
    """A style for reportlab's tables in the embedded typeface.

    reportlab sets each cell's font, also that of empty cells: unless told, the file would name
    Helvetica, which is not embedded.
    """
    return TableStyle([("FONTNAME", (0, 0), (-1, -1), report_font()), *commands])


def headed(title: str, content: Sequence[Flowable], keep: float = 70.0) -> list[Flowable]:
    """A section; its heading moves to the next page unless `keep` points are left for it."""
    return [CondPageBreak(keep), *heading_line(title), *content]


def heading_line(title: str) -> list[Flowable]:
    """A section's heading and the rule below it."""
    rule = HRFlowable(width="100%", thickness=0.6, color=RULE, spaceBefore=0, spaceAfter=5)
    return [TextBlock(title, HEADING), rule]


def _cell(content: Cell, style: Style) -> list[Flowable]:
    if isinstance(content, str):
        return [TextBlock(content, replace(style, most_lines=_MOST_LINES))]
    return content if isinstance(content, list) else [content]


def label_grid(pairs: Sequence[tuple[str, str]], columns: int = 2) -> Table:
    """Label and value side by side, `columns` pairs a row, as wide as a frame's content."""
    rows: list[list[Cell]] = []
    for start in range(0, len(pairs), columns):
        row: list[Cell] = []
        for label, value in pairs[start : start + columns]:
            row += [_cell(label, LABEL), [TextBlock(value, _GRID_VALUE)]]
        row += [""] * (2 * columns - len(row))
        rows.append(row)
    label_width = 74.0
    value_width = (CONTENT_WIDTH - 2 * _BOX_INSET) / columns - label_width
    return Table(
        rows,
        colWidths=[label_width, value_width] * columns,
        style=table_style(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 5),
                ("RIGHTPADDING", (0, 0), (-1, -1), 5),
            ]
        ),
    )


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    *,
    style: Style = VALUE,
    tints: Sequence[Color | None] = (),
) -> Table:
    """A table with a quiet head row and hairlines; rows may continue on the next page."""
    content = [[_cell(name, _HEAD_CELL) for name in head]]
    content += [[_cell(cell, style) for cell in row] for row in rows]
    commands: list[Any] = [
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ("LEFTPADDING", (0, 0), (-1, -1), 5),
        ("RIGHTPADDING", (0, 0), (-1, -1), 5),
        ("BACKGROUND", (0, 0), (-1, 0), PAPER_TINT),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("LINEABOVE", (0, 0), (-1, 0), 0.4, RULE),
    ]
    for number, tint in enumerate(tints, start=1):
        if tint is not None:
            commands.append(("BACKGROUND", (0, number), (0, number), tint))
    return Table(content, colWidths=list(widths), repeatRows=1, style=table_style(commands))


def boxed(content: Sequence[Flowable], *, dashed: bool = False) -> Table:
    """Blocks in a thin frame that may go on over the page; a dashed frame marks a draft."""
    line: Any = ("BOX", (0, 0), (-1, -1), 0.7, LABEL.colour)
    if dashed:
        line = (*line, None, (3, 2))
    return Table(
        [[block] for block in content],
        colWidths=[CONTENT_WIDTH],
        style=table_style(
            [
                line,
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
                *(
                    ("TOPPADDING", (0, row), (0, row), block.getSpaceBefore())
                    for row, block in enumerate(content)
                ),
                ("TOPPADDING", (0, 0), (-1, 0), 6),
                ("BOTTOMPADDING", (0, -1), (-1, -1), 7),
                ("LEFTPADDING", (0, 0), (-1, -1), _BOX_INSET),
                ("RIGHTPADDING", (0, 0), (-1, -1), _BOX_INSET),
            ]
        ),
    )
