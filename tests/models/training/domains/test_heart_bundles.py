"""What the heart's bundles add to the common training: doubtful lung, groups, level of boxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediassist.models.training.box_marks import Seen, box_level
from mediassist.models.training.domains.cine_finish import fit_groups, patients_of
from mediassist.models.training.domains.cine_set import planes
from mediassist.models.training.domains.coronary import TRAINING as CORONARY
from mediassist.models.training.domains.heart_chest_set import behind_heart
from mediassist.models.training.manifest import Row
from mediassist.models.training.marks_bundle import DRAWN, HIT_IOU, figures
from mediassist.models.training.sample import Sample

SIDE = 64


def row(patient: str, **columns: str) -> Row:
    return Row(
        path=Path("a.webp"),
        file="a.webp",
        patient=patient,
        label="x",
        split="test",
        columns=dict(columns),
    )


def sample(patient: str, target: np.ndarray, **columns: str) -> Sample:
    return Sample(
        row=row(patient, **columns),
        picture=np.zeros((1, SIDE, SIDE), np.uint8),
        targets=target[None],
        known=np.ones((1, SIDE, SIDE), bool),
        truths=np.ones(1, np.float32),
        weights=np.zeros(1, np.float32),
        positive=(True,),
        cell="x",
        source="x",
    )


def test_only_the_inner_half_of_a_lung_is_doubtful() -> None:
    lungs = np.zeros((SIDE, SIDE), bool)
    lungs[10:50, 4:24] = lungs[10:50, 40:60] = True
    doubtful = behind_heart(lungs)
    assert not doubtful[:, :13].any()
    assert doubtful[10:50, 14:24].all()
    assert doubtful[10:50, 40:49].all()
    assert not doubtful[:, 51:].any()
    assert not behind_heart(np.zeros((SIDE, SIDE), bool)).any()


def test_the_outer_border_holds_muscle_and_cavity() -> None:
    classes = np.zeros((128, 128), np.uint8)
    classes[20:100, 40:120], classes[40:80, 60:100], classes[50:60, 10:30] = 2, 3, 1
    right, outer, cavity = planes(classes)
    assert outer[cavity].all()
    assert not (right & outer).any()
    assert outer.mean() == pytest.approx((80 / 128) ** 2, rel=0.02)


def test_slices_are_gathered_by_patient_and_phase() -> None:
    blank = np.zeros((SIDE, SIDE), bool)
    slices = [
        sample(patient, blank, phase=phase)
        for patient in ("a", "b")
        for phase in ("ED", "ES")
        for _ in range(3)
    ]
    found = patients_of(slices)
    assert [(len(p.diastole), len(p.systole)) for p in found.values()] == [(3, 3), (3, 3)]
    assert found["b"].middle is slices[7]


def test_groups_are_told_by_their_figures_and_the_normal_one_comes_first() -> None:
    rng = np.random.default_rng(0)
    labels = ["NOR"] * 30 + ["DCM"] * 30 + ["RV"] * 30
    features = rng.normal([0.6, 0.55, -0.3, 0.1], 0.04, (90, 4))
    features[30:60, 0] -= 0.4
    features[60:, 3] += 1.0
    model = fit_groups(features, labels, rng.normal(0, 0.02, (8, 4)))
    assert model.groups == ("NOR", "DCM", "RV")
    odds = np.array([model.log_odds(each) for each in features])
    assert odds[:30].max() < 0 < odds[30:].min()


def seen(places: list[tuple[int, int]], marks: list[tuple[int, int, float]]) -> Seen:
    target, heat = np.zeros((SIDE, SIDE), bool), np.full((SIDE, SIDE), 0.02, np.float32)
    for y, x in places:
        target[y : y + 8, x : x + 8] = True
    for y, x, height in marks:
        heat[y : y + 8, x : x + 8] = height
    return Seen(sample(f"p{places}{marks}", target), heat)


def test_the_level_of_boxes_keeps_false_marks_rare() -> None:
    pictures = [
        seen([(10, 10)], [(10, 10, 0.6), (40, 40, 0.3), (40, 10, 0.3), (10, 40, 0.3)])
        for _ in range(3)
    ]
    level, hit = box_level(pictures, HIT_IOU, DRAWN)
    assert 0.3 < level <= 0.6 and hit == 1.0
    found = figures(CORONARY.bundles[0], pictures, level)
    assert found["froc"]["places hit with at most 0.5 false marks a picture"]["value"] == 1.0
    assert found["localisation"]["Boxes as shown: false marks a picture"] == 0.0
