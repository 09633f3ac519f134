"""Where and how marks are drawn into pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mediassist.core.finding import Region, RegionKind
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.report import overlay
from mediassist.report.overlay import Grid
from tests.report.studies import BOX

ORANGE = (255, 96, 32)
NARROW = PixelSpacing(row_mm=1.0, column_mm=0.5, source=SpacingSource.PATIENT)


def _blank(grid: Grid) -> Image.Image:
    return Image.new("RGB", grid.size, (60, 60, 60))


def _extent(picture: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    same = (np.asarray(picture) == np.array(colour)).all(axis=-1)
    ys, xs = np.nonzero(same)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


def test_pixels_that_are_not_square_give_a_picture_with_the_anatomys_proportions() -> None:
    grid = Grid.fitting(rows=100, columns=100, spacing=NARROW, long_side=1000)
    assert grid.size == (500, 1000)


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.floats(1e-4, 1e3),
    st.floats(1e-4, 1e3),
)
def test_no_spacing_makes_a_picture_without_size(
    rows: int, columns: int, row_mm: float, column_mm: float
) -> None:
    spacing = PixelSpacing(row_mm, column_mm, SpacingSource.PATIENT)
    wide, high = Grid.fitting(rows, columns, spacing).size
    assert 1 <= wide <= overlay.LONG_SIDE_PX
    assert 1 <= high <= overlay.LONG_SIDE_PX


def test_pixel_centres_fall_in_the_middle_of_their_enlarged_pixels() -> None:
    grid = Grid(columns=10, rows=10, x_scale=10, y_scale=20)
    assert grid.place(0, 0) == (4.5, 9.5)
    assert grid.place(9, 9) == (94.5, 189.5)


@pytest.mark.parametrize("spacing", [None, NARROW])
def test_a_box_is_drawn_through_its_corner_pixels(spacing: PixelSpacing | None) -> None:
    grid = Grid.fitting(100, 100, spacing)
    picture = _blank(grid)
    region = replace(BOX, points_px=((20.0, 30.0), (60.0, 70.0)))
    overlay.draw_outline(picture, grid, region, ORANGE)
    x0, y0, x1, y1 = _extent(picture, ORANGE)
    expected = (*grid.place(20, 30), *grid.place(60, 70))
    assert (x0, y0, x1, y1) == pytest.approx(expected, abs=3)


def test_a_polygon_keeps_its_shape() -> None:
    grid = Grid.fitting(100, 100, None)
    picture = _blank(grid)
    triangle = Region(RegionKind.POLYGON, "1", 0, ((10.0, 10.0), (90.0, 10.0), (50.0, 80.0)))
    overlay.draw_outline(picture, grid, triangle, ORANGE)
    x0, y0, x1, y1 = _extent(picture, ORANGE)
    assert (x0, x1) == pytest.approx((grid.place(10, 0)[0], grid.place(90, 0)[0]), abs=4)
    assert y1 == pytest.approx(grid.place(0, 80)[1], abs=5)


def test_an_unsure_outline_has_gaps_and_a_sure_one_has_none() -> None:
    grid = Grid.fitting(100, 100, None)
    row = round(grid.place(0, 20)[1])
    left, right = round(grid.place(20, 0)[0]), round(grid.place(80, 0)[0])
    covered = {}
    for dashed in (False, True):
        picture = _blank(grid)
        region = replace(BOX, points_px=((20.0, 20.0), (80.0, 80.0)))
        overlay.draw_outline(picture, grid, region, ORANGE, dashed=dashed)
        edge = np.asarray(picture)[row, left:right]
        covered[dashed] = (edge == np.array(ORANGE)).all(axis=-1).mean()
    assert covered[False] == 1.0
    assert 0.35 < covered[True] < 0.7


def test_a_contour_of_many_short_stretches_is_dashed_too() -> None:
    grid = Grid.fitting(100, 100, None)
    turns = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = tuple((50 + 30 * float(np.cos(t)), 50 + 30 * float(np.sin(t))) for t in turns)
    region = Region(RegionKind.CONTOUR, "1", 0, circle)
    inked = {}
    for dashed in (False, True):
        picture = _blank(grid)
        overlay.draw_outline(picture, grid, region, ORANGE, dashed=dashed)
        inked[dashed] = (np.asarray(picture) == np.array(ORANGE)).all(axis=-1).sum()
    assert 0.35 < inked[True] / inked[False] < 0.75


@given(st.floats(0.01, 5000))
def test_a_scale_bar_is_round_and_fits(width_mm: float) -> None:
    length = overlay.scale_length_mm(width_mm)
    assert width_mm / 10 <= length <= width_mm / 3 * 1.0001
    assert round(length / 10 ** np.floor(np.log10(length) + 1e-9), 6) in (1, 2, 5)


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    grid = Grid.fitting(200, 200, NARROW)
    picture = _blank(grid)
    overlay.draw_scale_bar(picture, grid, NARROW, "")
    x0, _, x1, _ = _extent(picture, (255, 255, 255))
    length_mm = (x1 - x0) / grid.x_scale * NARROW.column_mm
    assert length_mm == pytest.approx(overlay.scale_length_mm(100.0), rel=0.02)


@pytest.mark.parametrize(
    ("orientation", "letters"),
    [
        # Axial: the viewer's left is the patient's right, front is up.
        ((1, 0, 0, 0, 1, 0), ("R", "L", "A", "P")),
        # Sagittal: front at the left, head up.
        ((0, 1, 0, 0, 0, -1), ("A", "P", "H", "F")),
        # Coronal.
        ((1, 0, 0, 0, 0, -1), ("R", "L", "H", "F")),
        # Tilted gantry: the column runs towards the back and a little to the feet.
        ((1, 0, 0, 0, 0.94, -0.34), ("R", "L", "AH", "PF")),
    ],
)
def test_orientation_letters_follow_the_header(
    orientation: tuple[float, float, float, float, float, float], letters: tuple[str, ...]
) -> None:
    assert overlay.orientation_letters(orientation) == letters


def test_heat_colours_grow_brighter_with_the_evidence() -> None:
    colours = overlay.heat_colours(np.linspace(0, 1, 50, dtype=np.float32)).astype(float)
    brightness = colours @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(brightness) > 0).all()


def test_no_evidence_leaves_the_picture_as_it_is() -> None:
    grid = Grid.fitting(50, 50, None)
    picture = _blank(grid)
    nothing = np.zeros((50, 50), dtype=np.float32)
    nothing[0, 0] = np.nan
    assert (np.asarray(overlay.blend_heat(picture, grid, nothing)) == 60).all()


def test_the_notice_is_below_the_picture_and_hides_no_pixel() -> None:
    picture = Image.new("RGB", (300, 200), (60, 60, 60))
    labelled = overlay.with_strip(picture, "仅供科研教学，不作为临床诊断依据" * 5, ("少", "多"))
    assert labelled.size == (300, 240)
    assert (np.asarray(labelled)[:200] == 60).all()
