"""Pictures and volumes that declare far more than they hold; see `bombs`."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.dicom.packing import zeros_deflated

Maker = Callable[[Path], Path]


def _png(path: Path, side: int, depth: int, colour: int, data: bytes) -> Path:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">L", zlib.crc32(kind + content))
        return struct.pack(">L", len(content)) + kind + content + check

    facts = struct.pack(">LLBBBBB", side, side, depth, colour, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", facts) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )
    return path


def wide_png(folder: Path) -> Path:
    """60,000 x 60,000 pixels declared."""
    return _png(folder / "wide.png", 60000, 8, 2, zlib.compress(bytes(1 << 20)))


def cut_png(folder: Path) -> Path:
    """13,000 x 13,000 pixels of colour with 16 bits declared, a tenth of them there."""
    return _png(folder / "cut.png", 13000, 16, 6, zlib.compress(bytes(150 << 20), 1))


def png_text(folder: Path) -> Path:
    """A picture with compressed remarks of a gigabyte."""
    path = _png(folder / "text.png", 4000, 8, 0, b"")
    raw = path.read_bytes()
    content = b"Comment\0\0" + b"\x78\xda" + zeros_deflated(1000)
    text = struct.pack(">L", len(content)) + b"zTXt" + content
    text += struct.pack(">L", zlib.crc32(b"zTXt" + content))
    at = raw.index(b"IDAT") - 4
    path.write_bytes(raw[:at] + text + raw[at:])
    return path


def _tiff(path: Path, side: int, pages: int = 1) -> Path:
    """Pages of 8-bit grey whose only strip lies behind the end of the file."""
    entries = [
        (256, 4, side),
        (257, 4, side),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 2**31),
    ]
    entries += [(273, 4, 2**31), (277, 3, 1), (278, 4, side), (279, 4, side * side % 2**32)]
    raw = bytearray(b"II*\0" + struct.pack("<L", 8))
    for page in range(pages):
        raw += struct.pack("<H", len(entries))
        raw += b"".join(struct.pack("<HHLL", tag, kind, 1, value) for tag, kind, value in entries)
        last = page == pages - 1
        raw += struct.pack("<L", 0 if last else len(raw) + 4)
    path.write_bytes(raw)
    return path


def wide_tiff(folder: Path) -> Path:
    """60,000 x 60,000 pixels declared."""
    return _tiff(folder / "wide.tif", 60000)


def many_pages(folder: Path) -> Path:
    """20,000 pages without pixels."""
    return _tiff(folder / "pages.tif", 64, 20000)


def wide_webp(folder: Path) -> Path:
    """16,383 x 16,383 pixels declared in a lossless stream that ends at once."""
    facts = struct.pack("<L", 16382 | 16382 << 14)
    stream = b"VP8L" + struct.pack("<L", 26) + b"\x2f" + facts + bytes(21)
    path = folder / "wide.webp"
    path.write_bytes(b"RIFF" + struct.pack("<L", 4 + len(stream)) + b"WEBP" + stream)
    return path


PICTURES: dict[str, Maker] = {
    "wide png": wide_png,
    "cut png": cut_png,
    "png text": png_text,
    "wide tiff": wide_tiff,
    "pages": many_pages,
    "webp": wide_webp,
}


def _nifti(path: Path, shape: tuple[int, ...], content: bytes = b"", offset: float = 352.0) -> Path:
    header = bytearray(352)
    struct.pack_into("<L", header, 0, 348)
    struct.pack_into("<8H", header, 40, len(shape), *shape, *[1] * (7 - len(shape)))
    struct.pack_into("<HH", header, 70, 4, 16)
    struct.pack_into("<8f", header, 76, *[1.0] * 8)
    struct.pack_into("<ff", header, 108, offset, 1.0)
    struct.pack_into("<H", header, 254, 1)
    for row in range(3):
        struct.pack_into("<4f", header, 280 + 16 * row, *[float(row == axis) for axis in range(4)])
    header[344:348] = b"n+1\0"
    path.write_bytes(bytes(header) + content)
    return path


def wide_nifti(folder: Path) -> Path:
    """32,767 voxels in every direction."""
    return _nifti(folder / "wide.nii", (32767, 32767, 32767))


def short_nifti(folder: Path) -> Path:
    """1,000 x 1,000 x 900 voxels declared, none there."""
    return _nifti(folder / "short.nii", (1000, 1000, 900))


def gzipped_nifti(folder: Path) -> Path:
    """1,000 x 1,000 x 900 voxels declared, a gzip stream that ends a third before."""
    plain = _nifti(folder / "plain.nii", (1000, 1000, 900))
    path = folder / "short.nii.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()) + gzip.compress(bytes(1 << 20)) * 1100)
    plain.unlink()
    return path


def far_nifti(folder: Path) -> Path:
    """A small volume that begins after a gigabyte of zeros in a gzip stream."""
    plain = _nifti(folder / "plain.nii", (10, 10, 10), offset=1e9)
    path = folder / "far.nii.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()) + gzip.compress(bytes(1 << 20)) * 950)
    plain.unlink()
    return path


VOLUMES: dict[str, Maker] = {
    "wide": wide_nifti,
    "short": short_nifti,
    "gzip": gzipped_nifti,
    "far": far_nifti,
}
