"""The one chain from stored value to grey or colour, shared by window, report and inference.

stored -> modality LUT -> VOI -> polarity -> display. Each step is a small function of its own;
`load_frame` does the steps that do not change while a person looks (decode, modality, palette),
`display_grey` those that do (window, polarity).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import UnreadableFile, UnsupportedImage
from mediassist.core.messages import say
from mediassist.dicom import values
from mediassist.dicom.colour import is_colour, to_rgb
from mediassist.dicom.functional_groups import functional_group
from mediassist.dicom.header import DicomHeader, read_header
from mediassist.dicom.modality import ModalityTable, Rescale, apply_modality, modality_transform
from mediassist.dicom.pixel_layout import PixelLayout
from mediassist.dicom.pixels import StoredPixels, read_pixels
from mediassist.dicom.shutter import shutter_mask
from mediassist.dicom.windows import (
    Voi,
    Window,
    WindowFunction,
    apply_voi,
    fallback_window,
    stored_vois,
)

Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame, ready to be windowed.

    Attributes
    ----------
    index, frames : this frame (from 0) and how many the file has.
    modality_values : (rows, columns) float32 in `unit` (HU for CT); None for colour.
    rgb : (rows, columns, 3) uint8; None for grey.
    vois : stored tables and windows in order of preference.
    fallback : a window from the values themselves, for files that store none.
    hidden : True where padding or a shutter must stay black; None where nothing is hidden.
    inverted : low values are bright (MONOCHROME1, or Presentation LUT Shape INVERSE).
    """

    path: Path
    index: int
    frames: int
    rows: int
    columns: int
    modality_values: NDArray[np.float32] | None
    rgb: NDArray[np.uint8] | None
    vois: tuple[Voi, ...] = ()
    fallback: Window = Window(0.5, 1.0)
    hidden: NDArray[np.bool_] | None = None
    inverted: bool = False
    unit: str = ""

    @property
    def is_colour(self) -> bool:
        return self.rgb is not None

    @property
    def windows(self) -> tuple[Window, ...]:
        """The stored windows, without tables; a person can start to change these."""
        return tuple(voi for voi in self.vois if isinstance(voi, Window))

    @property
    def default_voi(self) -> Voi:
        return self.vois[0] if self.vois else self.fallback

    @property
    def value_range(self) -> tuple[float, float]:
        """Smallest and largest modality value that is not hidden; (0, 255) for colour."""
        if self.modality_values is None:
            return 0.0, 255.0
        shown = self.modality_values if self.hidden is None else self.modality_values[~self.hidden]
        if shown.size == 0:
            return 0.0, 0.0
        return float(shown.min()), float(shown.max())


def load_frame(path: str | os.PathLike[str], frame: int = 0) -> Frame:
    """Decode one frame (from 0) and bring it as far as no person has to decide anything.

    Raises the errors of `load_pixels`.
    """
    header = _header(Path(path))
    return _frame(header, read_pixels(header, frame, 1, lowered=True), 0, frame)


def load_frames(path: str | os.PathLike[str]) -> Iterator[Frame]:
    """All frames of a file in turn, decoded together: for cine and multi-frame volumes."""
    header = _header(Path(path))
    stored = read_pixels(header, lowered=True)
    for index in range(len(stored.values)):
        yield _frame(header, stored, index, index)


def display_grey(frame: Frame, window: Voi | None = None) -> Grey:
    """Grey values 0 (black) to 1 (white), shape (rows, columns).

    `window` replaces the stored VOI; colour frames give their luminance. Hidden pixels are black
    after polarity, whatever the window.
    """
    if frame.modality_values is None:
        return _luminance(frame)
    grey = apply_voi(frame.modality_values, frame.default_voi if window is None else window)
    grey = apply_polarity(grey, frame.inverted)
    return apply_hidden(grey, frame.hidden)


def display_rgb(frame: Frame, window: Voi | None = None) -> NDArray[np.uint8]:
    """(rows, columns, 3) uint8: a colour frame as it is, a grey one windowed."""
    if frame.rgb is not None:
        return frame.rgb
    return np.repeat(display_uint8(frame, window)[..., None], 3, axis=-1)


def display_uint8(frame: Frame, window: Voi | None = None) -> NDArray[np.uint8]:
    """What a screen or a page shows: (rows, columns) for grey, (rows, columns, 3) for colour."""
    if frame.rgb is not None:
        return frame.rgb
    grey = display_grey(frame, window)
    return (grey * 255.0 + 0.5).astype(np.uint8)


def display_picture(frame: Frame, window: Voi | None = None) -> NDArray[Any]:
    """What a model sees: grey as float32 0..1 (rows, columns), colour as RGB uint8."""
    return frame.rgb if frame.rgb is not None else display_grey(frame, window)


def apply_polarity(grey: Grey, inverted: bool) -> Grey:
    """Turn grey round where low values are meant to be bright."""
    return np.subtract(np.float32(1.0), grey) if inverted else grey


def apply_hidden(grey: Grey, hidden: NDArray[np.bool_] | None) -> Grey:
    """Black where padding or a shutter hides."""
    if hidden is not None:
        grey[hidden] = 0.0
    return grey


