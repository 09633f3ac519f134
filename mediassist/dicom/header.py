"""Read the header of a file, without its pixels, whatever shape the file is in.

`pydicom.dcmread(force=True)` takes HTML, PNG and cut files for data sets without a word, so the
first elements are checked before anything is believed. Time and memory stay bounded: the header
is parsed from the first bytes of the file, reads are clamped to the file's size, and of a
deflated data set only the first bytes are inflated.
"""

from __future__ import annotations

import io
import re
import struct
import time
import warnings
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from pydicom import config as pydicom_config
from pydicom.dataset import Dataset, FileDataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag

from mediassist.core.errors import LimitExceeded, UnreadableFile, UnsupportedImage, WrongUsage
from mediassist.core.messages import say
from mediassist.dicom import values
from mediassist.dicom.deflated import MOST_GROWTH, DeflatedData, open_deflated
from mediassist.dicom.plain_header import (
    HeaderCutError,
    PlainHeader,
    TooManyElementsError,
    parse_plain,
)
from mediassist.dicom.recognition import (
    LONG_VRS,
    has_elements,
    looks_like_elements,
    no_dicom,
    start_of_data,
)
from mediassist.dicom.values import CONVERSION_ERRORS

# Values are judged by mediassist.dicom.values; pydicom's remarks would only repeat it on stderr.
pydicom_config.settings.reading_validation_mode = pydicom_config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom(\..*)?$")

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"

PIXEL_TAGS = {
    0x7FE00010: "PixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00008: "FloatPixelData",
}

_FIRST_READ_BYTES = 32 * 1024
# What the quick way may have of a file; nearly all headers are in the first read.
_LONGER_READS_BYTES = (512 * 1024, 64 * 1024**2)
# Processor time of the reading thread: a busy computer makes no file fail.
_PARSE_LIMIT_SECONDS = 1.2
# What is left to pydicom costs about three reads and 600 bytes of memory an element.
_READ_LIMIT = 500_000
_TOP_LEVEL_LIMIT = 50_000
# Larger values stay in the file and count as absent: nothing in a header is that long.
_VALUE_LIMIT_BYTES = 64 * 1024**2
_HEADER_LIMIT_BYTES = 192 * 1024**2
_UNDEFINED = 0xFFFFFFFF
_TRANSFER_SYNTAX = re.compile(rb"\x02\x00\x10\x00UI..([0-9.]+[\0 ]?)", re.DOTALL)
_EMPTY_ITEM = b"\xfe\xff\x00\xe0\0\0\0\0"
_EMPTY_ITEMS_LIMIT, _LOOKED_AT_BYTES = 50_000, 32 * 1024**2


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixels lie: `offset` of the value in the file, `length` None where undefined."""

    keyword: str
    vr: str
    offset: int
    length: int | None


@dataclass(frozen=True, slots=True)
class DicomHeader:
    """All elements before the pixels.

    `deflated` inflates the data set of a deflated file; offsets and `size` then count in what it
    gives, and `size` is an upper bound.
    """

    path: Path
    dataset: Dataset
    transfer_syntax_uid: str
    little_endian: bool
    size: int
    pixels: PixelElement | None = None
    deflated: DeflatedData | None = None


def read_header(path: Path) -> DicomHeader:
    """Parse a file up to its pixels.

    Raises
    ------
    WrongUsage
        The path does not exist.
    UnreadableFile
        Not a DICOM file, or too damaged to be read.
    LimitExceeded
        Reading would take more time or memory than a file may have.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            return _read(path, cast(BinaryIO, file), size)
    except FileNotFoundError as error:
        raise WrongUsage(say("path_missing", "{path} does not exist.", path=str(path))) from error
    except RecursionError as error:
        raise UnreadableFile(
            say("nested_too_deep", "{path}: sequences are nested too deep.", path=str(path))
        ) from error
    except zlib.error as error:
        raise UnreadableFile(
            say(
                "deflate_damaged",
                "{path}: the deflated data set is damaged ({reason}).",
                path=str(path),
                reason=str(error),
            )
        ) from error
    except (MemoryError, *CONVERSION_ERRORS) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise UnreadableFile(
                say(
                    "file_unreadable",
                    "{path} cannot be read ({reason}).",
                    path=str(path),
                    reason=error.strerror or str(error),
                )
            ) from error
        raise UnreadableFile(
            say(
                "header_damaged",
                "{path}: the header is damaged ({reason}).",
                path=str(path),
                reason=_reason(error),
            )
        ) from error


