"""The quick way through the header of an ordinary file: a scan of thousands spends its time here.

Ordinary is a Part 10 file in Explicit VR Little Endian (compressed pixels or not) whose elements up
to the pixels lie in the bytes given and follow the rules. Of everything else `parse_plain` says
nothing, and pydicom reads it with all its patience; what both read is the same (tests compare all
of ../shared/dicom).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import RawDataElement, empty_value_for_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.values import convert_string

_PREFIX_END = 132
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_TRANSFER_SYNTAX, _CHARACTER_SET = BaseTag(0x00020010), BaseTag(0x00080005)
_OTHER_ENCODINGS = frozenset(
    {b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"}
)
_UID = re.compile(rb"([0-9.]+)[\0 ]*")
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR",
                   b"UT", b"UV"})  # fmt: skip
_SHORT = frozenset({b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO",
                    b"LT", b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL",
                    b"US"})  # fmt: skip
_NAMES = {vr: vr.decode("ascii") for vr in _LONG | _SHORT}
_EMPTY = {vr: empty_value_for_VR(name, raw=True) for vr, name in _NAMES.items()}
_DEEPEST = 16
_short_head, _long_length = struct.Struct("<HH2sH").unpack_from, struct.Struct("<L").unpack_from
_item_head = struct.Struct("<HHL").unpack_from


class _NotPlainError(Exception):
    """Something that only pydicom may judge."""


@dataclass(frozen=True, slots=True)
class PlainHeader:
    """Elements before the pixels, and where reading ended.

    Attributes
    ----------
    stopped_at : tag of the pixels, None where the file ended without any.
    position : of the first byte that was not read.
    """

    dataset: Dataset
    stopped_at: int | None
    position: int


def parse_plain(data: bytes, is_whole: bool, pixel_tags: Mapping[int, str]) -> PlainHeader | None:
    """Parse the first bytes of a file; None where it is not ordinary or needs more bytes.

    `is_whole` says that `data` is the file. Values stay raw, sequences too.
    """
    if data[128:_PREFIX_END] != b"DICM":
        return None
    try:
        meta, position = _elements(data, _PREFIX_END, _stop_after_meta, False)
        syntax = meta.get(_TRANSFER_SYNTAX)
        named = _UID.fullmatch(syntax.value) if syntax and syntax.value else None
        if named is None or named[1] in _OTHER_ENCODINGS:
            return None
        body, position = _elements(data, position, pixel_tags.__contains__, is_whole)
    except (_NotPlainError, struct.error):
        return None
    if not body:
        return None
    stopped = _tag_at(data, position) if position < len(data) else None
    dataset = Dataset(body)
    charset = body.get(_CHARACTER_SET)
    encodings = default_encoding if charset is None else list(_encodings(charset.value))
    dataset.set_original_encoding(False, True, encodings)
    # Dataset's own assignment looks every name up in the dictionary of elements.
    object.__setattr__(dataset, "file_meta", FileMetaDataset(meta))
    return PlainHeader(dataset, stopped, position)


def _stop_after_meta(tag: int) -> bool:
    return tag >> 16 != 2


def _elements(
    data: bytes, position: int, stop: Any, may_end: bool
) -> tuple[dict[BaseTag, RawDataElement], int]:
    """Elements in ascending order up to the first tag for which `stop` is true."""
    found: dict[BaseTag, RawDataElement] = {}
    previous, end = -1, len(data)
    while True:
        if position == end and may_end:
            return found, position
        group, element, vr, length = _short_head(data, position)
        tag = group << 16 | element
        if stop(tag):
            return found, position
        if tag <= previous or group in (0xFFFE, 0xFFFF, 0x0000):
            raise _NotPlainError
        previous = tag
        value_at = position + 8
        if vr in _LONG:
            (length,) = _long_length(data, value_at)
            value_at += 4
        elif vr not in _SHORT:
            raise _NotPlainError
        if length == _UNDEFINED:
            if vr != b"SQ":
                raise _NotPlainError
            value_end, position = _end_of_sequence(data, value_at, 0)
        else:
            value_end = position = value_at + length
        if position > end:
            raise _NotPlainError
        value = data[value_at:value_end] if value_end > value_at else _EMPTY[vr]
        key = BaseTag(tag)
        found[key] = RawDataElement(
            key, _NAMES[vr], value_end - value_at, value, value_at, False, True, True
        )


def _end_of_sequence(data: bytes, position: int, depth: int) -> tuple[int, int]:
    """Where the items of a sequence of undefined length end, and the byte after its delimiter."""
    if depth > _DEEPEST:
        raise _NotPlainError
    while True:
        group, element, length = _item_head(data, position)
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            return position, position + 8
        if tag != _ITEM:
            raise _NotPlainError
        position += 8
        if length == _UNDEFINED:
            position = _end_of_item(data, position, depth)
        else:
            position += length


def _end_of_item(data: bytes, position: int, depth: int) -> int:
    while True:
        group, element, vr, length = _short_head(data, position)
        if group == 0xFFFE:
            if element != _ITEM_END & 0xFFFF:
                raise _NotPlainError
            return position + 8
        position += 8
        if vr in _LONG:
            (length,) = _long_length(data, position)
            position += 4
        elif vr not in _SHORT:
            raise _NotPlainError
        if length == _UNDEFINED:
            if vr != b"SQ":
                raise _NotPlainError
            _, position = _end_of_sequence(data, position, depth + 1)
        else:
            position += length


def _tag_at(data: bytes, position: int) -> int:
    group, element = struct.unpack_from("<HH", data, position)
    return int(group << 16 | element)


@lru_cache(maxsize=64)
def _encodings(charset: bytes | None) -> tuple[str, ...]:
    """Python encodings of a raw Specific Character Set, as pydicom finds them."""
    return tuple(convert_encodings(convert_string(charset or b"", True)))
