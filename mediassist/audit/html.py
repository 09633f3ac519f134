"""audit.html: the same blocks as one file that needs no network and runs no script."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Drawing

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
from mediassist.report.page import CONTENT_WIDTH, NOTICE
from mediassist.report.typeface import FONT_NAME
from mediassist.text import Words

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 "Noto Sans SC", "Noto Sans", "Microsoft YaHei", "PingFang SC", sans-serif;
  color: #1c2126; background: #fff; max-width: 1000px; margin: 0 auto; padding: 1rem; }
.notice { background: #fdf3e7; border: 1px solid #e3b98f; color: #7a2e0e; padding: .4rem 1rem;
  text-align: center; }
h1 { font-size: 1.6rem; margin: 2.2rem 0 .6rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; border-bottom: 1px solid #c9d0d6; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem;
  border-bottom: 1px solid #dde2e6; overflow-wrap: anywhere; }
th { background: #f4f6f8; font-weight: 600; }
.small { font-size: .85rem; color: #5b6670; }
p.good { color: #0b6e57; } p.unsure { color: #8a5a00; } p.bad { color: #b8390e; }
tr.good td:first-child { background: #def1ec; }
tr.unsure td:first-child { background: #fcf0d2; }
tr.bad td:first-child { background: #fbe6dd; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; }
.row svg { height: auto; overflow: visible; }
figure { margin: 0; width: 300px; } figure img { width: 100%; }
figcaption { font-size: .85rem; overflow-wrap: anywhere; }
@media print { h1 { break-before: page; } h1:first-of-type { break-before: auto; } }
"""


def audit_html(run: AuditRun, gallery: Path, words: Words) -> bytes:
    """The whole page, UTF-8."""
    title = f"{words.sentence('Sensitivity audit')}: {run.source}"
    return page_html(title, audit_blocks(run, words), gallery, words)


def page_html(title: str, blocks: Sequence[Block], gallery: Path, words: Words) -> bytes:
    """Blocks as one page, UTF-8."""
    body = "\n".join(_block(block, gallery) for block in blocks)
    lang = words.lang.replace("_", "-")
    # Nothing may be loaded or run, whatever stands in a case's name.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    page = f"""<!doctype html>
<html lang="{escape(lang)}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><style>{_STYLE}</style></head>
<body><div class="notice">{escape(NOTICE)}</div>
{body}
<div class="notice">{escape(NOTICE)}</div></body></html>
"""
    return page.encode()


def _block(block: Block, gallery: Path) -> str:
    if isinstance(block, NewPage):
        return ""
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Text):
        names = " ".join([block.tone.value, *(["small"] if block.small else [])])
        return f'<p class="{names}">{escape(block.text)}</p>'
    if isinstance(block, TableBlock):
        return _table(block)
    if isinstance(block, ChartRow):
        drawings = "".join(_svg(drawing) for drawing in block.drawings)
        return f'<div class="row">{drawings}</div>'
    return _pictures(block, gallery)


def _table(block: TableBlock) -> str:
    head = "".join(
        f'<th style="width:{share * 100:.0f}%">{escape(name)}</th>'
        for name, share in zip(block.head, block.widths, strict=True)
    )
    rows = []
    for place, row in enumerate(block.rows):
        tone = block.tones[place] if place < len(block.tones) else Tone.PLAIN
        lines = (escape(cell).replace("\n", "<br>") for cell in row)
        cells = "".join(f"<td>{line}</td>" for line in lines)
        rows.append(f'<tr class="{tone.value}">{cells}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _svg(drawing: Drawing) -> str:
    text = str(renderSVG.drawToString(drawing))
    # Only the element itself: a page has no XML head, and ids may occur once only. Its size is a
    # share of the page, as it is on paper.
    text = text[text.index("<svg") :]
    text = re.sub(r' id="[^"]*"| style="clip-path: url\(#clip\)"', "", text)
    share = min(100.0, 100.0 * float(drawing.width) / CONTENT_WIDTH)
    box = f"0 0 {float(drawing.width):g} {float(drawing.height):g}"
    tag = f'<svg viewBox="{box}" style="width:calc({share:.1f}% - 1rem)">'
    text = re.sub(r"<svg[^>]*>", tag, text, count=1)
    return text.replace(FONT_NAME, "Noto Sans SC, sans-serif")


def _pictures(block: Pictures, gallery: Path) -> str:
    figures = []
    for name, caption in block.pictures:
        path = gallery / name
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            text = escape(caption)
            figures.append(
                f'<figure><img alt="{text}" src="data:image/jpeg;base64,{data}">'
                f"<figcaption>{text}</figcaption></figure>"
            )
    return f'<div class="row">{"".join(figures)}</div>'
