"""Streams that grow a thousandfold, made without making what they grow to."""

from __future__ import annotations

import zlib


def zeros_deflated(megabytes: int, start: bytes = b"") -> bytes:
    """A raw deflate stream of `start` and zeros: one block, compressed once and repeated."""
    head = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    repeated = block.compress(bytes(1 << 20)) + block.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return head.compress(start) + head.flush(zlib.Z_FULL_FLUSH) + repeated * megabytes + end
