"""Keys by which a person's name is found: as written, in pinyin, and by initials."""

from __future__ import annotations

import unicodedata

_MOST_READINGS = 8
SEPARATOR = "|"


def name_keys(name: str) -> str:
    """Every key of a name, joined by `|`.

    A Chinese name gives its readings in pinyin (`wangxiaoming`) and their initials (`wxm`). Where
    the first character is read in several ways all of them count: 单 as a surname is read shan,
    not dan. `ü` counts as v, as keyboards have it, and as u.

    >>> name_keys("王小明")
    '王小明|wangxiaoming|wxm'
    """
    plain = folded(name)
    if not any(map(_is_han, plain)):
        return plain
    keys = [plain]
    for reading in _readings(name):
        initials = "".join(syllable[0] for syllable in reading if syllable)
        keys += ["".join(reading), initials]
    keys += [key.replace("v", "u") for key in keys[1:] if "v" in key]
    return SEPARATOR.join(dict.fromkeys(keys))


def folded(text: str) -> str:
    """Lower case, without accents, blanks and marks: what is typed meets what is stored.

    >>> folded("Wáng  Xiǎo-Míng")
    'wangxiaoming'
    """
    spread = unicodedata.normalize("NFKD", text)
    return "".join(char for char in spread.casefold() if char.isalnum())


def _readings(name: str) -> list[list[str]]:
    from pypinyin import Style, lazy_pinyin, pinyin

    han = "".join(filter(_is_han, name))
    usual = [folded(syllable) for syllable in lazy_pinyin(han)]
    first = [folded(each) for each in pinyin(han[0], style=Style.NORMAL, heteronym=True)[0]]
    rest = usual[1:] if len(usual) > 1 else []
    # `lazy_pinyin` knows words, so that 欧阳 is read right: its reading comes first.
    found = [usual, *([one, *rest] for one in first)]
    unique = {tuple(reading): reading for reading in found}
    return list(unique.values())[:_MOST_READINGS]


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"
