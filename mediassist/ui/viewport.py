"""The image viewport: shows a `ViewportModel` and turns mouse and wheel into changes of it.

Left drag uses the chosen tool (window/level at first), right drag zooms, a right click opens the
menu, middle drag pans, the wheel scrolls (conventions.md, section 1). The widget draws in device
pixels, so the picture and the text are sharp at any display scaling.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from mediassist.core.study import Study
from mediassist.reading.annotations import (
    AnnotationLevel,
    corner_texts,
    edge_letters,
    scale_bar,
)
from mediassist.reading.display_set import DisplaySeries
from mediassist.reading.pictures import Picture
from mediassist.reading.viewport_model import ViewportModel
from mediassist.text import Words
from mediassist.ui import theme, viewport_painting
from mediassist.ui.picture_image import Look, WindowedImage, visible_area
from mediassist.ui.viewport_painting import Marks, transform_of

DRAG_THRESHOLD = 4
WHEEL_STEP = 120
SCROLL_DRAG_PX = 8
ZOOM_PER_PX = 1.008
ZOOM_PER_STEP = 1.15
FAST_STEPS = 10
PATIENCE_MS = 250


class Tool(StrEnum):
    """What dragging with the left button does."""

    WINDOW = "window"
    PAN = "pan"
    ZOOM = "zoom"
    SCROLL = "scroll"


_CURSORS = {
    Tool.WINDOW: Qt.CursorShape.CrossCursor,
    Tool.PAN: Qt.CursorShape.OpenHandCursor,
    Tool.ZOOM: Qt.CursorShape.SizeVerCursor,
    Tool.SCROLL: Qt.CursorShape.SplitVCursor,
}


@dataclass(frozen=True, slots=True)
class HeatLayer:
    """A heat map to lay over the picture: `columns` and `rows` are those of the stored image that
    it covers; an opaque one holds its anatomy and hides the picture."""

    image: QImage
    columns: int
    rows: int
    opaque: bool = False


class QtViewport(QWidget):
    """Shows one `ViewportModel`.

    Signals
    -------
    position_changed : the reader scrolled; the picture at the new position is needed.
    view_changed : window, zoom or anything else that texts elsewhere may show.
    probed : what lies under the cursor, as text; empty outside the picture.
    menu_asked : a right click, with its global position.
    """

    position_changed = Signal()
    view_changed = Signal()
    probed = Signal(str)
    menu_asked = Signal(QPoint)
    maximise_asked = Signal()

    def __init__(self, model: ViewportModel, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.words = words
        self.tool = Tool.WINDOW
        self.inverse_drag = False
        self.heat_opacity = 0.45
        self._windowed = WindowedImage()
        self._marks = Marks()
        self._heat: HeatLayer | None = None
        self._button: Qt.MouseButton | None = None
        self._pressed_at = QPointF()
        self._last = QPointF()
        self._hover: QPointF | None = None
        self._dragged = False
        self._wheel_rest = 0.0
        self._scroll_rest = 0.0
        self._slow = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._say_slow)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.setAccessibleName(words.sentence("Image"))
        self.choose_tool(Tool.WINDOW)

    # What is shown

    def sizeHint(self) -> QSize:
        return QSize(800, 800)

    def choose_tool(self, tool: Tool) -> None:
        self.tool = tool
        self.setCursor(_CURSORS[tool])

    def set_overlays(self, marks: Marks, heat: HeatLayer | None) -> None:
        """Regions and heat map of the picture that is shown."""
        self._marks = marks
        self._heat = heat
        self.update()

    def refresh(self) -> None:
        """The model changed: draw it, and let others know."""
        self._slow = False
        self._patience.start()
        self.update()
        self.view_changed.emit()
        if self._hover is not None:
            # A new picture or zoom under a resting mouse: the old value would be wrong.
            self._probe(self._hover)

    def _say_slow(self) -> None:
        """Nothing is said of pictures that come at once: words that flash disturb."""
        self._slow = self.model.picture is None and self.model.failure is None
        if self._slow:
            self.update()

    # Painting

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.VIEWPORT))
        model = self.model
        area = QRectF(self.rect())
        if model.study is None or model.series is None:
            return
        self._set_font(painter)
        if model.failure is not None:
            viewport_painting.draw_failure(
                painter,
                area,
                self.words.sentence("This image cannot be shown"),
                self.words.message(model.failure),
            )
        elif model.picture is not None:
            self._paint_picture(painter, model.picture)
            self._paint_overlays(painter)
        elif self._slow:
            painter.setPen(QColor(theme.TEXT_DIM))
            painter.drawText(
                area, Qt.AlignmentFlag.AlignCenter, self.words.sentence("Reading the image…")
            )
        self._paint_texts(painter, area, model.study, model.series)
        self._paint_focus(painter, area)

    def _set_font(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPointSizeF(max(9.0, font.pointSizeF() * 0.92))
        painter.setFont(font)

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        model = self.model
        affine = model.view.image_to_view()
        level = self._level(picture)
        area = visible_area(picture, level, affine, self.width(), self.height())
        look = Look(level, area, model.inverted)
        image = self._windowed.image(picture, model.voi, look)
        painter.save()
        painter.setTransform(transform_of(affine), combine=True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # Pixel centres are whole numbers, so the picture begins half a pixel before the first.
        factor = 2**level
        covered = QRectF(
            area.left * factor - 0.5,
            area.top * factor - 0.5,
            image.width() * factor,
            image.height() * factor,
        )
        painter.drawImage(covered, image, QRectF(image.rect()))
        painter.restore()

    def _level(self, picture: Picture) -> int:
        """Which reduced copy has just more pixels than the screen shows."""
        device = self.model.view.zoom * self.devicePixelRatioF()
        if device >= 1:
            return 0
        return min(picture.levels - 1, int(math.log2(1 / device)))

    def _paint_overlays(self, painter: QPainter) -> None:
        affine = self.model.view.image_to_view()
        if self.model.show_heat and self._heat is not None:
            heat = self._heat
            painter.save()
            painter.setOpacity(1.0 if heat.opaque else self.heat_opacity)
            painter.setTransform(transform_of(affine), combine=True)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(-0.5, -0.5, heat.columns, heat.rows), heat.image)
            painter.restore()
        if self.model.show_outlines:
            on_colour = self.model.picture is not None and self.model.picture.colour
            for outline in self._marks.outlines:
                viewport_painting.draw_outline(painter, affine, outline, on_colour=on_colour)

    def _paint_texts(
        self, painter: QPainter, area: QRectF, study: Study, series: DisplaySeries
    ) -> None:
        model = self.model
        position = series.positions[model.index]
        corners = corner_texts(
            study,
            series.series,
            position.instance,
            frame=position.frame,
            position=model.index,
            positions=len(series.positions),
            voi=model.voi,
            zoom=model.view.zoom * self.devicePixelRatioF() if model.picture else None,
            level=model.level,
            words=self.words,
        )
        viewport_painting.draw_corners(painter, area, corners)
        if model.picture is not None and model.show_outlines:
            lines = len(corners.top_right)
            viewport_painting.draw_legend(painter, area, lines, self._marks.legend)
        if model.level is AnnotationLevel.NONE:
            return
        # Lossy compression must be seen by whoever reads the picture, beside the upper corner.
        top = area.top() + viewport_painting.EDGE
        if position.instance.lossy:
            left = area.center().x() + 28
            viewport_painting.draw_tag(painter, left, top, self.words.sentence("LOSSY"), "#f0d890")
        if model.picture is None:
            return
        if model.picture.letters is not None:
            letters = edge_letters(model.picture.letters, model.view.screen_axes)
            viewport_painting.draw_letters(painter, area, letters)
        bar = scale_bar(
            position.instance.spacing,
            model.view.mm_per_view_pixel,
            min(area.width() * 0.3, 260),
            self.words,
        )
        if bar is not None:
            viewport_painting.draw_scale_bar(painter, area, bar)

    def _paint_focus(self, painter: QPainter, area: QRectF) -> None:
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT_GROUND))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    # Mouse

    def resizeEvent(self, event):
        self.model.view.resize(self.width(), self.height())
        super().resizeEvent(event)

    def mousePressEvent(self, event):
        self._button = event.button()
        self._pressed_at = self._last = event.position()
        self._dragged = False
        self._scroll_rest = 0.0
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event):
        place = self._hover = event.position()
        if self._button is None:
            self._probe(place)
            return
        moved = place - self._pressed_at
        if not self._dragged and math.hypot(moved.x(), moved.y()) < DRAG_THRESHOLD:
            return
        self._dragged = True
        step = place - self._last
        self._last = place
        fast = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        action = self._drag_action()
        if action is not None:
            action(step, fast)

    def mouseReleaseEvent(self, event):
        if event.button() == Qt.MouseButton.RightButton and not self._dragged:
            self.menu_asked.emit(event.globalPosition().toPoint())
        self._button = None

    def mouseDoubleClickEvent(self, event):
        if event.button() == Qt.MouseButton.LeftButton:
            self.maximise_asked.emit()

    def leaveEvent(self, event):
        self._hover = None
        self.probed.emit("")

    def _drag_action(self) -> Callable[[QPointF, bool], None] | None:
        if self._button == Qt.MouseButton.RightButton:
            return self._drag_zoom
        if self._button == Qt.MouseButton.MiddleButton:
            return self._drag_pan
        if self._button == Qt.MouseButton.LeftButton:
            return {
                Tool.WINDOW: self._drag_window,
                Tool.PAN: self._drag_pan,
                Tool.ZOOM: self._drag_zoom,
                Tool.SCROLL: self._drag_scroll,
            }[self.tool]
        return None

    def _drag_window(self, step: QPointF, fast: bool) -> None:
        if self.model.drag_window(step.x(), step.y(), inverse=self.inverse_drag, fast=fast):
            self.refresh()

    def _drag_pan(self, step: QPointF, fast: bool) -> None:
        self.model.view.pan(step.x(), step.y())
        self.refresh()

    def _drag_zoom(self, step: QPointF, fast: bool) -> None:
        factor = ZOOM_PER_PX ** (-step.y() * (2 if fast else 1))
        self.model.view.zoom_about(factor, self._pressed_at.x(), self._pressed_at.y())
        self.refresh()

    def _drag_scroll(self, step: QPointF, fast: bool) -> None:
        self._scroll_rest += step.y() / SCROLL_DRAG_PX * (FAST_STEPS if fast else 1)
        whole = int(self._scroll_rest)
        self._scroll_rest -= whole
        self.scroll_by(whole)

    def wheelEvent(self, event):
        turned = event.angleDelta().y() or event.angleDelta().x()
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            place = event.position()
            self.model.view.zoom_about(ZOOM_PER_STEP ** (turned / WHEEL_STEP), place.x(), place.y())
            self.refresh()
        else:
            # Touchpads send many small turns: add them up to whole steps.
            self._wheel_rest -= turned / WHEEL_STEP
            whole = int(self._wheel_rest)
            self._wheel_rest -= whole
            fast = modifiers & Qt.KeyboardModifier.ShiftModifier
            self.scroll_by(whole * (FAST_STEPS if fast else 1))
        event.accept()

    def scroll_by(self, steps: int) -> None:
        if steps and self.model.scroll(steps):
            self.position_changed.emit()

    def scroll_to(self, index: int) -> None:
        if self.model.scroll_to(index):
            self.position_changed.emit()

    def _probe(self, place: QPointF) -> None:
        picture = self.model.picture
        if picture is None:
            self.probed.emit("")
            return
        x, y = self.model.view.view_to_image(place.x(), place.y())
        column, row = round(x), round(y)
        if not (0 <= column < picture.columns and 0 <= row < picture.rows):
            self.probed.emit("")
            return
        self.probed.emit(f"x {column}  y {row}   {picture.value_text(column, row)}")
