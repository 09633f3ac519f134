"""Files whose transfer syntax says something else than their bytes do."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset

from mediassist.core.errors import UnreadableFile
from mediassist.core.study import Study
from mediassist.dicom import find_studies, load_frame, load_pixels
from tests.dicom import builder

FRAMES = np.stack([builder.phantom(top=4000) + index for index in range(3)])
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", builder.EXPLICIT_LITTLE
BIG, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
JPEG = builder.JPEG_BASELINE
ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
COMPRESSED = (builder.RLE, builder.JPEG_LOSSLESS, builder.JPEG_LS, builder.JPEG_2000)


def relabelled(path: Path, syntax: str) -> Path:
    """Write another transfer syntax into the file meta; everything else stays."""
    raw = path.read_bytes()
    at = raw.index(b"\x02\x00\x10\x00UI")
    (length,) = struct.unpack_from("<H", raw, at + 6)
    value = syntax.encode() + b"\0" * (len(syntax) % 2)
    (group,) = struct.unpack_from("<L", raw, 140)
    path.write_bytes(
        raw[:140]
        + struct.pack("<L", group + len(value) - length)
        + raw[144 : at + 6]
        + struct.pack("<H", len(value))
        + value
        + raw[at + 8 + length :]
    )
    return path


def big_endian(path: Path) -> Path:
    plain = dcmread(builder.chest_radiograph(path))
    swapped = Dataset()
    for element in plain:
        if element.keyword != "PixelData":
            swapped.add(element)
    swapped.PixelData = builder.phantom().astype(">u2").tobytes()
    swapped["PixelData"].VR = "OW"
    swapped.file_meta = FileMetaDataset()
    swapped.file_meta.TransferSyntaxUID = BIG
    swapped.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("stated", [BIG, DEFLATED, IMPLICIT, JPEG, builder.RLE, builder.JPEG_2000])
def test_plain_pixels_under_another_label_are_read(stated: str, chinese_path: Path) -> None:
    """Archives that unpack pictures forget to say so."""
    path = relabelled(builder.chest_radiograph(chinese_path / "x.dcm"), stated)
    np.testing.assert_array_equal(load_pixels(path)[0], builder.phantom())
    assert load_frame(path).rows == 96


@pytest.mark.parametrize("stated", [EXPLICIT, IMPLICIT, JPEG])
def test_big_endian_files_under_another_label_are_read(stated: str, chinese_path: Path) -> None:
    path = relabelled(big_endian(chinese_path / "x.dcm"), stated)
    np.testing.assert_array_equal(load_pixels(path)[0], builder.phantom())


def test_plain_pixels_of_another_length_are_refused(chinese_path: Path) -> None:
    path = relabelled(builder.chest_radiograph(chinese_path / "x.dcm", Rows=95), JPEG)
    with pytest.raises(UnreadableFile, match="declares JPEG Baseline.*pixels are not compressed"):
        load_pixels(path)


def with_pixels(folder: Path, syntax: str, frames: int, change: str) -> Path:
    """A file whose fragments were written as `change` says."""
    pixels = FRAMES[:frames] if frames > 1 else FRAMES[0]
    path = builder.chest_radiograph(folder / "x.dcm", pixels=pixels, syntax=syntax)
    raw = path.read_bytes()
    at, end = raw.rindex(b"\xe0\x7f\x10\x00OB"), raw.rindex(END)
    head, items = raw[: at + 8], raw[at + 12 : end]
    table = 8 + int.from_bytes(items[4:8], "little")
    undefined = b"\xff\xff\xff\xff"
    if change == "length":
        path.write_bytes(head + struct.pack("<L", len(items)) + items)
    elif change == "no table":
        path.write_bytes(head + undefined + items[table:] + END + bytes(4))
    elif change == "no items":
        stream = items[table + 8 :]
        path.write_bytes(head + struct.pack("<L", len(stream)) + stream)
    return path


@pytest.mark.parametrize("change", ["length", "no table"])
@pytest.mark.parametrize("syntax", COMPRESSED)
def test_fragments_are_found_however_they_are_wrapped(
    syntax: str, change: str, chinese_path: Path
) -> None:
    """With a length where none belongs, or without the item of the offset table."""
    path = with_pixels(chinese_path, syntax, 3, change)
    np.testing.assert_array_equal(load_pixels(path), FRAMES)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_a_stream_without_items_is_read(syntax: str, chinese_path: Path) -> None:
    path = with_pixels(chinese_path, syntax, 1, "no items")
    np.testing.assert_array_equal(load_pixels(path), FRAMES[:1])


@pytest.mark.parametrize(
    ("syntax", "stated"), [(EXPLICIT, JPEG), (builder.JPEG_LS, EXPLICIT), (builder.RLE, None)]
)
def test_a_study_tells_which_label_was_not_believed(
    syntax: str, stated: str | None, chinese_path: Path
) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", syntax=syntax)
    if stated is not None:
        relabelled(path, stated)
    (study,) = (one for one in find_studies([path]) if isinstance(one, Study))
    told = [str(warning) for warning in study.warnings]
    assert any("its pixels are stored in another way" in text for text in told) == bool(stated)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_compressed_pixels_under_a_plain_label_are_read(syntax: str, chinese_path: Path) -> None:
    """A stream tells by its first bytes what it is."""
    path = builder.chest_radiograph(chinese_path / "x.dcm", pixels=FRAMES, syntax=syntax)
    np.testing.assert_array_equal(load_pixels(relabelled(path, EXPLICIT)), FRAMES)
