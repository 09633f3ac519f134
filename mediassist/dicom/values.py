"""Header values that never raise: what cannot be read is absent.

pydicom converts lazily and raises on access when a value is damaged (letters in an IS, a VR that
does not exist). A viewer must go on, so every reader here gives None or an empty value instead.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from datetime import date, time
from functools import cache
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.tag import BaseTag
from pydicom.valuerep import PersonName

from mediassist.dicom.charset import DecodedText, decode_text
from mediassist.dicom.sequence_items import raw_items

# Most of these derive from none of our own bases; pydicom raises each of them somewhere.
CONVERSION_ERRORS = (
    BytesLengthException,
    InvalidDicomError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    NotImplementedError,
    ArithmeticError,
    RecursionError,
    EOFError,
    OSError,
    struct.error,
)

# Of tables, regions and codes; lists of frames and files say how long they may be.
_MOST_ITEMS = 1000
_NUMBER = re.compile(rb"\s*([+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?)")


@cache
def _tag(keyword: str) -> BaseTag:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return BaseTag(tag)


@cache
def _dictionary_vr(keyword: str) -> str:
    return str(dictionary_VR(_tag(keyword)))


def _element(dataset: Dataset, tag: BaseTag) -> Any:
    """The element as it is stored, raw or not, None where it is absent.

    What `Dataset.get_item` gives with `keep_deferred`, without its checks of slices and groups,
    in which a scan of thousands of files spent a tenth of its time.
    """
    return dataset._dict.get(tag)


def has(dataset: Dataset, keyword: str) -> bool:
    """Whether the element is there, empty or not."""
    return _element(dataset, _tag(keyword)) is not None


def raw_bytes(dataset: Dataset, keyword: str) -> bytes | None:
    """The stored bytes of a text element, or None where it is absent or empty."""
    element = _element(dataset, _tag(keyword))
    if element is None:
        return None
    value = element.value
    if value is None or isinstance(element, RawDataElement):
        return value if isinstance(value, bytes) else None
    if isinstance(value, PersonName):
        original = value.original_string
        return original if isinstance(original, bytes) else str(value).encode()
    if isinstance(value, bytes):
        return value
    if isinstance(value, str) or not isinstance(value, Sequence):
        return str(value).encode()
    return "\\".join(str(part) for part in value).encode()


def code(dataset: Dataset, keyword: str) -> str:
    """A CS, UI or similar ASCII value, blanks stripped; the empty string where absent."""
    raw = raw_bytes(dataset, keyword)
    return raw.decode("ascii", errors="replace").strip(" \0\t\r\n") if raw else ""


def codes(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """A multi-valued CS as a tuple."""
    text = code(dataset, keyword)
    return tuple(part.strip() for part in text.split("\\")) if text else ()


def character_sets(dataset: Dataset) -> tuple[str, ...]:
    return codes(dataset, "SpecificCharacterSet")


def text(dataset: Dataset, keyword: str, charsets: Sequence[str] = ()) -> str:
    """An LO, SH, ST or similar value, decoded; several values are joined with a comma."""
    return ", ".join(part.strip() for part in decoded(dataset, keyword, charsets).text.split("\\"))


def decoded(dataset: Dataset, keyword: str, charsets: Sequence[str] = ()) -> DecodedText:
    """As `text`, unsplit, and with the remark whether the character set was guessed."""
    raw = raw_bytes(dataset, keyword)
    return decode_text(raw, charsets) if raw else DecodedText("")


# VR -> struct code of one value (PS3.5 6.2).
_BINARY = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All values of a numeric element as finite floats; empty if one of them is not a number.

    Raw elements are read here, without pydicom's conversion: a scan of a hundred thousand files
    spends its time on this.
    """
    element = _element(dataset, _tag(keyword))
    if element is None or element.value is None:
        return ()
    if isinstance(element, RawDataElement):
        vr = element.VR or _dictionary_vr(keyword)
        if vr in ("DS", "IS"):
            return _numbers_in(element.value)
        if vr in _BINARY:
            return _unpacked(element.value, _BINARY[vr], element.is_little_endian)
    return _converted(dataset, keyword)


