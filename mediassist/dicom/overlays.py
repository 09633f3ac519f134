"""Overlay planes (60xx): drawings and regions that equipment lays over a picture (PS3.3 C.9)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.core.errors import MediAssistError
from mediassist.dicom import syntaxes, values
from mediassist.dicom.header import DicomHeader, read_header
from mediassist.dicom.layout import pixel_layout
from mediassist.dicom.native import read_native

_GROUPS = range(0x6000, 0x6020, 2)
_LARGEST_SIDE = 65535


@dataclass(frozen=True, slots=True)
class Overlay:
    """One plane over one frame.

    Attributes
    ----------
    mask : (rows, columns) of the picture; True where something is drawn.
    is_region : a region of interest rather than graphics.
    label : what the file calls it.
    """

    mask: NDArray[np.bool_]
    is_region: bool
    label: str


def load_overlays(path: str | os.PathLike[str], frame: int = 0) -> tuple[Overlay, ...]:
    """The overlays of a frame (from 0), cut to the picture where they reach beyond it.

    Planes that cannot be used (no size, too few bits) are left out: a missing drawing is shown
    by no viewer, and the picture itself is sound. Raises the errors of `load_pixels` for the
    header only.
    """
    header = read_header(Path(path))
    layout = pixel_layout(header)
    found = []
    for group in _GROUPS:
        plane = _plane(header, group, frame)
        if plane is None:
            continue
        mask = np.zeros((layout.rows, layout.columns), dtype=np.bool_)
        _paste(plane, mask, _origin(header.dataset, group))
        if mask.any():
            kind = _text(header.dataset, group, 0x0040)
            label = _text(header.dataset, group, 0x1500) or _text(header.dataset, group, 0x0022)
            found.append(Overlay(mask, kind.upper() == "R", label))
    return tuple(found)


def _plane(header: DicomHeader, group: int, frame: int) -> NDArray[np.bool_] | None:
    dataset = header.dataset
    rows, columns = _number(dataset, group, 0x0010), _number(dataset, group, 0x0011)
    if rows is None or columns is None:
        return None
    if not (0 < rows <= _LARGEST_SIDE and 0 < columns <= _LARGEST_SIDE):
        return None
    index = _frame_in_overlay(dataset, group, frame)
    if index is None:
        return None
    raw = _raw(dataset, group, 0x3000)
    if raw is None:
        return _embedded(header, group, frame)
    first, count = index * rows * columns, rows * columns
    packed = np.frombuffer(raw, np.uint8)[first // 8 : (first + count + 7) // 8]
    bits = np.unpackbits(packed, bitorder="little")[first % 8 :][:count]
    if bits.size < count:
        return None
    plane: NDArray[np.bool_] = bits.reshape(rows, columns).astype(np.bool_)
    return plane


def _embedded(header: DicomHeader, group: int, frame: int) -> NDArray[np.bool_] | None:
    """Overlays in bits of the pixels that hold no values (retired, but in many archives)."""
    position = _number(header.dataset, group, 0x0102)
    layout = pixel_layout(header)
    if position is None or header.transfer_syntax_uid not in syntaxes.NATIVE:
        return None
    if not layout.bits_stored <= position < layout.bits_allocated or layout.samples != 1:
        return None
    try:
        whole = replace(layout, bits_stored=layout.bits_allocated)
        values_with_all_bits = read_native(header, whole, frame, 1)[0]
    except MediAssistError:
        return None
    plane: NDArray[np.bool_] = (values_with_all_bits >> position) & 1 == 1
    return plane


def _frame_in_overlay(dataset: Dataset, group: int, frame: int) -> int | None:
    """Which frame of the plane belongs to a frame of the picture; None where none does."""
    frames = _number(dataset, group, 0x0015) or 1
    origin = (_number(dataset, group, 0x0051) or 1) - 1
    if frames == 1:
        return 0
    index = frame - origin
    return index if 0 <= index < frames else None


def _paste(plane: NDArray[np.bool_], mask: NDArray[np.bool_], origin: tuple[int, int]) -> None:
    """Draw a plane whose upper left pixel lies at `origin` (row, column from 0)."""
    row, column = origin
    top, left = max(0, row), max(0, column)
    bottom = min(mask.shape[0], row + plane.shape[0])
    right = min(mask.shape[1], column + plane.shape[1])
    if top < bottom and left < right:
        mask[top:bottom, left:right] = plane[
            top - row : bottom - row, left - column : right - column
        ]


def _origin(dataset: Dataset, group: int) -> tuple[int, int]:
    found = tuple(_numbers(dataset, group, 0x0050))
    return (found[0] - 1, found[1] - 1) if len(found) == 2 else (0, 0)


def _raw(dataset: Dataset, group: int, element: int) -> bytes | None:
    tag = group << 16 | element
    if tag not in dataset:
        return None
    try:
        value = dataset[tag].value
    except values.CONVERSION_ERRORS:
        return None
    return value if isinstance(value, bytes) and value else None


def _numbers(dataset: Dataset, group: int, element: int) -> Iterator[int]:
    tag = group << 16 | element
    if tag not in dataset:
        return
    try:
        value = dataset[tag].value
    except values.CONVERSION_ERRORS:
        return
    parts = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
    for part in parts:
        try:
            yield int(part)
        except values.CONVERSION_ERRORS:
            return


def _number(dataset: Dataset, group: int, element: int) -> int | None:
    return next(_numbers(dataset, group, element), None)


def _text(dataset: Dataset, group: int, element: int) -> str:
    tag = group << 16 | element
    if tag not in dataset:
        return ""
    try:
        return str(dataset[tag].value or "").strip()
    except values.CONVERSION_ERRORS:
        return ""
