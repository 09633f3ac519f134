"""What the bone and breast sets teach, and what they must not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.models.training.domains import breast_us, knee, limb, mammogram
from mediassist.models.training.domains.breast_us_set import free_part
from mediassist.models.training.manifest import Row, read_manifest


def row(**columns: str) -> Row:
    return Row(
        path=Path("a.webp"), file="a.webp", patient="p", label="", split="train", columns=columns
    )


@given(x0=st.integers(0, 250), y0=st.integers(0, 150), w=st.integers(5, 200), h=st.integers(5, 150))
def test_a_lesion_free_cut_out_never_touches_the_lesion(x0: int, y0: int, w: int, h: int) -> None:
    x1, y1 = min(299, x0 + w), min(199, y0 + h)
    cut = free_part(row(box_xyxy=f"{x0} {y0} {x1} {y1}", width="300", height="200"))
    if cut is not None:
        assert cut.side >= 80
        apart = cut.right <= x0 or cut.left > x1 or cut.bottom <= y0 or cut.top > y1
        assert apart and cut.left >= 0 and cut.right <= 300 and cut.top >= 0 and cut.bottom <= 200


def test_a_lesion_that_fills_the_picture_leaves_no_cut_out() -> None:
    assert free_part(row(box_xyxy="10 10 290 190", width="300", height="200")) is None


@pytest.mark.parametrize("training", [knee.TRAINING, limb.TRAINING, breast_us.TRAINING])
def test_every_cell_of_a_training_has_its_share(training: object) -> None:
    shares = training.cell_shares  # type: ignore[attr-defined]
    assert sum(shares.values()) == pytest.approx(1.0)


def test_lesions_are_judged_inside_the_hospital_that_has_normals(shared: Path) -> None:
    spec = breast_us.TRAINING.spec("breast_lesion_us")
    rows = read_manifest(shared / "datasets" / "breast" / "us_lesion")
    normals = Counter(each["dataset"] for each in rows if each.label == "normal")
    assert set(normals) == {"BUSI"}
    assert spec.counts is not breast_us.TRAINING.spec("breast_malignancy_us").counts


def test_every_input_contract_says_nothing_of_ages() -> None:
    for training in (knee.TRAINING, limb.TRAINING, breast_us.TRAINING, mammogram.TRAINING):
        for spec in training.bundles:
            assert "age_years" not in spec.texts["input"] and spec.age_years is None
            said = spec.texts["data"]["ethics"]
            assert "in the set" in said and "input contract" in said and "ges" in said
