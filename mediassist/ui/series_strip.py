"""Thumbnails of a study's series under the viewport."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from mediassist.reading.display_set import DisplaySeries, DisplaySet
from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.own_keys import LIST_KEYS, OwnKeys

SIDE = 84


class SeriesStrip(OwnKeys, QListWidget):
    """One thumbnail a series, with its number, description and count of pictures."""

    series_chosen = Signal(int)
    opened = Signal()
    own_keys = LIST_KEYS

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(False)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setFixedHeight(SIDE + 50)
        self.setSpacing(4)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(words.sentence("Series"))
        self.setStyleSheet(
            f"QListView::item {{ border-radius: 4px; padding: 3px; color: {theme.TEXT_DIM}; }}"
            f"QListView::item:hover {{ background: {theme.HOVER}; }}"
            f"QListView::item:selected {{ background: {theme.ACCENT_GROUND}; color: #ffffff; }}"
        )
        self.currentRowChanged.connect(self._chosen)
        self._filling = False

    def show_set(self, shown: DisplaySet) -> None:
        self._filling = True
        self.clear()
        for series in shown.series:
            item = QListWidgetItem(_placeholder(), _caption(series))
            item.setSizeHint(QSize(SIDE + 34, SIDE + 34))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            item.setToolTip(_speech(series, self._words))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, _speech(series, self._words))
            self.addItem(item)
        self._filling = False
        self.setVisible(len(shown.series) > 0)

    def set_thumbnail(self, index: int, image: QImage) -> None:
        item = self.item(index)
        if item is not None:
            item.setIcon(_framed(image, self.devicePixelRatioF()))

    def set_current(self, index: int) -> None:
        self._filling = True
        self.setCurrentRow(index)
        self._filling = False

    def keyPressEvent(self, event):
        if event.key() == Qt.Key.Key_Space:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def _chosen(self, index: int) -> None:
        if index >= 0 and not self._filling:
            self.series_chosen.emit(index)


def _caption(series: DisplaySeries) -> str:
    head = series.series
    number = "" if head.number is None else f"{head.number} "
    name = head.description or head.protocol or head.body_part or head.modality
    return f"{number}{name} ({len(series.positions)})"


def _speech(series: DisplaySeries, words: Words) -> str:
    head = series.series
    return words.sentence(
        "{modality} series {number}: {description}, {images} images",
        modality=head.modality,
        number="" if head.number is None else head.number,
        description=head.description or head.body_part,
        images=len(series.positions),
    )


def _placeholder() -> QIcon:
    pixmap = QPixmap(SIDE, SIDE)
    pixmap.fill(QColor(theme.GROUND))
    return QIcon(pixmap)


def _framed(image: QImage, ratio: float) -> QIcon:
    """The picture centred on black, sharp at the screen's scaling."""
    side = round(SIDE * ratio)
    pixmap = QPixmap(side, side)
    pixmap.fill(QColor(theme.VIEWPORT))
    shown = image.scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    painter = QPainter(pixmap)
    painter.drawImage((side - shown.width()) // 2, (side - shown.height()) // 2, shown)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    icon = QIcon()
    icon.addPixmap(pixmap, QIcon.Mode.Normal)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
