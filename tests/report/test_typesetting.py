"""Line breaking in a text that mixes Chinese and English."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mediassist.report.typeface import printable
from mediassist.report.typesetting import BODY, TextBlock, break_lines, text_width

WIDTHS = st.floats(40, 300)


@given(st.text(max_size=200), WIDTHS)
def test_no_line_is_wider_than_its_room(text: str, width: float) -> None:
    for line in break_lines(text, width, BODY):
        assert text_width(line, BODY) <= width + 0.01


@given(st.text(max_size=200), WIDTHS)
def test_no_character_is_lost_or_moved(text: str, width: float) -> None:
    lines = break_lines(text, width, BODY)
    assert "".join("".join(lines).split()) == "".join(printable(text).split())


def test_english_words_inside_chinese_are_not_cut() -> None:
    lines = break_lines("本报告由 MediAssist 软件生成，仅供科研教学使用。" * 3, 100, BODY)
    assert not any(line.endswith(("Media", "Medi", "MediAss")) for line in lines)
    assert sum("MediAssist" in line for line in lines) == 3


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    for width in range(60, 200, 7):
        lines = break_lines("肺部阴影（右下）：已标记，概率“很高”。请复核、签名！" * 2, width, BODY)
        assert not any(line[0] in "，。：）”、！" for line in lines)
        assert not any(line[-1] in "（“" for line in lines)


def test_a_word_wider_than_the_line_is_cut() -> None:
    assert len(break_lines("w" * 300, 100, BODY)) > 5


def test_a_block_splits_between_lines_and_loses_none() -> None:
    block = TextBlock("one two three four five six seven eight nine ten " * 4, BODY)
    _, height = block.wrap(120, 1000)
    first, rest = block.split(120, height / 2)
    heights = [part.wrap(120, 1000)[1] for part in (first, rest)]
    assert sum(heights) == height
    assert block.split(120, 3) == []
