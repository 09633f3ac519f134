"""Compressed pixels as the file keeps them: items of fragments, joined to one bytes per frame."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

ITEM = b"\xfe\xff\x00\xe0"
_END = b"\xfe\xff\xdd\xe0"
# Writers cut streams into pieces of kilobytes; half of what these allow is never seen.
_FREE_FRAGMENTS, _FRAGMENTS_PER_FRAME, _BYTES_PER_FRAGMENT = 10_000, 4, 256


# What codestreams begin with, and a transfer syntax whose decoders take them: JPEG and JPEG-LS,
# JPEG 2000 bare and in a JP2 file, JPEG XL bare and in its container.
_STREAMS = {
    b"\xff\xd8\xff": "1.2.840.10008.1.2.4.70",
    b"\xff\x4f\xff\x51": "1.2.840.10008.1.2.4.90",
    b"\0\0\0\x0cjP  ": "1.2.840.10008.1.2.4.90",
    b"\xff\x0a": "1.2.840.10008.1.2.4.110",
    b"\0\0\0\x0cJXL ": "1.2.840.10008.1.2.4.110",
}
_RLE, _RLE_HEADER_BYTES = "1.2.840.10008.1.2.5", 64


class DamagedFragments(ValueError):
    """The items do not follow PS3.5 A.4, or hold fewer frames than are declared."""


def stream_syntax(start: bytes) -> str | None:
    """A transfer syntax for the compressed frame that begins with these bytes; None where they
    are none."""
    for mark, syntax in _STREAMS.items():
        if start.startswith(mark):
            return syntax
    if len(start) >= _RLE_HEADER_BYTES:
        segments, first = struct.unpack_from("<2L", start)
        if 1 <= segments <= 15 and first == _RLE_HEADER_BYTES:
            return _RLE
    return None


def read_fragments(
    file: BinaryIO, end: int, frames: int = 1
) -> tuple[list[int], list[bytes], list[int]]:
    """Read all items from the current position to the sequence delimiter or `end`.

    Returns
    -------
    The basic offset table (possibly empty), the fragments, and for each fragment its offset from
    the first fragment's item tag, which is what offset tables count. Writers have left out the
    table's item, which must be there even without a table, and all items of a single frame.
    """
    table: list[int] = []
    fragments: list[bytes] = []
    offsets: list[int] = []
    first_item: int | None = None
    most = _FREE_FRAGMENTS + _FRAGMENTS_PER_FRAME * frames
    most += max(0, end - file.tell()) // _BYTES_PER_FRAGMENT
    is_table = True
    while True:
        at = file.tell()
        head = file.read(8)
        if head[:4] == _END or ((at >= end or not head.strip(b"\0")) and fragments):
            break
        if is_table and frames == 1 and head[:4] != ITEM:
            whole = head + file.read(max(0, end - at - len(head)))
            if stream_syntax(whole[:_RLE_HEADER_BYTES]) is not None:
                return table, [whole], [0]
        if head[:4] != ITEM or len(head) < 8:
            raise DamagedFragments("an item of compressed pixels does not begin where it should")
        (length,) = struct.unpack("<L", head[4:])
        if length > end - file.tell():
            raise DamagedFragments("a fragment of compressed pixels is cut off")
        value = file.read(length)
        if is_table:
            is_table = False
            if stream_syntax(value[:_RLE_HEADER_BYTES]) is None:
                if length % 4 == 0:
                    table = list(struct.unpack(f"<{length // 4}L", value))
                continue
        first_item = at if first_item is None else first_item
        if len(fragments) >= most:
            raise DamagedFragments(f"{most} fragments are more than its frames can be cut into")
        fragments.append(value)
        offsets.append(at - first_item)
    if not any(fragments):
        raise DamagedFragments("there are no compressed pixels")
    return table, fragments, offsets


def end_of_fragments(file: BinaryIO, end: int) -> int:
    """Where the items that begin at the current position end, their delimiter left out.

    Raises
    ------
    DamagedFragments
        What follows is no item, an item is cut off, or there are too many.
    """
    left = _FREE_FRAGMENTS + max(0, end - file.tell()) // _BYTES_PER_FRAGMENT
    while True:
        at = file.tell()
        head = file.read(8)
        if head[:4] == _END or not head.strip(b"\0"):
            return at
        length = int.from_bytes(head[4:], "little")
        if head[:4] != ITEM or length > end - file.tell():
            raise DamagedFragments("a fragment of compressed pixels is cut off")
        left -= 1
        if left < 0:
            raise DamagedFragments("there are more fragments than a picture can be cut into")
        file.seek(length, 1)


def join_frames(
    frames: int,
    table: Sequence[int],
    fragments: Sequence[bytes],
    offsets: Sequence[int],
    extended_table: Sequence[int] = (),
) -> list[bytes]:
    """One bytes object per frame.

    One fragment a frame needs no table, and tables are known to lie, so that case comes first.
    Then a table that points at fragments; without one, JPEG-type streams show where they end.
    """
    if len(fragments) == frames:
        return list(fragments)
    if frames == 1:
        return [b"".join(fragments)]
    places = {offset: place for place, offset in enumerate(offsets)}
    for starts in (extended_table, table):
        if len(starts) == frames and places.keys() >= set(starts) and starts[0] == 0:
            bounds = [places[start] for start in starts] + [len(fragments)]
            if all(a < b for a, b in zip(bounds, bounds[1:], strict=False)):
                return [b"".join(fragments[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]
    joined: list[bytes] = []
    pending: list[bytes] = []
    for fragment in fragments:
        pending.append(fragment)
        # EOI or EOC, perhaps followed by padding.
        if b"\xff\xd9" in fragment[-10:]:
            joined.append(b"".join(pending))
            pending = []
    if len(joined) < frames:
        raise DamagedFragments(
            f"{frames} frames are declared, {max(len(joined), 1)} can be told apart"
        )
    return joined[:frames]
