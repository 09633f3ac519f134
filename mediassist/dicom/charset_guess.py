"""The likeliest reading of bytes whose character set is not stated, or stated wrong.

Detectors made for web pages need sentences; a header holds names of two or three characters. So
every character set in use is tried, and each reading weighed as its language would: how probable
are these letters in names (`charset_letters`), and this order of small and capital ones. The sums
of logarithms compare because all readings are of the same bytes. The declared set wins unless
another one is clearly likelier.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from mediassist.dicom import charset_letters as letters

# Natural logarithms of the probability of one character, by what it is.
_IN_NAMES = -5.5
_IN_WORDS = -6.5
_IN_KOREAN_NAMES = -5.0
_KANA = -4.5
_HALF_WIDTH = -8.0
_MARK = -2.5
_COMMON = -9.0
_RARE = -11.0
_FOREIGN = -13.0
_PRIVATE = -26.0
_ACCENTED = -4.5
_OTHER_ACCENTED = -11.0
_SIDE_BY_SIDE = -5.0
_SIDE_BY_SIDE_IN_ONE = -1.5
_SIGN = -12.0
_CONTROL = -16.0
_SIGN_AT_AN_END = -6.0
_OUT_OF_CASE = -5.0
_GROWN_TOGETHER = -6.0
_ARTICLE = 3.0
_SLAVIC_END = 7.0
_ZIPF = 9.0

_END_SIGNS = frozenset("«»ªº°·´¨¡¿'’‘“”–µ±×÷§©®&")
_UNIT = re.compile(r"(?i)(?:^|[^a-z])[cdkm]?m[²³]$")
_WORDS = re.compile(r"[^ \t\r\n\f^=\\,.;:/()\[\]+-]+")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A codec, the weight of its text, and how much likelier than others it is beforehand."""

    codec: str
    weigh: Callable[[str], float]
    prior: float
    needs_bytes: int = 0


def likeliest(raw: bytes, declared: str | None = None) -> tuple[str, str]:
    """Codec and text of the likeliest reading.

    Parameters
    ----------
    raw : bytes of one value, some of them above 0x7F.
    declared : Python codec of the declared set where that decodes anything ("latin_1"); None
        where no set is declared.

    Returns
    -------
    ("latin_1", ...) where nothing is likelier. Never raises.
    """
    best = ("latin_1", raw.decode("latin_1"))
    highest = _latin_weight(best[1], letters.LATIN_1)
    high = sum(byte > 0x7F for byte in raw)
    # Signs and control characters of Latin-1 say that it was not meant; letters do not.
    has_signs = any(0x7F < byte < 0xC0 or byte in (0xD7, 0xF7) for byte in raw)
    for reading in _readings():
        if high < reading.needs_bytes and not has_signs:
            continue
        try:
            text = raw.decode(reading.codec)
        except UnicodeDecodeError:
            continue
        weight = reading.weigh(text) + reading.prior
        if declared is None and reading.needs_bytes == 0:
            weight += 2.0
        if weight > highest:
            highest, best = weight, (reading.codec, text)
    return best


@cache
def _readings() -> tuple[_Reading, ...]:
    def latin(languages: tuple[str, ...]) -> Callable[[str], float]:
        return lambda text: _latin_weight(text, languages)

    def alphabet(order: str) -> Callable[[str], float]:
        table = _by_rank(order)
        return lambda text: sum(_foreign_word_weight(word, table) for word in _words(text))

    return (
        _Reading("gb18030", _chinese, 1.5, 4),
        _Reading("big5hkscs", _traditional, 0.0, 3),
        _Reading("cp949", _korean, 0.0, 4),
        _Reading("cp932", _japanese, 0.0, 3),
        _Reading("euc_jp", _japanese, 0.0, 4),
        _Reading("cp1251", alphabet(letters.CYRILLIC), -3.0, 3),
        _Reading("koi8_u", alphabet(letters.CYRILLIC), -4.0, 3),
        _Reading("iso8859_5", alphabet(letters.CYRILLIC), -4.0, 3),
        _Reading("iso8859_7", alphabet(letters.GREEK), -4.0, 3),
        _Reading("iso8859_8", alphabet(letters.HEBREW), -4.0, 3),
        _Reading("iso8859_6", alphabet(letters.ARABIC), -4.0, 3),
        _Reading("cp1256", alphabet(letters.ARABIC), -4.0, 3),
        _Reading("cp874", alphabet(letters.THAI), -4.0, 3),
        _Reading("iso8859_2", latin(letters.LATIN_2), -5.5),
        _Reading("cp1250", latin(letters.LATIN_2), -6.0),
        _Reading("iso8859_9", latin(letters.TURKISH), -5.5),
    )


def _by_rank(order: str) -> dict[str, float]:
    """Logarithms of probabilities that fall with the rank of a letter."""
    order = "".join(dict.fromkeys(order))
    weights = [math.exp(-rank / _ZIPF) + 0.01 for rank in range(len(order))]
    total = sum(weights)
    return {letter: math.log(weight / total) for letter, weight in zip(order, weights, strict=True)}


