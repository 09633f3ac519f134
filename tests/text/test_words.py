"""What a reader is told, in the reader's language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.errors import FontMissing, WrongUsage
from mediassist.core.messages import Message, say
from mediassist.core.vocabulary import FINDINGS, Domain, Verdict
from mediassist.text import language, words


@pytest.mark.parametrize("lang", ["zh", "zh_CN", "zh-CN", "ZH-cn", "zh_CN.UTF-8"])
def test_every_spelling_of_chinese_means_the_one_chinese_catalogue(lang: str) -> None:
    assert words(lang).lang == "zh_CN"


def test_a_language_without_a_catalogue_is_wrong_usage_and_names_the_choices() -> None:
    with pytest.raises(WrongUsage, match="'en' or 'zh'"):
        language("tlh")


@pytest.mark.parametrize("key", [*FINDINGS, *Domain, *Verdict])
def test_every_finding_domain_and_verdict_has_a_chinese_word(key: str) -> None:
    chinese = words("zh").term(key)
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


def test_a_term_that_is_not_listed_comes_back_unchanged() -> None:
    assert words("zh").term("ZZTOP") == "ZZTOP"


def test_english_is_the_sentence_itself_with_its_fields_filled() -> None:
    message = say("x", "{path} is damaged.", path="检查/a{0}.dcm")
    assert words("en").message(message) == "检查/a{0}.dcm is damaged."


def test_a_message_inside_a_message_is_worded_in_the_same_language() -> None:
    inner = FontMissing.advice
    outer = Message("x", "{reason}!", (("reason", inner),))
    assert words("zh").message(outer) == words("zh").message(inner) + "!"
    assert words("zh").message(inner) != str(inner)


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    error = FontMissing(say("x", "{path} cannot be loaded.", path="NotoSansSC.ttf"))
    said = words("en").error(error)
    assert "NotoSansSC.ttf cannot be loaded." in said
    assert said.endswith(str(FontMissing.advice))


def test_a_sentence_without_translation_is_shown_in_english_not_as_a_code() -> None:
    assert words("zh").message(say("y", "Nobody translated {this}.", this=1)) == (
        "Nobody translated 1."
    )


@given(st.text())
def test_no_value_can_break_a_sentence(value: str) -> None:
    assert words("zh").message(say("x", "<{value}>", value=value)) == f"<{value}>"
