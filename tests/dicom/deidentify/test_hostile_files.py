"""De-identification reads files whole; one that was made to be endless is refused as elsewhere."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from mediassist.core.study import Rejected
from mediassist.dicom import load_frame, load_pixels
from mediassist.dicom.deidentify import Key, LeftOut, Profile, Released, deidentify
from mediassist.dicom.deidentify.identifiers import Identifiers
from mediassist.dicom.deidentify.residue import find_residues
from tests.dicom import bombs, builder
from tests.dicom.test_pixel_coding import EXPLICIT, JPEG, big_endian, relabelled, with_pixels

KEY = Key(b"a secret of the test, 32 bytes..")
# Only what never ends is told here.
ENDS_IN_SECONDS = 10
# `long values` takes 640 MB of disc for what `read_header` refuses.
HOSTILE = {**bombs.ZIPS, **bombs.HEADERS}
NOT_RUN = {"long values"}
_ITEM, _SEQUENCE = b"\xfe\xff\x00\xe0", b"\x40\x00\x75\x02SQ\0\0"


def run(path: Path, out: Path) -> list[Any]:
    return list(deidentify([path], out, Profile.parse("basic"), KEY))


@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - NOT_RUN))
def test_a_hostile_file_is_refused_in_the_reader_s_bounds(name: str, tmp_path: Path) -> None:
    path = HOSTILE[name](tmp_path)
    start = time.thread_time()
    found = run(path, tmp_path / "out")
    assert time.thread_time() - start < ENDS_IN_SECONDS
    assert all(isinstance(one, Rejected | LeftOut) for one in found)
    assert not list(tmp_path.glob("out/**/*.dcm*"))


def before_pixels(path: Path, elements: bytes) -> Path:
    raw = builder.chest_radiograph(path).read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\x00")
    path.write_bytes(raw[:at] + elements + raw[at:])
    return path


def deep_lengths(folder: Path) -> Path:
    """Sequences with lengths, within each other 3,000 deep, in 60 kB."""
    value = b""
    for _ in range(3000):
        item = _ITEM + struct.pack("<L", len(value)) + value
        value = _SEQUENCE + struct.pack("<L", len(item)) + item
    return before_pixels(folder / "deep.dcm", value)


def many_names(folder: Path) -> Path:
    """50,000 different names of people in a private sequence."""
    items = b"".join(
        _ITEM + struct.pack("<L", 24) + b"\x10\x00\x10\x00PN\x10\x00" + f"N{n:06}^Q{n:07}".encode()
        for n in range(50_000)
    )
    return before_pixels(
        folder / "names.dcm", b"\x53\x00\x10\x10SQ\0\0" + struct.pack("<L", len(items)) + items
    )


def many_values(folder: Path) -> Path:
    """20 million numbers in 40 MB of decimal strings."""
    value = b"1\\" * 32000
    head = b"\x06\x30\x50\x00DS" + struct.pack("<H", len(value))
    items = (_ITEM + struct.pack("<L", len(head) + len(value)) + head + value) * 625
    return before_pixels(
        folder / "values.dcm", b"\x06\x30\x40\x00SQ\0\0" + struct.pack("<L", len(items)) + items
    )


def elements_behind_the_pixels(folder: Path) -> Path:
    path = builder.chest_radiograph(folder / "behind.dcm")
    with path.open("ab") as file:
        file.write(b"\xe1\x7f\x10\x10SQ\0\0\xff\xff\xff\xff" + (_ITEM + bytes(4)) * 3_000_000)
    return path


@pytest.mark.parametrize("make", [deep_lengths, many_names, many_values])
def test_what_only_shows_when_all_is_read_is_refused_too(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = make(tmp_path)
    start = time.thread_time()
    (found,) = run(path, tmp_path / "out")
    assert time.thread_time() - start < ENDS_IN_SECONDS
    assert isinstance(found, Rejected)
    assert path.name in str(found.error)


def test_what_stands_behind_the_pixels_is_left_out_unread(tmp_path: Path) -> None:
    (found,) = run(elements_behind_the_pixels(tmp_path), tmp_path / "out")
    assert isinstance(found, Released)
    assert found.target.stat().st_size < 100_000
    np.testing.assert_array_equal(load_pixels(found.target)[0], builder.phantom())


def test_a_large_enhanced_object_passes(tmp_path: Path) -> None:
    """Hundreds of frames, each with a UID of its own that is found wherever it stays."""
    path = builder.enhanced_ct(tmp_path / "x.dcm", frames=400)
    dataset = pydicom.dcmread(path)
    for number, groups in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        item = Dataset()
        item.ReferencedSOPInstanceUID = builder.uid("source", number)
        item.ReferencedSOPClassUID = builder.CT_STORAGE
        groups.ReferencedImageSequence = Sequence([item])
    dataset.save_as(path)
    (found,) = run(path, tmp_path / "out")
    assert isinstance(found, Released)
    originals = Identifiers(uids={builder.uid("source", number) for number in range(400)})
    assert find_residues(found.target, originals) == ()
    assert len({one.characters for one in find_residues(path, originals)}) >= 1


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: relabelled(builder.chest_radiograph(folder / "x.dcm"), JPEG),
        lambda folder: relabelled(big_endian(folder / "x.dcm"), EXPLICIT),
        lambda folder: big_endian(folder / "x.dcm"),
        lambda folder: relabelled(
            builder.chest_radiograph(folder / "x.dcm", syntax=builder.JPEG_LS), EXPLICIT
        ),
        lambda folder: builder.chest_radiograph(folder / "x.dcm", syntax=bombs.DEFLATED),
    ],
)
def test_pixels_come_out_as_they_went_in_whatever_the_label(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    (found,) = run(make(tmp_path), tmp_path / "out")
    assert isinstance(found, Released)
    assert found.identity_removed
    np.testing.assert_array_equal(load_pixels(found.target)[0], builder.phantom())
    np.testing.assert_array_equal(pydicom.dcmread(found.target).pixel_array, builder.phantom())


def test_fragments_with_a_length_come_out_sound(tmp_path: Path) -> None:
    path = with_pixels(tmp_path, builder.RLE, 3, "length")
    expected = load_pixels(path)
    (found,) = run(path, tmp_path / "out")
    assert isinstance(found, Released)
    np.testing.assert_array_equal(pydicom.dcmread(found.target).pixel_array, expected)


def test_fragments_of_odd_length_come_out_sound(tmp_path: Path) -> None:
    """fo-dicom GH364: a pad byte behind the last one would hide the end of the pixels."""
    path = builder.chest_radiograph(tmp_path / "x.dcm", syntax=builder.JPEG_LS)
    raw = path.read_bytes()
    at = raw.rindex(b"\xfe\xff\xdd\xe0")
    start = raw.rindex(_ITEM, 0, at)
    stream = raw[start + 8 : at].rstrip(b"\0")
    stream += b"\0" * (1 - len(stream) % 2)
    path.write_bytes(raw[: start + 4] + struct.pack("<L", len(stream)) + stream + raw[at:])
    np.testing.assert_array_equal(load_pixels(path)[0], builder.phantom())
    (found,) = run(path, tmp_path / "out")
    assert isinstance(found, Released)
    np.testing.assert_array_equal(load_pixels(found.target)[0], builder.phantom())


def test_values_in_the_upper_bits_keep_their_picture(tmp_path: Path) -> None:
    """High Bit 15 with 12 bits stored, and an overlay in the bits below."""
    pixels = builder.phantom() << 4 | 1
    path = builder.chest_radiograph(tmp_path / "x.dcm", pixels=pixels, HighBit=15)
    dataset = pydicom.dcmread(path)
    for element, vr, value in (
        (0x0010, "US", 96),
        (0x0011, "US", 80),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 16),
        (0x0102, "US", 1),
    ):
        dataset.add_new(0x60000000 | element, vr, value)
    dataset.save_as(path)
    (found,) = run(path, tmp_path / "out")
    assert isinstance(found, Released)
    np.testing.assert_array_equal(load_frame(found.target).modality_values, builder.phantom())
    assert pydicom.dcmread(found.target).HighBit == 11


@pytest.mark.parametrize(
    "element", [b"\x02\x00\x03\x00UI", b"\x02\x00\x02\x00UI", b"\x02\x00\x10\x00UI"]
)
def test_file_meta_with_an_unknown_vr_is_no_obstacle(element: bytes, tmp_path: Path) -> None:
    """Found by changing bytes."""
    path = builder.chest_radiograph(tmp_path / "x.dcm")
    raw = path.read_bytes()
    assert element in raw
    path.write_bytes(raw.replace(element, element[:4] + b"U\\", 1))
    (found,) = run(path, tmp_path / "out")
    assert isinstance(found, Released | Rejected)
