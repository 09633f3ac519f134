"""Errors of grades, outlines and boxes are counted as the card says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediassist.models.training.box_marks import Drawn, drawn_boxes
from mediassist.models.training.manifest import Row
from mediassist.models.training.measurement_errors import (
    box_errors,
    grade_errors,
    outline_errors,
    quadratic_kappa,
)
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import Outputs

SIDE = 64


def sample(
    number: int, target: np.ndarray | None = None, source: str = "leg", kl: int = 0
) -> Sample:
    plane = np.zeros((SIDE, SIDE), bool) if target is None else target
    row = Row(
        path=Path(f"{number}.webp"),
        file=f"{number}.webp",
        patient=f"p{number}",
        label="",
        split="test",
        columns={"kl": str(kl)},
    )
    return Sample(
        row=row,
        picture=np.zeros((1, SIDE, SIDE), np.uint8),
        targets=plane[None],
        known=np.ones((1, SIDE, SIDE), bool),
        truths=np.zeros(1, np.float32),
        weights=np.ones(1, np.float32),
        positive=(bool(plane.any()),),
        cell="",
        source=source,
    )


def square(top: int, left: int, side: int) -> np.ndarray:
    plane = np.zeros((SIDE, SIDE), bool)
    plane[top : top + side, left : left + side] = True
    return plane


def maps_of(*planes: np.ndarray) -> np.ndarray:
    """Probabilities at stride 1, so that a map can equal its target."""
    return np.stack([plane.astype(np.float16) * 0.9 for plane in planes])[:, None]


def test_outlines_that_are_the_lesion_have_no_error() -> None:
    truth = square(10, 20, 24)
    figures = outline_errors([sample(0, truth)], Outputs(np.zeros((1, 1)), maps_of(truth)), 0.5)
    assert figures["Dice of the outline with drawn lesions, mean"] == 1.0
    assert figures["Longest extent off by a quarter or more"]["numerator"] == 0


def test_a_lesion_without_an_outline_is_counted() -> None:
    truth, empty = square(10, 20, 24), np.zeros((SIDE, SIDE), bool)
    figures = outline_errors(
        [sample(0, truth), sample(1, truth), sample(2)],
        Outputs(np.zeros((3, 1)), maps_of(truth, empty, empty)),
        0.5,
    )
    assert figures["Lesions without any outline"]["numerator"] == 1
    assert figures["Lesions without any outline"]["denominator"] == 2


def test_boxes_are_judged_source_by_source() -> None:
    truth, beside = square(10, 10, 12), square(40, 40, 12)
    empty = np.zeros((SIDE, SIDE), bool)
    figures = box_errors(
        [
            sample(0, truth),
            sample(1, source="leg"),
            sample(2, truth, "arm"),
            sample(3, None, "arm"),
        ],
        Outputs(np.zeros((4, 1)), maps_of(truth, empty, beside, beside)),
        0.5,
    )
    pointing = "pointing game, hottest point inside a box"
    assert figures[f"leg: {pointing}"]["value"] == 1.0
    assert figures[f"arm: {pointing}"]["value"] == 0.0
    assert figures["leg: false boxes a normal picture"] == 0.0
    assert figures["arm: false boxes a normal picture"] == 1.0


def test_sides_of_sized_boxes_are_compared_and_unmarked_sources_say_little() -> None:
    truth = square(16, 16, 16)
    figures = box_errors(
        [sample(0, truth), sample(1, source="arm")],
        Outputs(np.zeros((2, 1)), maps_of(square(16, 16, 24), np.zeros((SIDE, SIDE), bool))),
        0.5,
        Drawn(least_share=0.001, most=3, sized=True),
    )
    name = "longer side of a box that hits, share of the true one (median; middle half)"
    median = float(figures[f"leg: {name}"].split()[0])
    assert median == pytest.approx(24 / 16, abs=0.25)
    assert [key for key in figures if key.startswith("arm")] == [
        "arm: false boxes a normal picture"
    ]


def test_every_place_of_a_target_gets_its_box() -> None:
    assert drawn_boxes(square(2, 3, 5) | square(30, 40, 4)) == [(3, 2, 7, 6), (40, 30, 43, 33)]


def test_grades_are_compared_with_the_reading() -> None:
    sure = np.array([[-20, -20, -20, -20], [20, 20, -20, -20], [20, 20, 20, 20]], float)
    samples = [sample(0, kl=0), sample(1, kl=2), sample(2, kl=3)]
    figures = grade_errors(samples, Outputs(sure, np.zeros((3, 0, 1, 1))), 0.5)
    assert figures["Mean absolute error of the expected grade"]["value"] == pytest.approx(1 / 3)
    assert figures["Rounded grade is the one read"]["numerator"] == 2
    assert figures["Rounded grade is off by one at most"]["numerator"] == 3


def test_kappa_is_one_for_agreement_and_zero_for_chance() -> None:
    read = np.array([0, 1, 2, 3, 4] * 4)
    assert quadratic_kappa(read, read, 5) == 1.0
    assert quadratic_kappa(read, np.repeat([0, 1, 2, 3], 5), 5) == pytest.approx(0.0, abs=0.05)