def _foreign_word_weight(word: str, table: dict[str, float]) -> float:
    """A word in an alphabet that is not Latin: no other letters in it, the first one large or
    all of them, Hebrew's final forms at the end and Thai's marks on letters."""
    weight, before = 0.0, ""
    for place, char in enumerate(word):
        if char.isascii():
            weight += _GROWN_TOGETHER if before and not before.isascii() else 0.0
        elif char in letters.THAI_MARKS and before in table:
            weight += _MARK
        else:
            weight += table.get(char.lower(), _FOREIGN)
            weight += _GROWN_TOGETHER if before.isascii() and before.isalpha() else 0.0
            weight += _OUT_OF_CASE if char.isupper() and before.islower() else 0.0
            is_last = place == len(word) - 1
            if char in (letters.HEBREW_NOT_LAST if is_last else letters.HEBREW_LAST):
                weight += _OUT_OF_CASE / 2
            if char in letters.THAI_MARKS:
                weight += _OUT_OF_CASE
        before = char
    weight += _ARTICLE if word.startswith(letters.ARABIC_STARTS) else 0.0
    foreign = [char for char in word if not char.isascii()]
    if len(foreign) > 1 and foreign[0].islower():
        weight += _OUT_OF_CASE / 2
    elif len(foreign) > 1 and all(char.isupper() for char in foreign):
        weight += _OUT_OF_CASE / 3
    return weight


def _latin_weight(text: str, languages: tuple[str, ...]) -> float:
    """Words of Latin letters: each is weighed as the language that suits it best."""
    weight = 0.0
    for word in _words(text):
        if not word.isascii():
            weight += max(_word_weight(word, language) for language in languages)
            weight += _case_weight(word)
    return weight


def _word_weight(word: str, language: str) -> float:
    weight, before = 0.0, "a"
    is_slavic = language in letters.LATIN_2
    for place, char in enumerate(word):
        if not char.isascii():
            if char.isalpha() and char not in "ªºµ":
                weight += _ACCENTED if char.lower() in language else _OTHER_ACCENTED
                if not before.isascii():
                    both = before.lower() in language and char.lower() in language
                    weight += _SIDE_BY_SIDE_IN_ONE if both and is_slavic else _SIDE_BY_SIDE
            elif _UNIT.search(word[: place + 1]):
                weight += _ACCENTED
            elif char in _END_SIGNS and place in (0, len(word) - 1, 1):
                weight += _SIGN_AT_AN_END
            else:
                weight += _CONTROL if char < "\xa0" else _SIGN
        before = char
    return weight + (_SLAVIC_END if word.endswith(letters.SLAVIC_END) else 0.0)


def _case_weight(word: str) -> float:
    """Capital letters after small ones are no word."""
    pairs = zip(word, word[1:], strict=False)
    odd = sum(
        after.isupper() and before.islower() and not (after.isascii() and before.isascii())
        for before, after in pairs
    )
    return odd * _OUT_OF_CASE


def _words(text: str) -> list[str]:
    return _WORDS.findall(text)


def _ideographic_weight(text: str, of_character: Callable[[str], float]) -> float:
    weight, before = 0.0, " "
    for char in text:
        if not char.isascii():
            is_private = "\ue000" <= char <= "\uf8ff"
            weight += _PRIVATE if is_private else of_character(char)
        if char.isascii() != before.isascii() and (char + before).isalpha():
            weight += _GROWN_TOGETHER / 2
            weight += _GROWN_TOGETHER if _is_half_width(char + before) else 0.0
        before = char
    return weight


def _chinese(text: str) -> float:
    return _ideographic_weight(text, _of_chinese)


def _of_chinese(char: str) -> float:
    if char in letters.CHINESE:
        return _IN_NAMES
    if char in letters.CHINESE_WORDS:
        return _IN_WORDS
    if "！" <= char <= "～" or "　" <= char <= "〟":
        return _COMMON
    lead, _ = _bytes(char, "gb2312")
    if not "一" <= char <= "鿿":
        return _FOREIGN
    return _COMMON if 0xB0 <= lead <= 0xD7 else _RARE if lead else _RARE - 1.5


def _traditional(text: str) -> float:
    return _ideographic_weight(text, _of_traditional)


def _of_traditional(char: str) -> float:
    if char in letters.CHINESE_TRADITIONAL:
        return _IN_NAMES
    lead, _ = _bytes(char, "big5")
    return _COMMON if 0xA4 <= lead <= 0xC6 else _RARE if lead >= 0xC9 else _FOREIGN


def _japanese(text: str) -> float:
    return _ideographic_weight(text, _of_japanese)


def _of_japanese(char: str) -> float:
    if "ぁ" <= char <= "ヿ":
        return _KANA
    if char in letters.JAPANESE:
        return _IN_NAMES
    if _is_half_width(char):
        return _HALF_WIDTH
    lead, _ = _bytes(char, "euc_jp")
    return _COMMON if 0xB0 <= lead <= 0xCF else _RARE if lead >= 0xD0 else _FOREIGN


def _is_half_width(chars: str) -> bool:
    return any("ｦ" <= char <= "ﾟ" for char in chars)


def _korean(text: str) -> float:
    return _ideographic_weight(text, _of_korean)


def _of_korean(char: str) -> float:
    if char in letters.KOREAN:
        return _IN_KOREAN_NAMES
    lead, _ = _bytes(char, "euc_kr")
    if "가" <= char <= "힣":
        return _COMMON if lead else _RARE
    return _RARE if lead >= 0xCA else _FOREIGN


def _bytes(char: str, codec: str) -> tuple[int, int]:
    """Both bytes of a character; zeros where the codec lacks it or uses another number."""
    try:
        coded = char.encode(codec)
    except UnicodeEncodeError:
        return 0, 0
    return (coded[0], coded[1]) if len(coded) == 2 else (0, 0)
