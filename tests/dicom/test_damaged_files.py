"""Seeded damage to sound files: a picture or a reason in bounded time, never anything else."""

from __future__ import annotations

import random
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mediassist.core.errors import LimitExceeded, MediAssistError, UnreadableFile
from mediassist.core.study import Study
from mediassist.dicom import find_studies, load_pixels, load_volume
from mediassist.dicom.display import display_picture, load_frame
from mediassist.dicom.header import read_header
from tests.dicom import builder

SECONDS = 60  # 2 s are allowed; the test computer may be very busy

SEEDS: dict[str, Callable[[Path], Path]] = {
    "radiograph": lambda path: builder.chest_radiograph(path),
    "implicit": lambda path: builder.chest_radiograph(path, syntax="1.2.840.10008.1.2"),
    "deflated": lambda path: builder.chest_radiograph(path, syntax="1.2.840.10008.1.2.1.99"),
    "rle": lambda path: builder.chest_radiograph(path, syntax=builder.RLE),
    "jpeg lossless": lambda path: builder.chest_radiograph(path, syntax=builder.JPEG_LOSSLESS),
    "jpeg-ls": lambda path: builder.chest_radiograph(path, syntax=builder.JPEG_LS),
    "jpeg 2000": lambda path: builder.chest_radiograph(path, syntax=builder.JPEG_2000),
    "jpeg": lambda path: builder.ultrasound(path, frames=2, syntax=builder.JPEG_BASELINE),
    "enhanced": lambda path: builder.enhanced_ct(path, frames=3),
}


def use_everything(path: Path) -> None:
    """Whatever a program may do with a file; only our own errors may come out."""
    started = time.monotonic()
    for found in find_studies([path]):
        for series in found.series if isinstance(found, Study) else ():
            for use in (
                lambda series: load_pixels(series.instances[0].path),
                lambda series: display_picture(load_frame(series.instances[0].path)),
                load_volume,
            ):
                try:
                    use(series)
                except MediAssistError as error:
                    assert str(error).strip()
    assert time.monotonic() - started < SECONDS


def damaged(raw: bytes, random_source: random.Random) -> bytes:
    content = bytearray(raw)
    kind = random_source.randrange(5)
    at = random_source.randrange(132, len(content))
    if kind == 0:
        for _ in range(random_source.randrange(1, 20)):
            content[random_source.randrange(132, len(content))] ^= 1 << random_source.randrange(8)
    elif kind == 1:
        del content[at:]
    elif kind == 2:
        content[at : at + 4] = struct.pack("<L", random_source.choice([0xFFFFFFFF, 0x7FFFFFFF, 0]))
    elif kind == 3:
        del content[at : at + random_source.randrange(1, 64)]
    else:
        content[at:at] = content[at : at + random_source.randrange(1, 64)]
    return bytes(content)


@pytest.mark.parametrize("name", SEEDS)
def test_damage_gives_a_picture_or_a_reason(name: str, chinese_path: Path) -> None:
    raw = SEEDS[name](chinese_path / "sound.dcm").read_bytes()
    random_source = random.Random(f"mediassist {name}")  # noqa: S311
    path = chinese_path / "坏 file.dcm"
    for _ in range(25):
        path.write_bytes(damaged(raw, random_source))
        use_everything(path)


def sequence_within_sequence(depth: int) -> bytes:
    start = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    return start * depth


def header_of(path: Path) -> bytes:
    raw = builder.text_report(path).read_bytes()
    return raw[: raw.index(b"\x08\x00\x20\x00DA")]


@pytest.mark.parametrize("depth", [50, 3000, 100_000])
def test_deep_nesting_is_refused_or_read(depth: int, chinese_path: Path) -> None:
    path = chinese_path / "nested.dcm"
    path.write_bytes(header_of(chinese_path / "head.dcm") + sequence_within_sequence(depth))
    use_everything(path)


def test_a_length_of_four_gigabytes_allocates_nothing(chinese_path: Path) -> None:
    path = chinese_path / "long.dcm"
    lie = b"\x08\x00\x40\x11OB\0\0" + struct.pack("<L", 0xFFFFFFF0)
    path.write_bytes(header_of(chinese_path / "head.dcm") + lie + bytes(300_000))
    use_everything(path)


def test_a_deflate_bomb_is_refused(chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", syntax="1.2.840.10008.1.2.1.99")
    raw = path.read_bytes()
    (length,) = struct.unpack("<L", raw[140:144])
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    path.write_bytes(raw[: 144 + length] + bomb)
    started = time.monotonic()
    with pytest.raises(MediAssistError, match=r"x\.dcm: the deflated data set is damaged"):
        load_pixels(path)
    assert time.monotonic() - started < SECONDS


def test_an_offset_table_that_lies_changes_nothing(chinese_path: Path) -> None:
    path = builder.ultrasound(chinese_path / "x.dcm", frames=3, syntax=builder.JPEG_BASELINE)
    before = load_pixels(path)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"\xfe\xff\x00\xe0") + 8
    raw[at : at + 12] = struct.pack("<3L", 0, 77, 99)
    path.write_bytes(raw)
    assert (load_pixels(path) == before).all()


def test_a_header_of_empty_items_is_refused_at_once(chinese_path: Path) -> None:
    """Three million items are 24 MB of file and a minute of parsing."""
    raw = builder.chest_radiograph(chinese_path / "x.dcm").read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\x00")
    items = b"\xfe\xff\x00\xe0\0\0\0\0" * 300_000
    sequence = b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff" + items + b"\xfe\xff\xdd\xe0\0\0\0\0"
    path = chinese_path / "items.dcm"
    path.write_bytes(raw[:at] + sequence + raw[at:])
    started = time.process_time()
    with pytest.raises(LimitExceeded, match="more elements than any real file"):
        read_header(path)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("syntax", "marker", "at"),
    [(builder.JPEG_LOSSLESS, b"\xff\xc3", 5), (builder.JPEG_LS, b"\xff\xf7", 5)],
)
def test_a_stream_too_short_for_its_picture_is_refused_before_decoding(
    syntax: str, marker: bytes, at: int, chinese_path: Path
) -> None:
    """Header and stream agree on 30000 x 30000: libjpeg would fill gigabytes with grey."""
    path = builder.chest_radiograph(
        chinese_path / "x.dcm", syntax=syntax, Rows=30000, Columns=30000
    )
    raw = bytearray(path.read_bytes())
    place = raw.rindex(marker) + at
    raw[place : place + 4] = (30000).to_bytes(2, "big") * 2
    path.write_bytes(raw)
    with pytest.raises(UnreadableFile, match="cannot hold 30000 x 30000"):
        load_pixels(path)
