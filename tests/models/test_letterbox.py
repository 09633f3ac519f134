"""Stored pixels to the network's square and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.models.letterbox import Letterbox

SIDES = st.integers(min_value=1, max_value=4500)


@given(
    rows=SIDES,
    columns=SIDES,
    size=st.sampled_from([64, 256, 288]),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
def test_a_point_comes_back_to_where_it_was(
    rows: int, columns: int, size: int, x: float, y: float
) -> None:
    box = Letterbox(rows, columns, size)
    point = np.array([x * (columns - 1), y * (rows - 1)])
    assert np.abs(box.to_stored(box.to_network(point)) - point).max() < 1e-6


@given(rows=SIDES, columns=SIDES, stride=st.sampled_from([1, 4, 8]))
def test_the_corners_of_the_film_are_the_corners_of_its_place_on_the_square(
    rows: int, columns: int, stride: int
) -> None:
    """Corners lie half a pixel outside the outermost centres, on both grids and any stride."""
    box = Letterbox(rows, columns, 256)
    (inner_rows, inner_columns), (top, left) = box.inner, box.margin
    on_map = (
        np.array([[left, top], [left + inner_columns, top + inner_rows]]) - 0.5 + 0.5
    ) / stride
    corners = box.to_stored(on_map - 0.5, stride)
    assert np.abs(corners - [[-0.5, -0.5], [columns - 0.5, rows - 0.5]]).max() < 0.5


def test_a_mark_on_the_map_is_found_at_its_place_on_a_large_film() -> None:
    """wishes.md row 53: the outline has to lie on the finding, not beside it."""
    box = Letterbox(3000, 2400, 256)
    cell = np.array([20.0, 11.0])
    heat = np.zeros((32, 32), np.float32)
    heat[11, 20] = 1
    stored = box.map_to_stored(heat, stride=8)
    y, x = np.unravel_index(int(stored.argmax()), stored.shape)
    assert stored.shape == (3000, 2400)
    assert np.abs(box.to_stored(cell, stride=8) - [x, y]).max() <= 1.0


def test_a_flat_map_stays_flat() -> None:
    stored = Letterbox(70, 91, 64).map_to_stored(np.full((8, 8), 0.25, np.float32), stride=8)
    assert np.allclose(stored, 0.25)


def test_an_image_without_pixels_has_no_letterbox() -> None:
    with pytest.raises(ValueError, match="no letterbox"):
        Letterbox(0, 10, 256)