def _luminance(frame: Frame) -> Grey:
    assert frame.rgb is not None  # noqa: S101  (a frame is grey or colour)
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32) / np.float32(255.0)
    return np.minimum(frame.rgb.astype(np.float32) @ weights, np.float32(1.0))


def is_inverted(header: DicomHeader, photometric: str) -> bool:
    """Whether low values are bright: stated by either element, applied once (wishes.md, row 20)."""
    shape = values.code(header.dataset, "PresentationLUTShape").upper()
    return photometric == "MONOCHROME1" or shape == "INVERSE"


def padding_mask(
    header: DicomHeader, stored: NDArray[Any], layout: PixelLayout
) -> NDArray[np.bool_] | None:
    """True where stored values are Pixel Padding (0028,0120), or in the range to (0028,0121)."""
    first = values.integer(header.dataset, "PixelPaddingValue")
    if first is None or stored.dtype.kind not in "iu":
        return None
    last = values.integer(header.dataset, "PixelPaddingRangeLimit")
    ends = [first, first if last is None else last]
    # The VR follows Pixel Representation; writers get it wrong, so -2000 arrives as 63536, or as
    # 2096 where 12 bits are stored.
    bits = 8 * stored.dtype.itemsize
    if layout.signed:
        ends = [_signed(_signed(end, bits), layout.bits_stored) for end in ends]
    elif max(ends) < 0:
        ends = [end + 2**bits for end in ends]
    low, high = min(ends), max(ends)
    mask: NDArray[np.bool_] = (stored == low) if low == high else (stored >= low) & (stored <= high)
    return mask if mask.any() and not mask.all() else None


def _signed(word: int, bits: int) -> int:
    return word - 2**bits if word >= 2 ** (bits - 1) else word


def _frame(header: DicomHeader, pixels: StoredPixels, position: int, frame: int) -> Frame:
    layout, stored = pixels.layout, pixels.values[position]
    hidden = shutter_mask(header.dataset, layout.rows, layout.columns)
    shared = {
        "path": header.path,
        "index": frame,
        "frames": layout.frames,
        "rows": layout.rows,
        "columns": layout.columns,
    }
    if is_colour(pixels.photometric, layout.samples, header.dataset):
        rgb = _rgb(header, pixels, stored)
        if hidden is not None:
            rgb = rgb.copy()
            rgb[hidden] = 0
        return Frame(**shared, modality_values=None, rgb=rgb, hidden=hidden)  # type: ignore[arg-type]
    transform = modality_transform(header.dataset, frame, layout.signed)
    vois = _vois(header, frame, _has_negative_output(transform, layout.signed))
    if layout.is_float:
        vois = tuple(_exact(voi) for voi in vois)
    modality = apply_modality(stored, transform)
    for mask in (padding_mask(header, stored, layout), _not_finite(modality)):
        if mask is not None:
            hidden = mask if hidden is None else hidden | mask
    return Frame(
        **shared,  # type: ignore[arg-type]
        modality_values=modality,
        rgb=None,
        vois=vois,
        fallback=fallback_window(modality, hidden),
        hidden=hidden,
        inverted=is_inverted(header, pixels.photometric),
        unit=transform.unit,
    )


def _not_finite(modality: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Float maps mark "no value" by NaN: masked, and set to the lowest value there is."""
    finite = np.isfinite(modality)
    if finite.all():
        return None
    modality[~finite] = modality[finite].min() if finite.any() else 0.0
    return ~finite


def _rgb(header: DicomHeader, pixels: StoredPixels, stored: NDArray[Any]) -> NDArray[np.uint8]:
    try:
        return to_rgb(stored, pixels.photometric, pixels.layout, header.dataset)
    except (*values.CONVERSION_ERRORS, MemoryError) as error:
        kind = UnsupportedImage if pixels.photometric != "PALETTE COLOR" else UnreadableFile
        raise kind(
            say(
                "colour_unusable",
                "{path}: its colours cannot be shown ({reason}).",
                path=str(header.path),
                reason=str(error),
            )
        ) from error


def _has_negative_output(transform: Rescale | ModalityTable, signed: bool) -> bool:
    """Whether the VOI table's input is signed (C.11.2.1.1): then its first value is, too."""
    if isinstance(transform, ModalityTable):
        return False
    return signed or transform.intercept < 0


def _vois(header: DicomHeader, frame: int, signed_input: bool) -> tuple[Voi, ...]:
    group = functional_group(header.dataset, frame, "FrameVOILUTSequence")
    found = stored_vois(group, signed_input) if group is not None else ()
    return found or stored_vois(header.dataset, signed_input)


def _exact(voi: Voi) -> Voi:
    """Float maps have windows such as centre 0.5, width 1: the half value that LINEAR takes off
    at each edge belongs to whole numbers and would make a threshold of them."""
    if isinstance(voi, Window) and voi.function is WindowFunction.LINEAR:
        return replace(voi, function=WindowFunction.LINEAR_EXACT)
    return voi


def _header(path: Path) -> DicomHeader:
    """The header, kept for the last few files: a cine asks for every frame of one file."""
    try:
        status = path.stat()
    except OSError:
        return read_header(path)
    return _kept_header(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _kept_header(path: Path, modified_ns: int, size: int) -> DicomHeader:
    return read_header(path)
