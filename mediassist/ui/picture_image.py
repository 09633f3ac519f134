"""Arrays to Qt pictures, and the windowed picture that was drawn last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from mediassist.core.finding import HeatMap
from mediassist.dicom.windows import Voi
from mediassist.reading.pictures import Picture

# Evidence below this is not tinted at all: a faint wash over a whole picture hides its contrast.
HEAT_FLOOR = 0.08


def array_image(pixels: NDArray[np.uint8]) -> QImage:
    """(rows, columns) grey or (rows, columns, 3) RGB display values as an image of its own."""
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape[:2]
    if pixels.ndim == 2:
        kind, bytes_per_line = QImage.Format.Format_Grayscale8, columns
    else:
        kind, bytes_per_line = QImage.Format.Format_RGB888, 3 * columns
    return QImage(pixels.data, columns, rows, bytes_per_line, kind).copy()


def heat_image(heat: HeatMap) -> QImage:
    """Evidence as a translucent picture, in the report's colours; no evidence is clear."""
    from mediassist.report.overlay import heat_colours

    values = np.nan_to_num(np.clip(heat.values, 0.0, 1.0), nan=0.0).astype(np.float32)
    rows, columns = values.shape
    pixels = np.empty((rows, columns, 4), dtype=np.uint8)
    pixels[..., :3] = heat_colours(values)
    ramp = np.clip((values - HEAT_FLOOR) / (1.0 - HEAT_FLOOR), 0.0, 1.0)
    pixels[..., 3] = np.rint(255 * np.sqrt(ramp))
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


class WindowedImage:
    """The QImage of one picture in one window at one level of reduction, made when it changes."""

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._voi: Voi | None = None
        self._look: tuple[bool, int] = (False, -1)
        self._image = QImage()

    def image(self, picture: Picture, voi: Voi | None, inverted: bool, level: int) -> QImage:
        look = (inverted, level)
        # Compared by identity: pictures and tables hold arrays, and windows are never changed.
        if picture is not self._picture or voi is not self._voi or look != self._look:
            self._image = array_image(picture.display(voi, inverted, level))
            self._picture, self._voi, self._look = picture, voi, look
        return self._image
