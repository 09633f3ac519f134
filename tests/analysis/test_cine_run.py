"""A beating phantom through the cine task: which series, which phases, which volumes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mediassist.analysis.cine_run import CineRun
from mediassist.analysis.images import StudyImages
from mediassist.analysis.study_run import RunInputs
from mediassist.core.finding import BundleResult
from mediassist.core.vocabulary import Verdict
from mediassist.dicom.find import find_studies
from mediassist.models.preprocess import FitSquare
from mediassist.models.registry import find_bundle
from tests.dicom.cine_builder import (
    BACKGROUND,
    CAVITY,
    CAVITY_MM,
    CENTRE_PX,
    FOUR_CHAMBER,
    MUSCLE,
    MUSCLE_MM,
    RIGHT,
    STEP_MM,
    squeeze,
    write_cine,
)
from tests.models.bundle_builder import build_bundle

BUNDLE = "heart_cardiomyopathy_mr"
SIZE, STRIDE = 160, 2
# One figure, the ejection fraction, tells the groups apart: even odds at 45 %.
GROUPS = {
    "groups": ["normal", "abnormal"],
    "mean": [0.45, 0.0, 0.0, 0.0],
    "spread": [0.05, 1.0, 1.0, 1.0],
    "weights": [[1.0, 0.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 0.0]],
    "offsets": [0.0, 0.0],
}


class GreyValues:
    """Stands in for the network: the phantom's grey values tell the structures apart."""

    name = "grey values"

    def predict(self, batch: np.ndarray) -> tuple[np.ndarray, ...]:
        from scipy import ndimage

        grey = batch[:, 0].reshape(len(batch), SIZE // STRIDE, STRIDE, SIZE // STRIDE, STRIDE)
        level = grey.mean((2, 4)) * CAVITY
        right = np.abs(level - RIGHT) < 60
        right = ndimage.binary_opening(right, np.ones((1, 4, 4)))
        outer = level > (BACKGROUND + MUSCLE) / 2
        cavity = level > (MUSCLE + CAVITY) / 2
        maps = np.stack([right, outer, cavity], 1)
        return np.zeros((len(batch), 1), np.float32), np.where(maps, 6.0, -6.0).astype(np.float32)


def analysed(folder: Path, **changes: Any) -> BundleResult:
    """The phantom in `folder` / study through a bundle with `changes` in its block."""
    block = {
        "task": "segment_cine",
        "finding": "cardiomyopathy",
        "domain": "heart",
        "input": {"modalities": ["MR"], "body_parts": ["HEART"]},
        "gate": None,
        "preprocess": {"size": SIZE},
        "probability_map": {"kind": "identity", "parameters": {}},
        "operating_point": {
            "t_low": None,
            "t_high": 0.5,
            "promise": {"kind": "none", "alpha": None, "delta": None, "n": 8},
        },
        "heart_groups": GROUPS,
        **changes,
    }
    build_bundle(folder / "bundles", BUNDLE, **block)
    info = find_bundle(BUNDLE, folder / "bundles")
    stand_in = SimpleNamespace(
        info=info,
        runtime=GreyValues(),
        prepare=lambda picture: FitSquare(SIZE)(picture[None].astype(np.float32))[None],
    )
    (study,) = find_studies([folder / "study"])
    inputs = RunInputs(study, StudyImages(), lambda _: stand_in, lambda: pytest.fail("no gate"))
    return CineRun(info, inputs).result()


def values(result: BundleResult) -> dict[str, float]:
    return {each.name: each.value for each in result.measurements}


def test_volumes_and_ejection_fraction_are_those_of_the_phantom(chinese_path: Path) -> None:
    write_cine(chinese_path / "study", places=5, phases=10)
    result = analysed(chinese_path)
    full = 5 * STEP_MM * np.pi * CAVITY_MM**2 / 1000
    share = min(squeeze(phase, 10) for phase in range(10))
    found = values(result)
    assert found["lv_end_diastolic_volume"] == pytest.approx(full, rel=0.03)
    assert found["lv_ejection_fraction"] == pytest.approx(100 * (1 - share**2), abs=2.0)
    muscle = 5 * STEP_MM * np.pi * ((CAVITY_MM + MUSCLE_MM) ** 2 - CAVITY_MM**2) / 1000
    assert found["lv_muscle_mass"] == pytest.approx(1.05 * muscle, rel=0.06)
    assert 0 < found["rv_ejection_fraction"] < 100
    assert result.verdict is Verdict.REVIEW
    assert result.probability is not None
    assert result.probability < 0.5


def test_a_weak_heart_is_flagged(chinese_path: Path) -> None:
    write_cine(chinese_path / "study", places=4, phases=6, least=0.9)
    result = analysed(chinese_path)
    assert result.verdict is Verdict.FLAGGED
    assert values(result)["lv_ejection_fraction"] < 30


def test_contours_lie_on_the_heart_of_both_moments(chinese_path: Path) -> None:
    write_cine(chinese_path / "study", places=3, phases=8)
    result = analysed(chinese_path)
    assert len(result.regions) == 2 * 3 * 3
    assert {each.label for each in result.regions} == {
        f"{name}, {moment}"
        for name in ("Right ventricle", "Myocardium", "Left ventricle")
        for moment in ("end-diastole", "end-systole")
    }
    assert len({each.sop_instance_uid for each in result.regions}) == 6
    cavity = next(each for each in result.regions if each.label == "Left ventricle, end-diastole")
    points = np.array(cavity.points_px)
    centre = (points.min(0) + points.max(0)) / 2
    assert centre == pytest.approx(CENTRE_PX[::-1], abs=1.0)
    assert np.ptp(points[:, 0]) * 1.5 == pytest.approx(2 * CAVITY_MM, abs=2.0)
    # In the patient the contour is as large as in the picture.
    placed = np.array(cavity.points_mm)
    assert np.linalg.norm(placed[:, None] - placed[None], axis=2).max() == pytest.approx(
        2 * CAVITY_MM, abs=3.0
    )


def test_the_result_says_which_phases_and_why_the_long_axis_was_left(chinese_path: Path) -> None:
    write_cine(chinese_path / "study", places=3, phases=10)
    write_cine(
        chinese_path / "study",
        places=1,
        phases=10,
        series=2,
        cosines=FOUR_CHAMBER,
        description="cine 4ch",
    )
    result = analysed(chinese_path)
    assert len(result.series_used) == 1
    ((_, reason),) = result.series_not_used
    assert reason.code == "cine_long_axis"
    (told,) = [each for each in result.warnings if each.code == "cine_phases"]
    assert dict(told.values)["diastole"] == 1
    assert dict(told.values)["systole"] == 5


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"phases": 1}, "cine_single_phase"),
        ({"places": 2}, "cine_few_slices"),
        ({"description": "cine 2ch"}, "cine_long_axis"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "cine_no_place"),
        ({"Modality": "CT"}, "modality_not_allowed"),
        ({"BodyPartExamined": "BRAIN"}, "body_part_not_allowed"),
    ],
)
def test_what_is_no_short_axis_cine_is_not_applicable_with_its_reason(
    chinese_path: Path, settings: dict[str, Any], code: str
) -> None:
    write_cine(chinese_path / "study", **{"places": 3, "phases": 4, **settings})
    result = analysed(chinese_path)
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert result.refusal is not None
    assert result.refusal.reason.code == code


def test_a_slice_with_a_damaged_phase_is_left_out_and_said(chinese_path: Path) -> None:
    write_cine(chinese_path / "study", places=4, phases=4)
    path = chinese_path / "study" / "1-03-02.dcm"
    path.write_bytes(path.read_bytes()[:-20_000])
    result = analysed(chinese_path)
    assert result.verdict in (Verdict.REVIEW, Verdict.FLAGGED)
    assert "cine_slices_set_aside" in [each.code for each in result.warnings]
