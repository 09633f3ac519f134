"""Reads back a PDF that a test wrote."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray


def page_texts(path: Path) -> list[str]:
    """Text of each page, without line breaks' whitespace differences."""
    document = pypdfium2.PdfDocument(path)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return texts


def joined_text(path: Path) -> str:
    """The whole text with all white space removed: lines may break anywhere in Chinese."""
    return re.sub(r"\s+", "", "".join(page_texts(path)))


def page_pixels(path: Path, page: int, scale: float = 3.0) -> NDArray[np.uint8]:
    """RGB picture of a page, `scale` pixels a point."""
    document = pypdfium2.PdfDocument(path)
    pixels = np.asarray(document[page].render(scale=scale).to_pil().convert("RGB")).copy()
    document.close()
    return pixels


def objects_text(path: Path) -> str:
    """The file's objects as text, streams that are text included (for `/FontFile2` and such)."""
    raw = path.read_bytes()
    parts = [raw.decode("latin-1")]
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", raw, re.DOTALL):
        try:
            parts.append(zlib.decompress(match.group(1)).decode("latin-1"))
        except zlib.error:
            continue
    return "\n".join(parts)
