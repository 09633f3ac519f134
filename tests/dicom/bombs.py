"""Small files that ask for much: every one is made by code, and every one has to be refused.

`GROUPS` maps names to functions that write a file into a folder and give its path. The tests
measure what refusing each of them costs.
"""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.dicom import builder
from tests.dicom.packing import zeros_deflated
from tests.dicom.picture_bombs import PICTURES, VOLUMES

Maker = Callable[[Path], Path]

DEFLATED = "1.2.840.10008.1.2.1.99"
_PIXELS = b"\xe0\x7f\x10\x00"
_ITEM, _ITEM_END, _END = (
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\x0d\xe0\0\0\0\0",
    b"\xfe\xff\xdd\xe0\0\0\0\0",
)
_UNDEFINED = b"\xff\xff\xff\xff"


# Archives.


def _local(name: bytes, data: bytes, size: int, method: int) -> bytes:
    facts = struct.pack(
        "<4s5H3L2H", b"PK\3\4", 20, 0, method, 0, 0, 0, len(data), size, len(name), 0
    )
    return facts + name + data


def _central(name: bytes, packed: int, size: int, method: int, at: int) -> bytes:
    return (
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\1\2", 20, 20, 0, method, 0, 0, 0, packed, size, len(name), 0, 0, 0, 0, 0, at,
        )
        + name
    )  # fmt: skip


def _archive(path: Path, members: bytes, directory: bytes, count: int) -> Path:
    """Put an archive together; the ZIP64 records carry counts beyond 65535."""
    at = len(members)
    big = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), at)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(members + directory + big + locator + end)
    return path


def _one_member(path: Path, data: bytes, size: int, method: int = 8) -> Path:
    name = b"IM0001.dcm"
    member = _local(name, data, size, method)
    return _archive(path, member, _central(name, len(data), size, method, 0), 1)


def many_members(folder: Path) -> Path:
    """60,000 texts."""
    path = folder / "many members.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"d/{number}.txt", b"x")
    return path


def long_directory(folder: Path) -> Path:
    """A million members that are all the same one."""
    member = _local(b"a", b"x", 1, 0)
    entry = _central(b"a", 1, 1, 0, 0)
    return _archive(folder / "long directory.zip", member, entry * 1_000_000, 1_000_000)


def overlapping_members(folder: Path) -> Path:
    """5,000 members of 4 MB that share the same compressed bytes."""
    data = zeros_deflated(4)
    member = _local(b"a", data, 4 << 20, 8)
    entry = _central(b"a", len(data), 4 << 20, 8, 0)
    return _archive(folder / "overlapping members.zip", member, entry * 5000, 5000)


def overlapping_images(folder: Path) -> Path:
    """As `overlapping_members`, but each begins like DICOM."""
    data = zeros_deflated(4, bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00\0\0\0\0")
    size = (4 << 20) + 144
    member = _local(b"a", data, size, 8)
    entry = _central(b"a", len(data), size, 8, 0)
    return _archive(folder / "overlapping images.zip", member, entry * 5000, 5000)


def zeros_in_zip(folder: Path) -> Path:
    """One member of 3 GB in 3 MB."""
    return _one_member(folder / "zeros.zip", zeros_deflated(3000), 3000 << 20)


def image_of_zeros_in_zip(folder: Path) -> Path:
    """The same, beginning like DICOM."""
    start = bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00\0\0\0\0"
    data = zeros_deflated(3000, start)
    return _one_member(folder / "image of zeros.zip", data, (3000 << 20) + len(start))


def nested_zips(folder: Path) -> Path:
    """An archive in an archive in an archive, twelve deep."""
    content = b"x"
    for depth in range(12):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{depth}.zip", content)
        content = buffer.getvalue()
    path = folder / "nested.zip"
    path.write_bytes(content)
    return path


def zips_in_zips(folder: Path) -> Path:
    """200 archives of 200 archives of 200 texts: eight million members in 100 kB."""
    content = b"x"
    for _ in range(3):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(200):
                archive.writestr(f"{number}", content)
        content = buffer.getvalue()
    path = folder / "zips in zips.zip"
    path.write_bytes(content)
    return path


def bzip2_in_zip(folder: Path) -> Path:
    """A hundred members of 45 MB, packed by bzip2 to 45 bytes each."""
    data = bz2.compress(bytes(45 << 20))
    member = _local(b"a", data, 45 << 20, 12)
    entry = _central(b"a", len(data), 45 << 20, 12, 0)
    return _archive(folder / "bzip2.zip", member, entry * 100, 100)


def other_archive(folder: Path) -> Path:
    """A tar.gz of a gigabyte of zeros."""
    path = folder / "images.tar.gz"
    block = gzip.compress(bytes(1 << 20))
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("IM0001"), None)
    path.write_bytes(path.read_bytes() + block * 1000)
    return path


