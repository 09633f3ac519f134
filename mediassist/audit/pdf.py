"""audit.pdf: the audit's blocks on A4, the same bytes for the same audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    KeepTogether,
    PageBreak,
    Spacer,
    Table,
)

from mediassist.audit.blocks import audit_blocks
from mediassist.audit.content import (
    Block,
    ChartRow,
    Heading,
    NewPage,
    Pictures,
    TableBlock,
    Text,
    Tone,
)
from mediassist.audit.document import AuditRun
from mediassist.report.blocks import Cell, table, table_style
from mediassist.report.page import CONTENT_WIDTH, RunningText, report_canvas, report_template
from mediassist.report.typeface import report_font
from mediassist.report.typesetting import BODY, HEADING, SMALL, TITLE, Style, TextBlock
from mediassist.text import Words

TINTS = {
    Tone.GOOD: HexColor("#def1ec"),
    Tone.UNSURE: HexColor("#fcf0d2"),
    Tone.BAD: HexColor("#fbe6dd"),
}
INKS = {
    Tone.GOOD: HexColor("#0b6e57"),
    Tone.UNSURE: HexColor("#8a5a00"),
    Tone.BAD: HexColor("#b8390e"),
}
_CELL = Style(size=8.0, leading=10.5)
_PICTURES_A_ROW = 3
_SHORT_TABLE = 12  # rows of a table that is not split


def audit_pdf(run: AuditRun, gallery: Path, words: Words) -> bytes:
    """The whole report.

    Raises
    ------
    FontMissing
        If the report's typeface can't be loaded.
    """
    title = words.sentence("Sensitivity audit")
    running = RunningText(
        who=f"{title}: {run.source}",
        made=f"MediAssist {run.provenance.mediassist_version} · "
        f"{run.provenance.created.isoformat(timespec='seconds')} · "
        f"SHA-256 {run.source_sha256[:16]}",
    )
    return blocks_pdf(title, running, audit_blocks(run, words), gallery, words)


def blocks_pdf(
    title: str, running: RunningText, blocks: Sequence[Block], gallery: Path, words: Words
) -> bytes:
    """Blocks on A4; a heading never stands alone at the foot of a page."""
    report_font()
    target = BytesIO()
    document = report_template(target, title, words.lang)
    story: list[Flowable] = []
    place = 0
    while place < len(blocks):
        block = blocks[place]
        end = _end_of_section(blocks, place)
        if end > place:
            whole = [flow for each in blocks[place:end] for flow in _flowables(each, gallery)]
            story += [KeepTogether(whole[:-1]), whole[-1]]
            place = end
            continue
        if isinstance(block, Heading):
            following = blocks[place + 1] if place + 1 < len(blocks) else None
            story.append(CondPageBreak(_room_below(following)))
        if isinstance(block, NewPage) and story and isinstance(story[-1], Spacer):
            # On a full page it would open a page of its own, which then stays empty.
            story.pop()
        story += _flowables(block, gallery)
        place += 1
    document.build(story, canvasmaker=report_canvas(running, words))
    return target.getvalue()


def _end_of_section(blocks: Sequence[Block], start: int) -> int:
    """Where a heading with one short table below it ends, which must stay on one page; or start."""
    if not isinstance(blocks[start], Heading):
        return start
    end = start + 1
    while end < len(blocks) and isinstance(blocks[end], Text):
        end += 1
    if end < len(blocks):
        last = blocks[end]
        if isinstance(last, TableBlock) and len(last.rows) <= _SHORT_TABLE and end <= start + 2:
            return end + 1
    return start


def _flowables(block: Block, gallery: Path) -> list[Flowable]:
    if isinstance(block, NewPage):
        return [PageBreak()]
    if isinstance(block, Heading):
        style = replace(TITLE, after=6.0) if block.level == 1 else HEADING
        return [TextBlock(block.text, style)]
    if isinstance(block, Text):
        style = SMALL if block.small else BODY
        if block.tone in INKS:
            style = replace(style, colour=INKS[block.tone])
        return [TextBlock(block.text, replace(style, after=4.0))]
    if isinstance(block, TableBlock):
        widths = [share * CONTENT_WIDTH for share in block.widths]
        tints = [TINTS.get(tone) for tone in block.tones]
        rows = [[_cell(text) for text in row] for row in block.rows]
        return [table(block.head, rows, widths, style=_CELL, tints=tints), Spacer(1, 6)]
    if isinstance(block, ChartRow):
        return [_side_by_side(list(block.drawings), len(block.drawings)), Spacer(1, 6)]
    return _pictures(block, gallery)


def _room_below(block: Block | None) -> float:
    """Points that a heading needs for itself and the start of what follows it."""
    if isinstance(block, ChartRow):
        return 30.0 + max(float(drawing.height) for drawing in block.drawings)
    if isinstance(block, Pictures):
        return 30.0 + CONTENT_WIDTH / _PICTURES_A_ROW
    return 110.0


def _cell(text: str) -> Cell:
    """A line of its own for every line of the text."""
    lines = text.split("\n")
    return text if len(lines) == 1 else [TextBlock(line, _CELL) for line in lines]


def _side_by_side(row: list[Flowable], columns: int) -> Table:
    width = CONTENT_WIDTH / max(1, columns)
    return Table([row], colWidths=[width] * len(row), style=table_style(_TIGHT), hAlign="LEFT")


_TIGHT = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def _pictures(block: Pictures, gallery: Path) -> list[Flowable]:
    side = CONTENT_WIDTH / _PICTURES_A_ROW - 8
    cells: list[list[Flowable]] = []
    for name, caption in block.pictures:
        path = gallery / name
        if path.is_file():
            picture = Image(str(path), width=side, height=side, kind="proportional")
            cells.append([picture, TextBlock(caption, replace(SMALL, most_lines=2))])
    found: list[Flowable] = []
    for start in range(0, len(cells), _PICTURES_A_ROW):
        row = cells[start : start + _PICTURES_A_ROW]
        widths = [CONTENT_WIDTH / _PICTURES_A_ROW] * len(row)
        found += [Table([row], colWidths=widths, style=table_style(_TIGHT), hAlign="LEFT")]
        found += [Spacer(1, 6)]
    return found
