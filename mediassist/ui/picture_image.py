"""Arrays to Qt pictures, and the windowed picture that was drawn last."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from mediassist.core.finding import HeatMap
from mediassist.dicom.windows import Voi
from mediassist.reading.evidence import HeatPicture
from mediassist.reading.pictures import Area, Picture
from mediassist.reading.view_state import Affine

# Evidence below this is not tinted at all: a faint wash over a whole picture hides its contrast.
HEAT_FLOOR = 0.08
TILE = 256
# Channels that differ by no more than this are grey.
GREY_SPREAD = 4


def array_image(pixels: NDArray[np.uint8]) -> QImage:
    """(rows, columns) grey or (rows, columns, 3) RGB display values as an image of its own."""
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape[:2]
    if pixels.ndim == 2:
        kind, bytes_per_line = QImage.Format.Format_Grayscale8, columns
    else:
        kind, bytes_per_line = QImage.Format.Format_RGB888, 3 * columns
    return QImage(pixels.data, columns, rows, bytes_per_line, kind).copy()


def heat_image(heat: HeatMap | HeatPicture) -> QImage:
    """Evidence as a translucent picture, in the report's colours; no evidence is clear.

    Of a heat map that was drawn over grey anatomy only what has colour is shown: its own texts and
    scale bar would stand beside those of the window. Over a colour picture it is opaque.
    """
    from mediassist.report.overlay import heat_colours

    if isinstance(heat, HeatPicture):
        return _coloured(heat.rgb)
    values = np.nan_to_num(np.clip(heat.values, 0.0, 1.0), nan=0.0).astype(np.float32)
    rows, columns = values.shape
    pixels = np.empty((rows, columns, 4), dtype=np.uint8)
    pixels[..., :3] = heat_colours(values)
    ramp = np.clip((values - HEAT_FLOOR) / (1.0 - HEAT_FLOOR), 0.0, 1.0)
    pixels[..., 3] = np.rint(255 * np.sqrt(ramp))
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


def _coloured(rgb: NDArray[np.uint8]) -> QImage:
    spread = rgb.max(axis=2).astype(np.int16) - rgb.min(axis=2)
    if np.mean(spread <= GREY_SPREAD) < 0.5:
        return array_image(rgb)
    rows, columns = spread.shape
    pixels = np.empty((rows, columns, 4), dtype=np.uint8)
    pixels[..., :3] = rgb
    pixels[..., 3] = np.clip((spread - GREY_SPREAD) * 16, 0, 255)
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


@dataclass(frozen=True, slots=True)
class Look:
    """What of a picture is drawn: its reduction, its part, and whether grey is turned round."""

    level: int
    area: Area
    inverted: bool


class WindowedImage:
    """The QImage of one picture in one window and look, made anew only when one of them changes."""

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._voi: Voi | None = None
        self._look: Look | None = None
        self._image = QImage()

    def image(self, picture: Picture, voi: Voi | None, look: Look) -> QImage:
        # Compared by identity: pictures and tables hold arrays, and windows are never changed.
        if picture is not self._picture or voi is not self._voi or look != self._look:
            shown = picture.display(voi, look.inverted, look.level, look.area)
            self._image = array_image(shown)
            self._picture, self._voi, self._look = picture, voi, look
        return self._image


def visible_area(picture: Picture, level: int, affine: Affine, width: int, height: int) -> Area:
    """The part of a reduced copy that the viewport shows, in steps of `TILE` pixels.

    Windowing only what is seen keeps dragging smooth in a large radiograph at full size; whole
    tiles keep panning from making a new image at every pixel.
    """
    frame = picture.frames[level]
    back = affine.inverse()
    corners = [back.apply(x, y) for x in (0, width) for y in (0, height)]
    factor = 2**level
    columns = [(x + 0.5) / factor for x, _ in corners]
    rows = [(y + 0.5) / factor for _, y in corners]
    area = Area(
        max(0, math.floor(min(columns) / TILE) * TILE),
        max(0, math.floor(min(rows) / TILE) * TILE),
        min(frame.columns, math.ceil(max(columns) / TILE) * TILE),
        min(frame.rows, math.ceil(max(rows) / TILE) * TILE),
    )
    if area.left >= area.right or area.top >= area.bottom:
        return Area(0, 0, 1, 1)
    return area
