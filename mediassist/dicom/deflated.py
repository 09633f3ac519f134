"""Data sets that are deflated as a whole (PS3.5 A.5): inflated as far as somebody reads them.

A deflate stream may grow a thousandfold. The header is looked for in the first bytes only, and of
the pixels just those are kept that belong to the picture, so a bomb costs what a picture of its
declared size costs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# No deflate stream grows more (RFC 1951: 258 bytes for two bits).
MOST_GROWTH = 1032
_CHUNK_BYTES = 1 << 20
_KEPT_BYTES = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class DeflatedData:
    """The data set behind the file meta of `path`, whose stream begins at `position`.

    `wbits` is zlib's word for what the stream is wrapped in.
    """

    path: Path
    position: int
    wbits: int

    def chunks(self) -> Iterator[bytes]:
        """The inflated bytes in pieces of at most 1 MB.

        Raises
        ------
        zlib.error
            Damaged, or cut off before its end.
        """
        inflater = zlib.decompressobj(self.wbits)
        with self.path.open("rb") as file:
            file.seek(self.position)
            pending = b""
            while not inflater.eof:
                pending = pending or file.read(_CHUNK_BYTES)
                piece = inflater.decompress(pending, _CHUNK_BYTES)
                if not pending and not piece:
                    raise zlib.error("the compressed stream is cut off")
                pending = inflater.unconsumed_tail
                if piece:
                    yield piece

    def head(self, limit: int) -> tuple[bytes, bool]:
        """The first bytes, at most about `limit`, and whether they are all there are."""
        found = bytearray()
        for chunk in self.chunks():
            found += chunk
            if len(found) >= limit:
                return bytes(found), False
        return bytes(found), True

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes from `start` on, `length` of them or fewer where the data set ends before."""
        at = 0
        for chunk in self.chunks():
            piece = chunk[max(0, start - at) : start + length - at]
            at += len(chunk)
            if piece:
                yield piece
            if at >= start + length:
                return

    def read(self, start: int, length: int) -> NDArray[np.uint8]:
        """As `pieces`, in one array that can be written to."""
        found = np.empty(length, np.uint8)
        filled = 0
        for piece in self.pieces(start, length):
            found[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
        return found[:filled]

    def read_part(self, whole: range, start: int, length: int) -> NDArray[np.uint8]:
        """As `read`, of one part of the bytes `whole`, whose other parts will be asked for too.

        A clip is shown frame by frame; what is inflated for its first frame is kept for the
        others, unless it is very long.
        """
        if length >= len(whole) or len(whole) > _KEPT_BYTES:
            return self.read(start, length)
        status = self.path.stat()
        kept = _kept(self, whole.start, len(whole), status.st_mtime_ns, status.st_size)
        return kept[start - whole.start :][:length].copy()


@lru_cache(maxsize=1)
def _kept(
    data: DeflatedData, start: int, length: int, modified_ns: int, size: int
) -> NDArray[np.uint8]:
    return data.read(start, length)


def open_deflated(path: Path, position: int) -> DeflatedData:
    """Find out whether the stream is raw, as PS3.5 A.5 asks, or has the header of zlib.

    Raises
    ------
    zlib.error
        It is neither.
    """
    with path.open("rb") as file:
        file.seek(position)
        first = file.read(2)
    has_zlib_header = len(first) == 2 and first[0] & 0x0F == 8 and first[0] >> 4 <= 7
    has_zlib_header = has_zlib_header and int.from_bytes(first, "big") % 31 == 0
    raw = DeflatedData(path, position, -zlib.MAX_WBITS)
    try:
        next(raw.chunks(), b"")
    except zlib.error:
        if not has_zlib_header:
            raise
        return DeflatedData(path, position, zlib.MAX_WBITS)
    return raw