ZIPS: dict[str, Maker] = {
    "many members": many_members,
    "long directory": long_directory,
    "overlapping members": overlapping_members,
    "overlapping images": overlapping_images,
    "zeros": zeros_in_zip,
    "image of zeros": image_of_zeros_in_zip,
    "nested": nested_zips,
    "zips in zips": zips_in_zips,
    "bzip2": bzip2_in_zip,
    "tar.gz": other_archive,
}


# DICOM headers.


def _with_header(path: Path, elements: bytes, **changes: object) -> Path:
    """A radiograph with `elements` before its pixels, which are cut off."""
    raw = builder.chest_radiograph(path, **changes).read_bytes()  # type: ignore[arg-type]
    path.write_bytes(raw[: raw.rindex(_PIXELS)] + elements)
    return path


def _sequence(tag: bytes, items: bytes) -> bytes:
    return tag + b"SQ\0\0" + _UNDEFINED + items + _END


_PER_FRAME = b"\x00\x52\x30\x92"
_PRIVATE = b"\x53\x00\x10\x10"
_TINY = b"\x28\x00\x02\x00US\x02\x00\x01\x00"


def deflate_bomb(folder: Path) -> Path:
    """A deflated data set of two gigabytes of zeros."""
    path = builder.chest_radiograph(folder / "deflate.dcm", syntax=DEFLATED)
    raw = path.read_bytes()
    (length,) = struct.unpack("<L", raw[140:144])
    path.write_bytes(raw[: 144 + length] + zeros_deflated(2000))
    return path


def deflated_elements(folder: Path) -> Path:
    """A deflated data set of forty million empty elements."""
    path = builder.chest_radiograph(folder / "deflated elements.dcm", syntax=DEFLATED)
    raw = path.read_bytes()
    (length,) = struct.unpack("<L", raw[140:144])
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    elements = b"\x09\x00\x10\x10LO\0\0" * (1 << 17)
    repeated = block.compress(elements) + block.flush(zlib.Z_FULL_FLUSH)
    path.write_bytes(raw[: 144 + length] + repeated * 300)
    return path


def deflated_long_pixels(folder: Path) -> Path:
    """A small picture whose pixel element says 3 GB, and they follow."""
    path = builder.chest_radiograph(folder / "deflated pixels.dcm", syntax=DEFLATED, Rows=60000)
    raw = path.read_bytes()
    (length,) = struct.unpack("<L", raw[140:144])
    body = zlib.decompress(raw[144 + length :], -15)
    at = body.rindex(_PIXELS)
    start = body[:at] + _PIXELS + b"OW\0\0" + struct.pack("<L", 3000 << 20)
    path.write_bytes(raw[: 144 + length] + zeros_deflated(1, start)[:-1])
    return path


def many_elements(folder: Path) -> Path:
    """Two million empty elements at the top level."""
    tags = np.arange(2_000_000, dtype=np.uint32)
    elements = np.zeros((len(tags), 8), np.uint8)
    elements[:, 0:2] = (0x0031 + 2 * (tags >> 16)).astype("<u2")[:, None].view(np.uint8)
    elements[:, 2:4] = (tags & 0xFFFF).astype("<u2")[:, None].view(np.uint8)
    elements[:, 4], elements[:, 5] = ord("L"), ord("O")
    return _with_header(folder / "elements.dcm", elements.tobytes())


def elements_in_an_item(folder: Path) -> Path:
    """Two million tiny elements in one item."""
    items = _ITEM + _UNDEFINED + _TINY * 2_000_000 + _ITEM_END
    return _with_header(folder / "item.dcm", _sequence(_PER_FRAME, items))


def empty_items(folder: Path) -> Path:
    """Three million empty items."""
    items = (_ITEM + bytes(4)) * 3_000_000
    return _with_header(folder / "items.dcm", _sequence(_PER_FRAME, items))


def tiny_items(folder: Path) -> Path:
    """A million items of one element."""
    item = _ITEM + struct.pack("<L", len(_TINY)) + _TINY
    return _with_header(folder / "tiny items.dcm", _sequence(_PER_FRAME, item * 1_000_000))