def _reason(error: BaseException) -> str:
    first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return first_line[:200]


def _read(path: Path, file: BinaryIO, size: int) -> DicomHeader:
    start = file.read(_FIRST_READ_BYTES)
    offset = start_of_data(start)
    if offset is None:
        raise no_dicom(start, str(path))
    offset, deflated_at = _after_the_meta(start, offset)
    if deflated_at is not None:
        return _read_deflated(path, deflated_at, start[offset:deflated_at], size)
    stop = _StopAtPixels(path)
    whole = len(start) == size
    plain = _plain(file, start, size, path) if offset == 0 else None
    if plain is not None and (plain.stopped_at is None or plain.position + 12 <= size):
        stop.tag = plain.stopped_at
        file.seek(plain.position)
        return _header(path, plain.dataset, file, stop, 0, size, None)
    buffer: BinaryIO = io.BytesIO(start[offset:])
    dataset = _parse(buffer, stop, tolerate=not whole)
    if not whole and (dataset is None or not _stopped_inside(buffer, stop, len(start) - offset)):
        _refuse_endless_items(file, path)
        buffer = cast(BinaryIO, _ClampedFile(file, offset, size, path))
        stop = _StopAtPixels(path)
        dataset = _parse(buffer, stop, tolerate=False)
    assert dataset is not None  # noqa: S101  (without tolerance _parse raises or returns)
    return _header(path, dataset, buffer, stop, offset, size, None)


def _plain(file: BinaryIO, start: bytes, size: int, path: Path) -> PlainHeader | None:
    """The quick way, with as many bytes of the file as it asks for."""
    try:
        for longer in (*_LONGER_READS_BYTES, 0):
            try:
                return parse_plain(start, len(start) == size, PIXEL_TAGS)
            except HeaderCutError as cut:
                if cut.needed > min(size, _LONGER_READS_BYTES[-1]) or longer <= len(start):
                    return None
                file.seek(0)
                start = file.read(longer if cut.needed <= longer else _LONGER_READS_BYTES[-1])
    except TooManyElementsError:
        raise _too_many_elements(path) from None
    return None


def _header(
    path: Path,
    dataset: Dataset,
    buffer: BinaryIO,
    stop: _StopAtPixels,
    offset: int,
    size: int,
    deflated: DeflatedData | None,
) -> DicomHeader:
    syntax = values.code(dataset.file_meta, "TransferSyntaxUID")
    if len(dataset) == 0 and stop.tag is None:
        raise UnreadableFile(say("no_elements", "{path} holds no data elements.", path=str(path)))
    implicit, little = dataset.original_encoding
    pixels = None
    if stop.tag is not None:
        pixels = _pixel_element(buffer, stop.tag, bool(little), offset, path)
    if not syntax:
        syntax = IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE if little else EXPLICIT_BIG
        if pixels is not None and pixels.length is None:
            raise UnsupportedImage(
                say(
                    "syntax_unknown",
                    "{path}: the pixels are compressed, but the file does not say how.",
                    path=str(path),
                )
            )
    return DicomHeader(path, dataset, syntax, bool(little), size, pixels, deflated)


