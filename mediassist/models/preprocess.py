"""Preprocessing steps that a bundle's inference.json may name, as MONAI-style callables.

Every step takes and gives float32 arrays of shape (channels, rows, columns) with values 0..1:
display grey after modality LUT, VOI and polarity (air dark, bone bright), or RGB. All steps are
deterministic, and none looks at the size in which a picture happens to be stored: half or double
resolution gives nearly the same result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mediassist.models.fundus_view import FieldOfView as FieldOfView
from mediassist.models.fundus_view import LocalContrast as LocalContrast
from mediassist.models.letterbox import Letterbox

Picture = NDArray[np.float32]


class FitSquare:
    """Scale the longer side to `size` with an area filter and centre it on a black square.

    The triangle filter of Pillow widens with the reduction, so a 3000-pixel film does not alias.
    `letterbox.Letterbox` is the geometry of this step.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, picture: Picture) -> Picture:
        box = Letterbox(picture.shape[1], picture.shape[2], self.size)
        (rows, columns), (top, left) = box.inner, box.margin
        square = np.zeros((picture.shape[0], self.size, self.size), np.float32)
        square[:, top : top + rows, left : left + columns] = resize(picture, rows, columns)
        return square


class SquashSquare:
    """Scale both sides to `size`, so that the aspect of the picture gives nothing away."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, picture: Picture) -> Picture:
        return resize(picture, self.size, self.size)


class StretchGrey:
    """Stretch the grey scale between two percentiles of the picture's own content to 0..1.

    Percentiles are taken over the central part, where neither burned-in words nor collimator
    edges reach, and without exact black, which is the letterbox margin. A picture without
    contrast stays as it is: stretching a blank frame would invent noise.
    """

    def __init__(self, low: float = 1.0, high: float = 99.0, centre: float = 0.9) -> None:
        self.low, self.high, self.centre = low, high, centre

    def __call__(self, picture: Picture) -> Picture:
        rows, columns = picture.shape[1:]
        top, left = (round(side * (1 - self.centre) / 2) for side in (rows, columns))
        content = picture[:, top : rows - top, left : columns - left]
        content = content[content > 0]
        if content.size < 16:
            return picture
        dark, bright = np.percentile(content, (self.low, self.high))
        if bright - dark < 0.02:
            return picture
        stretched: Picture = np.clip((picture - dark) / (bright - dark), 0, 1).astype(np.float32)
        return stretched


class OneChannel:
    """Grey of an RGB picture (luma of ITU-R BT.601, as JPEG takes it); grey stays as it is.

    Ultrasound machines store grey pictures as RGB, for the sake of a few coloured words.
    """

    def __call__(self, picture: Picture) -> Picture:
        if picture.shape[0] == 1:
            return picture
        weights = np.array([0.299, 0.587, 0.114], np.float32)
        grey: Picture = np.tensordot(weights, picture, axes=1)[None].astype(np.float32)
        return grey


class ThreeChannels:
    """Give a grey picture three times; RGB stays as it is."""

    def __call__(self, picture: Picture) -> Picture:
        return np.repeat(picture, 3, axis=0) if picture.shape[0] == 1 else picture


def resize(picture: Picture, rows: int, columns: int) -> Picture:
    """Scale (channels, rows, columns) with a filter that widens when it reduces."""
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(plane)).resize(
                (columns, rows), Image.Resampling.BILINEAR
            )
        )
        for plane in picture.astype(np.float32)
    ]
    return np.stack(planes)
