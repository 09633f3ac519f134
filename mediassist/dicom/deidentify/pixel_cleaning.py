"""Clean Pixel Data (PS3.15 E.3.1): whether the pixels are safe, and what is blanked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from mediassist.core.errors import MediAssistError, UnsupportedImage
from mediassist.core.messages import say
from mediassist.dicom import values
from mediassist.dicom.burned_in.masking import text_mask
from mediassist.dicom.burned_in.regions import RegionRule, blanked_unseen
from mediassist.dicom.display import display_uint8, load_frame, load_frames
from mediassist.dicom.header import read_header
from mediassist.dicom.pixels import read_pixels

# Slices as the scanner made them come by the hundred: they are looked at once, not in the negative
# too. Letters drawn into them leave no other sign (a look for one frequent grey value overlooked
# four of five anti-aliased names).
_SLICED = frozenset({"CT", "MR", "PT", "NM"})
# Screens: whatever looks like text is blanked. Elsewhere it must be readable, because what is
# blanked for nothing may be a finding.
_SCREENS = frozenset({"US", "OT", "ES", "XC", "GM", "DOC", "SR", "IVUS", "OTHER", ""})
# A clip is looked at in at most this many frames, and in the brightest of all of them.
_FRAMES_LOOKED_AT = 12
# Objects whose pixels are no picture: nothing could be read on them.
_NO_PICTURES = frozenset({"SEG", "RTDOSE", "RWV", "REG"})
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


class PixelState(StrEnum):
    """What is known of the pixels after cleaning."""

    NONE = "none"  # the object has none
    CLEAN = "clean"  # looked at, no text
    BLANKED = "blanked"  # text or border regions blanked, nothing found afterwards
    TEXT = "text"  # text is there: the profile does not clean pixels, or blanking was not enough
    DECLARED = "declared"  # the header says that text is burned in, none was found
    UNREADABLE = "unreadable"  # cannot be decoded, so nobody has looked

    @property
    def is_safe(self) -> bool:
        return self in (PixelState.NONE, PixelState.CLEAN, PixelState.BLANKED)


@dataclass(frozen=True, slots=True)
class PixelReport:
    """State, lines of text found, and the share of the picture that was blanked."""

    state: PixelState
    lines: int = 0
    share: float = 0.0


def clean_pixels(
    path: Path, dataset: Dataset, clean: bool, rules: Sequence[RegionRule]
) -> PixelReport:
    """Look for text in the file at `path`; with `clean`, blank it in `dataset`.

    Blanked pixels become black in the stored values, and the object is stored uncompressed. The
    same area is blanked in all frames of a clip.
    """
    header = read_header(path)
    if header.pixels is None:
        return PixelReport(PixelState.NONE)
    modality = values.code(dataset, "Modality").upper()
    if modality in _NO_PICTURES:
        return PixelReport(PixelState.CLEAN)
    try:
        unseen = blanked_unseen(dataset, modality, rules)
        is_screen = modality in _SCREENS or _is_capture(dataset)
        if values.items(dataset, "SequenceOfUltrasoundRegions"):
            is_screen = False  # the screen's border is blanked unseen, the rest is the image
        negative = not _is_plain_slice(dataset, modality)
        mask, lines, remains = _all_text(path, unseen, spare=not is_screen, negative=negative)
        if not clean:
            state = PixelState.TEXT if lines else _unless_declared(dataset, PixelState.CLEAN)
            return PixelReport(state, lines)
        if not mask.any():
            return PixelReport(_unless_declared(dataset, PixelState.CLEAN))
        store_uncompressed(path, dataset, mask)
    except MediAssistError:
        return PixelReport(PixelState.UNREADABLE)
    state = PixelState.TEXT if remains else PixelState.BLANKED
    return PixelReport(state, lines, float(mask.mean()))


def text_remains(path: Path) -> bool:
    """The independent look at a written file: readable text in its first or middle frame."""
    frames = load_frame(path).frames
    return any(
        bool(text_mask(display_uint8(load_frame(path, index))).boxes) for index in {0, frames // 2}
    )


def _unless_declared(dataset: Dataset, state: PixelState) -> PixelState:
    declared = values.code(dataset, "BurnedInAnnotation").upper() == "YES"
    return PixelState.DECLARED if declared else state


def _is_plain_slice(dataset: Dataset, modality: str) -> bool:
    image_type = [part.upper() for part in values.codes(dataset, "ImageType")[:2]]
    return (
        modality in _SLICED
        and image_type == ["ORIGINAL", "PRIMARY"]
        and values.code(dataset, "BurnedInAnnotation").upper() != "YES"
        and values.code(dataset, "LossyImageCompression") != "01"
        and (values.integer(dataset, "BitsAllocated") or 0) == 16
    )


def _is_capture(dataset: Dataset) -> bool:
    """Secondary Capture of any kind, or a picture that is called secondary."""
    return values.code(dataset, "SOPClassUID").startswith(_SECONDARY_CAPTURE) or (
        "SECONDARY" in (part.upper() for part in values.codes(dataset, "ImageType"))
    )


def _all_text(
    path: Path, unseen: NDArray[np.bool_], spare: bool, negative: bool
) -> tuple[NDArray[np.bool_], int, bool]:
    """Mask of all frames together, lines found, and whether some text could not be blanked."""
    mask, lines, remains = unseen, 0, False
    for picture in _pictures(path):
        if mask.shape != picture.shape[:2]:
            mask = np.zeros(picture.shape[:2], dtype=bool)
        found = text_mask(picture, mask, spare=spare, negative=negative)
        mask, lines, remains = found.mask, lines + len(found.boxes), remains or found.remains
    return mask, lines, remains


def _pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Frames as a screen shows them: all of a short clip; of a long one some, and the brightest."""
    frames = load_frame(path).frames
    if frames == 1:
        yield display_uint8(load_frame(path))
        return
    stride = max(1, -(-frames // _FRAMES_LOOKED_AT))
    brightest: NDArray[np.uint8] | None = None
    for index, frame in enumerate(islice(load_frames(path), frames)):
        picture = display_uint8(frame)
        brightest = picture if brightest is None else np.maximum(brightest, picture)
        if index % stride == 0:
            yield picture
    if brightest is not None and stride > 1:
        yield brightest


def store_uncompressed(path: Path, dataset: Dataset, mask: NDArray[np.bool_] | None = None) -> None:
    """Put the stored values of the file at `path` into `dataset`, uncompressed and little endian.

    Pixels under `mask` become black in every frame. Bits above Bits Stored, where old files keep
    their overlays, come out empty; values that stood in the upper bits come down, and those of
    lossy codecs that go beyond Bits Stored are given the bits that they need.

    Raises
    ------
    UnsupportedImage
        Floating-point pixels.
    MediAssistError
        Those of `load_pixels`.
    """
    if "PixelData" not in dataset:
        raise UnsupportedImage(
            say(
                "float_pixels_not_cleaned",
                "{path}: floating-point pixels are not rewritten.",
                path=str(path),
            )
        )
    pixels = read_pixels(read_header(path), lowered=True)
    stored = pixels.values
    # Codecs undo these transforms, and uncompressed pixels cannot be in them.
    is_rgb = pixels.photometric in ("YBR_RCT", "YBR_ICT", "XYB")
    photometric = "RGB" if is_rgb else pixels.photometric
    if mask is not None:
        stored = stored.copy()
        stored[:, mask] = _black(stored, photometric)
    dataset.Rows, dataset.Columns = stored.shape[1:3]
    dataset.SamplesPerPixel = 3 if stored.ndim == 4 else 1
    dataset.PhotometricInterpretation = photometric
    if stored.ndim == 4:
        dataset.PlanarConfiguration = 0
    bits = 8 * stored.dtype.itemsize
    dataset.BitsAllocated = bits
    dataset.BitsStored = max(pixels.layout.bits_stored, _bits_of(stored))
    dataset.HighBit = dataset.BitsStored - 1
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in dataset:
            delattr(dataset, keyword)
    raw = np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"
    dataset["PixelData"].is_undefined_length = False
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian


def _bits_of(stored: NDArray[Any]) -> int:
    """Bits that the values need, their sign included."""
    low, high = int(stored.min()), int(stored.max())
    return max(high.bit_length(), (-low - 1).bit_length()) + 1 if low < 0 else high.bit_length()


def _black(stored: NDArray[Any], photometric: str) -> Any:
    """The stored value that shows as black."""
    if photometric == "MONOCHROME1":
        return stored.max()
    if photometric.startswith("YBR"):
        return np.array([0, 128, 128], dtype=stored.dtype)
    if photometric in ("RGB", "PALETTE COLOR"):
        return 0
    return stored.min()
