"""The square round a head."""

from __future__ import annotations

import numpy as np

from mediassist.models.head_crop import Square, head_square
from tests.analysis.scan_builder import head

GREY_FROM_HU = -10


def test_the_square_holds_the_head_with_a_margin_of_five_percent() -> None:
    scan = head(12, 128, 36)
    square = head_square([each > GREY_FROM_HU for each in scan])
    assert square is not None
    rows = np.flatnonzero((scan[2] > GREY_FROM_HU).any(1))
    extent = rows[-1] - rows[0] + 1
    assert abs(square.side - 1.1 * extent) <= 3
    assert abs(square.top + square.side / 2 - 128 * 0.45) <= 2
    assert abs(square.left + square.side / 2 - 128 * 0.55) <= 2


def test_a_head_that_fills_the_picture_is_left_as_it_was_framed() -> None:
    assert head_square([each > GREY_FROM_HU for each in head(12, 128, 54)]) == Square(0, 0, 128)


def test_a_few_slices_near_the_vertex_are_not_blown_up_where_the_scale_is_known() -> None:
    top = [each > GREY_FROM_HU for each in head(12, 320, 72)[-4:]]
    free, scaled = head_square(top), head_square(top, pixel_mm=1.0)
    assert free is not None and scaled is not None
    assert free.side < 180 < scaled.side


def test_one_slice_is_left_as_framed_unless_the_head_is_very_small() -> None:
    framed = head_square([head(1, 128, 38)[0] > GREY_FROM_HU])
    small = head_square([head(1, 128, 18)[0] > GREY_FROM_HU])
    assert framed == Square(0, 0, 128)
    assert small is not None and small.side < 60


def test_air_and_a_thin_table_hold_no_head() -> None:
    table = np.zeros((128, 128), bool)
    table[110:112] = True
    assert head_square([table]) is None


def test_a_square_beyond_the_edge_is_filled() -> None:
    cut = Square(-1, -1, 3).cut(np.ones((2, 2), np.float32), outside=0.0)
    assert cut.tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]
