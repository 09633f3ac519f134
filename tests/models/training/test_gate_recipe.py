"""The gate learns which way up and how strange, without learning what a set looks like."""

from __future__ import annotations

import numpy as np
import torch

from mediassist.models.networks import GateNetwork
from mediassist.models.training.foreign import FAMILIES, draw_foreign
from mediassist.models.training.gate_figures import Answers, kept_out
from mediassist.models.training.gate_recipe import (
    CENTRE_KINDS,
    augmented,
    chances,
    set_distance,
    turned,
)
from mediassist.models.training.gate_set import BUILDING_ORIGINS, KINDS, Sample


def sample(kind: str, source: str, seed: int = 0) -> Sample:
    picture = np.random.default_rng(seed).integers(0, 256, (3, 160, 160), dtype=np.uint8)
    return Sample(picture, kind, "train", source, f"{source}{seed}", "")


def test_a_quarter_turn_is_clockwise() -> None:
    """The upper left corner goes to the upper right, as `applicability.PictureFacts` counts."""
    picture = torch.zeros(1, 3, 4, 4)
    picture[:, :, 0, 0] = 1
    moved = turned(picture, np.array([1]), np.array([False]))
    assert moved[0, 0, 0, 3] == 1 and moved.sum() == 3


def test_only_kinds_with_a_proper_way_up_are_told_that_they_are_turned() -> None:
    rng = np.random.default_rng(3)
    samples = [sample("fundus", "a", i) for i in range(8)]
    _, _, quarters, inverted = augmented(samples, rng)
    assert int(quarters.abs().sum()) == 0 and float(inverted.sum()) == 0
    films = [sample("chest_frontal", "b", i) for i in range(40)]
    _, _, quarters, inverted = augmented(films, rng)
    assert int((quarters > 0).sum()) > 0 and float(inverted.sum()) > 0
    _, _, quarters, _ = augmented(films, rng, turn=False)
    assert int(quarters.abs().sum()) == 0


def test_a_large_source_does_not_drown_a_small_one() -> None:
    many = [sample("limb", "large", i) for i in range(16)]
    few = [sample("limb", "small", i) for i in range(4)]
    share = chances([*many, *few])
    assert np.isclose(share.sum(), 1)
    assert np.isclose(share[:16].sum() / share[16:].sum(), 2)


def test_pictures_of_a_kind_are_near_and_others_far() -> None:
    torch.manual_seed(0)
    network = GateNetwork(len(KINDS), CENTRE_KINDS, dimensions=14)
    rng = np.random.default_rng(0)
    kinds = np.repeat(np.arange(CENTRE_KINDS), 10)
    middles = rng.normal(0, 5, (CENTRE_KINDS, 2560))
    features = (middles[kinds] + rng.normal(0, 1, (len(kinds), 2560))).astype(np.float32)
    with torch.no_grad():
        set_distance(network, features, kinds)
        usual = network.distance(torch.from_numpy(features))
        strange = network.distance(torch.from_numpy(features[:5] - 40))
    assert 0.5 < float(usual.mean()) < 1.5
    assert float(strange.min()) > 3 * float(usual.max())


def test_drawn_pictures_are_the_same_for_the_same_seed() -> None:
    for family in FAMILIES:
        first = draw_foreign(family, 64, np.random.default_rng(9))
        second = draw_foreign(family, 64, np.random.default_rng(9))
        assert first.shape == (3, 64, 64) and np.array_equal(first, second)
        assert first.min() >= 0 and first.max() <= 1


def test_some_drawn_families_and_some_origins_are_kept_for_measuring() -> None:
    assert 0 < sum(FAMILIES.values()) < len(FAMILIES)
    assert not any("fo-dicom" in origin for origin in BUILDING_ORIGINS)
    assert KINDS[-1] == "foreign"


def test_a_corpus_file_that_may_be_of_the_kind_counts_in_no_rate() -> None:
    """An MR without a body part may be a head; nobody has looked at each."""
    blank = np.zeros((3, 160, 160), np.uint8)

    def corpus(modality: str, part: str) -> Sample:
        return Sample(blank, "foreign", "test", "corpus x", part, "", modality, part)

    unclear = [corpus("MR", ""), corpus("MR", "HEAD")]
    foreign = [corpus("CT", "HEAD"), corpus("MR", "PROSTATE"), sample("limb", "a")]
    kinds = np.full((5, len(KINDS)), -9.0, np.float32)
    kinds[:, KINDS.index("head_mr")] = 9.0  # all of them are called a head MR
    upright = np.tile(np.array([9.0, 0, 0, 0], np.float32), (5, 1))
    network = _Fixed(kinds, upright, np.full((5, 1), -9.0), np.ones((5, 1)))
    answers = Answers(network, torch.zeros(5, 3, 8, 8))
    figures = kept_out(answers, [*unclear, *foreign], "head_mr", 2.0)
    assert figures["all"]["denominator"] == 3 and figures["all"]["numerator"] == 0
    assert figures["corpus"]["denominator"] == 2
    assert figures["corpus_unclear"]["denominator"] == 2


class _Fixed(torch.nn.Module):
    """Answers that do not depend on the picture."""

    def __init__(self, *answers: np.ndarray) -> None:
        super().__init__()
        self.answers = tuple(torch.from_numpy(each.astype(np.float32)) for each in answers)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.answers
