"""Palette colour tables, plain and segmented (PS3.3 C.7.6.3.1.5, C.7.9).

pydicom has these too, but expands segments without a limit (a few bytes make gigabytes), keeps the
byte order of the file, takes eight-bit tables for eight-bit pixels only, and trusts the VR of the
descriptor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.dicom import values
from mediassist.dicom.windows import lut_data

_COLOURS = ("Red", "Green", "Blue")
_DISCRETE, _LINEAR, _INDIRECT = range(3)


def has_palette(dataset: Dataset) -> bool:
    return any(
        values.has(dataset, f"{segmented}RedPaletteColorLookupTableData")
        for segmented in ("", "Segmented")
    )


def apply_palette(stored: NDArray[Any], signed: bool, dataset: Dataset) -> NDArray[np.uint8]:
    """Colours of stored values, shape (..., 3); values outside a table take its first or last.

    Entries of more than eight bits keep their upper byte.

    Raises
    ------
    ValueError
        A table is missing or damaged.
    """
    tables = [_table(dataset, colour, signed) for colour in _COLOURS]
    # Tables stated as 16 bits that never go beyond 8 come from writers who meant 8.
    shift = 8 if max(int(entries.max()) for _, entries in tables) > 0xFF else 0
    rgb = np.empty((*stored.shape, 3), np.uint8)
    for channel, (first, entries) in enumerate(tables):
        index = np.clip(stored.astype(np.int64) - first, 0, len(entries) - 1)
        rgb[..., channel] = (entries >> shift)[index]
    return rgb


def _table(dataset: Dataset, colour: str, signed: bool) -> tuple[int, NDArray[np.uint16]]:
    """First mapped value and entries."""
    descriptor = values.numbers(dataset, f"{colour}PaletteColorLookupTableDescriptor")
    if len(descriptor) != 3:
        raise ValueError(f"the descriptor of the {colour.lower()} palette is missing or damaged")
    count, first, bits = (int(number) for number in descriptor)
    count = (count & 0xFFFF) or 0x10000
    first &= 0xFFFF
    if signed and first >= 0x8000:
        first -= 0x10000
    data = lut_data(dataset, f"{colour}PaletteColorLookupTableData")
    if data is not None:
        # Eight-bit entries stand in bytes, or one in each word.
        packed = len(data) == (count + 1) // 2 and (bits <= 8 or count > 2)
        return first, (data.view(np.uint8) if packed else data)[:count].astype(np.uint16)
    data = lut_data(dataset, f"Segmented{colour}PaletteColorLookupTableData")
    if data is None:
        raise ValueError(f"the {colour.lower()} palette is missing")
    return first, _expanded(data.view(np.uint8) if bits <= 8 else data, count)


def _expanded(data: NDArray[Any], count: int) -> NDArray[np.uint16]:
    """The entries of a segmented table, at most `count`.

    Raises
    ------
    ValueError
        The segments break the rules of C.7.9.2.
    """
    # Every segment makes an entry at least, and has at most four words besides its entries.
    words = [int(word) for word in data[: 6 * count]]
    width = data.dtype.itemsize
    found: list[int] = []
    starts: dict[int, int] = {}
    position = 0
    # A trailing pad byte is no segment.
    while position + 2 < len(words) and len(found) < count:
        starts[position] = len(starts)
        position = _segment(words, position, found, width, starts)
    if not found:
        raise ValueError("a segmented palette holds no entries")
    return np.array(found[:count], np.uint16)


def _segment(
    words: list[int], position: int, found: list[int], width: int, starts: dict[int, int]
) -> int:
    """Append the entries of the segment at `position`; gives where the next one begins.

    `starts` numbers the segments before it by where they begin.
    """
    code, length = words[position : position + 2]
    position += 2
    if not length:
        raise ValueError("a segment of the palette is empty")
    if code == _DISCRETE:
        found += words[position : position + length]
        return position + length
    if code == _LINEAR and found:
        ramp = np.linspace(found[-1], words[position], length + 1)[1:]
        found += [int(value) for value in np.rint(ramp)]
        return position + 1
    if code == _INDIRECT and found:
        parts = 4 // width
        offset = sum(
            word << 8 * width * place for place, word in enumerate(words[position:][:parts])
        )
        # The standard counts bytes; some writers count entries.
        place = offset // width if offset // width in starts else offset
        if place not in starts or starts[place] + length >= len(starts):
            raise ValueError("a segment of the palette repeats what is not there")
        for _ in range(length):
            if words[place] == _INDIRECT:
                raise ValueError("a segment of the palette repeats a repetition")
            place = _segment(words, place, found, width, starts)
        return position + parts
    raise ValueError(f"a segment of the palette is of the unknown kind {code}")
