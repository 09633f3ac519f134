"""Draws what MediAssist marks into pictures: outlines, scale bar, orientation letters, heat.

One module for the PDF and the PNG files, so that both show the same picture. Pixel coordinates
are those of `core.finding.Region`: (column, row), whole numbers at pixel centres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mediassist.core.finding import Region, RegionKind
from mediassist.core.study import PixelSpacing
from mediassist.report.structures import LegendEntry, StructureLook, end_marks, is_line
from mediassist.report.typeface import picture_font, printable

LONG_SIDE_PX = 1000
# Height of the strip under a picture that says what it is.
STRIP_PX = 40
_Point = tuple[float, float]
_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Grid:
    """Maps pixels of the stored image to pixels of the picture; both axes have their own scale.

    A stored pixel covers `x_scale` by `y_scale` picture pixels, so that the picture has the
    anatomy's proportions also where stored pixels are not square.
    """

    columns: int
    rows: int
    x_scale: float
    y_scale: float

    @classmethod
    def fitting(
        cls, rows: int, columns: int, spacing: PixelSpacing | None, long_side: int = LONG_SIDE_PX
    ) -> Grid:
        """The grid whose longer side has `long_side` picture pixels."""
        wide = columns * (spacing.column_mm if spacing else 1.0)
        high = rows * (spacing.row_mm if spacing else 1.0)
        factor = long_side / max(wide, high)
        # A hostile spacing must not make a picture of no width.
        width = max(1, min(long_side, round(wide * factor)))
        height = max(1, min(long_side, round(high * factor)))
        return cls(columns, rows, width / columns, height / rows)

    @property
    def size(self) -> tuple[int, int]:
        return round(self.columns * self.x_scale), round(self.rows * self.y_scale)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Picture position of a point given in stored pixels (centres at whole numbers)."""
        return (x + 0.5) * self.x_scale - 0.5, (y + 0.5) * self.y_scale - 0.5


def enlarged(pixels: NDArray[np.uint8], grid: Grid) -> Image.Image:
    """Display values, grey (rows, columns) or RGB (rows, columns, 3), as a picture on the grid."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    smaller = grid.size[0] < grid.columns
    filtered = Image.Resampling.LANCZOS if smaller else Image.Resampling.BICUBIC
    return image.resize(grid.size, filtered).convert("RGB")


def corners(region: Region) -> list[tuple[float, float]]:
    """The outline's corner points in stored pixels; a box is given by two of them."""
    points = list(region.points_px)
    if region.kind is RegionKind.BOX and len(points) >= 2:
        (x0, y0), (x1, y1) = points[0], points[1]
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return points


def draw_outline(
    picture: Image.Image,
    grid: Grid,
    region: Region,
    colour: tuple[int, int, int],
    *,
    dashed: bool = False,
    number: int | None = None,
) -> None:
    """The region's outline with a dark seam, so that it shows on bright and dark tissue alike.

    `colour` is the verdict's on grey pictures; on colour ones (fundus) pass
    `structures.ON_COLOUR`. Dashed means "not sure" (review). `number` is written beside the
    upper right corner.
    """
    points = [grid.place(x, y) for x, y in corners(region)]
    if len(points) < 2:
        return
    draw = ImageDraw.Draw(picture)
    closed = [*points, points[0]]
    lines = _dashes(closed) if dashed else [closed]
    for ink, width in ((_BLACK, 9), (colour, 5)):
        for line in lines:
            draw.line(line, fill=ink, width=width, joint="curve")
    if number is not None:
        right = max(x for x, _ in points)
        top = min(y for _, y in points)
        x = min(right + 8, picture.width - 26)
        draw_label(picture, (x, max(top - 4, 4)), str(number), colour=colour, size=28)


def draw_structure(picture: Image.Image, grid: Grid, region: Region, look: StructureLook) -> None:
    """A named structure in the line of its label; a measured length gets marks at its ends."""
    points = [grid.place(x, y) for x, y in corners(region)]
    if len(points) < 2:
        return
    draw = ImageDraw.Draw(picture)
    lines = [points] if is_line(region) else [[*points, points[0]]]
    if look.dashes:
        lines = [
            dash for line in lines for dash in _dashes(line, tuple(4 * d for d in look.dashes))
        ]
    if is_line(region):
        lines += end_marks(points[0], points[1], 11.0)
    for ink, width in ((_BLACK, 7), (look.rgb, 4)):
        for line in lines:
            draw.line(line, fill=ink, width=width, joint="curve")