def tiny_items_with_length(folder: Path) -> Path:
    """The same in a sequence that tells its length, which pydicom reads only when asked."""
    items = (_ITEM + struct.pack("<L", len(_TINY)) + _TINY) * 1_000_000
    sequence = _PER_FRAME + b"SQ\0\0" + struct.pack("<L", len(items)) + items
    return _with_header(folder / "tiny items with length.dcm", sequence)


def tiny_items_early(folder: Path) -> Path:
    """A million items in a sequence that every scan asks for, in a file with pixels."""
    items = (_ITEM + struct.pack("<L", len(_TINY)) + _TINY) * 1_000_000
    path = builder.chest_radiograph(folder / "tiny items early.dcm")
    raw = path.read_bytes()
    at = raw.rindex(_PIXELS)
    sequence = _PER_FRAME + b"SQ\0\0" + struct.pack("<L", len(items)) + items
    path.write_bytes(raw[:at] + sequence + raw[at : at + 4000])
    return path


def private_nesting(folder: Path) -> Path:
    """A private sequence of undefined length within itself, 200,000 deep."""
    start = _PRIVATE + b"UN\0\0" + _UNDEFINED + _ITEM + _UNDEFINED
    return _with_header(folder / "private.dcm", start * 200_000)


def implicit_nesting(folder: Path) -> Path:
    """Nested in implicit VR, where only the item tags tell."""
    start = b"\x40\x00\x75\x02" + _UNDEFINED + _ITEM + _UNDEFINED
    path = folder / "implicit.dcm"
    return _with_header(path, start * 200_000, syntax="1.2.840.10008.1.2")


def many_siblings(folder: Path) -> Path:
    """100,000 private sequences beside each other, each with an item."""
    numbers = range(100_000)
    elements = b"".join(
        struct.pack("<HH", 0x0031 + 2 * (number >> 15), 0x1000 + (number & 0x7FFF))
        + b"SQ\0\0" + _UNDEFINED + _ITEM + _UNDEFINED + _TINY + _ITEM_END + _END
        for number in numbers
    )  # fmt: skip
    return _with_header(folder / "siblings.dcm", elements)


def long_values(folder: Path) -> Path:
    """Forty values of 16 MB before the pixels: 640 MB, of which nothing is needed."""
    path = folder / "long values.dcm"
    _with_header(path, b"")
    with path.open("ab") as file:
        for number in range(40):
            file.write(struct.pack("<HH", 0x0031, 0x1000 + number) + b"OB\0\0")
            file.write(struct.pack("<L", 16 << 20))
            file.truncate(file.seek(16 << 20, io.SEEK_CUR))
    return path


def directory_of_many(folder: Path) -> Path:
    """A DICOMDIR of 200,000 records that all name the same file."""
    path = builder.text_report(folder / "DICOMDIR", SOPClassUID="1.2.840.10008.1.3.10")
    raw = path.read_bytes()
    raw = raw.replace(builder.REPORT_STORAGE.encode(), b"1.2.840.10008.1.3.10\0\0\0\0\0\0"[:29])
    name = b"\x04\x00\x00\x15CS\x04\x00ABCD"
    items = (_ITEM + struct.pack("<L", len(name)) + name) * 200_000
    at = raw.index(b"\x08\x00\x05\x00")
    path.write_bytes(raw[:at] + _sequence(b"\x04\x00\x20\x12", items) + raw[at:])
    return path


HEADERS: dict[str, Maker] = {
    "deflate": deflate_bomb,
    "deflated elements": deflated_elements,
    "deflated long pixels": deflated_long_pixels,
    "many elements": many_elements,
    "elements in an item": elements_in_an_item,
    "empty items": empty_items,
    "tiny items": tiny_items,
    "tiny items with length": tiny_items_with_length,
    "tiny items early": tiny_items_early,
    "private nesting": private_nesting,
    "implicit nesting": implicit_nesting,
    "siblings": many_siblings,
    "long values": long_values,
    "DICOMDIR": directory_of_many,
}


# Pixels.


def _with_fragments(path: Path, items: bytes, syntax: str, **changes: object) -> Path:
    raw = builder.chest_radiograph(path, syntax=syntax, **changes).read_bytes()  # type: ignore[arg-type]
    at = raw.rindex(_PIXELS)
    path.write_bytes(raw[:at] + _PIXELS + b"OB\0\0" + _UNDEFINED + items + _END)
    return path


