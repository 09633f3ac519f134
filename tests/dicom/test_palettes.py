"""Palettes give the colours that their tables say, in every form that the standard and its
breakers write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian

from mediassist.core.errors import UnreadableFile
from mediassist.dicom import load_frame
from tests.dicom import builder

GENERATOR = np.random.default_rng(5)
INDEX = GENERATOR.integers(0, 256, (9, 7)).astype(np.uint8)
WIDE = [GENERATOR.integers(0, 65536, 256).astype("<u2") for _ in range(3)]
NARROW = [GENERATOR.integers(0, 256, 256).astype(np.uint8) for _ in range(3)]


def coloured(
    folder: Path,
    pixels: np.ndarray,
    tables: list[Any],
    descriptor: list[int],
    vr: str = "US",
    segmented: str = "",
    implicit: bool = False,
) -> Path:
    path = builder.chest_radiograph(
        folder / "x.dcm", pixels=pixels, bits_stored=8 * pixels.dtype.itemsize
    )
    dataset = dcmread(path)
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    for colour, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        keyword = f"{colour}PaletteColorLookupTableDescriptor"
        setattr(dataset, keyword, descriptor)
        dataset[keyword].VR = vr
        data = table.tobytes() + b"\0" * (table.nbytes % 2)
        setattr(dataset, f"{segmented}{colour}PaletteColorLookupTableData", data)
    if implicit:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.save_as(path, implicit_vr=implicit, little_endian=True)
    return path


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(
    ("tables", "bits", "expected"),
    [
        (WIDE, 16, [table >> 8 for table in WIDE]),
        (NARROW, 8, NARROW),
        ([table.astype("<u2") for table in NARROW], 8, NARROW),
        ([table.astype("<u2") for table in NARROW], 16, NARROW),
    ],
)
def test_tables_of_bytes_and_words(
    tables: list[Any], bits: int, expected: list[Any], implicit: bool, chinese_path: Path
) -> None:
    path = coloured(chinese_path, INDEX, tables, [256, 0, bits], implicit=implicit)
    np.testing.assert_array_equal(
        load_frame(path).rgb, np.stack([table[INDEX] for table in expected], -1)
    )


@pytest.mark.parametrize(("vr", "first"), [("SS", -128), ("US", 65408)])
def test_the_first_value_has_the_sign_of_the_pixels(
    vr: str, first: int, chinese_path: Path
) -> None:
    """PS3.3 C.7.6.3.1.5; writers take US for both."""
    pixels = (INDEX.astype(np.int16) - 128).astype(np.int8)
    path = coloured(chinese_path, pixels, WIDE, [256, first, 16], vr)
    np.testing.assert_array_equal(
        load_frame(path).rgb, np.stack([table[INDEX] >> 8 for table in WIDE], -1)
    )


def test_an_odd_number_of_bytes_and_pixels_beyond_the_table(chinese_path: Path) -> None:
    tables = [table[:99] for table in NARROW]
    pixels = GENERATOR.integers(0, 4096, (9, 7)).astype(np.uint16)
    path = coloured(chinese_path, pixels, tables, [99, 50, 8])
    index = np.clip(pixels.astype(int) - 50, 0, 98)
    np.testing.assert_array_equal(
        load_frame(path).rgb, np.stack([table[index] for table in tables], -1)
    )


@pytest.mark.parametrize(("dtype", "offset"), [("<u2", [0, 0]), ("u1", [0, 0, 0, 0])])
def test_segments_are_expanded(dtype: str, offset: list[int], chinese_path: Path) -> None:
    """C.7.9.2: values as they are, a ramp, and a repetition of both from the first byte on."""
    segments = np.array([0, 3, 10, 20, 30, 1, 5, 130, 2, 2, *offset], dtype)
    expected = [10, 20, 30, 50, 70, 90, 110, 130, 10, 20, 30, 50, 70, 90, 110, 130]
    bits = 8 * segments.dtype.itemsize
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4)
    path = coloured(chinese_path, pixels, [segments] * 3, [16, 0, bits], segmented="Segmented")
    found = load_frame(path).rgb
    assert found is not None
    assert found[..., 0].reshape(-1).tolist() == expected


@pytest.mark.parametrize(
    "segments",
    [[1, 9, 5, 0], [0, 0, 0, 0], [0, 1, 7, 2, 5, 0, 0], [9, 1, 1, 1], [0, 1, 7, 2, 1, 3, 0, 0]],
)
def test_damaged_segments_are_refused_with_a_reason(
    segments: list[int], chinese_path: Path
) -> None:
    table = np.array(segments, "<u2")
    path = coloured(chinese_path, INDEX, [table] * 3, [256, 0, 16], segmented="Segmented")
    with pytest.raises(UnreadableFile, match="its colours cannot be shown"):
        load_frame(path)


def test_segments_that_repeat_themselves_stop_at_the_size_of_the_table(
    chinese_path: Path,
) -> None:
    """A thousand ramps of 65,535 entries, repeated a thousand times."""
    table = np.array([0, 1, 7] + [1, 65535, 9] * 1000 + [2, 1000, 0, 0] * 1000, "<u2")
    path = coloured(chinese_path, INDEX, [table] * 3, [256, 0, 16], segmented="Segmented")
    assert load_frame(path).rgb is not None