def draw_legend(picture: Image.Image, entries: Sequence[LegendEntry]) -> None:
    """Names of the structures with their lines, at the upper right."""
    if not entries:
        return
    font = picture_font(22)
    texts = [printable(entry.text) for entry in entries]
    step, sample, inset = 32, 52, 10
    width = min(
        picture.width - 2 * inset, round(max(font.getlength(text) for text in texts)) + sample + 34
    )
    left, top = picture.width - width - inset, inset
    shade = Image.new("RGBA", (width, step * len(entries) + 12), (0, 0, 0, 150))
    picture.paste(shade.convert("RGB"), (left, top), shade.getchannel("A"))
    draw = ImageDraw.Draw(picture)
    for number, (entry, text) in enumerate(zip(entries, texts, strict=True)):
        middle = top + 6 + step * number + step / 2
        line = [(left + 12.0, middle), (left + 12.0 + sample, middle)]
        dashes = tuple(4 * d for d in entry.look.dashes)
        for piece in _dashes(line, dashes) if dashes else [line]:
            draw.line(piece, fill=entry.look.rgb, width=4)
        draw.text((left + 22 + sample, middle), text, fill=_WHITE, font=font, anchor="lm")


def _dashes(points: list[_Point], pattern: tuple[float, ...] = (16.0, 12.0)) -> list[list[_Point]]:
    """A line cut into dashes by its length, across corners: a contour has many short stretches.

    `pattern` gives lengths on and off in turn.
    """
    dashes: list[list[_Point]] = []
    place, left = 0, pattern[0]
    current = [points[0]]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        length = float(np.hypot(x1 - x0, y1 - y0))
        done = 0.0
        while length - done > left:
            done += left
            at = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length)
            if place % 2 == 0:
                dashes.append([*current, at])
            place += 1
            left = pattern[place % len(pattern)]
            current = [at]
        left -= length - done
        current.append((x1, y1))
    if place % 2 == 0 and len(current) > 1:
        dashes.append(current)
    return dashes


def draw_label(
    picture: Image.Image,
    place: tuple[float, float],
    text: str,
    *,
    colour: tuple[int, int, int] = _WHITE,
    size: int = 24,
    anchor: str = "la",
) -> None:
    """Text with a dark seam; `anchor` as in Pillow."""
    ImageDraw.Draw(picture).text(
        place,
        printable(text),
        fill=colour,
        font=picture_font(size),
        anchor=anchor,
        stroke_width=3,
        stroke_fill=_BLACK,
    )


def scale_length_mm(width_mm: float) -> float:
    """A round length (1, 2 or 5 times a power of ten) of at most a third of the picture."""
    limit = width_mm / 3
    power = 10.0 ** np.floor(np.log10(limit))
    return float(max(step * power for step in (1, 2, 5) if step * power <= limit))


def draw_scale_bar(picture: Image.Image, grid: Grid, spacing: PixelSpacing, label: str) -> None:
    """A horizontal bar at the lower left, as long as `label` says."""
    length_px = scale_length_mm(grid.columns * spacing.column_mm) / spacing.column_mm * grid.x_scale
    left, bottom = 24.0, picture.height - 24.0
    draw = ImageDraw.Draw(picture)
    for ink, grow in ((_BLACK, 3), (_WHITE, 0)):
        for box in (
            (left, bottom - 4, left + length_px, bottom),
            (left, bottom - 12, left + 3, bottom),
            (left + length_px - 3, bottom - 12, left + length_px, bottom),
        ):
            draw.rectangle((box[0] - grow, box[1] - grow, box[2] + grow, box[3] + grow), fill=ink)
    draw_label(picture, (left, bottom - 24), label, anchor="ls")


