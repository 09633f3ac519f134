"""The cardiothoracic ratio of drawn hearts and lungs whose widths are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.finding import RegionKind
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.models.letterbox import Letterbox
from mediassist.models.measures.cardiothoracic import cardiothoracic_ratio, chest_outlines
from mediassist.models.measures.reading import FrameReading

SIDE = 64


def ellipse(x: float, y: float, half_width: float, half_height: float) -> np.ndarray:
    """Probabilities with a soft edge whose one half lies on the ellipse."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(float)
    distance = np.hypot((columns - x) / half_width, (rows - y) / half_height) - 1
    return (1 / (1 + np.exp(np.clip(4 * min(half_width, half_height) * distance, -30, 30)))).astype(
        np.float32
    )


def chest(heart_half: float = 11.0, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Heart of half width `heart_half` in a chest from column 10 to 54."""
    lungs = np.maximum(ellipse(18, 30, 8, 20), ellipse(46, 30, 8, 20))
    return ellipse(33 + shift, 42, heart_half, 8), lungs


def reading(maps: np.ndarray, spacing: PixelSpacing | None = None) -> FrameReading:
    return FrameReading(
        sop_instance_uid="1.2.3",
        frame=0,
        logits=np.zeros(1),
        maps=maps,
        letterbox=Letterbox(1280, 1024, 256),
        spacing=spacing,
    )


@given(heart_half=st.floats(6, 16), shift=st.floats(-3, 3))
def test_the_ratio_is_heart_width_over_chest_width_finer_than_a_cell(
    heart_half: float, shift: float
) -> None:
    found = chest_outlines(*chest(heart_half, shift))
    assert found is not None
    assert found.ratio == pytest.approx(heart_half / 22.0, abs=0.012)


def test_the_patients_right_lung_lies_on_the_left_of_the_film() -> None:
    found = chest_outlines(*chest())
    assert found is not None
    assert found.right_lung[:, 0].max() < found.left_lung[:, 0].min()


def test_touching_lungs_are_told_apart() -> None:
    heart, lungs = chest()
    bridge = np.zeros_like(lungs)
    bridge[20:24, 24:40] = 0.62
    found = chest_outlines(heart, np.maximum(lungs, bridge))
    assert found is not None
    assert found.ratio == pytest.approx(0.5, abs=0.012)
    assert found.right_lung[:, 0].max() < 34 < found.left_lung[:, 0].max()


def test_a_mirrored_film_has_the_same_ratio() -> None:
    heart, lungs = chest(13.0, shift=3.0)
    plain, mirrored = chest_outlines(heart, lungs), chest_outlines(heart[:, ::-1], lungs[:, ::-1])
    assert plain is not None
    assert mirrored is not None
    assert plain.ratio == pytest.approx(mirrored.ratio, abs=1e-6)


@pytest.mark.parametrize(
    ("heart", "lungs"),
    [
        (np.zeros((SIDE, SIDE), np.float32), chest()[1]),
        (chest()[0], np.zeros((SIDE, SIDE), np.float32)),
        (chest()[0], ellipse(18, 30, 8, 20)),
        (ellipse(60, 42, 3, 8), chest()[1]),
    ],
    ids=["no heart", "no lungs", "one lung", "heart beside the chest"],
)
def test_a_film_without_all_three_gives_nothing(heart: np.ndarray, lungs: np.ndarray) -> None:
    assert chest_outlines(heart, lungs) is None
    assert cardiothoracic_ratio(reading(np.stack([heart, lungs]))).measurements == ()


def test_both_diameters_are_drawn_as_level_lines_of_the_measured_width() -> None:
    spacing = PixelSpacing(0.2, 0.2, SpacingSource.DETECTOR)
    measured = cardiothoracic_ratio(reading(np.stack(chest()), spacing))
    values = {each.name: each for each in measured.measurements}
    assert values["cardiothoracic_ratio"].value == pytest.approx(0.5, abs=0.012)
    assert values["thoracic_diameter"].unit == "mm"
    assert "detector" in values["thoracic_diameter"].method
    regions = {each.label: each for each in measured.regions}
    assert set(regions) == {
        "Heart",
        "Right lung",
        "Left lung",
        "Cardiac diameter",
        "Thoracic diameter",
    }
    line = regions["Thoracic diameter"]
    (x0, y0), (x1, y1) = line.points_px
    assert line.kind is RegionKind.POLYGON
    assert y0 == y1
    # A map cell is 4 pixels of the square, the square 5 stored pixels to one of its own.
    assert x1 - x0 == pytest.approx(44 * 4 * 5, rel=0.02)
    assert values["thoracic_diameter"].value == pytest.approx((x1 - x0) * 0.2, abs=0.2)


def test_without_a_scale_there_is_a_ratio_and_no_millimetre() -> None:
    measured = cardiothoracic_ratio(reading(np.stack(chest())))
    assert [each.name for each in measured.measurements] == ["cardiothoracic_ratio"]
