"""The window's own icons: plain line drawings as SVG, coloured when they are drawn."""

from __future__ import annotations

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from mediassist.ui import theme

_FOLDER = "icons"


@cache
def _drawing(name: str) -> str:
    file = resources.files("mediassist.ui").joinpath(_FOLDER, f"{name}.svg")
    return file.read_text(encoding="utf-8")


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = _drawing(name).replace("currentColor", colour)
    return QSvgRenderer(QByteArray(drawing.encode("utf-8")))


class _LineIcon(QIconEngine):
    """Draws the SVG at whatever size and device pixel ratio is asked for, so it stays sharp."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def paint(self, painter, rect, mode, state):
        colour = self._colour
        if mode == QIcon.Mode.Disabled:
            colour = "#5d636a"
        elif state == QIcon.State.On:
            colour = "#ffffff"
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        _renderer(self._name, colour).render(painter, square)

    def pixmap(self, size, mode, state):
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self):
        return _LineIcon(self._name, self._colour)


def icon(name: str, colour: str = theme.TEXT) -> QIcon:
    return QIcon(_LineIcon(name, colour))


def application_icon() -> QIcon:
    """The icon of the window in task bars, as pixmaps (platforms do not take an icon engine)."""
    result = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(icon("mediassist", theme.ACCENT).pixmap(QSize(side, side)))
    return result