def _fragment(data: bytes) -> bytes:
    return _ITEM + struct.pack("<L", len(data)) + data


def many_fragments(folder: Path) -> Path:
    """Three million empty fragments."""
    items = _fragment(b"") + _fragment(b"") * 3_000_000
    return _with_fragments(folder / "fragments.dcm", items, builder.JPEG_LS)


def many_small_fragments(folder: Path) -> Path:
    """A million fragments of two bytes for a hundred thousand frames, with a table."""
    table = np.arange(100_000, dtype="<u4") * 100
    items = _fragment(table.tobytes()) + _fragment(b"\xff\xd8") * 1_000_000
    return _with_fragments(
        folder / "small fragments.dcm", items, builder.JPEG_LS, NumberOfFrames="100000"
    )


def frames_without_pixels(folder: Path) -> Path:
    """100,000 frames declared, one is there."""
    return builder.chest_radiograph(folder / "frames.dcm", NumberOfFrames="100000")


def compressed_frames_without_pixels(folder: Path) -> Path:
    """As many frames of a compressed file."""
    return builder.chest_radiograph(
        folder / "compressed frames.dcm", syntax=builder.JPEG_2000, NumberOfFrames="100000"
    )


def rle_bomb(folder: Path) -> Path:
    """20,000 x 20,000 pixels in an RLE segment of 1 MB that repeats a byte."""
    segment = b"\x81\x00" * 500_000
    header = struct.pack("<16L", 2, 64, 64 + len(segment), *[0] * 13)
    items = _fragment(b"") + _fragment(header + segment + segment)
    return _with_fragments(folder / "rle.dcm", items, builder.RLE, Rows=20000, Columns=20000)


def rle_growth(folder: Path) -> Path:
    """An RLE segment of 20 MB that makes 1.3 GB for a picture of 96 x 80."""
    segment = b"\x81\x00" * 10_000_000
    header = struct.pack("<16L", 2, 64, 64 + len(segment), *[0] * 13)
    items = _fragment(b"") + _fragment(header + segment + segment[:8000])
    return _with_fragments(folder / "rle growth.dcm", items, builder.RLE)


def deflated_frame_bomb(folder: Path) -> Path:
    """A deflated frame of a gigabyte for a picture of 96 x 80."""
    items = _fragment(b"") + _fragment(zeros_deflated(1000))
    return _with_fragments(folder / "frame.dcm", items, builder.DEFLATED_FRAMES, Rows=97)


def jpeg_xl_bomb(folder: Path) -> Path:
    """A JPEG XL stream of 8,192 x 8,192 pixels of one colour for a picture of 96 x 80."""
    import imagecodecs

    stream = imagecodecs.jpegxl_encode(np.zeros((8192, 8192), np.uint8), lossless=True, effort=1)
    items = _fragment(b"") + _fragment(bytes(stream))
    return _with_fragments(folder / "jpeg xl.dcm", items, builder.JPEG_XL)


def blank_jpeg_2000(folder: Path) -> Path:
    """30,000 x 30,000 pixels in a stream that ends after its header, padded to 1 MB."""
    path = builder.chest_radiograph(folder / "jpeg 2000.dcm", syntax=builder.JPEG_2000)
    raw = path.read_bytes()
    stream = bytearray(raw[raw.index(b"\xff\x4f\xff\x51") :])
    stream[8:16] = stream[24:32] = struct.pack(">LL", 30000, 30000)
    end = stream.index(b"\xff\x93") + 2
    items = _fragment(b"") + _fragment(bytes(stream[:end]) + bytes(1 << 20))
    return _with_fragments(path, items, builder.JPEG_2000, Rows=30000, Columns=30000)


PIXELS: dict[str, Maker] = {
    "many fragments": many_fragments,
    "small fragments": many_small_fragments,
    "frames": frames_without_pixels,
    "compressed frames": compressed_frames_without_pixels,
    "rle": rle_bomb,
    "rle growth": rle_growth,
    "deflated frame": deflated_frame_bomb,
    "jpeg xl": jpeg_xl_bomb,
    "jpeg 2000": blank_jpeg_2000,
}

GROUPS: dict[str, dict[str, Maker]] = {
    "zips": ZIPS,
    "headers": HEADERS,
    "pixels": PIXELS,
    "pictures": PICTURES,
    "volumes": VOLUMES,
}
