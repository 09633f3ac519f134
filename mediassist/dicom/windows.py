"""Value-of-interest transforms: from modality values (HU) to grey (PS3.3 C.11.2, C.11.8).

A `Window` is the linear or sigmoid kind, a `VoiTable` the look-up table of CR and MG. Both are
plain data; the functions that apply them are vectorised and give 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.dicom import values

Grey = NDArray[np.float32]


class WindowFunction(StrEnum):
    """VOI LUT Function (0028,1056)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width in units of the modality LUT's output; `name` is its explanation."""

    centre: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR
    name: str = ""


@dataclass(frozen=True, slots=True)
class VoiTable:
    """A VOI LUT: entry i is the grey (0..1) of modality value `first + i`; ends are held."""

    first: int
    greys: NDArray[np.float32]
    name: str = ""


Voi = Window | VoiTable


def apply_window(modality: NDArray[Any], window: Window) -> Grey:
    """Grey 0..1 of every value.

    Notes
    -----
    LINEAR puts its edges half a value inside centre +- width / 2 (C.11.2.1.2.1), so that width 1
    is a threshold; LINEAR_EXACT does not. Width below the allowed minimum acts as a threshold at
    the centre instead of dividing by zero.
    """
    x = modality.astype(np.float32, copy=True)
    if window.function is WindowFunction.SIGMOID:
        slope = -4.0 / max(abs(window.width), 1e-6)
        np.subtract(x, np.float32(window.centre), out=x)
        np.multiply(x, np.float32(slope), out=x)
        # Beyond +-80 the sigmoid is 0 or 1 to float32's precision; exp would overflow.
        np.clip(x, -80.0, 80.0, out=x)
        np.exp(x, out=x)
        np.add(x, np.float32(1), out=x)
        return np.reciprocal(x, out=x)
    centre, width = window.centre, window.width
    if window.function is WindowFunction.LINEAR:
        centre, width = centre - 0.5, width - 1.0
    if width <= 0:
        return (x > np.float32(centre)).astype(np.float32)
    np.subtract(x, np.float32(centre - width / 2), out=x)
    np.multiply(x, np.float32(1.0 / width), out=x)
    return np.clip(x, 0.0, 1.0, out=x)


def apply_table(modality: NDArray[Any], table: VoiTable) -> Grey:
    """Grey 0..1 of every value by look-up; values outside the table take its first or last."""
    index = np.clip(np.rint(modality) - table.first, 0, len(table.greys) - 1).astype(np.intp)
    greys: Grey = table.greys[index]
    return greys


def apply_voi(modality: NDArray[Any], voi: Voi) -> Grey:
    return apply_window(modality, voi) if isinstance(voi, Window) else apply_table(modality, voi)


def stored_vois(dataset: Dataset, signed_input: bool) -> tuple[Voi, ...]:
    """VOI transforms of a header or a functional group item, tables first.

    PS3.3 C.11.2 leaves the choice among several to the user; a table is the vendor's own look of
    the picture, so it is the default where there is one (wishes.md, row 22).
    """
    tables = tuple(
        table
        for item in values.items(dataset, "VOILUTSequence")
        if (table := _table(item, signed_input)) is not None
    )
    return (*tables, *_windows(dataset))


def _windows(dataset: Dataset) -> tuple[Window, ...]:
    centres = values.numbers(dataset, "WindowCenter")
    widths = values.numbers(dataset, "WindowWidth")
    names = values.text(
        dataset, "WindowCenterWidthExplanation", values.character_sets(dataset)
    ).split(", ")
    names += [""] * len(centres)
    try:
        function = WindowFunction(values.code(dataset, "VOILUTFunction").upper() or "LINEAR")
    except ValueError:
        function = WindowFunction.LINEAR
    least = 1.0 if function is WindowFunction.LINEAR else 0.0
    found = []
    for centre, width, name in zip(centres, widths, names, strict=False):
        # PS3.3 C.11.2.1.2: width >= 1 (LINEAR) or > 0; anything else is no window.
        if width >= least and width > 0:
            found.append(Window(centre, width, function, name))
    return tuple(found)


def _table(item: Dataset, signed_input: bool) -> VoiTable | None:
    read = lookup_table(item, signed_input)
    if read is None:
        return None
    first, entries, bits = read
    top = float(2**bits - 1)
    # Writers state 16 bits for tables that use fewer: the entries' own range tells.
    if entries.max() > top:
        top = float(entries.max())
    name = values.text(item, "LUTExplanation")
    return VoiTable(first, (entries / top).astype(np.float32), name)


def lookup_table(item: Dataset, signed_input: bool) -> tuple[int, NDArray[np.float64], int] | None:
    """First mapped value, entries and bits per entry of a LUT item; None where unusable.

    The descriptor's first number means 65536 when it is 0, and its second is signed exactly when
    the table's input is (C.11.1.1.1), whatever VR the writer chose.
    """
    descriptor = values.numbers(item, "LUTDescriptor")
    data = lut_data(item, "LUTData")
    if len(descriptor) != 3 or data is None:
        return None
    count, first, bits = (int(number) for number in descriptor)
    count = (count & 0xFFFF) or 65536
    first = _as_signed(first) if signed_input else first & 0xFFFF
    if bits <= 8 and len(data) < count and data.dtype == np.uint16:
        # Two 8-bit entries packed into one word.
        data = data.view(np.uint8)
    entries = data[:count].astype(np.float64)
    if len(entries) == 0 or not 1 <= bits <= 16:
        return None
    return first, entries, bits


def lut_data(item: Dataset, keyword: str) -> NDArray[np.uint16] | None:
    """LUT data whether stored as US values or as OW bytes."""
    found = values.numbers(item, keyword) if not _is_binary(item, keyword) else ()
    if found:
        return (np.asarray(found).astype(np.int64) & 0xFFFF).astype(np.uint16)
    raw = values.raw_bytes(item, keyword)
    if not raw:
        return None
    little = item.original_encoding[1] is not False
    return np.frombuffer(raw[: len(raw) // 2 * 2], "<u2" if little else ">u2").astype(np.uint16)


def _is_binary(item: Dataset, keyword: str) -> bool:
    try:
        return keyword in item and isinstance(item[keyword].value, bytes)
    except values.CONVERSION_ERRORS:
        return True


def _as_signed(word: int) -> int:
    word &= 0xFFFF
    return word - 0x10000 if word & 0x8000 else word


def fallback_window(modality: NDArray[Any], padding: NDArray[np.bool_] | None = None) -> Window:
    """A window where the file stores none: the 1st to 99th percentile without padding.

    At most about 100,000 values are looked at, evenly spread, so that a large radiograph costs
    no more than a small one.
    """
    flat = modality.reshape(-1)
    step = max(1, flat.size // 100_000)
    sample = flat[::step]
    if padding is not None:
        kept = sample[~padding.reshape(-1)[::step]]
        sample = kept if kept.size else sample
    if sample.size == 0:
        return Window(0.5, 1.0, WindowFunction.LINEAR_EXACT)
    low, high = (float(value) for value in np.percentile(sample, (1.0, 99.0)))
    if high <= low:
        # Nearly all is background (a mask, a drawing): the few others must still be seen.
        shown = flat if padding is None or padding.all() else flat[~padding.reshape(-1)]
        low, high = float(shown.min()), float(shown.max())
    if high <= low:
        # A picture of one value is shown as middle grey.
        return Window(low, 1.0, WindowFunction.LINEAR_EXACT)
    return Window((low + high) / 2, high - low, WindowFunction.LINEAR_EXACT)
