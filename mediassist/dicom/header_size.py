"""How much a header makes when all of it is read: elements and values, at every depth.

`read_header` leaves sequences as the bytes that they are. Whoever wants every element of a file
asks here first, because pydicom makes an object of each (some 10 microseconds and 500 bytes), and
a list of every value with backslashes in it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache

from pydicom.datadict import DicomDictionary
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from mediassist.dicom.recognition import LONG_VRS

_UNDEFINED = 0xFFFFFFFF
_DEEPEST = 16
_BLOBS = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"UN"))
_WIDTHS = {b"US": 2, b"SS": 2, b"UL": 4, b"SL": 4, b"FL": 4, b"FD": 8, b"UV": 8, b"SV": 8, b"AT": 4}
# What has fewer bytes cannot make many values.
_FEW_BYTES = 16
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


class NotCountableError(Exception):
    """The bytes do not follow the rules."""


class TooMuchError(NotCountableError):
    """They are nested deeper, or are more, than in any real file."""


@dataclass(slots=True)
class HeaderSize:
    """What has been counted so far, and the most that there may be of both together."""

    most: int
    elements: int = 0
    values: int = 0

    def add(self, elements: int, values: int = 0) -> None:
        """Raises `TooMuchError` where it becomes too much."""
        self.elements += elements
        self.values += values
        if self.elements + self.values // 8 > self.most:
            raise TooMuchError


def add_element(size: HeaderSize, dataset: Dataset, element: RawDataElement) -> None:
    """Count a raw element of `dataset` and all that is in it.

    Raises
    ------
    NotCountableError
        It is a sequence that cannot be followed.
    TooMuchError
        There is too much in it.
    """
    value = element.value
    if not isinstance(value, bytes):
        size.add(1)
        return
    code = (element.VR or "").encode() or _dictionary_code(int(element.tag))
    if code == b"SQ" or (code == b"UN" and _dictionary_code(int(element.tag)) == b"SQ"):
        implicit = element.is_implicit_VR or code == b"UN"
        order = "<" if element.is_little_endian else ">"
        size.add(1)
        try:
            _Counter(value, order, size).items(0, len(value), implicit, 0)
        except struct.error:
            raise NotCountableError from None
        return
    size.add(1, _values(value, 0, len(value), code))


def _values(data: bytes, start: int, end: int, code: bytes) -> int:
    if end - start < _FEW_BYTES or code in _BLOBS:
        return 0
    width = _WIDTHS.get(code)
    return (end - start) // width if width else data.count(b"\\", start, end)


@cache
def _dictionary() -> dict[int, bytes]:
    return {tag: entry[0].encode() for tag, entry in DicomDictionary.items()}


def _dictionary_code(tag: int) -> bytes:
    """A VR of the dictionary; the first where there are several, UN where there is none."""
    return _dictionary().get(tag, b"UN")[:2]


class _Counter:
    __slots__ = ("_data", "_element", "_long", "_size", "_tag")

    def __init__(self, data: bytes, order: str, size: HeaderSize) -> None:
        self._data = data
        self._size = size
        self._tag = struct.Struct(f"{order}HH").unpack_from
        self._element = struct.Struct(f"{order}HH2sH").unpack_from
        self._long = struct.Struct(f"{order}L").unpack_from

    def items(self, position: int, end: int, implicit: bool, depth: int) -> int:
        """Count the items from `position` to `end` or their delimiter; gives what follows them."""
        if depth > _DEEPEST:
            raise TooMuchError
        while position < end:
            group, element = self._tag(self._data, position)
            tag = group << 16 | element
            (length,) = self._long(self._data, position + 4)
            position += 8
            if tag == _SEQUENCE_END:
                return position
            if tag != _ITEM:
                raise NotCountableError
            self._size.add(1)
            if length == _UNDEFINED:
                position = self._elements(position, end, implicit, depth)
            elif position + length > end:
                raise NotCountableError
            else:
                self._elements(position, position + length, implicit, depth)
                position += length
        return position

    def _elements(self, position: int, end: int, implicit: bool, depth: int) -> int:
        data, size = self._data, self._size
        while position < end:
            group, element, code, length = self._element(data, position)
            tag = group << 16 | element
            if tag == _ITEM_END:
                return position + 8
            position += 8
            if implicit or group == 0xFFFE:
                (length,) = self._long(data, position - 4)
                code = _dictionary_code(tag)
            elif code in LONG_VRS:
                (length,) = self._long(data, position)
                position += 4
                if code == b"UN" and _dictionary_code(tag) == b"SQ":
                    code = b"UN SQ"
            if length == _UNDEFINED or code in (b"SQ", b"UN SQ"):
                stop = end if length == _UNDEFINED else position + length
                if stop > end:
                    raise NotCountableError
                size.add(1)
                # An element of unknown VR and length is a sequence in implicit VR (PS3.5 6.2.2).
                position = self.items(position, stop, implicit or code != b"SQ", depth + 1)
                position = position if length == _UNDEFINED else stop
                continue
            stop = position + length
            if stop > end:
                raise NotCountableError
            size.add(1, _values(data, position, stop, code))
            position = stop
        return position
