"""Outlines stand where the evidence is, with honest sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.finding import HeatMap, RegionKind
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.models.regions import boxes, extent_mm, outlines

SPACING = PixelSpacing(0.5, 0.25, SpacingSource.PATIENT)


@given(
    top=st.integers(0, 60),
    left=st.integers(0, 60),
    height=st.integers(10, 30),
    width=st.integers(10, 30),
)
def test_an_outline_encloses_its_island_to_a_pixel(
    top: int, left: int, height: int, width: int
) -> None:
    values = np.zeros((100, 100), np.float32)
    values[top : top + height, left : left + width] = 0.9
    (region,) = outlines(HeatMap("1.2", 0, values), 0.5, None)
    x, y = np.array(region.points_px).T
    assert abs(x.min() - left) <= 1 and abs(x.max() - (left + width - 1)) <= 1
    assert abs(y.min() - top) <= 1 and abs(y.max() - (top + height - 1)) <= 1
    assert region.size_mm is None


def test_the_strongest_island_comes_first_and_specks_are_left_out() -> None:
    values = np.zeros((100, 100), np.float32)
    values[10:30, 10:30] = 0.6
    values[60:80, 60:80] = 0.8
    values[95, 95] = 1.0
    scores = [region.score for region in outlines(HeatMap("1", 0, values), 0.5, SPACING)]
    assert scores == [pytest.approx(0.8), pytest.approx(0.6)]


def test_nothing_above_the_threshold_gives_no_outline() -> None:
    assert outlines(HeatMap("1", 0, np.zeros((10, 10), np.float32)), 0.5, SPACING) == ()


def test_sizes_respect_pixels_that_are_not_square() -> None:
    points = np.array([[0.0, 0.0], [40.0, 0.0], [40.0, 60.0], [0.0, 60.0]])
    longest, across = extent_mm(points, SPACING)
    # 40 columns of 0.25 mm by 60 rows of 0.5 mm: the diagonal of 10 mm x 30 mm.
    assert longest == pytest.approx(np.hypot(10, 30), abs=0.06)
    assert across == pytest.approx(2 * 10 * 30 / np.hypot(10, 30), abs=0.06)


def test_boxes_frame_their_islands_strongest_first_and_claim_no_size() -> None:
    values = np.zeros((100, 120), np.float32)
    values[10:30, 15:45] = 0.6
    values[60:80, 70:95] = 0.8
    first, second = boxes(HeatMap("1.2", 3, values), 0.5, SPACING)
    assert first.points_px == ((70.0, 60.0), (94.0, 79.0))
    assert second.points_px == ((15.0, 10.0), (44.0, 29.0))
    assert (first.kind, first.frame, first.size_mm) == (RegionKind.BOX, 3, None)


def test_a_box_has_a_size_only_where_it_is_as_large_as_what_it_holds() -> None:
    values = np.zeros((64, 64), np.float32)
    values[10:30, 20:25] = 0.9
    heat = HeatMap("1.2", 0, values)
    (plain,) = boxes(heat, 0.5, SPACING)
    (sized,) = boxes(heat, 0.5, SPACING, sized=True)
    (unknown,) = boxes(heat, 0.5, None, sized=True)
    assert plain.size_mm is unknown.size_mm is None
    assert sized.size_mm == (
        pytest.approx(20 * SPACING.row_mm),
        pytest.approx(5 * SPACING.column_mm),
    )
