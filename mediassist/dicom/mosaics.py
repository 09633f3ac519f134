"""Siemens mosaics: all slices of an MR volume side by side in one picture.

The header's position is the corner of the whole sheet as if it were one slice, and how many
tiles there are stands in private elements only: (0019,100A), and the "CSA" header (0029,1010),
which also tells on which side the next slice lies.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from mediassist.core.study import Instance, SpacingSource
from mediassist.dicom import values
from mediassist.dicom.header import read_header
from mediassist.dicom.slices import Slice, Tile

_CSA_HEADER = 0x00291010
_TILES = 0x0019100A
_COUNT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class _Sheet:
    count: int
    normal: tuple[float, ...]


def mosaic_slices(instance: Instance) -> list[Slice]:
    """The tiles as slices with their places; none where the private header does not say enough."""
    spacing = instance.spacing
    if instance.position_mm is None or instance.orientation is None or spacing is None:
        return []
    dataset = read_header(instance.path).dataset
    sheet = _sheet(dataset)
    step_mm = values.number(dataset, "SpacingBetweenSlices") or instance.slice_thickness_mm
    if sheet is None or not step_mm or spacing.source is not SpacingSource.PATIENT:
        return []
    across = math.ceil(math.sqrt(sheet.count))
    rows, columns = instance.rows // across, instance.columns // across
    if rows < 1 or columns < 1 or instance.rows % across or instance.columns % across:
        return []
    row_direction = np.array(instance.orientation[:3])
    column_direction = np.array(instance.orientation[3:])
    # From the corner of the sheet to that of a tile in its middle: the scanner centred the sheet.
    first = (
        np.array(instance.position_mm)
        + row_direction * spacing.column_mm * (instance.columns - columns) / 2
        + column_direction * spacing.row_mm * (instance.rows - rows) / 2
    )
    found = []
    for index in range(sheet.count):
        x, y, z = (float(v) for v in first + np.array(sheet.normal) * step_mm * index)
        down, right = divmod(index, across)
        found.append(
            Slice(
                instance=instance,
                frame=0,
                position_mm=(x, y, z),
                cosines=instance.orientation,
                spacing_mm=(spacing.row_mm, spacing.column_mm),
                thickness_mm=instance.slice_thickness_mm,
                tile=Tile(down * rows, right * columns, rows, columns),
            )
        )
    return found


def _sheet(dataset: Dataset) -> _Sheet | None:
    raw = _private(dataset, _CSA_HEADER)
    facts = _csa(raw) if raw is not None else {}
    count = _first_number(facts.get("NumberOfImagesInMosaic", ()))
    if count is None:
        plain = _private(dataset, _TILES)
        count = float(struct.unpack("<H", plain[:2])[0]) if plain and len(plain) >= 2 else None
    normal = tuple(
        number
        for text in facts.get("SliceNormalVector", ())[:3]
        if (number := _first_number((text,))) is not None
    )
    if count is None or not 1 <= count <= _COUNT_LIMIT or len(normal) != 3:
        return None
    if abs(math.hypot(*normal) - 1) > 0.01:
        return None
    return _Sheet(int(count), normal)


def _private(dataset: Dataset, tag: int) -> bytes | None:
    element = dataset.get_item(tag, keep_deferred=True)
    value = element.value if element is not None else None
    if isinstance(value, int):
        return struct.pack("<H", value & 0xFFFF)
    return value if isinstance(value, bytes) else None


def _first_number(texts: tuple[str, ...]) -> float | None:
    try:
        found = float(texts[0])
    except (IndexError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _csa(raw: bytes) -> dict[str, tuple[str, ...]]:
    """Names and non-empty values of a CSA header, both of its formats; what is damaged ends it."""
    position = 8 if raw[:4] == b"SV10" else 0
    facts: dict[str, tuple[str, ...]] = {}
    try:
        (tags,) = struct.unpack_from("<L", raw, position)
        position += 8
        for _ in range(min(tags, _COUNT_LIMIT)):
            name = raw[position : position + 64].split(b"\0")[0].decode("latin_1")
            (items,) = struct.unpack_from("<L", raw, position + 76)
            position += 84
            found = []
            for _ in range(min(items, _COUNT_LIMIT)):
                (length,) = struct.unpack_from("<4L", raw, position)[1:2]
                position += 16
                text = raw[position : position + length].split(b"\0")[0].decode("latin_1").strip()
                position += (length + 3) // 4 * 4
                if text:
                    found.append(text)
            facts[name] = tuple(found)
    except struct.error:
        return facts
    return facts
