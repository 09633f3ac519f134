"""A name and a date as else people write them: what the second pass searches for as well."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice, product

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS_IN_FULL = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff\u3400-\u4dbf]{2,6}")
# Family names of two characters; all others have one.
_DOUBLE = frozenset(
    ["欧阳", "司马", "诸葛", "上官", "慕容", "尉迟", "令狐", "皇甫", "司徒", "东方", "夏侯", "宇文"]
    + [
        "长孙",
        "轩辕",
        "公孙",
        "南宫",
        "独孤",
        "端木",
        "歐陽",
        "諸葛",
        "東方",
        "司馬",
        "令狐",
        "張簡",
    ]
)
_MOST_READINGS = 16
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_BARE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "ı": "i", "ð": "d", "þ": "th"})


def name_forms(name: str) -> set[str]:
    """Other ways to write a PN value: given name first, in one word, with digraphs in place of
    accents, and in pinyin."""
    found: set[str] = set()
    for group in name.casefold().split("="):
        parts = [part for part in re.split(r"[\^\s,]+", group) if part]
        if len(parts) > 1:
            for order in (parts, parts[::-1], [parts[1], parts[0]]):
                found |= {" ".join(order), "".join(order), ", ".join(order)}
        for form in (*found, *parts):
            if form.translate(_GERMAN) != form:
                found.add(without_accents(form.translate(_GERMAN)))
        found |= set(_pinyin_forms(group))
    return found


def without_accents(text: str) -> str:
    """Letters without their accents: "müller" becomes "muller"."""
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFD", text)
    bare = "".join(char for char in parted if not "\u0300" <= char <= "\u036f")
    return unicodedata.normalize("NFC", bare).translate(_BARE)


def _pinyin_forms(group: str) -> Iterator[str]:
    """Family and given name in pinyin, in both orders, in all usual ways to part them; every
    reading of characters that have several."""
    parts = [part for part in re.split(r"[\^\s,]+", group) if part]
    whole = "".join(parts)
    if not _IDEOGRAPHS.fullmatch(whole):
        return
    from pypinyin import Style, pinyin

    readings = [
        sorted({form for one in sounds for form in {one, one.replace("v", "u")}})
        for sounds in pinyin(whole, style=Style.NORMAL, heteronym=True, v_to_u=False)
    ]
    first = len(parts[0]) if len(parts) > 1 else 2 if whole[:2] in _DOUBLE else 1
    for syllables in islice(product(*readings), _MOST_READINGS):
        family, given = "".join(syllables[:first]), syllables[first:]
        if not given:
            continue
        joined = "".join(given)
        for forename in {joined, " ".join(given), "-".join(given)}:
            yield f"{family} {forename}"
            yield f"{forename} {family}"
        yield from (family + joined, joined + family)
        if len(given) > 1:
            yield joined


def date_forms(year: int, month: int, day: int) -> set[str]:
    """A date as it stands in texts of many countries; two digits of a year are too common."""
    found = {f"{year}{month:02}{day:02}"}
    for m, d in {(f"{month:02}", f"{day:02}"), (str(month), str(day))}:
        found |= {f"{year}{s}{m}{s}{d}" for s in "-/. "}
        found |= {f"{d}{s}{m}{s}{year}" for s in "-/. "} | {f"{m}{s}{d}{s}{year}" for s in "-/. "}
        found |= {f"{year}年{m}月{d}日", f"{year}年{m}月{d}号", f"{year} 年 {m} 月 {d} 日"}
        found |= {f"{year}년 {m}월 {d}일", f"{year}년{m}월{d}일"}
        for name in {_MONTHS[month - 1], _MONTHS_IN_FULL[month - 1]} if 1 <= month <= 12 else ():
            found |= {f"{d} {name} {year}", f"{d}-{name}-{year}", f"{d}{name}{year}"}
            found |= {f"{name} {d}, {year}", f"{name} {d} {year}", f"{d}. {name} {year}"}
    return found