def orientation_letters(
    orientation: tuple[float, float, float, float, float, float],
) -> tuple[str, str, str, str]:
    """Letters for the left, right, top and bottom edge from Image Orientation (Patient).

    PS3.3 C.7.6.1.1.1: L left, R right, P back, A front, H head, F feet; an oblique direction gets
    a second letter if it is at least a fifth of the way towards it.
    """

    def towards(direction: NDArray[np.float64]) -> str:
        named = zip(direction, ("L", "P", "H"), ("R", "A", "F"), strict=True)
        strong = sorted(
            ((abs(value), plus if value > 0 else minus) for value, plus, minus in named),
            reverse=True,
        )
        return "".join(letter for size, letter in strong[:2] if size >= 0.2)

    along_row = np.array(orientation[:3], dtype=np.float64)
    down_column = np.array(orientation[3:], dtype=np.float64)
    return towards(-along_row), towards(along_row), towards(-down_column), towards(down_column)


def draw_orientation(
    picture: Image.Image, orientation: tuple[float, float, float, float, float, float]
) -> None:
    """The four letters in the middle of the picture's edges."""
    left, right, top, bottom = orientation_letters(orientation)
    wide, high = picture.size
    draw_label(picture, (14, high / 2), left, anchor="lm", size=28)
    draw_label(picture, (wide - 14, high / 2), right, anchor="rm", size=28)
    draw_label(picture, (wide / 2, 10), top, anchor="ma", size=28)
    draw_label(picture, (wide / 2, high - 12), bottom, anchor="ms", size=28)


# Black over violet and orange to pale yellow: even steps of brightness, also in grey print.
_HEAT_STOPS = np.array(
    [[10, 5, 40], [90, 15, 110], [190, 55, 85], [245, 125, 25], [252, 250, 170]], dtype=np.float64
)


_HEAT_TABLE = np.rint(
    np.stack(
        [
            np.interp(np.linspace(0, len(_HEAT_STOPS) - 1, 256), range(len(_HEAT_STOPS)), channel)
            for channel in _HEAT_STOPS.T
        ],
        axis=-1,
    )
).astype(np.uint8)


def heat_colours(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """RGB for evidence in 0..1; not a number counts as none."""
    clean = np.nan_to_num(np.clip(values, 0.0, 1.0), nan=0.0)
    colours: NDArray[np.uint8] = _HEAT_TABLE[np.rint(clean * 255.0).astype(np.uint8)]
    return colours


def blend_heat(picture: Image.Image, grid: Grid, values: NDArray[np.float32]) -> Image.Image:
    """The picture with the evidence laid over it: the more evidence, the less anatomy shows."""
    clean = np.nan_to_num(np.clip(values, 0.0, 1.0), nan=0.0).astype(np.float32)
    level = Image.fromarray(clean, mode="F").resize(grid.size, Image.Resampling.BILINEAR)
    evidence = np.asarray(level, dtype=np.float32)
    opacity = (0.65 * np.sqrt(evidence))[..., None]
    under = np.asarray(picture, dtype=np.float32)
    mixed = under * (1.0 - opacity) + heat_colours(evidence) * opacity
    return Image.fromarray(np.rint(mixed).astype(np.uint8))


def with_strip(
    picture: Image.Image, text: str, legend: tuple[str, str] | None = None
) -> Image.Image:
    """The picture on a black strip that says what it is, so that it never travels without it.

    `legend` names the two ends of the heat scale.
    """
    out = Image.new("RGB", (picture.width, picture.height + STRIP_PX), _BLACK)
    out.paste(picture, (0, 0))
    middle = picture.height + STRIP_PX / 2
    font = picture_font(23)
    draw = ImageDraw.Draw(out)
    room = picture.width - 24
    if legend is not None:
        low, high = (printable(word) for word in legend)
        bar = Image.fromarray(
            np.repeat(heat_colours(np.linspace(0, 1, 120, dtype=np.float32))[None], 12, axis=0)
        )
        right = picture.width - 12
        draw.text((right, middle), high, fill=_WHITE, font=font, anchor="rm")
        right -= round(font.getlength(high)) + 8 + bar.width
        out.paste(bar, (right, round(middle) - 6))
        draw.text((right - 8, middle), low, fill=_WHITE, font=font, anchor="rm")
        room = right - 24 - round(font.getlength(low))
    said = printable(text)
    while said and font.getlength(said) > room:
        said = said[:-2] + "…" if len(said) > 2 else ""
    draw.text((12, middle), said, fill=(200, 206, 212), font=font, anchor="lm")
    return out
