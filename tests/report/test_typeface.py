"""The one typeface: complete for Chinese, and an error where it cannot be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.errors import FontMissing
from mediassist.report.typeface import (
    FONT_FILE,
    load_font,
    missing_characters,
    picture_font,
    printable,
    shortened,
)
from tools.catalogue import CATALOGUE
from tools.po_file import read_po


def _two_byte_characters(encoding: str) -> str:
    pairs = [bytes([a, b]) for a in range(0x81, 0xFF) for b in range(0x40, 0xFF)]
    text = "".join(pair.decode(encoding, "ignore") for pair in pairs)
    # GBK maps some pairs to the private use area, which has no meaning outside one vendor.
    return "".join(c for c in text if c.isprintable() and not 0xE000 <= ord(c) <= 0xF8FF)


@pytest.mark.parametrize("encoding", ["gb2312", "gbk"])
def test_every_character_of_the_chinese_standards_has_a_glyph(encoding: str) -> None:
    # The one that is missing (U+2252, a Japanese sign of approximate equality) is no text.
    assert set(missing_characters(_two_byte_characters(encoding))) <= {"≒"}


def test_every_sentence_of_the_catalogue_can_be_set() -> None:
    for entry in read_po(CATALOGUE).values():
        assert missing_characters(entry.english + entry.translation) == []


def test_the_licence_of_the_font_lies_beside_it() -> None:
    licence = (FONT_FILE.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence


@pytest.mark.parametrize("content", [None, b"", b"not a font", b"OTTO" + bytes(400)])
def test_a_font_that_cannot_be_loaded_is_an_error_and_never_replaced(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "字体.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FontMissing, match="字体.ttf"):
        load_font(path)
    with pytest.raises(FontMissing, match="字体.ttf"):
        picture_font(20, path)


def test_a_truncated_font_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "cut.ttf"
    path.write_bytes(FONT_FILE.read_bytes()[:200_000])
    with pytest.raises(FontMissing):
        load_font(path)


@given(st.text())
def test_what_is_printed_always_has_glyphs_and_no_hidden_characters(text: str) -> None:
    said = printable(text)
    assert missing_characters(said) == []
    assert not any(character in said for character in "\u202e\x00\n\r\t")


def test_a_character_without_a_glyph_is_written_as_its_code_point() -> None:
    assert printable("Ł😀") == "[U+0141][U+1F600]"


def test_a_right_to_left_override_cannot_reorder_a_name() -> None:
    assert printable("王\u202e小明") == "王小明"


@given(st.text(), st.integers(1, 20))
def test_shortened_text_keeps_its_limit(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit
