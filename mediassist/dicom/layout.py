"""What the header declares about its pixels, checked before a byte is allocated."""

from __future__ import annotations

from mediassist.core.errors import LimitExceeded, UnreadableFile, UnsupportedImage
from mediassist.core.messages import say
from mediassist.dicom import syntaxes, values
from mediassist.dicom.header import DicomHeader, PixelElement
from mediassist.dicom.pixel_layout import PixelLayout

DECODED_LIMIT_BYTES = 8 * 1024**3

_PHOTOMETRICS = {
    "MONOCHROME1",
    "MONOCHROME2",
    "PALETTE COLOR",
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_PARTIAL_420",
    "YBR_PARTIAL_422",
    "YBR_ICT",
    "YBR_RCT",
    "XYB",
    "HSV",
    "ARGB",
    "CMYK",
}


def pixel_layout(header: DicomHeader) -> PixelLayout:
    """Read and check the Image Pixel module.

    Absent Bits Stored means that all allocated bits are used, absent Samples per Pixel and
    Pixel Representation mean 1 and unsigned, and absent Photometric Interpretation of one sample
    means MONOCHROME2 (ACR-NEMA files): a picture can be shown, and older viewers do the same.

    Raises
    ------
    UnreadableFile
        No pixels, or a value without which no picture can be made is missing or impossible; the
        message names the element and what was found.
    LimitExceeded
        The declared picture is larger than any decoder may make.
    """
    pixels = header.pixels
    if pixels is None and header.transfer_syntax_uid in syntaxes.ELSEWHERE:
        raise UnsupportedImage(
            say(
                "pixels_elsewhere",
                "{path} holds no pixels: it names a server that has them ({syntax}).",
                path=str(header.path),
                syntax=syntaxes.name(header.transfer_syntax_uid),
            )
        )
    if pixels is None:
        raise UnreadableFile(
            say("no_pixels", "{path} holds no image (no pixel data).", path=str(header.path))
        )
    dataset = header.dataset
    rows = _whole(header, "Rows", "(0028,0010)", 1, 65535)
    columns = _whole(header, "Columns", "(0028,0011)", 1, 65535)
    samples = _whole(header, "SamplesPerPixel", "(0028,0002)", 1, 4, default=1)
    if samples not in (1, 3):
        raise UnsupportedImage(
            say(
                "samples_unsupported",
                "{path} has {samples} samples per pixel; 1 and 3 are supported.",
                path=str(header.path),
                samples=samples,
            )
        )
    frames = _whole(header, "NumberOfFrames", "(0028,0008)", 0, 2**31 - 1, default=1) or 1
    allocated, stored = _bits(header, pixels)
    signed = _whole(header, "PixelRepresentation", "(0028,0103)", 0, 1, default=0) == 1
    planar = values.integer(dataset, "PlanarConfiguration") == 1 and samples == 3
    layout = PixelLayout(
        keyword=pixels.keyword,
        frames=frames,
        rows=rows,
        columns=columns,
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        signed=signed,
        planar=planar,
        photometric=_photometric(header, samples),
        vr=pixels.vr,
        high_bit=_high_bit(header, allocated, stored),
    )
    if layout.decoded_bytes > DECODED_LIMIT_BYTES:
        raise LimitExceeded(
            say(
                "picture_too_large",
                "{path} declares {frames} frames of {rows} x {columns} pixels, {gigabytes} GB in"
                " all; the limit is {limit} GB.",
                path=str(header.path),
                frames=frames,
                rows=rows,
                columns=columns,
                gigabytes=round(layout.decoded_bytes / 1e9, 1),
                limit=round(DECODED_LIMIT_BYTES / 1e9, 1),
            )
        )
    return layout


def _bits(header: DicomHeader, pixels: PixelElement) -> tuple[int, int]:
    if pixels.keyword != "PixelData":
        width = 32 if pixels.keyword == "FloatPixelData" else 64
        return width, width
    allocated = _whole(header, "BitsAllocated", "(0028,0100)", 1, 64)
    if allocated not in (1, 8, 12, 16, 32, 64):
        raise UnsupportedImage(
            say(
                "bits_unsupported",
                "{path} has {bits} bits per value; 1, 8, 12, 16, 32 and 64 are supported.",
                path=str(header.path),
                bits=allocated,
            )
        )
    stored = _whole(header, "BitsStored", "(0028,0101)", 1, allocated, default=allocated)
    return allocated, stored


def _high_bit(header: DicomHeader, allocated: int, stored: int) -> int:
    """The uppermost bit that holds a value; Bits Stored - 1 unless the file says otherwise."""
    found = values.integer(header.dataset, "HighBit")
    return found if found is not None and stored <= found < allocated else stored - 1


def _photometric(header: DicomHeader, samples: int) -> str:
    found = values.code(header.dataset, "PhotometricInterpretation").upper()
    if not found:
        return "MONOCHROME2" if samples == 1 else "RGB"
    if found not in _PHOTOMETRICS:
        raise UnsupportedImage(
            say(
                "photometric_unknown",
                "{path}: the photometric interpretation '{found}' is unknown.",
                path=str(header.path),
                found=found,
            )
        )
    return found


def _whole(
    header: DicomHeader,
    keyword: str,
    tag: str,
    low: int,
    high: int,
    default: int | None = None,
) -> int:
    """A whole number in range; `default` where the element is absent or empty."""
    dataset = header.dataset
    element_is_empty = keyword not in dataset or not values.raw_bytes(dataset, keyword)
    if element_is_empty and default is not None:
        return default
    if element_is_empty:
        raise UnreadableFile(
            say(
                "element_missing",
                "{path}: the required element {name} {tag} is missing.",
                path=str(header.path),
                name=keyword,
                tag=tag,
            )
        )
    found = values.integer(dataset, keyword)
    if found is None or not low <= found <= high:
        shown = values.code(dataset, keyword) if found is None else str(found)
        raise UnreadableFile(
            say(
                "element_impossible",
                "{path}: {name} {tag} is '{found}'; it must be a whole number from {low} to"
                " {high}.",
                path=str(header.path),
                name=keyword,
                tag=tag,
                found="".join(char for char in shown if char.isprintable())[:40],
                low=low,
                high=high,
            )
        )
    return found
