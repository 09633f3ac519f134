"""Decode compressed frames. Runs inside the decoding worker only: gdcm aborts on bad streams.

imagecodecs comes first: its libraries (libjpeg-turbo, CharLS, OpenJPEG) hold one copy of the
picture, where gdcm behind pydicom makes four, and take 12-bit and retired JPEG processes, HTJ2K and
JPEG XL too. pydicom's plugins, which are loaded only then, get what it refuses; zlib, RLE and plain
bytes need no codec at all.
"""

from __future__ import annotations

import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.dicom import syntaxes
from mediassist.dicom.codestream import StreamSize, jpeg2000_ends_early, stream_size
from mediassist.dicom.pixel_layout import PixelLayout, drop_unused_bits

Array = NDArray[Any]

# Its last byte tells the colour transform: 0 none, 1 YCbCr.
_ADOBE_MARKER = re.compile(rb"\xff\xee\x00\x0eAdobe.{6}(.)", re.DOTALL)
_END_OF_IMAGE = b"\xff\xd9"
# A frame this large under this ratio of decoded to compressed bytes is blank, or a bomb.
_LARGE_BYTES, _MOST_RATIO = 64 * 1024**2, 2000
# Larger frames are left to the decoders that need little memory.
_PLUGIN_LIMIT_BYTES = 256 * 1024**2
_RLE_SLACK_BYTES = 1 << 20
_HUFFMAN_LOSSLESS, _HUFFMAN_DCT = 0xC3, (0xC0, 0xC1, 0xC2)


class UndecodableFrame(ValueError):
    """No decoder could make a picture of the declared shape from the stream."""


class StreamDisagrees(UndecodableFrame):
    """The stream declares another size than the header."""


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """Stored values of one frame and the colour space that they are in.

    `is_cut` says that the stream ends early and the decoder made up the rest.
    """

    values: Array
    photometric: str
    is_cut: bool = False


def decode_frame(
    stream: bytes, syntax: str, layout: PixelLayout, with_gdcm: bool = True
) -> DecodedFrame:
    """Stored values of one compressed frame, shape `layout.frame_shape`, `layout.dtype`.

    Raises
    ------
    UndecodableFrame
        With the first decoder's reason; a stream that declares another size than the header is
        refused before any decoder sees it.
    """
    size = stream_size(stream)
    # A JPEG may leave its height to a later DNL marker (0 rows).
    if size is not None and (size.columns != layout.columns or size.rows not in (0, layout.rows)):
        raise StreamDisagrees(
            f"the stream is {size.rows} x {size.columns} pixels, the header says"
            f" {layout.rows} x {layout.columns}"
        )
    _refuse_emptiness(stream, layout, size)
    reasons: list[str] = []
    for decode in _candidates(stream, syntax, layout, size, with_gdcm):
        try:
            return decode()
        except Exception as error:  # codecs raise anything; the reason is kept for the message
            reasons.append(str(error).split("\n")[0] or type(error).__name__)
    raise UndecodableFrame(reasons[0] if reasons else "no decoder takes this stream")


