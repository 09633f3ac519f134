"""Volumes and ejection fractions of drawn ventricles, and the odds of an abnormal heart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.models.heart_function import (
    GroupModel,
    HeartFunction,
    PhaseVolumes,
    inside_weights_of,
    outlines_of_phase,
    unweighted,
    volumes_of,
)

SIDE = 80


def disc(y: float, x: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(float)
    distance = np.hypot(rows - y, columns - x) - radius
    return (1 / (1 + np.exp(np.clip(4 * distance, -30, 30)))).astype(np.float32)


def heart_slice(cavity: float = 12.0, outer: float = 17.0, x: float = 45.0) -> np.ndarray:
    return np.stack([disc(40, x - outer - 10, 9), disc(40, x, outer), disc(40, x, cavity)])


@given(cavity=st.floats(6, 15))
def test_areas_are_finer_than_the_cells_of_the_map(cavity: float) -> None:
    outlines = outlines_of_phase(np.stack([heart_slice(cavity)] * 3))
    volumes = volumes_of(outlines, cell_volume=1.0)
    assert volumes.cavity == pytest.approx(3 * np.pi * cavity**2, rel=0.02)
    assert volumes.outer == pytest.approx(3 * np.pi * 17.0**2, rel=0.02)
    assert volumes.right == pytest.approx(3 * np.pi * 81.0, rel=0.02)


def test_a_bright_place_far_from_the_ventricle_is_not_taken_for_it() -> None:
    stray = np.stack([np.zeros((SIDE, SIDE), np.float32)] * 3)
    stray[1], stray[2] = disc(8, 70, 6), disc(8, 70, 4)
    outlines = outlines_of_phase(np.stack([stray, heart_slice(), heart_slice(), heart_slice()]))
    assert outlines[0].areas == (0.0, 0.0, 0.0)
    assert outlines[1].areas[1] > 800


def test_slices_without_any_ventricle_count_nothing() -> None:
    empty = np.zeros((4, 3, SIDE, SIDE), np.float32)
    assert volumes_of(outlines_of_phase(empty), 1.0) == PhaseVolumes(0.0, 0.0, 0.0)


def test_function_of_a_heart_follows_from_its_volumes() -> None:
    heart = HeartFunction(PhaseVolumes(120, 220, 150), PhaseVolumes(60, 205, 60))
    assert heart.ejection_fraction == pytest.approx(0.6)
    assert heart.right_ejection_fraction == pytest.approx(0.5)
    assert heart.muscle_to_cavity == pytest.approx(70 / 150)
    assert heart.features[2:] == pytest.approx(np.log([70 / 150, 0.8]))


def test_a_heart_without_a_cavity_has_finite_features() -> None:
    nothing = PhaseVolumes(0.0, 0.0, 0.0)
    assert np.isfinite(HeartFunction(nothing, nothing).features).all()


def test_log_odds_agree_with_the_groups_shares() -> None:
    rng = np.random.default_rng(3)
    model = GroupModel(
        ("normal", "a", "b"),
        np.zeros(4),
        np.ones(4),
        rng.normal(size=(3, 4)),
        rng.normal(size=3),
    )
    features = rng.normal(size=4)
    shares = model.probabilities(features)
    assert sum(shares.values()) == pytest.approx(1.0)
    odds = (1 - shares["normal"]) / shares["normal"]
    assert model.log_odds(features) == pytest.approx(np.log(odds))
    assert GroupModel.from_dict(model.to_dict()).log_odds(features) == model.log_odds(features)


@given(st.tuples(*[st.floats(0.2, 8.0)] * 3))
def test_the_measured_weights_give_back_the_drawn_areas(
    leaning: tuple[float, float, float],
) -> None:
    """A network whose borders lie too far out or in, by another amount for each structure."""
    true = np.stack([heart_slice(cavity) for cavity in (6.0, 10.0, 12.0)])
    drawn = (true >= 0.5).repeat(2, 2).repeat(2, 3)
    odds = np.asarray(leaning, np.float32)[:, None, None] * true / (1 - true + 1e-9)
    found = (odds / (1 + odds)).astype(np.float32)
    corrected = unweighted(found, inside_weights_of(found, drawn))
    cells, truth = (corrected >= 0.5).sum((0, 2, 3)), drawn.sum((0, 2, 3)) / 4
    assert np.abs(cells / truth - 1).max() <= 0.05  # cells of a disc's edge come in eights
