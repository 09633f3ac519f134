"""What the pixels say of an acquisition: clipping, blur, ghosts, light, air.

Each function takes one frame (`dicom.display.Frame`) and gives a number, or None where it can't
be told from this frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.dicom.display import Frame, display_grey

Grey = NDArray[np.float32]

_BLUR_SIDE = 512
_REBLUR_PIXELS = 11
_FIELD_LEVEL = 0.06
_COLOURED = 40
_OUTSIDE = 0.98
_BRIGHT = 250 / 255
_PADDING_BELOW = -1500.0
_BACKGROUND_BELOW = 0.3
_MOST_PERCENTILE_SIDE = 512
_LEAST_GHOSTED_SIDE = 16


def clipped_white_percent(frame: Frame) -> float | None:
    """Share of pixels, in percent, that lie at the bright end of the picture's own values."""
    return _clipped_percent(frame, bright=True)


def clipped_black_percent(frame: Frame) -> float | None:
    """Share of pixels in the middle of the picture, in percent, that lie at its dark end.

    Only the middle half of each side counts: air beside the patient is black by right.
    """
    return _clipped_percent(frame, bright=False)


def _clipped_percent(frame: Frame, bright: bool) -> float | None:
    if frame.modality_values is None:
        values = display_grey(frame)
        is_top = bright
    else:
        values = frame.modality_values
        is_top = bright != frame.inverted
    shown = np.ones(values.shape, bool) if frame.hidden is None else ~frame.hidden
    if not bright:
        rows, columns = values.shape
        middle = np.s_[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]
        values, shown = values[middle], shown[middle]
    if not shown.any():
        return None
    low, high = frame.value_range if frame.modality_values is not None else _ends(values)
    if low == high:
        return None
    end = high if is_top else low
    return 100.0 * float((values[shown] == np.float32(end)).mean())


def _ends(values: Grey) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def contrast_percent(frame: Frame) -> float | None:
    """Distance of the 1st and 99th percentile of the grey values on the screen, in percent of
    black to white."""
    return _contrast_percent(frame, display_grey(frame))


def content_percent(frame: Frame) -> float | None:
    """As `contrast_percent`; where the stored window leaves all values outside, with a window of
    the values themselves: that window is wrong, the picture need not be."""
    shown = display_grey(frame)
    if frame.modality_values is not None and float(((shown == 0) | (shown == 1)).mean()) > _OUTSIDE:
        shown = display_grey(frame, frame.fallback)
    return _contrast_percent(frame, shown)


def _contrast_percent(frame: Frame, grey: Grey) -> float:
    step = 1 + max(grey.shape) // _MOST_PERCENTILE_SIDE
    thinned = grey[::step, ::step]
    if frame.hidden is not None and not frame.hidden[::step, ::step].all():
        thinned = thinned[~frame.hidden[::step, ::step]]
    low, high = np.percentile(thinned, (1, 99))
    return 100.0 * float(high - low)


def blur(frame: Frame) -> float | None:
    """Blur from 0 (sharp) to 1, by blurring once more: a sharp picture changes a lot.

    Crete, Dolmiere, Ladret and Nicolas, "The blur effect", SPIE 6492 (2007), on the picture
    reduced to at most 512 pixels, so that values of different detectors compare; the worse of the
    two directions counts, so that motion along one of them shows.
    """
    grey = _reduced(display_grey(frame), _BLUR_SIDE)
    if min(grey.shape) < 2 * _REBLUR_PIXELS or float(np.ptp(grey)) == 0.0:
        return None
    return max(_blur_along(grey, axis) for axis in (0, 1))


def _blur_along(grey: Grey, axis: int) -> float:
    steps = np.abs(np.diff(grey, axis=axis))
    again = np.abs(np.diff(ndimage.uniform_filter1d(grey, _REBLUR_PIXELS, axis=axis), axis=axis))
    total = float(steps.sum(dtype=np.float64))
    kept = float(np.maximum(0, steps - again).sum(dtype=np.float64))
    return (total - kept) / total if total else 1.0


