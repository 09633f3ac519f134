"""Uncompressed pixels: lengths are checked first, then the bytes become an array directly."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import UnreadableFile, UnsupportedImage
from mediassist.core.messages import say
from mediassist.dicom import syntaxes
from mediassist.dicom.header import DicomHeader
from mediassist.dicom.pixel_layout import PixelLayout, drop_unused_bits


def read_native(
    header: DicomHeader,
    layout: PixelLayout,
    first: int = 0,
    count: int | None = None,
    *,
    lowered: bool = False,
) -> NDArray[Any]:
    """Stored values of frames `first` to `first + count`, shape (count, rows, columns[, 3]).

    `lowered` brings values down that stand in the upper bits (High Bit above Bits Stored - 1,
    retired). Most decoders ignore High Bit, and so does `load_pixels`; the display chain does not.

    Raises
    ------
    UnreadableFile
        The file holds fewer bytes than the declared picture needs; nothing is padded, since an
        invented grey area could pass for anatomy.
    """
    pixels = header.pixels
    if pixels is None or pixels.length is None:
        raise UnreadableFile(
            say(
                "native_without_length",
                "{path}: the pixels have no length although they are declared as uncompressed.",
                path=str(header.path),
            )
        )
    available = max(0, min(pixels.length, header.size - pixels.offset))
    halved = _is_subsampled(layout, available)
    needed = _bytes_needed(layout, layout.frames, halved)
    if available < needed:
        raise UnreadableFile(
            say(
                "pixels_too_short",
                "{path}: the picture of {frames} x {rows} x {columns} needs {needed} bytes of"
                " pixels, the file holds {found}.",
                path=str(header.path),
                frames=layout.frames,
                rows=layout.rows,
                columns=layout.columns,
                needed=needed,
                found=available,
            )
        )
    count = layout.frames - first if count is None else count
    # What follows the picture is none of it.
    header = replace(header, pixels=replace(pixels, length=needed))
    if layout.bits_allocated == 1:
        return _unpack_bits(header, layout, first, count)
    if layout.bits_allocated == 12:
        stored = _unpack_twelve(header, layout, first, count)
    else:
        stored = _stored(header, layout, first, count, halved)
    if halved:
        stored = _spread_chroma(stored)
    shape = (count, *layout.frame_shape)
    if layout.planar and layout.samples == 3:
        planes = stored.reshape(count, layout.samples, layout.rows, layout.columns)
        frames = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    else:
        frames = stored.reshape(shape)
    if not layout.is_float and layout.unused_bits:
        if lowered and layout.high_bit >= layout.bits_stored:
            np.right_shift(frames, layout.high_bit + 1 - layout.bits_stored, out=frames)
        drop_unused_bits(frames, layout.unused_bits)
    return frames


def _is_subsampled(layout: PixelLayout, available: int) -> bool:
    """Whether two pixels share their chroma (YBR_FULL_422); some writers only say so."""
    if layout.photometric not in ("YBR_FULL_422", "YBR_PARTIAL_422") or layout.samples != 3:
        return False
    full = layout.frames * layout.frame_values * layout.dtype.itemsize
    return layout.columns % 2 == 0 and available < full


def native_bytes(layout: PixelLayout) -> int:
    """How long the uncompressed pixels of all frames are."""
    return _bytes_needed(layout, layout.frames, halved=False)


def _bytes_needed(layout: PixelLayout, frames: int, halved: bool) -> int:
    if layout.bits_allocated in (1, 12):
        return (frames * layout.frame_values * layout.bits_allocated + 7) // 8
    samples = 2 if halved else layout.samples
    return frames * layout.rows * layout.columns * samples * layout.dtype.itemsize


def _stored(
    header: DicomHeader, layout: PixelLayout, first: int, count: int, halved: bool
) -> NDArray[Any]:
    is_swapped = header.transfer_syntax_uid == syntaxes.GE_PRIVATE_BIG_ENDIAN_PIXELS
    big = is_swapped or not header.little_endian
    width = layout.dtype.itemsize
    start = _bytes_needed(layout, first, halved)
    length = _bytes_needed(layout, count, halved)
    if big and width == 1 and layout.vr == "OW":
        # 8-bit values written as big-endian words stand swapped in pairs (PS3.5 A.3).
        lead = start % 2
        padded = length + lead
        padded += padded % 2
        words = _bytes(header, start - lead, padded)
        return words.view(np.uint16).byteswap().view(layout.dtype)[lead : lead + length]
    stored = _bytes(header, start, length).view(layout.dtype)
    if width > 1 and big == (sys.byteorder == "little"):
        stored.byteswap(inplace=True)
    return stored


def _bytes(header: DicomHeader, start: int, length: int) -> NDArray[np.uint8]:
    """Bytes from the pixel element; a missing pad byte at the very end reads as zero."""
    assert header.pixels is not None  # noqa: S101  (checked by read_native)
    position = header.pixels.offset + start
    if header.deflated is not None:
        picture = range(header.pixels.offset, header.pixels.offset + (header.pixels.length or 0))
        found = header.deflated.read_part(picture, position, length)
    else:
        with header.path.open("rb") as file:
            found = np.fromfile(file, np.uint8, count=length, offset=position)
    if len(found) == length:
        return found
    if len(found) == length - 1:
        return np.append(found, np.uint8(0))
    if header.deflated is not None:
        raise UnreadableFile(
            say(
                "deflated_too_short",
                "{path}: the deflated data set ends before its picture does.",
                path=str(header.path),
            )
        )
    raise UnreadableFile(
        say("file_shrank", "{path} became shorter while it was read.", path=str(header.path))
    )


def _unpack_bits(
    header: DicomHeader, layout: PixelLayout, first: int, count: int
) -> NDArray[np.uint8]:
    """Bits run on across frame borders without padding (PS3.5 8.1.1), lowest bit first."""
    start = first * layout.frame_values
    stop = (first + count) * layout.frame_values
    packed = _bytes(header, start // 8, (stop + 7) // 8 - start // 8)
    bits = np.unpackbits(packed, bitorder="little")[start % 8 :][: stop - start]
    if layout.planar:
        planes = bits.reshape(count, layout.samples, layout.rows, layout.columns)
        return np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    return bits.reshape(count, *layout.frame_shape)


def _unpack_twelve(
    header: DicomHeader, layout: PixelLayout, first: int, count: int
) -> NDArray[Any]:
    """Two values in three bytes, lowest bits first: the packing of ACR-NEMA and of old DICOM."""
    if not header.little_endian:
        raise UnsupportedImage(
            say(
                "packed_big_endian",
                "{path} packs two values in three bytes in big-endian words, which MediAssist does"
                " not read.",
                path=str(header.path),
            )
        )
    start = 3 * first * layout.frame_values
    stop = start + 3 * count * layout.frame_values
    packed = _bytes(header, start // 2, (stop + 1) // 2 - start // 2)
    halves = np.empty((len(packed), 2), np.uint8)
    np.bitwise_and(packed, 15, out=halves[:, 0])
    np.right_shift(packed, 4, out=halves[:, 1])
    low, middle, high = halves.reshape(-1)[start % 2 :][: stop - start].reshape(-1, 3).T
    values = high.astype(np.uint16)
    for part in (middle, low):
        values <<= 4
        values |= part
    return values.view(layout.dtype)


def _spread_chroma(stored: NDArray[Any]) -> NDArray[Any]:
    """Y1 Y2 Cb Cr -> Y1 Cb Cr, Y2 Cb Cr (PS3.3 C.7.6.3.1.2)."""
    pairs = stored.reshape(-1, 4)
    spread = np.empty((len(pairs), 2, 3), stored.dtype)
    spread[:, 0, 0] = pairs[:, 0]
    spread[:, 1, 0] = pairs[:, 1]
    spread[:, :, 1] = pairs[:, 2:3]
    spread[:, :, 2] = pairs[:, 3:4]
    return spread.reshape(-1)
