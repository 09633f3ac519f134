"""How one viewport shows one picture: zoom, pan, turn, window; no Qt.

Image coordinates are (x, y) = (column, row) with pixel centres at whole numbers, as in
`core.finding.Region`; viewport coordinates are logical pixels from the upper left corner.
Where rows and columns have different spacing, the picture is stretched so that a millimetre is
equally long both ways.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mediassist.core.study import PixelSpacing
from mediassist.dicom.windows import Window, WindowFunction

ZOOM_MIN = 0.02
ZOOM_MAX = 40.0
# BIR: a full drag over about 400 pixels changes the window by its own width.
DRAG_GAIN = 1.0 / 400.0
FAST_GAIN = 4.0


def dragged_window(
    window: Window, right: float, down: float, span: float, *, inverse: bool, fast: bool
) -> Window:
    """The window after a drag of (right, down) logical pixels.

    Left-right is width, up-down is centre. IHE Basic Image Review wants dragging down to
    brighten, so down lowers the centre; `inverse` turns that round. `span` is the range of the
    picture's values: it keeps the drag alive where the window has become very narrow.
    """
    step = max(window.width, span * 0.02) * DRAG_GAIN * (FAST_GAIN if fast else 1.0)
    sign = 1.0 if inverse else -1.0
    width = max(_least_width(window, span), window.width + right * step)
    return replace(window, centre=window.centre + sign * down * step, width=width, name="")


def stepped_window(
    window: Window, centre_steps: int, width_steps: int, step: float, span: float
) -> Window:
    """The window after keyboard steps of `step` units each."""
    width = max(_least_width(window, span), window.width + width_steps * step)
    return replace(window, centre=window.centre + centre_steps * step, width=width, name="")


def _least_width(window: Window, span: float) -> float:
    """LINEAR windows of width 1 are thresholds (PS3.3 C.11.2.1.2.1); others may go to nothing."""
    return 2.0 if window.function is WindowFunction.LINEAR else max(span * 1e-4, 1e-6)


@dataclass(frozen=True, slots=True)
class Affine:
    """x' = a x + b y + tx, y' = c x + d y + ty."""

    a: float
    b: float
    c: float
    d: float
    tx: float
    ty: float

    def apply(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.b * y + self.tx, self.c * x + self.d * y + self.ty

    def inverse(self) -> Affine:
        determinant = self.a * self.d - self.b * self.c
        a, b = self.d / determinant, -self.b / determinant
        c, d = -self.c / determinant, self.a / determinant
        return Affine(a, b, c, d, -(a * self.tx + b * self.ty), -(c * self.tx + d * self.ty))


@dataclass(slots=True)
class ViewState:
    """The geometry of one viewport. Give it the picture's size first, then the viewport's.

    Attributes
    ----------
    zoom : logical pixels per image pixel along the more finely sampled axis.
    pan_x, pan_y : shift of the image centre from the viewport centre, logical pixels.
    quarter_turns : clockwise turns of 90 degrees, 0 to 3.
    fitted : while True the picture follows the size of the viewport.
    """

    columns: int = 1
    rows: int = 1
    spacing: PixelSpacing | None = None
    pixel_aspect: float = 1.0
    width: float = 1.0
    height: float = 1.0
    zoom: float = 1.0
    pan_x: float = 0.0
    pan_y: float = 0.0
    quarter_turns: int = 0
    mirrored: bool = False
    fitted: bool = True
    margin: float = 8.0

    def show(
        self, columns: int, rows: int, spacing: PixelSpacing | None, pixel_aspect: float = 1.0
    ) -> None:
        """Show a picture of another size. `pixel_aspect` is row over column spacing where no
        millimetres are known (Pixel Aspect Ratio, PS3.3 C.7.6.3.1.7)."""
        self.columns, self.rows, self.spacing = columns, rows, spacing
        self.pixel_aspect = pixel_aspect
        if self.fitted:
            self.fit()

    def resize(self, width: float, height: float) -> None:
        self.width, self.height = max(1.0, width), max(1.0, height)
        if self.fitted:
            self.fit()

    @property
    def stretch(self) -> tuple[float, float]:
        """How much wider than high a pixel is: factors (x, y), the smaller of them 1."""
        down, across = self.pixel_aspect, 1.0
        if self.spacing is not None:
            down, across = self.spacing.row_mm, self.spacing.column_mm
        if down <= 0 or across <= 0:
            return 1.0, 1.0
        least = min(down, across)
        return across / least, down / least

    def fit(self) -> None:
        """The whole picture, centred, as large as the viewport allows."""
        x, y = self.stretch
        across, down = self.columns * x, self.rows * y
        if self.quarter_turns % 2:
            across, down = down, across
        room_x = max(1.0, self.width - 2 * self.margin)
        room_y = max(1.0, self.height - 2 * self.margin)
        self.zoom = min(room_x / across, room_y / down)
        self.pan_x = self.pan_y = 0.0
        self.fitted = True

    def reset(self) -> None:
        self.quarter_turns = 0
        self.mirrored = False
        self.fit()

    def pan(self, right: float, down: float) -> None:
        self.pan_x += right
        self.pan_y += down
        self.fitted = False

    def zoom_about(self, factor: float, x: float, y: float) -> None:
        """Zoom so that what lies under viewport point (x, y) stays there."""
        wanted = min(ZOOM_MAX, max(ZOOM_MIN, self.zoom * factor))
        factor = wanted / self.zoom
        self.pan_x = (x - self.width / 2) * (1 - factor) + self.pan_x * factor
        self.pan_y = (y - self.height / 2) * (1 - factor) + self.pan_y * factor
        self.zoom = wanted
        self.fitted = False

    def zoom_to(self, zoom: float) -> None:
        self.zoom_about(zoom / self.zoom, self.width / 2, self.height / 2)

    def turn(self) -> None:
        """A quarter turn clockwise."""
        self.quarter_turns = (self.quarter_turns + 1) % 4
        self.pan_x, self.pan_y = -self.pan_y, self.pan_x
        if self.fitted:
            self.fit()

    def mirror(self) -> None:
        """Left to right, as the picture now stands on the screen."""
        if self.quarter_turns % 2:
            self.quarter_turns = (self.quarter_turns + 2) % 4
        self.mirrored = not self.mirrored
        self.pan_x = -self.pan_x

    def image_to_view(self) -> Affine:
        x, y = self.stretch
        x, y = x * self.zoom, y * self.zoom
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[self.quarter_turns]
        side = -1 if self.mirrored else 1
        a, b = cos * x * side, -sin * y
        c, d = sin * x * side, cos * y
        centre_x, centre_y = (self.columns - 1) / 2, (self.rows - 1) / 2
        tx = self.width / 2 + self.pan_x - (a * centre_x + b * centre_y)
        ty = self.height / 2 + self.pan_y - (c * centre_x + d * centre_y)
        return Affine(a, b, c, d, tx, ty)

    def view_to_image(self, x: float, y: float) -> tuple[float, float]:
        return self.image_to_view().inverse().apply(x, y)

    @property
    def mm_per_view_pixel(self) -> float | None:
        """Millimetres per logical pixel (the same both ways), where spacing is known."""
        if self.spacing is None:
            return None
        return min(self.spacing.row_mm, self.spacing.column_mm) / self.zoom

    @property
    def screen_axes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Image directions (column step, row step) that point right and down on the screen."""
        inverse = self.image_to_view().inverse()
        right = (_sign(inverse.a), _sign(inverse.c))
        down = (_sign(inverse.b), _sign(inverse.d))
        return right, down


def _sign(value: float) -> int:
    return 0 if abs(value) < 1e-9 else (1 if value > 0 else -1)