def _reduced(grey: Grey, side: int) -> Grey:
    """Means of square blocks, as many pixels as it takes to get below `side`."""
    step = -(-max(grey.shape) // side)
    rows, columns = (length // step for length in grey.shape)
    blocks = grey[: rows * step, : columns * step].reshape(rows, step, columns, step)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def coloured_percent(frame: Frame) -> float | None:
    """Share of clearly coloured pixels, in percent: Doppler boxes and coloured overlays."""
    if frame.rgb is None:
        return 0.0
    spread = frame.rgb.max(axis=-1).astype(np.int16) - frame.rgb.min(axis=-1)
    return 100.0 * float((spread > _COLOURED).mean())


def field_percent(frame: Frame) -> float | None:
    """Share of the picture, in percent, on which the fundus (not the black mask) is seen."""
    return 100.0 * float((display_grey(frame) > _FIELD_LEVEL).mean())


def field_brightness(frame: Frame) -> float | None:
    """Mean grey level (0 to 255) of the lit field."""
    grey = display_grey(frame)
    lit = grey > _FIELD_LEVEL
    return 255.0 * float(grey[lit].mean()) if lit.any() else 0.0


def overexposed_percent(frame: Frame) -> float | None:
    """Share of the lit field, in percent, that is burnt out in every colour."""
    grey = display_grey(frame)
    lit = grey > _FIELD_LEVEL
    if not lit.any():
        return 0.0
    burnt = grey >= _BRIGHT if frame.rgb is None else frame.rgb.min(axis=-1) >= 255 * _BRIGHT
    return 100.0 * float(burnt[lit].mean())


def illumination_ratio(frame: Frame) -> float | None:
    """Mean brightness of the brightest quadrant of the lit field over that of the darkest."""
    grey = display_grey(frame)
    lit = grey > _FIELD_LEVEL
    rows, columns = (side // 2 for side in grey.shape)
    means = []
    for part in (
        np.s_[:rows, :columns],
        np.s_[:rows, columns:],
        np.s_[rows:, :columns],
        np.s_[rows:, columns:],
    ):
        if not lit[part].any():
            return None
        means.append(float(grey[part][lit[part]].mean()))
    return max(means) / min(means)


def ghosting_percent(frame: Frame) -> float | None:
    """Signal of ghosts beside the head, in percent of its own: motion along one direction.

    As the ACR's percent signal ghosting, |(top + bottom) - (left + right)| / (2 x object), with
    strips along the four edges in place of hand-drawn regions. None where the object reaches an
    edge (the neck, a small field of view), the scanner has set the background to zero, or the
    picture is too small to have edges and a middle.
    """
    values = frame.modality_values
    if values is None or min(values.shape) < _LEAST_GHOSTED_SIDE:
        return None
    values = values - values.min()
    rows, columns = values.shape
    tall, wide = max(2, rows // 20), max(2, columns // 20)
    middle_rows, middle_columns = (
        slice(rows // 4, -(rows // 4)),
        slice(columns // 4, -(columns // 4)),
    )
    strips = (
        values[:tall, middle_columns],
        values[-tall:, middle_columns],
        values[middle_rows, :wide],
        values[middle_rows, -wide:],
    )
    inside = float(
        values[rows * 3 // 8 : rows * 5 // 8, columns * 3 // 8 : columns * 5 // 8].mean()
    )
    top, bottom, left, right = (float(np.median(strip)) for strip in strips)
    if inside <= 0 or max(top, bottom, left, right) > _BACKGROUND_BELOW * inside:
        return None
    if not any((top, bottom, left, right)):
        return None
    return 100.0 * abs((top + bottom) - (left + right)) / (2 * inside)


def air_hu(frame: Frame) -> float | None:
    """Hounsfield units of the air around the patient: the 2nd percentile within the scan circle
    that has no padding."""
    values = frame.modality_values
    if values is None:
        return None
    rows, columns = values.shape
    y, x = np.ogrid[:rows, :columns]
    radius = np.hypot((y - (rows - 1) / 2) / (rows / 2), (x - (columns - 1) / 2) / (columns / 2))
    wanted = (radius < 0.98) & (values > _PADDING_BELOW)
    if frame.hidden is not None:
        wanted &= ~frame.hidden
    return float(np.percentile(values[wanted], 2)) if wanted.any() else None