def _refuse_emptiness(stream: bytes, layout: PixelLayout, size: StreamSize | None) -> None:
    """Refuse a stream that is too short for its picture, before a decoder makes up what is missing.

    Huffman codes have at least one bit: one a value in lossless JPEG, one a block of 8 x 8 else.

    Raises
    ------
    UndecodableFrame
        With both sizes.
    """
    pixels = layout.rows * layout.columns
    least = 0
    if size is not None and size.process == _HUFFMAN_LOSSLESS:
        least = pixels * layout.samples // 8
    elif size is not None and size.process in _HUFFMAN_DCT:
        least = pixels // (64 * 8)
    frame_bytes = layout.frame_values * layout.dtype.itemsize
    if frame_bytes > _LARGE_BYTES:
        least = max(least, frame_bytes // _MOST_RATIO)
    is_jpeg2000 = size is not None and size.process == 0
    if is_jpeg2000 and frame_bytes > _LARGE_BYTES and jpeg2000_ends_early(stream):
        raise UndecodableFrame("the stream ends before its picture does")
    if len(stream) < least:
        raise UndecodableFrame(
            f"{len(stream)} bytes cannot hold {layout.rows} x {layout.columns} pixels"
        )


def _candidates(
    stream: bytes, syntax: str, layout: PixelLayout, size: StreamSize | None, with_gdcm: bool
) -> Iterator[Callable[[], DecodedFrame]]:
    if syntax == syntaxes.RLE:
        yield lambda: _plain(decode_rle(stream, layout), layout)
        return
    if syntax == syntaxes.ENCAPSULATED_UNCOMPRESSED:
        yield lambda: _plain(_from_bytes(stream, layout), layout)
        return
    if syntax == syntaxes.DEFLATED_FRAMES:
        yield lambda: _plain(_from_bytes(_inflate(stream, layout), layout), layout)
        return
    if syntax in syntaxes.JPEG_XL:
        yield lambda: _jpeg_xl(stream, layout)
        return
    if size is not None:
        yield from _light_candidates(stream, syntax, layout, size)
    if layout.frame_values * layout.dtype.itemsize > _PLUGIN_LIMIT_BYTES:
        return
    if size is not None and size.process == 0xF7 and _END_OF_IMAGE not in stream:
        return  # cut off: other decoders than CharLS make up the rest and say nothing
    for plugin in _plugins(syntax, with_gdcm):
        yield lambda plugin=plugin: _with_pydicom(stream, syntax, layout, plugin)  # type: ignore[misc]
    if size is not None and size.process == _HUFFMAN_LOSSLESS:
        yield lambda: _by_imagecodecs("ljpeg_decode", stream, layout, size)


def _light_candidates(
    stream: bytes, syntax: str, layout: PixelLayout, size: StreamSize
) -> Iterator[Callable[[], DecodedFrame]]:
    if size.process == 0:
        if syntax in syntaxes.HTJ2K_LOSSLESS:
            # OpenJPH takes a third of OpenJPEG's time and memory; what is lossless is the same.
            yield lambda: _by_imagecodecs("htj2k_decode", stream, layout, size)
        yield lambda: _by_imagecodecs("jpeg2k_decode", stream, layout, size)
    elif size.process == 0xF7:
        yield lambda: _by_imagecodecs("jpegls_decode", stream, layout, size)
    else:
        yield lambda: _jpeg(stream, layout, size)


# A plugin that takes the streams of another syntax of the same family: files are mislabelled,
# and retired processes are not in pydicom's table.
_STAND_INS = {
    "1.2.840.10008.1.2.4.53": "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.55": "1.2.840.10008.1.2.4.51",
}


def _plugins(syntax: str, with_gdcm: bool) -> list[str]:
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID

    try:
        names = get_decoder(UID(_STAND_INS.get(syntax, syntax))).available_plugins
    except NotImplementedError:
        return []
    # Pillow converts colours on its own account, which is not the stored value.
    return [name for name in names if name != "pillow" and (with_gdcm or name != "gdcm")]


def _with_pydicom(stream: bytes, syntax: str, layout: PixelLayout, plugin: str) -> DecodedFrame:
    from pydicom.encaps import encapsulate
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID

    uid = UID(_STAND_INS.get(syntax, syntax))
    decoded, properties = get_decoder(uid).as_array(
        encapsulate([stream], has_bot=False),
        index=0,
        raw=True,
        decoding_plugin=plugin,
        transfer_syntax_uid=uid,
        pixel_keyword=layout.keyword,
        pixel_vr="OB",
        rows=layout.rows,
        columns=layout.columns,
        number_of_frames=1,
        samples_per_pixel=layout.samples,
        bits_allocated=layout.bits_allocated,
        bits_stored=layout.bits_stored,
        pixel_representation=int(layout.signed),
        planar_configuration=int(layout.planar),
        photometric_interpretation=layout.photometric,
    )
    values = _conform(decoded, layout)
    if layout.signed:
        # What stands above Bits Stored is undefined; pydicom trusts the stream's own precision.
        drop_unused_bits(values, layout.unused_bits)
    return DecodedFrame(values, str(properties.get("photometric_interpretation", "")))


def _plain(values: Array, layout: PixelLayout) -> DecodedFrame:
    if not layout.is_float and layout.bits_allocated > 1 and layout.unused_bits:
        drop_unused_bits(values, layout.unused_bits)
    return DecodedFrame(values, layout.photometric)


def _conform(decoded: Array, layout: PixelLayout) -> Array:
    """Exact shape and type, or an error: nothing is padded or cut."""
    decoded = np.asarray(decoded)
    if decoded.shape != layout.frame_shape:
        if decoded.size != layout.frame_values:
            raise UndecodableFrame(
                f"the decoded picture is {decoded.shape}, the header says {layout.frame_shape}"
            )
        decoded = decoded.reshape(layout.frame_shape)
    return np.ascontiguousarray(decoded, dtype=layout.dtype)


def _by_imagecodecs(
    function: str, stream: bytes, layout: PixelLayout, size: StreamSize
) -> DecodedFrame:
    import imagecodecs

    decoded = np.asarray(getattr(imagecodecs, function)(stream))
    # JPEG 2000 undoes its own colour transforms, and no others.
    photometric = "RGB" if layout.photometric in ("YBR_RCT", "YBR_ICT") else layout.photometric
    return DecodedFrame(_as_stored(decoded, layout, size), photometric)


def _as_stored(decoded: Array, layout: PixelLayout, size: StreamSize) -> Array:
    """Values in the header's type, with the sign that the header gives them.

    Streams of JPEG and JPEG-LS do not know signs, and those of JPEG 2000 may contradict the
    header; then the uppermost bit of the stream's own precision is the sign, as pydicom has it.
    """
    if size.precision > layout.bits_allocated > 1:
        raise UndecodableFrame(
            f"the stream has {size.precision} bits per value, the header says"
            f" {layout.bits_allocated}"
        )
    if decoded.dtype.itemsize == layout.dtype.itemsize and decoded.dtype.kind in "iu":
        decoded = decoded.view(layout.dtype)
    values = _conform(decoded, layout)
    bits = layout.bits_stored
    is_jpeg = size.process not in (0, 0xF7)
    if size.signed != layout.signed and not is_jpeg:
        bits = min(bits, size.precision)
    if layout.signed or size.signed:
        drop_unused_bits(values, 8 * layout.dtype.itemsize - bits)
    return values


def _jpeg(stream: bytes, layout: PixelLayout, size: StreamSize) -> DecodedFrame:
    """libjpeg-turbo, every process, 2 to 16 bits, without colour transform.

    Five committee samples carry a sequential scan whose header does not end at coefficient 63
    as it must; it is put right in a copy.
    """
    is_lossless = size.process == _HUFFMAN_LOSSLESS
    candidates = (stream,) if is_lossless else (stream, _with_full_scan(stream))
    for candidate in candidates:
        try:
            decoded = _libjpeg(candidate, layout)
        except Exception as error:
            reason = error
            continue
        photometric = layout.photometric
        if layout.samples == 3 and not is_lossless:
            photometric = _colour_space(stream, layout)
        values = _as_stored(decoded, layout, size)
        return DecodedFrame(values, photometric, _is_cut(candidate, layout))
    raise UndecodableFrame(str(reason))


def _colour_space(stream: bytes, layout: PixelLayout) -> str:
    """What the values of a colour JPEG are: its own word counts before the header's, which says
    RGB over YCbCr often enough."""
    if stream[6:11] == b"JFIF\0":
        return "YBR_FULL"
    adobe = _ADOBE_MARKER.search(stream, 0, 4096)
    if adobe and adobe[1] in (b"\0", b"\1"):
        return "RGB" if adobe[1] == b"\0" else "YBR_FULL"
    return "YBR_FULL" if layout.photometric.startswith("YBR") else "RGB"


def _libjpeg(stream: bytes, layout: PixelLayout) -> Array:
    import imagecodecs

    options: dict[str, Any] = {}
    if layout.samples == 3:
        space = "YCBCR" if layout.photometric.startswith("YBR") else "RGB"
        options = {"colorspace": space, "outcolorspace": space}
    return np.asarray(imagecodecs.jpeg8_decode(stream, **options))


def _is_cut(stream: bytes, layout: PixelLayout) -> bool:
    """Whether a JPEG stream ends early: libjpeg makes up the rest, which could pass for anatomy.

    A sound stream that lacks only its end marker is not cut: what follows its data does not
    change the picture, while other bytes change the lower part of a cut one.
    """
    data_at = max(stream.find(b"\xff\xda"), 0)
    if stream.find(_END_OF_IMAGE, data_at) >= 0:
        return False
    alone = _libjpeg(stream + _END_OF_IMAGE, layout)
    followed = _libjpeg(stream + b"\x55" * 4096 + _END_OF_IMAGE, layout)
    return not np.array_equal(alone, followed)


def _with_full_scan(stream: bytes) -> bytes:
    """A copy whose first scan header says coefficients 0 to 63."""
    position = stream.find(b"\xff\xda")
    if position < 0:
        return stream
    length = int.from_bytes(stream[position + 2 : position + 4], "big")
    at = position + 2 + length - 3
    return stream[:at] + b"\x00\x3f\x00" + stream[at + 3 :]


def _jpeg_xl(stream: bytes, layout: PixelLayout) -> DecodedFrame:
    import imagecodecs

    decoded = np.asarray(imagecodecs.jpegxl_decode(stream))
    photometric = "RGB" if layout.samples == 3 else layout.photometric
    values = _conform(decoded, layout)
    if layout.signed:
        drop_unused_bits(values, 8 * layout.dtype.itemsize - layout.bits_stored)
    return DecodedFrame(values, photometric)


def _from_bytes(raw: bytes, layout: PixelLayout) -> Array:
    """Little-endian values of one frame as they stand in native pixels."""
    if layout.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")
        if bits.size < layout.frame_values:
            raise UndecodableFrame("the frame is too short")
        return bits[: layout.frame_values].reshape(layout.frame_shape)
    needed = layout.frame_values * layout.dtype.itemsize
    if len(raw) < needed:
        raise UndecodableFrame(f"the frame has {len(raw)} bytes and needs {needed}")
    values = np.frombuffer(raw, layout.dtype.newbyteorder("<"), count=layout.frame_values)
    values = values.astype(layout.dtype)
    if layout.planar:
        planes = values.reshape(layout.samples, layout.rows, layout.columns)
        return np.ascontiguousarray(planes.transpose(1, 2, 0))
    return values.reshape(layout.frame_shape)


def _inflate(stream: bytes, layout: PixelLayout) -> bytes:
    needed = (layout.frame_values * max(layout.bits_allocated, 1) + 7) // 8
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    return inflater.decompress(stream, needed + 16)


def decode_rle(stream: bytes, layout: PixelLayout) -> Array:
    """DICOM RLE (PS3.5 Annex G): one PackBits segment a byte plane, highest byte first."""
    import imagecodecs

    if len(stream) < 64:
        raise UndecodableFrame("the RLE header is cut off")
    count, *offsets = struct.unpack("<16L", stream[:64])
    width = layout.dtype.itemsize
    if count != layout.samples * width:
        raise UndecodableFrame(f"{count} RLE segments, {layout.samples * width} expected")
    bounds = [*offsets[:count], len(stream)]
    if any(not 64 <= a <= b <= len(stream) for a, b in zip(bounds, bounds[1:], strict=False)):
        raise UndecodableFrame("RLE segments lie outside the frame")
    pixels = layout.rows * layout.columns
    length = (pixels + 7) // 8 if layout.bits_allocated == 1 else pixels
    # Segments are put in their places at once: a second copy of the picture is never made.
    octets = np.empty((pixels, layout.samples, width), np.uint8)
    whole: Any = memoryview(stream)  # a slice of bytes would be a copy
    for index, (start, stop) in enumerate(zip(bounds, bounds[1:], strict=False)):
        # More than some padding is not made: a segment may grow to 64 times its size.
        unpacked = imagecodecs.packbits_decode(whole[start:stop], out=length + _RLE_SLACK_BYTES)
        segment = np.frombuffer(unpacked, np.uint8)
        if segment.size < length:
            raise UndecodableFrame(f"RLE segment {index + 1} is too short")
        sample, byte = divmod(index, width)
        if layout.bits_allocated == 1:
            octets[:, sample, 0] = np.unpackbits(segment[:length], bitorder="little")[:pixels]
        else:
            place = byte if sys.byteorder == "big" else width - 1 - byte
            octets[:, sample, place] = segment[:pixels]
    return octets.reshape(-1).view(layout.dtype).reshape(layout.frame_shape)
