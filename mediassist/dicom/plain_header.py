"""The quick way through the header of an ordinary file: a scan of thousands spends its time here.

Ordinary is a little-endian Part 10 file (explicit or implicit, compressed pixels or not) whose
elements up to the pixels lie in the bytes given and follow the rules. Of everything else
`parse_plain` says nothing, and pydicom reads it with all its patience; what both read is the same
(tests compare all of ../shared/dicom). Sequences are stepped over at a twentieth of what pydicom
takes, so that headers of very many elements are read, or refused, in bounded time.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
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
_TRANSFER_SYNTAX, _CHARACTER_SET = BaseTag(0x00020010), BaseTag(0x00080005)
_IMPLICIT = b"1.2.840.10008.1.2"
_OTHER_ENCODINGS = frozenset({b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"})
_UID = re.compile(rb"([0-9.]+)[\0 ]*")
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR",
                   b"UT", b"UV"})  # fmt: skip
_SHORT = frozenset({b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO",
                    b"LT", b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL",
                    b"US"})  # fmt: skip
_NAMES = {vr: vr.decode("ascii") for vr in _LONG | _SHORT}
_EMPTY = {vr: empty_value_for_VR(name, raw=True) for vr, name in _NAMES.items()}
_DEEPEST = 16
# 10,000 frames of an enhanced object have a million elements; stepping over them takes a second.
_MOST_ELEMENTS, _MOST_AT_ONE_LEVEL, _MOST_ITEMS = 1_500_000, 50_000, 200_000
_short_head, _long_length = struct.Struct("<HH2sH").unpack_from, struct.Struct("<L").unpack_from
_item_head = struct.Struct("<HHL").unpack_from


class _NotPlainError(Exception):
    """Something that only pydicom may judge."""


class TooManyElementsError(Exception):
    """More elements than any real file has."""


class HeaderCutError(Exception):
    """The bytes given end before the header does: it goes on at least to `needed`."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


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
    """Parse the first bytes of a file; None where it is not ordinary.

    `is_whole` says that `data` is the file. Values stay raw, sequences too.

    Raises
    ------
    HeaderCutError
        More bytes are needed.
    TooManyElementsError
        The header is no real one.
    """
    if data[128:_PREFIX_END] != b"DICM":
        return None
    try:
        walk = _Walk(data, is_implicit=False)
        meta, position = walk.elements(_PREFIX_END, _stop_after_meta, False)
        syntax = meta.get(_TRANSFER_SYNTAX)
        named = _UID.fullmatch(syntax.value) if syntax and syntax.value else None
        if named is None or named[1] in _OTHER_ENCODINGS:
            return None
        implicit = named[1] == _IMPLICIT
        if implicit and data[position + 4 : position + 6] in _NAMES:
            return None  # explicit in spite of its syntax
        walk = _Walk(data, implicit)
        body, position = walk.elements(position, pixel_tags.__contains__, is_whole)
    except _NotPlainError:
        return None
    except (HeaderCutError, struct.error) as error:
        if is_whole:
            return None
        needed = error.needed if isinstance(error, HeaderCutError) else len(data) + 1
        raise HeaderCutError(needed) from None
    if not body:
        return None
    stopped = _tag_at(data, position) if position < len(data) else None
    dataset = Dataset(body)
    charset = body.get(_CHARACTER_SET)
    encodings = default_encoding if charset is None else list(_encodings(charset.value))
    dataset.set_original_encoding(implicit, True, encodings)
    # Dataset's own assignment looks every name up in the dictionary of elements.
    object.__setattr__(dataset, "file_meta", FileMetaDataset(meta))
    return PlainHeader(dataset, stopped, position)


def parse_item(data: bytes, is_implicit: bool, encodings: list[str]) -> Dataset | None:
    """The elements of one sequence item; None where they are not ordinary."""
    try:
        body, _ = _Walk(data, is_implicit).elements(0, _never, True)
    except (_NotPlainError, TooManyElementsError, HeaderCutError, struct.error):
        return None
    dataset = Dataset(body)
    dataset.set_original_encoding(is_implicit, True, encodings)
    return dataset


def split_items(data: bytes, is_implicit: bool) -> list[tuple[int, int]] | None:
    """Where the items in a sequence's value begin and end; None where they are not ordinary."""
    walk = _Walk(data, is_implicit)
    bounds: list[tuple[int, int]] = []
    try:
        walk.items(0, 0, bounds)
    except (_NotPlainError, TooManyElementsError, struct.error):
        return None
    return bounds


