"""Picture and viewport coordinates: where a pixel lands, whatever was turned or zoomed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.dicom.windows import Window, WindowFunction
from mediassist.reading.view_state import ViewState, dragged_window, stepped_window

SQUARE = PixelSpacing(0.5, 0.5, SpacingSource.PATIENT)


def view(columns: int = 80, rows: int = 96, spacing: PixelSpacing | None = SQUARE) -> ViewState:
    state = ViewState()
    state.resize(816, 616)
    state.show(columns, rows, spacing)
    return state


def test_a_fitted_picture_fills_the_viewport_and_is_centred() -> None:
    state = view()
    affine = state.image_to_view()
    left, top = affine.apply(-0.5, -0.5)
    right, bottom = affine.apply(79.5, 95.5)
    assert (top, bottom) == pytest.approx((8, 608))
    assert (left + right) / 2 == pytest.approx(408)


def test_pixels_that_are_not_square_keep_the_anatomys_proportions() -> None:
    state = view(100, 100, PixelSpacing(row_mm=2.0, column_mm=1.0, source=SpacingSource.PATIENT))
    affine = state.image_to_view()
    x0, y0 = affine.apply(0, 0)
    x1, y1 = affine.apply(10, 10)
    assert (y1 - y0) == pytest.approx(2 * (x1 - x0))


def test_a_pixel_aspect_ratio_counts_where_millimetres_are_unknown() -> None:
    state = ViewState()
    state.resize(800, 600)
    state.show(100, 100, None, pixel_aspect=2.0)
    assert state.stretch == (1.0, 2.0)
    assert state.mm_per_view_pixel is None


@given(
    turns=st.integers(0, 3),
    mirrored=st.booleans(),
    zoom=st.floats(0.05, 20),
    pan=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    point=st.tuples(st.floats(0, 79), st.floats(0, 95)),
)
def test_view_to_image_undoes_image_to_view(
    turns: int,
    mirrored: bool,
    zoom: float,
    pan: tuple[float, float],
    point: tuple[float, float],
) -> None:
    state = view()
    for _ in range(turns):
        state.turn()
    if mirrored:
        state.mirror()
    state.zoom_to(zoom)
    state.pan(*pan)
    there = state.image_to_view().apply(*point)
    assert state.view_to_image(*there) == pytest.approx(point, abs=1e-6)


@given(x=st.floats(0, 816), y=st.floats(0, 616), factor=st.floats(0.3, 4), turns=st.integers(0, 3))
def test_zooming_keeps_what_lies_under_the_cursor(
    x: float, y: float, factor: float, turns: int
) -> None:
    state = view()
    for _ in range(turns):
        state.turn()
    before = state.view_to_image(x, y)
    state.zoom_about(factor, x, y)
    assert state.view_to_image(x, y) == pytest.approx(before, abs=1e-6)


def test_a_quarter_turn_is_clockwise() -> None:
    state = view()
    state.turn()
    right, down = state.screen_axes
    # The picture's top edge now lies at the right: rows count from right to left.
    assert (right, down) == ((0, -1), (1, 0))


@pytest.mark.parametrize("turns", range(4))
def test_mirroring_swaps_left_and_right_on_the_screen(turns: int) -> None:
    state = view(90, 90)
    for _ in range(turns):
        state.turn()
    x, y = state.image_to_view().apply(10, 20)
    state.mirror()
    assert state.image_to_view().apply(10, 20) == pytest.approx((816 - x, y))


def test_four_turns_are_none() -> None:
    state = view()
    state.pan(30, 10)
    before = state.image_to_view()
    for _ in range(4):
        state.turn()
    assert state.image_to_view() == before


def test_a_fitted_picture_follows_the_viewport_and_a_zoomed_one_does_not() -> None:
    state = view()
    state.resize(1200, 1000)
    assert state.zoom == pytest.approx(984 / 96)
    state.zoom_to(2.0)
    state.resize(400, 400)
    assert state.zoom == pytest.approx(2.0)
    state.reset()
    assert state.fitted


def test_dragging_down_brightens_and_right_widens_as_ihe_bir_asks() -> None:
    window = Window(40, 400)
    dragged = dragged_window(window, 10, 20, 4096, inverse=False, fast=False)
    assert dragged.centre < window.centre
    assert dragged.width > window.width
    inverse = dragged_window(window, 0, 20, 4096, inverse=True, fast=False)
    assert inverse.centre > window.centre


def test_control_drags_faster() -> None:
    slow = dragged_window(Window(0, 400), 0, 10, 4096, inverse=False, fast=False)
    fast = dragged_window(Window(0, 400), 0, 10, 4096, inverse=False, fast=True)
    assert abs(fast.centre) == pytest.approx(4 * abs(slow.centre))


@given(st.floats(-5000, 5000), st.sampled_from(WindowFunction))
def test_no_drag_makes_a_window_without_width(right: float, function: WindowFunction) -> None:
    window = Window(0, 100, function)
    assert dragged_window(window, right, 0, 4096, inverse=False, fast=True).width > 0


def test_keys_change_the_window_by_whole_units() -> None:
    assert stepped_window(Window(40, 80), -1, 0, 10, 4096) == Window(30, 80)
    assert stepped_window(Window(40, 80), 0, 1, 100, 4096) == Window(40, 180)