def _unpacked(raw: bytes, kind: str, little: bool) -> tuple[float, ...]:
    width = struct.calcsize(f"<{kind}")
    if not raw or len(raw) % width:
        return ()
    found = struct.unpack(f"{'<' if little else '>'}{len(raw) // width}{kind}", raw)
    return tuple(map(float, found)) if all(map(math.isfinite, found)) else ()


def _converted(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    try:
        value = dataset[_tag(keyword)].value
    except CONVERSION_ERRORS:
        return _numbers_in(raw_bytes(dataset, keyword))
    if isinstance(value, bytes):
        return _numbers_in(value)
    if value is None or isinstance(value, str):
        return ()
    parts = value if isinstance(value, Sequence) else (value,)
    try:
        found = tuple(float(part) for part in parts)
    except CONVERSION_ERRORS:
        return ()
    return found if all(map(math.isfinite, found)) else ()


def _numbers_in(raw: bytes | None) -> tuple[float, ...]:
    """Numbers in decimal text; decimal commas, blanks and trailing junk are forgiven."""
    if not raw:
        return ()
    found = []
    for part in raw.split(b"\\"):
        try:
            found.append(float(part.strip(b" \0")))
        except ValueError:
            match = _NUMBER.match(part)
            if not match:
                return ()
            found.append(float(match[1].replace(b",", b".")))
    return tuple(found) if all(map(math.isfinite, found)) else ()


def number(dataset: Dataset, keyword: str) -> float | None:
    found = numbers(dataset, keyword)
    return found[0] if found else None


def integer(dataset: Dataset, keyword: str) -> int | None:
    found = number(dataset, keyword)
    return int(found) if found is not None and found == int(found) else None


def items(dataset: Dataset, keyword: str, most: int = _MOST_ITEMS) -> Sequence[Dataset]:
    """The items of a sequence, `most` of them; none where it is absent or damaged."""
    tag = _tag(keyword)
    element = _element(dataset, tag)
    if element is None or element.value is None:
        return ()
    try:
        if isinstance(element, RawDataElement) and (element.VR or _dictionary_vr(keyword)) == "SQ":
            found = raw_items(dataset, element)
            if found is not None:
                return found if len(found) <= most else found[:most]
        value = dataset[tag].value
    except CONVERSION_ERRORS:
        return ()
    if value is None or isinstance(value, str | bytes) or not isinstance(value, Sequence):
        return ()
    return tuple(item for item in value[:most] if isinstance(item, Dataset))


def first_item(dataset: Dataset, keyword: str) -> Dataset:
    """The first item of a sequence, or an empty data set."""
    found = items(dataset, keyword, 1)
    return found[0] if found else Dataset()


def calendar_date(dataset: Dataset, keyword: str) -> date | None:
    """A DA value; the ACR-NEMA form with dots and a DT's first eight digits are taken too."""
    match = re.match(r"(\d{4})[.:-]?(\d\d)[.:-]?(\d\d)", code(dataset, keyword))
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def clock_time(dataset: Dataset, keyword: str) -> time | None:
    """A TM value to the second; colons of ACR-NEMA are taken too."""
    match = re.match(r"(\d\d):?(\d\d)?:?(\d\d)?", code(dataset, keyword))
    if not match:
        return None
    try:
        return time(int(match[1]), int(match[2] or 0), min(int(match[3] or 0), 59))
    except ValueError:
        return None


def age_years(dataset: Dataset, keyword: str = "PatientAge") -> float | None:
    """An AS value in years: 045Y, 006M, 010W, 003D."""
    match = re.fullmatch(r"(\d{1,3})\s*([DWMY]?)", code(dataset, keyword).upper())
    if not match:
        return None
    per_year = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0, "": 1.0}
    return round(int(match[1]) / per_year[match[2]], 3)
