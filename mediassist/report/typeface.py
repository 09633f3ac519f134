"""The one typeface of every report and picture: Noto Sans SC, shipped and embedded.

There is no fallback on purpose: a report whose Chinese names turn into boxes is worse than none
(a font that fails to load silently is the classic fault of Chinese PDF output), so a font that
cannot be loaded raises `FontMissing`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from mediassist.core.errors import FontMissing
from mediassist.core.messages import say

FONT_NAME = "NotoSansSC"
FONT_FILE = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
FONT_SHA256 = "5cf8b2a0576d5680284ab03a7a8219499d59bbe981a79bb3dc0031f251c39736"


_BEYOND_BMP = re.compile(r"(?<=> <)[0-9A-F]{5,6}(?=>)")


class ReportFont(TTFont):
    """reportlab's TrueType font with text that can be copied and searched beyond U+FFFF.

    Rare characters of names (𬱖, 𬭚; GB 18030-2022 asks for them) lie there. reportlab writes their
    code point into the ToUnicode map where PDF wants UTF-16 (ISO 32000-1, 9.10.3): the name looks
    right and is copied wrong.
    """

    def addObjects(self, doc: Any) -> None:
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:"):
                stream.content = _BEYOND_BMP.sub(
                    lambda match: chr(int(match[0], 16)).encode("utf-16-be").hex().upper(),
                    stream.content,
                )


def load_font(path: Path = FONT_FILE) -> ReportFont:
    """The font for reportlab, which embeds the glyphs used as a TrueType subset (FontFile2).

    Raises
    ------
    FontMissing
        If the file is absent or is not, byte for byte, the font that MediAssist ships: a cut-off
        font loads without complaint and prints empty places.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != FONT_SHA256:
            raise _font_missing(path, f"SHA-256 {found}")
        return ReportFont(FONT_NAME, str(path))
    except (TTFError, OSError) as error:
        raise _font_missing(path, str(error)) from error


def _font_missing(path: Path, reason: str) -> FontMissing:
    return FontMissing(
        say(
            "font_not_loaded",
            "The report font {path} cannot be loaded: {reason}",
            path=str(path),
            reason=reason,
        )
    )


@cache
def report_font() -> str:
    """Register the font with reportlab once a process; its name there."""
    pdfmetrics.registerFont(load_font())
    return FONT_NAME


@cache
def _known_characters() -> frozenset[int]:
    return frozenset(load_font().face.charToGlyph)


@cache
def picture_font(size_px: int, path: Path = FONT_FILE) -> ImageFont.FreeTypeFont:
    """The same typeface for text drawn into pictures."""
    try:
        return ImageFont.truetype(str(path), size_px)
    except OSError as error:
        raise _font_missing(path, str(error)) from error


def missing_characters(text: str) -> list[str]:
    """The visible characters of a text that the typeface has no glyph for."""
    known = _known_characters()
    return sorted({character for character in text if ord(character) not in known})


def printable(text: str) -> str:
    """The text as it can be set: nothing invisible, nothing without a glyph.

    Control and format characters are dropped (a right-to-left override in a header could reorder
    a name). A character that the typeface lacks is written as its code point, `[U+1F600]`: the
    reader sees that something stands there and what, instead of an empty box.
    """
    known = _known_characters()
    out: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if character in "\t\n\r\v\f\u2028\u2029\u00a0\u3000":
            out.append(" ")
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs"):
            continue
        elif ord(character) in known:
            out.append(character)
        else:
            out.append(f"[U+{ord(character):04X}]")
    return "".join(out)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
