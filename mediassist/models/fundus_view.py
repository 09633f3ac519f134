"""The camera's field of view on a fundus photograph: found, cut out, everything around it black.

The pictures that the networks learned from are cut to the field of view. A photograph as a camera
stores it is 4:3 with black, not always quite black, sides, words or a logo on them, and a circle
that is often cut off above and below; without this step the retina would come at another scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Picture = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SMALL = 256  # pixels of the longer side on which the field of view is looked for
_DARKEST_BACKGROUND = 0.12  # a corner brighter than this is retina: the picture is cut to it
_STEP = 0.03  # how much brighter than the corners the retina is at least
_SMALLEST_SHARE = 0.15  # of the frame; less is no fundus photograph, and the gate will say so


@dataclass(frozen=True, slots=True)
class View:
    """Where the retina is: `top`, `left`, `rows`, `columns` of its box, in stored pixels, and the
    outline `mask` (h, w) of the entire picture at a reduced size."""

    top: int
    left: int
    rows: int
    columns: int
    mask: Mask


def field_of_view(picture: Picture) -> View:
    """Find the field of view of a picture (channels, rows, columns) in 0..1.

    The convex outline of the largest bright piece: a vessel or haemorrhage at the rim can't bite
    into it, words in the corners are other pieces. Where nothing fits, the entire picture.
    """
    rows, columns = picture.shape[1:]
    # A stride first: a 12-megapixel photograph is not averaged pixel by pixel to find a circle.
    step = max(1, max(rows, columns) // (4 * _SMALL))
    level = _reduced(picture[:, ::step, ::step].max(axis=0))
    height, width = level.shape
    everything = View(0, 0, rows, columns, np.ones(level.shape, bool))
    background = _background(level)
    if background > _DARKEST_BACKGROUND:
        return everything
    outline = _convex_outline(level > background + _STEP)
    if outline is None or outline.mean() < _SMALLEST_SHARE:
        return everything
    across, down = np.flatnonzero(outline.any(0)), np.flatnonzero(outline.any(1))
    top, bottom = _stored(down[0], height, rows), _stored(down[-1] + 1, height, rows)
    left, right = _stored(across[0], width, columns), _stored(across[-1] + 1, width, columns)
    return View(top, left, bottom - top, right - left, outline)


class FieldOfView:
    """Cut a picture to its field of view and make everything outside it black.

    Takes and gives (channels, rows, columns) float32 in 0..1. `window` names the part kept, so
    that a finding can be drawn on the stored picture.
    """

    def __call__(self, picture: Picture) -> Picture:
        view = field_of_view(picture)
        box = (slice(view.top, view.top + view.rows), slice(view.left, view.left + view.columns))
        inside = _enlarged(view.mask, picture.shape[1], picture.shape[2])[box]
        kept: Picture = np.ascontiguousarray(picture[:, box[0], box[1]] * inside, np.float32)
        return kept

    def window(self, picture: Picture) -> tuple[int, int, int, int]:
        """Top, left, rows and columns of the part kept, in stored pixels."""
        view = field_of_view(picture)
        return view.top, view.left, view.rows, view.columns


class LocalContrast:
    """Take away slow changes of brightness and colour, and give small things the same contrast.

    What stays is the difference from the surroundings (a box filter twice, `share` of the longer
    side wide, inside the field of view only), scaled by its own spread and centred at one half;
    outside the field of view stays black. After Graham, Kaggle Diabetic Retinopathy Detection
    2015. One camera's orange and another's grey retina look alike afterwards.
    """

    def __init__(self, share: float = 1 / 16, spread: float = 0.09) -> None:
        self.share, self.spread = share, spread

    def __call__(self, picture: Picture) -> Picture:
        inside = (picture.max(axis=0) > 0).astype(np.float32)
        radius = max(1, round(self.share * max(picture.shape[1:]) / 2))
        weight = np.maximum(_smooth(inside, radius), 1e-3)
        slow = np.stack([_smooth(plane * inside, radius) / weight for plane in picture])
        detail = (picture - slow) * inside
        count = max(float(inside.sum()), 1.0)
        # The spread of the green plane, which carries vessels and lesions; noise stays noise.
        green = detail[min(1, len(detail) - 1)]
        measured = float(np.sqrt((np.clip(green, -0.2, 0.2) ** 2).sum() / count))
        scaled = 0.5 + detail * (self.spread / max(measured, 0.008))
        result: Picture = (np.clip(scaled, 0, 1) * inside).astype(np.float32)
        return result


def _reduced(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """The plane with its longer side at `_SMALL`, area averaged."""
    rows, columns = plane.shape
    scale = min(1.0, _SMALL / max(rows, columns))
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BOX), np.float32)


def _background(level: NDArray[np.float32]) -> float:
    """Brightness of the corners: the darker three, since one may hold a logo or a date."""
    side = max(2, min(level.shape) // 24)
    corners = [
        float(np.median(level[rows, columns]))
        for rows in (slice(0, side), slice(-side, None))
        for columns in (slice(0, side), slice(-side, None))
    ]
    return float(np.mean(sorted(corners)[:3]))


def _convex_outline(bright: Mask) -> Mask | None:
    """Convex hull of the largest piece of `bright`, without thin bridges; None without one."""
    from scipy import ndimage
    from scipy.spatial import ConvexHull, QhullError

    pieces, count = ndimage.label(ndimage.binary_opening(bright, np.ones((3, 3)), iterations=2))
    if count == 0:
        return None
    largest = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    points = np.argwhere(largest & ~ndimage.binary_erosion(largest))
    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError:
        return None
    image = Image.new("1", (bright.shape[1], bright.shape[0]))
    ImageDraw.Draw(image).polygon([(int(x), int(y)) for y, x in corners], fill=1, outline=1)
    return np.asarray(image)


def _stored(position: int, small: int, stored: int) -> int:
    return round(position * stored / small)


def _enlarged(mask: Mask, rows: int, columns: int) -> Mask:
    if mask.all():
        return np.ones((rows, columns), bool)
    image = Image.fromarray(mask.astype(np.float32))
    return np.asarray(image.resize((columns, rows), Image.Resampling.BILINEAR)) > 0.5


def _smooth(plane: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Two box filters of 2 radius + 1: nearly a Gaussian, at a price that radius does not change"""
    from scipy import ndimage

    width = 2 * radius + 1
    once = ndimage.uniform_filter(plane, width, mode="constant")
    smooth: NDArray[np.float32] = ndimage.uniform_filter(once, width, mode="constant")
    return smooth
