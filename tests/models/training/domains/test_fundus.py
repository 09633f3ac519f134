"""What the eye trainings know of a picture, and what they admit not to know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediassist.models.fundus_view import FieldOfView
from mediassist.models.training.domains import (
    fundus_dr,
    fundus_glaucoma,
    fundus_media,
    fundus_set,
)
from mediassist.models.training.manifest import Row
from mediassist.models.training.sample import Sample

DOMAINS = (fundus_dr, fundus_glaucoma, fundus_media)


@pytest.fixture
def some(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The eye sets thinned out: every 30th row of a split."""
    every = fundus_set.rows_of

    def thinned(data: Path, folder: str, splits: tuple[str, ...]) -> list[Row]:
        rows = every(data, folder, splits)
        kept: dict[tuple[str, str, bool], list[Row]] = {}
        for row in rows:
            kept.setdefault((row["group"], row.label, bool(row["mask"])), []).append(row)
        return [group[0] for group in kept.values()]

    for domain in DOMAINS:
        monkeypatch.setattr(domain, "rows_of", thinned)
    return shared / "datasets"


def test_a_healthy_eye_is_known_to_be_free_of_lesions_and_an_ungraded_one_counts_nowhere(
    some: Path,
) -> None:
    samples = fundus_dr.load(some, ("train",))
    for sample in samples:
        if sample.row["grade"] == "0" or sample.source == "ODIR":
            assert sample.known[fundus_dr.LESION].all()
            assert not sample.targets[fundus_dr.LESION].any()
    (ungraded,) = (s for s in samples if s.row["group"] == "idrid_masked_only")
    assert ungraded.positive == (None, None, None)
    assert not ungraded.weights.any()
    assert ungraded.targets[fundus_dr.LESION].any()
    assert {s.cell for s in samples} <= set(fundus_dr.TRAINING.cell_shares or {})


def test_only_training_meets_eyes_of_other_sets(some: Path) -> None:
    for domain in DOMAINS:
        own = set(domain.TRAINING.bundles[0].sets[:1])
        for sample in domain.load(some, ("test",)):
            assert any(folder in sample.row.path.as_posix() for folder in own)
            assert sample.row.split == "test"


def test_disc_and_cup_lie_inside_each_other_on_the_canvas(some: Path) -> None:
    (sample, *_) = (s for s in fundus_glaucoma.load(some, ("calib",)) if s.row["mask"])
    disc, cup, first = sample.targets
    assert disc.sum() > cup.sum() > 0
    assert not (cup & ~disc).any()
    assert (first == disc).all()


def test_a_presumed_negative_weighs_less_and_is_no_truth(some: Path) -> None:
    samples = fundus_media.load(some, ("train",))
    own = [s for s in samples if fundus_media.counts(s)]
    others = [s for s in samples if not fundus_media.counts(s)]
    assert {s.positive for s in own} >= {(True, None), (False, False), (None, True)}
    assert others
    assert {s.cell for s in samples} == set(fundus_media.TRAINING.cell_shares or {})
    presumed = [s for s in others if s.cell != "poor photograph"]
    assert all(s.positive == (None, None) and s.weights.max() < 0.5 for s in presumed)


def test_a_poor_photograph_is_the_same_each_time_and_keeps_its_circle() -> None:
    rng = np.random.default_rng(0)
    picture = rng.random((3, 64, 64)).astype(np.float32)
    picture[:, :, :8] = 0
    poor = fundus_media.poor_photograph(picture, 5)
    assert (poor == fundus_media.poor_photograph(picture, 5)).all()
    assert poor[:, :, :8].max() == 0
    assert poor.std() < picture.std()


def test_a_small_lesion_survives_the_canvas() -> None:
    bits = np.zeros((512, 512), np.int64)
    bits[100:102, 200:202] = 1
    assert fundus_set.on_canvas(bits, 15, 352, 0.1).any()
    assert not fundus_set.on_canvas(bits, 16, 352, 0.1).any()


def test_the_contract_names_no_ages_and_every_bundle_has_a_gate() -> None:
    for domain in DOMAINS:
        for spec in domain.TRAINING.bundles:
            assert "age_years" not in spec.texts["input"]
            assert spec.gate_kind == "fundus"
            assert "FieldOfView" in domain.TRAINING.preprocessing[0]["_target_"]
            assert "ages" in spec.texts["data"]["ethics"]


def test_load_prepares_as_the_product_does(some: Path) -> None:
    """What inference.json names and what training saw are one thing."""
    from mediassist.models.training.manifest import read_rgb
    from mediassist.models.transforms_config import build_transforms

    for domain in DOMAINS:
        sample: Sample = domain.load(some, ("test",))[0]
        steps = build_transforms(list(domain.TRAINING.preprocessing), Path("bundle"))
        prepared = np.asarray(steps(read_rgb(sample.row.path)))
        assert isinstance(steps.transforms[0], FieldOfView)
        assert np.abs(prepared - sample.picture / 255).max() <= 0.51 / 255
