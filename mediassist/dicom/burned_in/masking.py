"""Which pixels hold text: looked for again until nothing more is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.dicom.burned_in.detector import TextBox, find_text
from mediassist.dicom.burned_in.reader import read_confidence

_ROUNDS = 4
_CHARACTERS, _CONFIDENCE = 2, 0.4
# Mean difference of pixels from their neighbours, in grey levels; speckle of ultrasound has 8.
_STRONG_GRAIN, _NOISY_SHARE = 24.0, 0.05
_GRAIN = 1.2


@dataclass(frozen=True, slots=True)
class TextMask:
    """What to blank.

    Attributes
    ----------
    mask : (rows, columns), True where text is.
    boxes : the lines found, in all rounds.
    remains : text was still found in the last round: the picture needs a person.
    """

    mask: NDArray[np.bool_]
    boxes: tuple[TextBox, ...]
    remains: bool


def text_mask(
    picture: NDArray[np.uint8],
    known: NDArray[np.bool_] | None = None,
    *,
    spare: bool = True,
    negative: bool = True,
) -> TextMask:
    """Find text, take it out of a copy, and look again, until a look finds nothing: what a bright
    line outshone comes out. Each look is at the picture, at its negative, and of noise at a
    smoothed copy, before anything is taken out: letters over two kinds of ground show whole in one
    of them only, and the rest of a line is no line.

    Parameters
    ----------
    picture : grey (rows, columns) or colour (rows, columns, 3).
    known : pixels that are blanked before the first look.
    spare : take for text only what can be read (at least two characters). Without it everything
        that looks like text is blanked, as befits screens, where that costs little.
    negative : look at the negative as well, which finds a few lines more.
    """
    mask = np.zeros(picture.shape[:2], dtype=bool) if known is None else known.copy()
    boxes: list[TextBox] = []
    views = [_as_it_is, _inverted] if negative else [_as_it_is]
    if _is_noise(picture):
        views.append(_smoothed)
    for _ in range(_ROUNDS):
        left = _without(picture, mask)
        found: list[TextBox] = []
        for view in views:
            seen = view(left)
            # The negative is for the detector; a reader is as good at either.
            page = seen if view is _smoothed else left
            found += [
                box
                for box in find_text(seen)
                if not mask[_area(box)].all() and (not spare or _can_be_read(page, box))
            ]
        if not found:
            return TextMask(mask, tuple(boxes), remains=False)
        boxes += found
        for box in found:
            mask[_area(box)] = True
    return TextMask(mask, tuple(boxes), remains=True)


def _as_it_is(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return picture


def _inverted(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """White on black becomes black on white, as the detector's documents are."""
    return 255 - picture


def _smoothed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey, without grain: letters on noise have the noise's contrast, but not its mean."""
    grey = picture if picture.ndim == 2 else picture.mean(axis=-1)
    smooth = ndimage.gaussian_filter(grey.astype(np.float32), _GRAIN)
    low, high = np.percentile(smooth, (0.5, 99.5))
    stretched = np.clip((smooth - low) * (255 / max(1.0, float(high - low))), 0, 255)
    return np.asarray(stretched, dtype=np.uint8)


def _is_noise(picture: NDArray[np.uint8]) -> bool:
    """Whether neighbouring pixels of a good part of the picture have little to do with each other,
    as in no picture of a patient; then only a smoothed copy shows letters."""
    grey = picture if picture.ndim == 2 else picture.mean(axis=-1)
    grey = grey.astype(np.float32)
    grain = np.abs(grey - ndimage.uniform_filter(grey, 3))
    return float((ndimage.uniform_filter(grain, 9) > _STRONG_GRAIN).mean()) > _NOISY_SHARE


def _can_be_read(picture: NDArray[np.uint8], box: TextBox) -> bool:
    characters, confidence = read_confidence(picture, box)
    return characters >= _CHARACTERS and confidence >= _CONFIDENCE


def _area(box: TextBox) -> tuple[slice, slice]:
    return slice(box.top, box.bottom), slice(box.left, box.right)


def _without(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The masked pixels filled from their surroundings: a black box would look like a letter."""
    if not mask.any():
        return picture
    if mask.all():
        return np.zeros_like(picture)
    reach = max(2.0, 0.02 * max(mask.shape))
    known = ndimage.gaussian_filter((~mask).astype(np.float32), reach) + 1e-6
    filled = picture.copy()
    planes = picture[..., None] if picture.ndim == 2 else picture
    for plane in range(planes.shape[-1]):
        values = np.where(mask, 0, planes[..., plane]).astype(np.float32)
        smooth = ndimage.gaussian_filter(values, reach) / known
        target = filled if picture.ndim == 2 else filled[..., plane]
        target[mask] = np.clip(smooth[mask], 0, 255).astype(np.uint8)
    return filled
