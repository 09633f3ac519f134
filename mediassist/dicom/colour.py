"""Colour frames as RGB with 8 bits, whatever they are stored as (PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.dicom.palettes import apply_palette, has_palette
from mediassist.dicom.pixel_layout import PixelLayout

_YBR_FULL = ("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420")


def is_colour(photometric: str, samples: int, dataset: Dataset) -> bool:
    """Whether a frame has colours; a palette image whose palette is missing is shown grey."""
    if photometric == "PALETTE COLOR":
        return has_palette(dataset)
    return samples == 3


def to_rgb(
    stored: NDArray[Any], photometric: str, layout: PixelLayout, dataset: Dataset
) -> NDArray[np.uint8]:
    """(rows, columns, 3) uint8.

    Raises
    ------
    ValueError
        A colour space that cannot be shown, or a palette that is not there.
    """
    if photometric == "PALETTE COLOR":
        return apply_palette(stored, layout.signed, dataset)
    eight_bit = _eight_bit(stored, layout)
    if photometric in ("RGB", "YBR_RCT", "YBR_ICT", "XYB"):
        return eight_bit
    if photometric in _YBR_FULL:
        return _from_ybr_full(eight_bit)
    if photometric in ("YBR_PARTIAL", "YBR_PARTIAL_422"):
        return _from_ybr_partial(eight_bit)
    raise ValueError(f"the colour space {photometric} cannot be shown")


def _eight_bit(stored: NDArray[Any], layout: PixelLayout) -> NDArray[np.uint8]:
    if stored.dtype == np.uint8 and layout.bits_stored == 8:
        return stored
    top = float(2**layout.bits_stored - 1)
    scaled = stored.astype(np.float32) * np.float32(255.0 / top) + np.float32(0.5)
    eight_bit: NDArray[np.uint8] = np.clip(scaled, 0, 255).astype(np.uint8)
    return eight_bit


def _from_ybr_full(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from pydicom.pixels import convert_color_space

    return np.asarray(convert_color_space(ybr, "YBR_FULL", "RGB"), dtype=np.uint8)


def _from_ybr_partial(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """ITU-R BT.601 with head room: luminance 16..235, chroma 16..240."""
    y, cb, cr = (ybr[..., index].astype(np.float32) for index in range(3))
    luma = (y - 16.0) * (255.0 / 219.0)
    blue, red = (cb - 128.0) * (255.0 / 224.0), (cr - 128.0) * (255.0 / 224.0)
    rgb = np.stack(
        (luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue), axis=-1
    )
    return np.clip(rgb + 0.5, 0, 255).astype(np.uint8)
