"""How pixels are really coded: a transfer syntax is what a file says of itself, and archives that
pack or unpack pictures forget to change it.

Only what cannot be mistaken is believed against the file's word: items of fragments begin with
their tag, codestreams with their mark, and uncompressed pixels are exactly as long as the picture
needs.
"""

from __future__ import annotations

from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say
from mediassist.dicom import syntaxes
from mediassist.dicom.encapsulation import ITEM, stream_syntax
from mediassist.dicom.header import EXPLICIT_LITTLE, DicomHeader
from mediassist.dicom.native import native_bytes
from mediassist.dicom.pixel_layout import PixelLayout

_PEEK_BYTES = 4096
_LONGEST_TABLE = 64 * 1024**2


def true_syntax(header: DicomHeader, layout: PixelLayout) -> str:
    """The transfer syntax that fits the pixels; the stated one unless they contradict it.

    Raises
    ------
    UnreadableFile
        They contradict it, and do not show what they are.
    """
    stated, pixels = header.transfer_syntax_uid, header.pixels
    assert pixels is not None  # noqa: S101  (pixel_layout refuses files without)
    if stated in syntaxes.NATIVE:
        if pixels.length is not None:
            return stated
        return _first_stream(header) or stated  # `read_native` says that the length is missing
    if pixels.length is None:
        return stated
    start = _bytes_at(header, pixels.offset, _PEEK_BYTES)
    if start[:4] == ITEM:
        return stated
    found = stream_syntax(start)
    if found is not None and layout.frames == 1:
        return stated if stated in syntaxes.DECODED else found
    if pixels.length in (needed := native_bytes(layout), needed + 1):
        return EXPLICIT_LITTLE
    raise UnreadableFile(
        say(
            "compressed_with_length",
            "{path} declares {syntax}, but its pixels are not compressed.",
            path=str(header.path),
            syntax=syntaxes.name(stated),
        )
    )


def _first_stream(header: DicomHeader) -> str | None:
    """What the first fragment is, or the second where the first is an offset table."""
    assert header.pixels is not None  # noqa: S101
    at = header.pixels.offset
    for _ in range(2):
        start = _bytes_at(header, at, _PEEK_BYTES)
        if start[:4] != ITEM:
            return None
        found = stream_syntax(start[8:])
        if found is not None:
            return found
        length = int.from_bytes(start[4:8], "little")
        if length > _LONGEST_TABLE:
            return None
        at += 8 + length
    return None


def _bytes_at(header: DicomHeader, offset: int, length: int) -> bytes:
    if header.deflated is not None:
        return b""  # the data set is deflated, its pixels are not compressed
    with header.path.open("rb") as file:
        file.seek(offset)
        return file.read(length)