def _stop_after_meta(tag: int) -> bool:
    return tag >> 16 != 2


def _never(tag: int) -> bool:
    return False


class _Walk:
    """Steps from element to element and counts them."""

    __slots__ = ("_data", "_implicit", "_left")

    def __init__(self, data: bytes, is_implicit: bool) -> None:
        self._data = data
        self._implicit = is_implicit
        self._left = _MOST_ELEMENTS

    def elements(
        self, position: int, stop: Callable[[int], bool], may_end: bool
    ) -> tuple[dict[BaseTag, RawDataElement], int]:
        """Elements in ascending order up to the first tag for which `stop` is true."""
        data, implicit = self._data, self._implicit
        found: dict[BaseTag, RawDataElement] = {}
        previous, end = -1, len(data)
        while True:
            if position == end and may_end:
                return found, position
            group, element, code, length = _short_head(data, position)
            tag = group << 16 | element
            if stop(tag):
                return found, position
            if tag <= previous or group in (0xFFFE, 0xFFFF, 0x0000):
                raise _NotPlainError
            previous = tag
            value_at = position + 8
            name: str | None = None
            if implicit:
                (length,) = _long_length(data, position + 4)
            else:
                if code in _LONG:
                    (length,) = _long_length(data, value_at)
                    value_at += 4
                elif code not in _SHORT:
                    raise _NotPlainError
                name = _NAMES[code]
            if length == _UNDEFINED:
                if not implicit and code != b"SQ":
                    raise _NotPlainError
                name = "SQ"
                value_end, position = self.items(value_at, 0)
            else:
                value_end = position = value_at + length
            if position > end:
                raise _NotPlainError if may_end else HeaderCutError(position)
            if value_end > value_at:
                value: Any = data[value_at:value_end]
            else:
                value = _EMPTY[code] if not implicit else b"" if name == "SQ" else None
            key = BaseTag(tag)
            found[key] = RawDataElement(
                key, name, value_end - value_at, value, value_at, implicit, True, True
            )
            if len(found) > _MOST_AT_ONE_LEVEL:
                raise TooManyElementsError

    def items(
        self, position: int, depth: int, bounds: list[tuple[int, int]] | None = None
    ) -> tuple[int, int]:
        """Where the items of a sequence end, and the byte after its delimiter.

        With `bounds`, which receives the items, the sequence may end with the data.
        """
        if depth > _DEEPEST:
            raise _NotPlainError
        data, left = self._data, self._left
        end = len(data) if bounds is not None else -1
        while position != end:
            group, element, length = _item_head(data, position)
            if group != 0xFFFE:
                raise _NotPlainError
            if element == 0xE0DD:
                self._left = left
                return position, position + 8
            if element != 0xE000:
                raise _NotPlainError
            left -= 1
            if left < 0:
                raise TooManyElementsError
            start = position = position + 8
            if length == _UNDEFINED:
                self._left = left
                position = self._end_of_item(position, depth)
                left = self._left
                stop = position - 8
            else:
                stop = position = position + length
            if bounds is not None:
                if position > end:
                    raise _NotPlainError
                bounds.append((start, stop))
                if len(bounds) > _MOST_ITEMS:
                    raise TooManyElementsError
        self._left = left
        return position, position

    def _end_of_item(self, position: int, depth: int) -> int:
        data, implicit, left = self._data, self._implicit, self._left
        while True:
            group, element, code, length = _short_head(data, position)
            if group == 0xFFFE:
                if element != 0xE00D:
                    raise _NotPlainError
                self._left = left
                return position + 8
            left -= 1
            if left < 0:
                raise TooManyElementsError
            position += 8
            if implicit:
                (length,) = _long_length(data, position - 4)
            elif code in _LONG:
                (length,) = _long_length(data, position)
                position += 4
            elif code not in _SHORT:
                raise _NotPlainError
            if length == _UNDEFINED:
                if not implicit and code != b"SQ":
                    raise _NotPlainError
                self._left = left
                _, position = self.items(position, depth + 1)
                left = self._left
            else:
                position += length


def _tag_at(data: bytes, position: int) -> int:
    group, element = struct.unpack_from("<HH", data, position)
    return int(group << 16 | element)


@lru_cache(maxsize=64)
def _encodings(charset: bytes | None) -> tuple[str, ...]:
    """Python encodings of a raw Specific Character Set, as pydicom finds them."""
    return tuple(convert_encodings(convert_string(charset or b"", True)))
