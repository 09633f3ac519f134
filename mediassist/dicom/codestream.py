"""What a compressed stream says of itself: size and depth, read before any decoder runs.

A stream that declares 60000 x 60000 under a header of 512 x 512 is damaged or made to do harm;
decoders would allocate first and fail later.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

# Start-of-frame markers; C4, C8 and CC are tables and extensions. F7 is JPEG-LS.
_FRAME_MARKERS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}


_END_OF_CODESTREAM = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class StreamSize:
    """`process` is the JPEG start-of-frame marker (0xC0...) or 0 for JPEG 2000."""

    rows: int
    columns: int
    samples: int
    precision: int
    process: int
    signed: bool = False


def stream_size(stream: bytes) -> StreamSize | None:
    """Size of a JPEG, JPEG-LS or JPEG 2000 stream; None for anything else."""
    if stream[:2] == b"\xff\xd8":
        return _jpeg_size(stream)
    if stream[:4] == b"\xff\x4f\xff\x51":
        return _jpeg2000_size(stream, 4)
    if stream[4:8] == b"jP  ":
        start = stream.find(b"\xff\x4f\xff\x51", 0, 4096)
        return _jpeg2000_size(stream, start + 4) if start >= 0 else None
    return None


def _jpeg_size(stream: bytes) -> StreamSize | None:
    position = 2
    while position + 9 < len(stream):
        if stream[position] != 0xFF:
            return None
        marker = stream[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            position += 2
            continue
        if marker in _FRAME_MARKERS:
            precision, rows, columns, samples = struct.unpack(
                ">BHHB", stream[position + 4 : position + 10]
            )
            return StreamSize(rows, columns, samples, precision, marker)
        position += 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
    return None


def _jpeg2000_size(stream: bytes, position: int) -> StreamSize | None:
    segment = stream[position : position + 39]
    if len(segment) < 39:
        return None
    width, height, left, top = struct.unpack(">4L", segment[4:20])
    samples = int.from_bytes(segment[36:38], "big")
    depth = segment[38]
    return StreamSize(
        height - top, width - left, samples, (depth & 0x7F) + 1, 0, signed=bool(depth & 0x80)
    )


def jpeg2000_ends_early(stream: bytes) -> bool:
    """Whether tiles of a JPEG 2000 stream are missing or cut off (ISO 15444-1 A.4.2).

    Each tile-part tells its length; without one (0) it goes to the end of the stream.
    """
    start = stream.find(b"\xff\x4f\xff\x51", 0, 4096)
    sizes = stream[start + 6 : start + 42]
    if start < 0 or len(sizes) < 36:
        return True
    x1, y1, _, _, width, height, x0, y0 = struct.unpack(">8L", sizes[2:34])
    if not width or not height:
        return True
    tiles = -(-(x1 - x0) // width) * -(-(y1 - y0) // height)
    position, seen = stream.find(b"\xff\x90\x00\x0a", start), set()
    while position >= 0 and stream[position : position + 4] == b"\xff\x90\x00\x0a":
        index, length = struct.unpack(">HL", stream[position + 4 : position + 10])
        seen.add(index)
        position = position + length if length else len(stream)
        if position > len(stream):
            return True
    left = stream[max(position, 0) : position + 2]
    return len(seen) < tiles or left not in (b"", b"\0", _END_OF_CODESTREAM)
