"""The second pass: search a written file for everything that its original gave away.

Nothing of the first pass is trusted or used: the file is read again from its bytes, all elements
at all depths are looked at whatever their tag, and the bytes themselves are searched in every
encoding that a name may have been written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from mediassist.dicom.deidentify.beside_pixels import beside_pixels
from mediassist.dicom.deidentify.identifiers import Identifiers, held_in, normal

_ENCODINGS = (
    "utf-8",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "iso2022_jp",
    "iso2022_kr",
    "euc_kr",
    "koi8_u",
    "cp1251",
    "iso8859_2",
    "iso8859_5",
    "iso8859_6",
    "iso8859_7",
    "iso8859_8",
    "iso8859_9",
    "cp874",
    "latin-1",
    "utf-16-le",
    "utf-16-be",
)
# Coded values, numbers and times: a name may be equal to one of their words by chance, so only
# long or whole identifiers count there.
_CODED = frozenset({"CS", "DS", "IS", "AS", "TM"})
# Nobody reads these as text, and short needles occur in any noise.
_PIXEL_TAGS = frozenset({0x7FE00010, 0x7FE00009, 0x7FE00008})
_MIN_BYTES, _MIN_BYTES_IN_PIXELS = 5, 9
# Counting tables look like short numbers in UTF-16.
_MIN_CHARACTERS_IN_UTF16 = 6
_UNDEFINED_LENGTH = 0xFFFFFFFF
_UID_RUN = re.compile(r"[0-9.]{10,}")
# UIDs of one file begin alike, so that a thousand are found by a few needles.
_HEAD = 10


@dataclass(frozen=True, slots=True)
class Residue:
    """An original that is still there: where, and how many characters of it (never itself)."""

    place: str
    characters: int


def find_residues(path: Path, originals: Identifiers) -> tuple[Residue, ...]:
    """Every place in a written file that still holds one of the originals."""
    dataset = dcmread(path, force=True)
    strings = [*_strings(dataset.file_meta, "meta"), *_strings(dataset, "")]
    found: dict[Residue, None] = {}
    for where, vr, text in strings:
        found.update(dict.fromkeys(_matches(where, vr, text, originals)))
    coded = "\n".join(text.lower() for _, vr, text in strings if vr in _CODED)
    found.update(dict.fromkeys(_in_bytes(path.read_bytes(), dataset, originals, coded)))
    return tuple(found)


def _strings(dataset: Dataset, prefix: str) -> Iterator[tuple[str, str, str]]:
    """Place, VR and text of every element, bytes in all encodings."""
    for tag in dataset.keys():  # noqa: SIM118  (a Dataset iterates over converted elements)
        if int(tag) in _PIXEL_TAGS:
            continue
        element = dataset[tag]
        where = f"{prefix}/{keyword_for_tag(tag) or tag}"
        if element.VR == "SQ":
            for number, item in enumerate(element.value or ()):
                yield from _strings(item, f"{where}[{number}]")
            continue
        for text in _texts(element.value):
            yield where, str(element.VR), text


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, MultiValue | list | tuple) else (value,):
        if isinstance(one, bytes):
            for encoding in _ENCODINGS:
                yield one.decode(encoding, errors="ignore")
        elif one is not None:
            yield str(one)


def _matches(where: str, vr: str, text: str, originals: Identifiers) -> Iterator[Residue]:
    plain = normal(text)
    if not plain:
        return
    if vr == "UI":
        if plain in originals.uids:
            yield Residue(where, len(plain))
        return
    for run in _UID_RUN.findall(plain):
        # A UID may be followed by a dot: the end of a sentence.
        ends = [place for place, char in enumerate(run) if char == "."]
        for end in (*ends, len(run)):
            if run[:end] in originals.uids:
                yield Residue(where, end)
    if plain in originals.whole and vr not in _CODED:
        yield Residue(where, len(plain))
    for name in held_in(plain, originals):
        if vr not in _CODED or _is_long(name):
            yield Residue(where, len(name))


def _is_long(name: str) -> bool:
    return len(name) >= 8 or any(ord(char) > 0x2E80 for char in name)


def _in_bytes(
    data: bytes, dataset: Dataset, originals: Identifiers, coded: str
) -> Iterator[Residue]:
    """Search the file as bytes, in lower case, apart from the pixels for short needles.

    What `coded` values hold by chance (see `_CODED`) does not count.
    """
    start, end = _pixel_span(data)
    beside = beside_pixels(dataset)
    outside = b"\0".join((data[:start], data[end:], *beside)).lower()
    pixels = data[start:end].lower()
    for length in _uids_in(outside, originals.uids, is_bordered=True):
        yield Residue("bytes", length)
    for length in _uids_in(pixels, originals.uids, is_bordered=False):
        yield Residue("bytes of the pixels", length)
    for name in originals.anywhere:
        by_chance = (
            0 if _is_long(name) else len(re.findall(_bordered(name.encode()), coded.encode()))
        )
        for needle in _needles(name):
            if len(needle) < _MIN_BYTES:
                continue
            if needle in outside and _hits(needle, outside) > by_chance:
                yield Residue("bytes", len(name))
            if len(needle) >= _MIN_BYTES_IN_PIXELS and needle in pixels:
                yield Residue("bytes of the pixels", len(name))


def _uids_in(data: bytes, uids: set[str], is_bordered: bool) -> Iterator[int]:
    """Lengths of the UIDs that stand in bytes, in ASCII and UTF-16; with `is_bordered`, those in
    ASCII not as a part of a longer word."""
    longest = max(map(len, uids), default=0)
    for head in {uid[:_HEAD] for uid in uids}:
        for encoding, width in (("ascii", 1), ("utf-16-le", 2), ("utf-16-be", 2)):
            needs_border = is_bordered and width == 1
            needle = head.encode(encoding)
            place = data.find(needle)
            while place >= 0:
                text = data[place : place + width * longest].decode(encoding, "replace")
                before = data[max(0, place - 1) : place]
                for end in range(_HEAD, len(text) + 1):
                    follows = data[place + end : place + end + 1]
                    is_whole = not (before.isalnum() or follows.isalnum())
                    if text[:end] in uids and (is_whole or not needs_border):
                        yield end
                place = data.find(needle, place + 1)


@lru_cache(maxsize=4096)
def _needles(name: str) -> tuple[bytes, ...]:
    forms = {name, name.replace(" ", "^"), name.replace(" ", "")}
    if not name.isascii():
        # Bytes are compared in lower case, which only changes letters of ASCII.
        forms |= {form for each in tuple(forms) for form in (each.upper(), each.title())}
    found: set[bytes] = set()
    for form in forms:
        for encoding in _ENCODINGS:
            is_short = len(form) < _MIN_CHARACTERS_IN_UTF16 and form.isascii()
            if is_short and encoding.startswith("utf-16"):
                continue
            try:
                found.add(form.encode(encoding).lower())
            except UnicodeEncodeError:
                continue
    return tuple(sorted(found))


def _hits(needle: bytes, data: bytes) -> int:
    """How often it stands alone; what has bytes beyond ASCII counts anywhere."""
    if not needle.isascii() or b"\0" in needle:
        return data.count(needle)
    return len(re.findall(_bordered(needle), data))


def _bordered(needle: bytes) -> bytes:
    # In explicit VR two bytes of length stand before a value, so that a border is there.
    return rb"(?<![0-9a-z])" + re.escape(needle) + rb"(?![0-9a-z])"


def _pixel_span(data: bytes) -> tuple[int, int]:
    """Where the value of Pixel Data begins and ends; encapsulated ones end with the file in what
    this program writes."""
    for element in (b"\xe0\x7f\x10\x00OW", b"\xe0\x7f\x10\x00OB"):
        position = data.rfind(element)
        if position >= 0:
            start = position + 12
            length = int.from_bytes(data[position + 8 : start], "little")
            return start, len(data) if length == _UNDEFINED_LENGTH else start + length
    return len(data), len(data)
