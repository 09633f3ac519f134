"""Stored pixel values of a file: the one door to every kind of pixel data."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import UnreadableFile, UnsupportedImage
from mediassist.core.messages import say
from mediassist.dicom import syntaxes
from mediassist.dicom.guard import DecodingRequest, shared_decoder
from mediassist.dicom.header import DicomHeader, PixelElement, read_header
from mediassist.dicom.layout import pixel_layout
from mediassist.dicom.native import read_native
from mediassist.dicom.pixel_coding import true_syntax
from mediassist.dicom.pixel_layout import PixelLayout


@dataclass(frozen=True, slots=True)
class StoredPixels:
    """Frames as stored, shape (frames, rows, columns[, 3]).

    `photometric` is the colour space that the values are in now: a decoder may have undone the
    colour transform of its own codec (JPEG 2000 gives RGB for YBR_RCT). `is_cut` says that the
    compressed stream ended early and its decoder made up the rest.
    """

    values: NDArray[Any]
    layout: PixelLayout
    photometric: str
    is_cut: bool = False


def load_pixels(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Stored values of every frame, before any look-up table or colour transform.

    Returns
    -------
    (frames, rows, columns), or (frames, rows, columns, 3) for colour; the frame axis is always
    there. The type is that of Bits Allocated and Pixel Representation, in native byte order;
    single bits become one byte each.

    Raises
    ------
    WrongUsage
        The path does not exist.
    UnreadableFile
        Not DICOM, no pixels, or damaged.
    UnsupportedImage
        Sound, but coded in a way that is not decoded here (video, for example).
    LimitExceeded
        More time or memory would be needed than the picture's size can explain.

    Notes
    -----
    A JPEG that was cut off gives what every decoder makes of it, the missing part in grey. All
    that shows or judges pictures (`load_frame`, `load_volume`) refuses it.
    """
    return read_pixels(read_header(Path(path)), whole=False).values


def read_pixels(
    header: DicomHeader,
    first: int = 0,
    count: int | None = None,
    *,
    lowered: bool = False,
    whole: bool = True,
) -> StoredPixels:
    """Frames `first` to `first + count` (default: all) of a file whose header has been read.

    `lowered` heeds High Bit in uncompressed pixels (see `read_native`); `whole` refuses pictures
    of which a part was made up.
    """
    layout = pixel_layout(header)
    wanted = layout.frames - first if count is None else count
    if first < 0 or wanted < 1 or first + wanted > layout.frames:
        raise UnreadableFile(
            say(
                "frame_missing",
                "{path} has {frames} frames; frame {frame} does not exist.",
                path=str(header.path),
                frames=layout.frames,
                frame=first + max(wanted, 1),
            )
        )
    try:
        stored = _read(header, layout, first, wanted, lowered)
    except (OSError, MemoryError, struct.error, zlib.error) as error:
        raise UnreadableFile(
            say(
                "pixels_unreadable",
                "{path}: the pixels cannot be read ({reason}).",
                path=str(header.path),
                reason=str(error) or type(error).__name__,
            )
        ) from error
    if whole and stored.is_cut:
        raise UnreadableFile(
            say(
                "picture_cut_off",
                "{path}: the compressed picture is cut off; its lower part is missing.",
                path=str(header.path),
            )
        )
    return stored


def _read(
    header: DicomHeader, layout: PixelLayout, first: int, count: int, lowered: bool
) -> StoredPixels:
    assert header.pixels is not None  # noqa: S101  (pixel_layout refuses files without)
    syntax = true_syntax(header, layout)
    if syntax in syntaxes.NATIVE:
        return _read_native(header, layout, first, count, lowered)
    if syntax not in syntaxes.DECODED:
        raise UnsupportedImage(
            say(
                "syntax_unsupported",
                "{path} is compressed as {syntax}, which MediAssist does not decode.",
                path=str(header.path),
                syntax=syntaxes.name(syntax),
            )
        )
    request = DecodingRequest(
        path=header.path,
        offset=header.pixels.offset,
        end=_end(header.size, header.pixels),
        syntax=syntax,
        layout=layout,
        first=first,
        count=count,
        extended_table=_extended_offset_table(header),
    )
    decoded = shared_decoder().decode(request)
    photometric = decoded.photometric or layout.photometric
    return StoredPixels(decoded.values, layout, photometric, decoded.is_cut)


def _read_native(
    header: DicomHeader, layout: PixelLayout, first: int, count: int, lowered: bool
) -> StoredPixels:
    frames = read_native(header, layout, first, count, lowered=lowered)
    photometric = layout.photometric
    if photometric in ("YBR_FULL_422", "YBR_PARTIAL_422"):
        photometric = photometric.removesuffix("_422")
    return StoredPixels(frames, layout, photometric)


def _end(size: int, pixels: PixelElement) -> int:
    """Where compressed pixels end at the latest; a length is not foreseen, and is written."""
    return size if pixels.length is None else min(size, pixels.offset + pixels.length)


def _extended_offset_table(header: DicomHeader) -> tuple[int, ...]:
    """Extended Offset Table (7FE0,0001): 64-bit offsets, for frames beyond 4 GiB."""
    from mediassist.dicom.values import raw_bytes

    raw = raw_bytes(header.dataset, "ExtendedOffsetTable")
    if not raw or len(raw) % 8:
        return ()
    return tuple(int(offset) for offset in np.frombuffer(raw, "<u8"))
