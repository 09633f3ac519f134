"""The field of view of a fundus photograph, as cameras store it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mediassist.models.fundus_view import FieldOfView, LocalContrast, field_of_view
from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare


def photograph(
    rows: int,
    columns: int,
    radius: float,
    x: float = 0.5,
    y: float = 0.5,
    background: float = 0.0,
) -> NDArray[np.float32]:
    """A retina: an orange circle, darker towards its rim, with a dark vessel across the rim."""
    grid_rows, grid_columns = np.mgrid[0:rows, 0:columns]
    far = np.hypot(grid_columns - x * columns, grid_rows - y * rows) / radius
    shade = np.where(far <= 1, 1 - 0.6 * far, 0)
    shade = np.where(np.abs(grid_rows - y * rows) < 0.02 * rows, shade * 0.3, shade)
    colour = np.array([0.9, 0.45, 0.2])[:, None, None]
    return np.maximum(shade * colour, background).astype(np.float32)


@given(
    x=st.floats(0.45, 0.55),
    share=st.floats(0.6, 0.95),
    background=st.floats(0, 0.06),
)
def test_the_circle_of_a_4_by_3_photograph_is_cut_out(
    x: float, share: float, background: float
) -> None:
    radius = 240 * share / 2
    view = field_of_view(photograph(240, 320, radius, x, background=background))
    assert view.rows == pytest.approx(2 * radius, abs=8)
    assert view.columns == pytest.approx(2 * radius, abs=8)
    assert view.left + view.columns / 2 == pytest.approx(x * 320, abs=4)


def test_a_circle_cut_off_above_and_below_keeps_its_width() -> None:
    view = field_of_view(photograph(240, 360, 150))
    assert view.rows == pytest.approx(240, abs=4)
    assert view.columns == pytest.approx(300, abs=8)


def test_words_in_a_corner_are_not_retina() -> None:
    picture = photograph(300, 400, 130)
    picture[:, 10:22, 5:60] = 1.0
    plain, written = field_of_view(photograph(300, 400, 130)), field_of_view(picture)
    assert (plain.top, plain.left, plain.rows) == (written.top, written.left, written.rows)
    assert FieldOfView()(picture).shape == FieldOfView()(photograph(300, 400, 130)).shape


def test_outside_the_circle_it_is_black_even_if_the_camera_left_it_grey() -> None:
    cut = FieldOfView()(photograph(300, 400, 140, background=0.05))
    assert cut[:, :8, :8].max() == 0
    assert cut[0].max() > 0.8


@pytest.mark.parametrize("size", [(200, 200), (240, 320)])
def test_a_picture_without_dark_corners_is_kept_whole(size: tuple[int, int]) -> None:
    picture = np.full((3, *size), 0.5, np.float32)
    assert FieldOfView().window(picture) == (0, 0, *size)


def test_a_blank_picture_is_kept_whole() -> None:
    assert FieldOfView().window(np.zeros((3, 90, 120), np.float32)) == (0, 0, 90, 120)


def test_cutting_twice_changes_next_to_nothing() -> None:
    once = FieldOfView()(photograph(480, 640, 220))
    again = FieldOfView()(once)
    assert np.abs(np.array(again.shape) - np.array(once.shape)).max() <= 4


def test_a_photograph_and_its_cut_copy_become_the_same_square() -> None:
    """What was trained on cut pictures must see the same thing in the camera's own file."""
    raw = photograph(960, 1280, 440)
    cut = FieldOfView()(raw)
    first, second = (FitSquare(224)(FieldOfView()(each)) for each in (raw, cut))
    assert np.abs(first - second).mean() < 0.01


def test_a_place_on_the_square_is_found_in_the_photograph() -> None:
    picture = photograph(480, 640, 200, x=0.6)
    top, left, rows, columns = FieldOfView().window(picture)
    box = Letterbox(rows, columns, 256, top, left, (480, 640))
    assert box.to_stored(np.array([127.5, 127.5])) == pytest.approx([0.6 * 640, 240], abs=5)
    heat = box.map_to_stored(np.ones((64, 64), np.float32), 4)
    assert heat.shape == (480, 640)
    assert heat[0, 0] == 0 and heat[240, 384] == 1


def test_local_contrast_looks_alike_for_two_cameras() -> None:
    rng = np.random.default_rng(3)
    retina = photograph(128, 128, 60)
    spots = (rng.random((128, 128)) > 0.995) * np.float32(1)
    inside = retina.max(0) > 0
    first = (retina * (1 - 0.4 * spots)).astype(np.float32)
    # Another exposure and white balance, half the contrast.
    second = (first * np.array([0.5, 0.7, 0.9], np.float32)[:, None, None]).astype(np.float32)
    one, other = LocalContrast()(first), LocalContrast()(second)
    assert np.abs(first - second)[:, inside].mean() > 0.1
    assert np.abs(one - other)[1, inside].mean() < 0.03
    assert one[:, ~inside].max() == 0
