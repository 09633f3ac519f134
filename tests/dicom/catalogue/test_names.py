"""Keys of names: what a person types meets what a file holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.dicom.catalogue.dates import days
from mediassist.dicom.catalogue.names import folded, name_keys


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王小明", "wangxiaoming"),
        ("王小明", "wxm"),
        ("单雄信", "shan"),
        ("曾国藩", "zeng guofan"),
        ("仇英", "qiuying"),
        ("欧阳修", "ouyangxiu"),
        ("欧阳修", "oyx"),
        ("吕布", "lvbu"),
        ("吕布", "lubu"),
        ("吕布", "lü"),
        ("王小东 (Wang, XiaoDong)", "xiaodong"),
        ("Müller, Jörg", "muller"),
        ("山田太郎 (Yamada, Tarou)", "yamada"),
        ("김희중", "김희중"),
    ],
)
def test_a_name_is_met_by(name: str, typed: str) -> None:
    assert folded(typed) in name_keys(name)


@given(st.text(max_size=40))
def test_any_name_has_keys_and_is_met_by_itself(name: str) -> None:
    assert folded(name) in name_keys(name)


@given(st.text(alphabet=st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=12))
def test_chinese_names_of_any_characters_have_keys(name: str) -> None:
    assert name_keys(name).count("|") < 64


@pytest.mark.parametrize(
    "text", ["", "..", "yesterday", "2024-13", "2024-02-30", "0000", "5.3.2024"]
)
def test_what_is_no_date_is_refused_with_examples(text: str) -> None:
    from mediassist.core.errors import WrongUsage

    with pytest.raises(WrongUsage, match="2024-03-05"):
        days(text)
