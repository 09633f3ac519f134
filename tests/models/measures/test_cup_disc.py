"""The cup-to-disc ratio and its outlines, on maps drawn here."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mediassist.core.finding import RegionKind
from mediassist.models.letterbox import Letterbox
from mediassist.models.measures import FrameReading
from mediassist.models.measures.cup_disc import CUP_LABEL, DISC_LABEL, cup_disc, disc_and_cup

SIDE = 192


def ellipse(x: float, y: float, width: float, height: float) -> NDArray[np.float32]:
    """A soft ellipse whose line of one half has these diameters, in cells."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    radius = np.hypot((columns - x) / (width / 2), (rows - y) / (height / 2))
    soft = 1 / (1 + np.exp((radius - 1) * min(width, height) / 2))
    return soft.astype(np.float32)


def reading(maps: NDArray[np.float32], box: Letterbox | None = None) -> FrameReading:
    return FrameReading(
        sop_instance_uid="1.2",
        frame=0,
        logits=np.zeros(1),
        maps=maps,
        letterbox=box or Letterbox(384, 384, 384),
    )


@given(
    x=st.floats(40, 150),
    y=st.floats(40, 150),
    height=st.floats(20, 60),
    share=st.floats(0.3, 0.9),
)
def test_the_ratio_is_that_of_the_vertical_diameters(
    x: float, y: float, height: float, share: float
) -> None:
    """Wherever the disc is (macula- or disc-centred), and however wide against its height."""
    maps = np.stack(
        [ellipse(x, y, 0.8 * height, height), ellipse(x, y, 0.7 * height * share, height * share)]
    )
    found = disc_and_cup(maps)
    assert found is not None and found.ratio is not None
    assert found.ratio == pytest.approx(share, abs=0.03)


def test_a_picture_without_a_disc_gives_no_ratio_and_no_outline() -> None:
    assert cup_disc(reading(np.full((3, SIDE, SIDE), 0.02, np.float32))).measurements == ()


@pytest.mark.parametrize("size", [4, 150])
def test_what_is_too_small_or_too_large_to_be_a_disc_is_none(size: float) -> None:
    assert disc_and_cup(np.stack([ellipse(96, 96, size, size)] * 2)) is None


def test_a_disc_without_a_cup_is_outlined_and_has_no_ratio() -> None:
    maps = np.stack([ellipse(96, 96, 30, 36), np.zeros((SIDE, SIDE), np.float32)])
    measured = cup_disc(reading(maps))
    assert measured.measurements == ()
    assert [region.label for region in measured.regions] == [DISC_LABEL]


def test_a_cup_never_reaches_over_its_disc() -> None:
    maps = np.stack([ellipse(96, 96, 30, 30), ellipse(96, 96, 60, 60)])
    found = disc_and_cup(maps)
    assert found is not None and found.ratio == pytest.approx(1.0, abs=0.02)
    assert not (found.cup >= 0.5)[found.disc < 0.5].any()


def test_of_two_bright_places_the_larger_is_the_disc() -> None:
    maps = np.stack(
        [
            np.maximum(ellipse(60, 60, 36, 36), ellipse(150, 150, 8, 8)),
            np.maximum(ellipse(60, 60, 18, 18), ellipse(150, 150, 7, 7)),
        ]
    )
    found = disc_and_cup(maps)
    assert found is not None and found.ratio == pytest.approx(0.5, abs=0.03)


def test_outlines_lie_on_the_stored_picture_where_a_window_was_cut_out() -> None:
    """A 4:3 photograph: the square is the field of view, not the picture."""
    box = Letterbox(2800, 2800, 384, top=100, left=600, stored=(3000, 4000))
    maps = np.stack([ellipse(96, 60, 30, 40), ellipse(96, 60, 15, 20)])
    measured = cup_disc(reading(maps, box))
    assert [region.label for region in measured.regions] == [DISC_LABEL, CUP_LABEL]
    assert all(region.kind is RegionKind.CONTOUR for region in measured.regions)
    points = np.array(measured.regions[0].points_px)
    cell = 2800 / SIDE
    middle = (points.min(0) + points.max(0)) / 2
    assert middle == pytest.approx([600 + 96.5 * cell, 100 + 60.5 * cell], abs=cell)
    assert np.ptp(points[:, 1]) == pytest.approx(40 * cell, rel=0.05)
    assert measured.measurements[0].value == pytest.approx(0.5, abs=0.02)
