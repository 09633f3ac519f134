"""What stands in Pixel Data without being pixels: comments of codestreams, and surplus bytes.

Codecs have places for text (JPEG's COM and APP segments with EXIF, JPEG 2000's COM segments, boxes
of JP2 and JPEG XL), and some devices append to the pixels what they would not lose. Nobody sees it,
and a search that leaves pixels out because noise may spell anything would not either.
"""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments

from mediassist.dicom import values

# JPEG and JPEG-LS, JPEG 2000: how a codestream starts, and where the entropy-coded rest does.
_STARTS = {b"\xff\xd8": 0xDA, b"\xff\x4f": 0x93}
_END = b"\xff\xd9"
_MOST_FRAGMENTS = 4096
# Codestreams without such a mark: as much of their head as a text may stand in.
_HEAD_BYTES = 2048


def beside_pixels(dataset: Dataset) -> list[bytes]:
    """Bytes of Pixel Data in which a text would be a text.

    Parameters
    ----------
    dataset : a data set in explicit VR little endian, as this program writes it.
    """
    raw = dataset.get("PixelData")
    if not isinstance(raw, bytes):
        return []
    if not dataset["PixelData"].is_undefined_length:
        return [raw[_native_length(dataset) :]]
    found = []
    try:
        for number, fragment in enumerate(generate_fragments(raw)):
            if number == _MOST_FRAGMENTS:
                break
            found += [_head(fragment), _tail(fragment)]
    except (ValueError, TypeError, EOFError):
        found.append(raw[:_HEAD_BYTES])
    return found


def _native_length(dataset: Dataset) -> int:
    counts = [values.integer(dataset, word) for word in ("Rows", "Columns", "BitsAllocated")]
    pixels = 1
    for count in (*counts, values.integer(dataset, "SamplesPerPixel") or 1):
        pixels *= count or 0
    pixels *= max(1, values.integer(dataset, "NumberOfFrames") or 1)
    if values.code(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        pixels = pixels * 2 // 3
    return -(-pixels // 8)


def _head(fragment: bytes) -> bytes:
    """All marker segments before the data; EXIF may hold a thumbnail with marks of its own."""
    stop = _STARTS.get(fragment[:2])
    if stop is None:
        return fragment[:_HEAD_BYTES]
    place = 2
    while place + 4 <= len(fragment) and fragment[place] == 0xFF and fragment[place + 1] != stop:
        place += 2 + int.from_bytes(fragment[place + 2 : place + 4], "big")
    return fragment[: max(place, _HEAD_BYTES if place == 2 else 0)]


def _tail(fragment: bytes) -> bytes:
    """What follows the end of a codestream."""
    place = fragment.rfind(_END)
    return fragment[place:] if place >= 0 else b""
