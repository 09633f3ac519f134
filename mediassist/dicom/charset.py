"""Text of a data set as a person should read it, whatever the header says of its character set.

Hospitals write GBK under `ISO_IR 100`, leave (0008,0005) out, and misspell it. Text decoding must
never stop an import, so nothing here raises: bytes that fit nothing become replacement
characters, and every deviation from the declared set is marked as guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mediassist.dicom.charset_guess import likeliest

# Defined terms of PS3.3 C.12.1.1.2 without code extensions -> Python codec.
_SINGLE_CODECS = {
    "": "ascii",
    "ISO_IR 6": "ascii",
    "ISO_IR 100": "latin_1",
    "ISO_IR 101": "iso8859_2",
    "ISO_IR 109": "iso8859_3",
    "ISO_IR 110": "iso8859_4",
    "ISO_IR 126": "iso8859_7",
    "ISO_IR 127": "iso8859_6",
    "ISO_IR 138": "iso8859_8",
    "ISO_IR 144": "iso8859_5",
    "ISO_IR 148": "iso8859_9",
    "ISO_IR 203": "iso8859_15",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 166": "iso8859_11",
    "ISO_IR 192": "utf_8",
    "GB18030": "gb18030",
    "GBK": "gbk",
    # No terms of DICOM: what equipment writes all the same.
    "ISO_IR 58": "gb18030",
    "ISO_IR 87": "euc_jp",
    "ISO_IR 149": "euc_kr",
    "BIG5": "big5hkscs",
    "KOI8-R": "koi8_r",
    **{f"WINDOWS-{number}": f"cp{number}" for number in range(1250, 1259)},
}

# Spellings met in the wild, after removal of blanks, hyphens and underscores.
_MISSPELT = {
    "UTF8": "ISO_IR 192",
    "UNICODE": "ISO_IR 192",
    "LATIN1": "ISO_IR 100",
    "ISO2022GBK": "GBK",
    "ISO2022GB18030": "GB18030",
    "ISO2022IR192": "ISO_IR 192",
    "BIG5HKSCS": "BIG5",
    "CP950": "BIG5",
    "KOI8R": "KOI8-R",
    "EUCKR": "ISO_IR 149",
    "KSC5601": "ISO_IR 149",
    "CP949": "ISO_IR 149",
    "EUCJP": "ISO_IR 87",
    "GB2312": "GBK",
    "CP936": "GBK",
    "GB180302000": "GB18030",
    "GB180302005": "GB18030",
    "GB180302022": "GB18030",
    "ASCII": "ISO_IR 6",
    "USASCII": "ISO_IR 6",
    "SHIFTJIS": "ISO_IR 13",
    "SJIS": "ISO_IR 13",
}

# Part of ISO 8859 -> number of the registered set.
_ISO_8859_PARTS = {
    "1": "100", "2": "101", "3": "109", "4": "110", "5": "144", "6": "127", "7": "126",
    "8": "138", "9": "148", "11": "166", "15": "203",
}  # fmt: skip

_ISO_2022_NUMBERS = frozenset(
    {"6", "13", "58", "87", "100", "101", "109", "110", "126", "127", "138", "144"}
    | {"148", "149", "159", "166", "203"}
)

_MULTI_BYTE = frozenset({"ISO 2022 IR 58", "ISO 2022 IR 87", "ISO 2022 IR 149"})

# What puts a multi-byte set into the upper half of the code table, and the codec of both halves.
_UPPER_HALVES = {b"\x1b$)C": "euc_kr", b"\x1b$)A": "gb2312"}

_BIDIRECTIONAL = frozenset(
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
# PS3.5 allows 64 characters a group; longer ones are damage that must not break a layout.
_NAME_LIMIT = 128
_ESCAPE_SEQUENCE = re.compile("\x1b[ -/]+[0-~]")
_ESCAPE_BYTES = re.compile(b"\x1b[ -/]+[0-~]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class DecodedText:
    """`text` is ready to show; `guessed` says that the declared character set was not followed."""

    text: str
    guessed: bool = False


def normal_term(term: str) -> str | None:
    """The defined term that a spelling means, or None when it means nothing known."""
    plain = " ".join(term.upper().split())
    if plain in _SINGLE_CODECS:
        return plain
    squeezed = re.sub(r"[\s_-]+", "", plain)
    if squeezed in _MISSPELT:
        return _MISSPELT[squeezed]
    extended = re.fullmatch(r"ISO2022IR(\d+)", squeezed)
    if extended and extended[1] in _ISO_2022_NUMBERS:
        return f"ISO 2022 IR {extended[1]}"
    part = re.fullmatch(r"ISO8859(\d+)", squeezed)
    if part and part[1] in _ISO_8859_PARTS:
        return f"ISO_IR {_ISO_8859_PARTS[part[1]]}"
    windows = re.fullmatch(r"(?:WINDOWS|CP)(125\d)", squeezed)
    if windows and f"WINDOWS-{windows[1]}" in _SINGLE_CODECS:
        return f"WINDOWS-{windows[1]}"
    single = re.fullmatch(r"(?:ISO)?IR(\d+)", squeezed)
    if single and f"ISO_IR {single[1]}" in _SINGLE_CODECS:
        return f"ISO_IR {single[1]}"
    return None


def decode_text(raw: bytes, declared: Sequence[str] = ()) -> DecodedText:
    """Decode the bytes of one element under the values of Specific Character Set (0008,0005).

    Parameters
    ----------
    raw : the value as stored, padding included.
    declared : values of (0008,0005), possibly none, misspelt or wrong.

    Notes
    -----
    Tried in this order: the declared set; if that fails, or says Latin-1 and gives what no person
    would write, UTF-8 (which wrong text almost never satisfies), then the likeliest reading of
    `charset_guess`.
    """
    return _decode_text(raw.rstrip(b"\0 ").lstrip(b" "), tuple(declared))


@lru_cache(maxsize=2048)
def _decode_text(raw: bytes, declared: tuple[str, ...]) -> DecodedText:
    """Files of one study repeat their texts: they are decoded once."""
    terms = [normal_term(term) for term in declared]
    extended = len(terms) > 1 or any(term and term.startswith("ISO 2022") for term in terms)
    if raw.isascii() and b"\x1b" not in raw and "ISO_IR 13" not in terms and not extended:
        return DecodedText(raw.decode("ascii"))
    if extended:
        return _decode_extended(raw, terms)
    term = terms[0] if terms else ""
    if term is None or term in ("", "ISO_IR 6"):
        return _guess(raw)
    codec = _SINGLE_CODECS[term]
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return _guess(raw, declared_codec=codec)
    # Latin-1 decodes anything: see whether another reading is the evident one.
    if codec == "latin_1":
        better = _hidden(raw)
        if better is not None:
            return DecodedText(better, guessed=True)
    return DecodedText(text)


def _decode_extended(raw: bytes, terms: Sequence[str | None]) -> DecodedText:
    """ISO 2022 code extensions (PS3.5 6.1.2.5) by pydicom, with our own way out of errors."""
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

    known = [
        (term or "").replace("ISO_IR", "ISO 2022 IR") if term != "ISO_IR 192" else term
        for term in terms
        if term is not None
    ]
    unknown = len(known) < len(terms)
    if any(term in ("ISO_IR 192", "GB18030", "GBK") for term in known):
        # Sets without code extensions must stand alone; the multi-byte one explains the bytes.
        strong = next(term for term in known if term in ("ISO_IR 192", "GB18030", "GBK"))
        plain = _ESCAPE_BYTES.sub(b"", raw)
        return DecodedText(decode_text(plain, [strong]).text, guessed=not raw.isascii())
    if b"\x1b" not in raw and not raw.isascii() and _MULTI_BYTE & set(known):
        # The escape sequences are forgotten more often than any Latin letter is meant.
        hidden = _hidden(raw)
        if hidden is not None:
            return DecodedText(hidden, guessed=True)
    known = ["" if term in ("ISO 2022 IR 6", "") else term for term in known] or [""]
    if not known[0]:
        once = _decode_upper_half(raw)
        if once is not None:
            return DecodedText(once, guessed=unknown)
    try:
        encodings = convert_encodings(known)
        text = decode_bytes(raw, encodings, TEXT_VR_DELIMS | PN_DELIMS)
    except (LookupError, UnicodeError, ValueError):
        return _guess(raw)
    # pydicom's codec of ISO 2022 IR 58 leaves the escape sequences in.
    text = _ESCAPE_SEQUENCE.sub("", text)
    if "\x1b" in text or _REPLACEMENT in text:
        return _guess(_ESCAPE_BYTES.sub(b"", raw))
    return DecodedText(text, guessed=unknown and not raw.isascii())


def _decode_upper_half(raw: bytes) -> str | None:
    """Text whose only escape sequences call the one Korean or Chinese set; None for any other.

    PS3.5 6.1.2.5.3 wants the sequence again after each delimiter of a name, and many writers put
    it once: beside ASCII the upper half can mean nothing else.
    """
    escapes = set(_ESCAPE_BYTES.findall(raw))
    codec = _UPPER_HALVES.get(escapes.pop()) if len(escapes) == 1 else None
    return _decoded(_ESCAPE_BYTES.sub(b"", raw), codec) if codec else None


def _guess(raw: bytes, declared_codec: str | None = None) -> DecodedText:
    """Best reading of bytes whose declared set is missing, unknown or contradicted."""
    utf8 = _decoded(raw, "utf_8")
    if utf8 is not None and (raw.isascii() or _is_plausible_utf8(utf8, raw)):
        return DecodedText(utf8, guessed=not raw.isascii())
    cut = _without_cut_character(raw)
    if cut is not None:
        return DecodedText(cut, guessed=True)
    codec, text = likeliest(raw)
    if codec == "latin_1" and declared_codec not in (None, "ascii"):
        text = raw.decode(declared_codec, errors="replace")
    return DecodedText(text, guessed=True)


def _decoded(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _without_cut_character(raw: bytes) -> str | None:
    """UTF-8 whose last character was cut by a limit of 64 bytes, without that character."""
    for length in range(1, 4):
        text = _decoded(raw[:-length], "utf_8")
        if text is not None:
            is_cut = raw[-length] >= 0xC2 and sum(char >= "\u0800" for char in text) >= 2
            return text if is_cut else None
    return None


def _is_plausible_utf8(text: str, raw: bytes) -> bool:
    """Whether valid UTF-8 is meant. Short GBK words can be valid UTF-8 by chance, two bytes a
    character; such a reading mixes scripts or holds signs that are no letters."""
    foreign = [char for char in text if not char.isascii()]
    if any(char >= "\u0800" for char in foreign):
        return True
    scripts = {unicodedata.name(char, "?").split()[0] for char in foreign}
    is_one_script = len(scripts) == 1 and all(char.isalpha() for char in foreign)
    return is_one_script or _pairs_of_ideographs(raw) is None


def _pairs_of_ideographs(raw: bytes) -> list[bytes] | None:
    """The runs of high bytes if GB 2312 reads them all as Chinese, else None."""
    runs = re.findall(rb"[\x80-\xff]+", raw)
    text = None if any(len(run) % 2 for run in runs) else _decoded(b"".join(runs), "gb2312")
    if not text or not any("一" <= char <= "鿿" for char in text):
        return None
    is_chinese = all("一" <= char <= "鿿" or _is_full_width(char) for char in text)
    return runs if is_chinese else None


def _is_full_width(char: str) -> bool:
    """Punctuation and Latin letters in the width of ideographs."""
    return "　" <= char <= "〿" or "！" <= char <= "～"


def _hidden(raw: bytes) -> str | None:
    """The text that a declaration of Latin-1 hides, else None."""
    utf8 = _decoded(raw, "utf_8")
    if utf8 is not None and _is_plausible_utf8(utf8, raw):
        return utf8
    codec, text = likeliest(raw, declared="latin_1")
    return None if codec == "latin_1" else text


def display_name(name: str) -> str:
    """A person name (PN, PS3.5 6.2.1) as people write it.

    Groups are alphabetic=ideographic=phonetic, components family^given^middle^prefix^suffix.
    The ideographic group stands first, the alphabetic one behind it in brackets; family and
    given name of an ideographic group are joined without a blank.

    >>> display_name("Zhang^Xiaodong=张^小东")
    '张小东 (Zhang, Xiaodong)'
    >>> display_name("Doe^John^Q^Dr")
    'Doe, John Q, Dr'
    """
    plain = "".join(char for char in name if not _is_unsafe(char))
    groups = [_group(part) for part in plain.split("=")[:3]]
    groups += [""] * (3 - len(groups))
    alphabetic, ideographic, phonetic = groups
    if ideographic and alphabetic and alphabetic != ideographic:
        return f"{ideographic} ({alphabetic})"
    return ideographic or alphabetic or phonetic


def _is_unsafe(char: str) -> bool:
    """Control characters, and those that turn text round and so can fake another name."""
    return unicodedata.category(char) == "Cc" or char in _BIDIRECTIONAL


def _group(text: str) -> str:
    if len(text) > _NAME_LIMIT:
        text = text[:_NAME_LIMIT] + "\N{HORIZONTAL ELLIPSIS}"
    parts = [" ".join(part.split()) for part in text.split("^")]
    family, given, middle, *rest = parts + [""] * max(0, 3 - len(parts))
    if any("⺀" <= char <= "鿿" or "가" <= char <= "힣" or char > "\uffff" for char in text):
        return "".join(part for part in (family, given, middle) if part)
    forenames = " ".join(part for part in (given, middle) if part)
    return ", ".join(part for part in (family, forenames, *rest) if part)