class _StopAtPixels:
    """pydicom's stop condition that remembers where it stopped, and counts elements."""

    def __init__(self, path: Path) -> None:
        self.tag: int | None = None
        self._path = path
        self._count = 0

    def __call__(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        self._count += 1
        if self._count > _TOP_LEVEL_LIMIT:
            raise _too_many_elements(self._path)
        if int(tag) in PIXEL_TAGS:
            self.tag = int(tag)
            return True
        return False


def _parse(buffer: BinaryIO, stop: _StopAtPixels, tolerate: bool) -> FileDataset | None:
    """Parse with pydicom; with `tolerate`, None where a cut buffer may be the reason of failure."""
    try:
        return read_partial(buffer, stop_when=stop, defer_size=_VALUE_LIMIT_BYTES, force=True)
    except (MemoryError, zlib.error, *CONVERSION_ERRORS):
        if tolerate:
            return None
        if isinstance(buffer, _ClampedFile) and buffer.refusal is not None:
            # pydicom makes errors of its own out of whatever a read raises.
            raise buffer.refusal from None
        raise


def _refuse_endless_items(file: BinaryIO, path: Path) -> None:
    """Refuse a header that is made of empty items: each costs pydicom some 10 microseconds."""
    file.seek(0)
    count = file.read(_LOOKED_AT_BYTES).count(_EMPTY_ITEM)
    if count > _EMPTY_ITEMS_LIMIT:
        raise _too_many_elements(path)


def _stopped_inside(buffer: BinaryIO, stop: _StopAtPixels, length: int) -> bool:
    return stop.tag is not None and buffer.tell() + 12 <= length


def _pixel_element(
    buffer: BinaryIO, tag: int, little: bool, offset: int, path: Path
) -> PixelElement:
    """Read the element header at the pixels, explicit or implicit as its bytes say."""
    position = buffer.tell()
    head = buffer.read(12)
    order = "<" if little else ">"
    if len(head) >= 12 and head[4:6] in (b"OB", b"OW", b"OF", b"OD", b"UN", b"OL", b"OV"):
        vr = head[4:6].decode("ascii")
        length = struct.unpack(f"{order}L", head[8:12])[0]
        value = position + 12
    elif len(head) >= 8:
        vr = "OW"
        length = struct.unpack(f"{order}L", head[4:8])[0]
        value = position + 8
    else:
        raise UnreadableFile(
            say("pixels_cut_off", "{path} ends where its pixels should begin.", path=str(path))
        )
    known_length = None if length == _UNDEFINED else int(length)
    return PixelElement(PIXEL_TAGS[tag], vr, value + offset, known_length)


class _ClampedFile:
    """A file that pretends to begin at `offset` and never asks for more bytes than it has.

    Damaged lengths would otherwise make Python allocate up to 4 GiB for one read. The deadline
    stops files that were made of millions of elements.
    """

    def __init__(self, file: BinaryIO, offset: int, size: int, path: Path) -> None:
        self._file = file
        self._offset = offset
        self._size = size
        self._path = path
        self._deadline = time.thread_time() + _PARSE_LIMIT_SECONDS
        self._reads = 0
        self._bytes_left = _HEADER_LIMIT_BYTES
        self.refusal: LimitExceeded | None = None
        self.name = str(path)
        file.seek(offset)

    def read(self, count: int = -1) -> bytes:
        left = max(0, self._size - self._file.tell())
        count = left if count < 0 else min(count, left)
        self._reads += 1
        self._bytes_left -= count
        if self._reads > _READ_LIMIT or self._bytes_left < 0:
            self.refusal = _too_many_elements(self._path)
        elif self._reads % 64 == 0 and time.thread_time() > self._deadline:
            self.refusal = LimitExceeded(
                say(
                    "header_too_slow",
                    "{path}: the header takes longer than {seconds} s to read.",
                    path=str(self._path),
                    seconds=_PARSE_LIMIT_SECONDS,
                )
            )
        if self.refusal is not None:
            raise self.refusal
        return self._file.read(count)

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            position += self._offset
        return self._file.seek(position, whence) - self._offset

    def tell(self) -> int:
        return self._file.tell() - self._offset


def _too_many_elements(path: Path) -> LimitExceeded:
    return LimitExceeded(
        say(
            "header_too_many",
            "{path}: the header has more elements than any real file.",
            path=str(path),
        )
    )


def _after_the_meta(start: bytes, offset: int) -> tuple[int, int | None]:
    """Where parsing begins, and where a deflated data set does (None if it is not deflated).

    The file meta is passed over where its transfer syntax has the wrong byte order, or calls a
    plain data set deflated: the data set tells what it is.
    """
    match = _TRANSFER_SYNTAX.search(start[: offset + 4096], offset)
    data_at = _end_of_meta(start, offset)
    if not match or data_at is None or match.start() > data_at:
        return offset, None
    syntax = match[1].rstrip(b"\0 ").decode("ascii", "replace")
    first = start[data_at : data_at + 2]
    if syntax in (DEFLATED, EXPLICIT_BIG):
        contradicts = first == b"\x08\x00" and looks_like_elements(start, data_at)
    else:
        contradicts = first == b"\x00\x08" and has_elements(start, data_at, ">", True)
    if contradicts:
        return data_at, None
    return offset, data_at if syntax == DEFLATED else None


def _end_of_meta(start: bytes, offset: int) -> int | None:
    position = offset + (132 if start[offset + 128 : offset + 132] == b"DICM" else 0)
    while start[position : position + 2] == b"\x02\x00":
        vr = start[position + 4 : position + 6]
        long_form = vr in LONG_VRS
        field = (
            start[position + 8 : position + 12] if long_form else start[position + 6 : position + 8]
        )
        if len(field) < (4 if long_form else 2):
            return None
        position += (12 if long_form else 8) + int.from_bytes(field, "little")
    return position


def _read_deflated(path: Path, position: int, meta: bytes, size: int) -> DicomHeader:
    deflated = open_deflated(path, position)
    # The data set is parsed as what it is once inflated: Explicit VR Little Endian.
    plain_meta = meta.replace(b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.1\0\0\0")
    for limit in (_FIRST_READ_BYTES, _LONGER_READS_BYTES[-1]):
        head, whole = deflated.head(limit)
        if not looks_like_elements(head, 0):
            raise zlib.error("it holds no data elements")
        found = _parse_inflated(path, plain_meta + head, whole)
        if found is not None:
            break
    else:
        raise LimitExceeded(
            say(
                "inflates_too_far",
                "{path} inflates to more than {limit} MB.",
                path=str(path),
                limit=_LONGER_READS_BYTES[-1] >> 20,
            )
        )
    dataset, stop, buffer = found
    header = _header(path, dataset, buffer, stop, -len(plain_meta), size, deflated)
    length = len(head) if whole else MOST_GROWTH * size
    if not whole and header.pixels is not None and header.pixels.length is not None:
        length = min(length, header.pixels.offset + header.pixels.length)
    return replace(header, transfer_syntax_uid=DEFLATED, little_endian=True, size=length)


def _parse_inflated(
    path: Path, data: bytes, whole: bool
) -> tuple[Dataset, _StopAtPixels, BinaryIO] | None:
    """The header in the first bytes of an inflated file; None where it goes on behind them."""
    stop = _StopAtPixels(path)
    buffer: BinaryIO = io.BytesIO(data)
    try:
        plain = parse_plain(data, whole, PIXEL_TAGS)
    except TooManyElementsError:
        raise _too_many_elements(path) from None
    except HeaderCutError:
        plain = None
    if plain is not None and (plain.stopped_at is None or plain.position + 12 <= len(data)):
        stop.tag = plain.stopped_at
        buffer.seek(plain.position)
        return plain.dataset, stop, buffer
    clamped = cast(BinaryIO, _ClampedFile(buffer, 0, len(data), path))
    dataset = _parse(clamped, stop, tolerate=not whole)
    if not whole and (dataset is None or not _stopped_inside(buffer, stop, len(data))):
        return None
    assert dataset is not None  # noqa: S101  (without tolerance _parse raises or returns)
    return dataset, stop, buffer
