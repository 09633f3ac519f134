"""A scan through the one path, with tiny bundles of the two volume tasks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mediassist.analysis import Analyzer, StudyResult
from mediassist.core.vocabulary import Verdict
from mediassist.models.bundle import METADATA, write_metadata
from mediassist.schema import validate
from mediassist.settings import Settings
from tests.analysis.scan_builder import chest, ct_scan, head, mr_scan
from tests.models.bundle_builder import build_bundle

HEAD = "brain_intracranial_haemorrhage_ct"
TUMOUR = "brain_tumour_mr"
NODULE = "lung_nodule_ct"
ANY = {
    "t_low": 0.0,
    "t_high": 1.0,
    "promise": {"kind": "none", "alpha": None, "delta": None, "n": 0},
}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the tests of this file: the graph of the tiny network is made once."""
    return tmp_path_factory.mktemp("数据 data")


@pytest.fixture(scope="module")
def bundles_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("权重 bundles")
    common: dict[str, Any] = {
        "domain": "brain",
        "operating_point": ANY,
        "input": {"modalities": ["CT"], "body_parts": ["HEAD", "BRAIN"]},
    }
    build_bundle(
        folder,
        HEAD,
        **common,
        task="classify_slices",
        finding="intracranial_haemorrhage",
        title="Blood",
        aggregate="mean_of_top_3",
        window_hu=[40, 120],
        series={"contrast": False, "slab_mm": 5.0, "head_crop": True},
        measure="slice_volume",
    )
    build_bundle(
        folder,
        TUMOUR,
        **common | {"input": {"modalities": ["MR"], "body_parts": ["HEAD", "BRAIN"]}},
        task="classify_slices",
        finding="brain_tumour",
        title="Tumour",
        aggregate="max",
        series={"sequences": ["FLAIR", "T1 after contrast"]},
        measure="slice_extent",
    )
    build_bundle(
        folder,
        NODULE,
        **common
        | {
            "domain": "lung",
            "input": {"modalities": ["CT"], "body_parts": ["CHEST"]},
            "operating_point": ANY | {"t_high": 0.0},
        },
        task="detect_volume",
        finding="lung_nodule",
        title="Nodule",
        marks_only=True,
        window_hu=[-300, 1400],
        patch_mm=35.0,
        series={"thickness_mm": [0, 5]},
    )
    return folder


def analysed(bundles: Path, data: Path, folder: Path, bundle: str) -> Any:
    settings = Settings(bundles_dir=bundles, data_dir=data)
    (result,) = Analyzer([bundle], settings=settings).analyze([folder])
    assert isinstance(result, StudyResult)
    validate(result.to_json(), "findings")
    return result.results[0]


def test_every_slice_of_a_head_gets_a_score_and_the_scan_the_mean_of_the_three_highest(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    paths = ct_scan(chinese_path / "study", head(12))
    found = analysed(bundles_dir, data_dir, chinese_path / "study", HEAD)
    assert len(found.image_scores) == len(paths)
    highest = sorted(score.score for score in found.image_scores)[-3:]
    assert found.probability == pytest.approx(1 / (1 + np.exp(-np.mean(highest))), abs=1e-9)
    assert found.verdict is Verdict.REVIEW
    assert len(found.heat_maps) == 12 and found.heat_maps[0].values.shape == (128, 128)
    (volume,) = found.measurements
    assert volume.unit == "mL" and volume.value > 0


def test_the_window_of_the_header_and_a_rescale_in_other_units_change_nothing(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    ct_scan(chinese_path / "a", head(4))
    ct_scan(chinese_path / "b", head(4), WindowCenter=-600, WindowWidth=1500)
    first = analysed(bundles_dir, data_dir, chinese_path / "a", HEAD)
    second = analysed(bundles_dir, data_dir, chinese_path / "b", HEAD)
    assert first.image_scores == second.image_scores


def test_thin_slices_are_averaged_to_slabs_and_it_is_said(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    ct_scan(chinese_path / "study", np.repeat(head(4), 4, axis=0), step_mm=1.25)
    found = analysed(bundles_dir, data_dir, chinese_path / "study", HEAD)
    assert len(found.image_scores) == 4
    assert "slices_averaged" in {warning.code for warning in found.warnings}


def test_regions_lie_on_the_head_also_in_a_picture_stored_upside_down(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    upright = head(3)
    ct_scan(chinese_path / "up", upright)
    ct_scan(chinese_path / "down", upright[:, ::-1], ImageOrientationPatient=[1, 0, 0, 0, -1, 0])
    first = analysed(bundles_dir, data_dir, chinese_path / "up", HEAD)
    second = analysed(bundles_dir, data_dir, chinese_path / "down", HEAD)
    # The second series steps the other way along its normal, so its slices come in reverse.
    flipped = {heat.sop_instance_uid: heat.values[::-1] for heat in second.heat_maps}
    for heat in first.heat_maps:
        assert np.allclose(heat.values, flipped[heat.sop_instance_uid], atol=1e-3)
    corners = np.array([point for region in first.regions for point in region.points_mm])
    pixels = np.array([point for region in first.regions for point in region.points_px])
    assert np.allclose(corners[:, :2], pixels * 0.86 - [100, 120], atol=0.01)


def test_one_slice_is_a_study_too(bundles_dir: Path, data_dir: Path, chinese_path: Path) -> None:
    ct_scan(chinese_path / "study", head(1))
    found = analysed(bundles_dir, data_dir, chinese_path / "study", HEAD)
    assert len(found.image_scores) == 1 and found.measurements == ()
    assert "few_slices" in {warning.code for warning in found.warnings}


def test_a_part_of_a_head_is_never_cleared(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    ct_scan(chinese_path / "whole", head(8))
    ct_scan(chinese_path / "part", head(8)[:7])
    certain = chinese_path / "bundles"
    shutil.copytree(bundles_dir, certain)
    document = json.loads((certain / HEAD / METADATA).read_text(encoding="utf-8"))
    document["mediassist"]["operating_point"] |= {"t_low": 1.0, "t_high": 1.0}
    write_metadata(certain / HEAD, document)
    whole = analysed(certain, data_dir, chinese_path / "whole", HEAD)
    part = analysed(certain, data_dir, chinese_path / "part", HEAD)
    assert (whole.verdict, part.verdict) == (Verdict.CLEARED, Verdict.REVIEW)
    assert part.regions == ()


def test_a_slice_that_cannot_be_read_is_told_and_the_rest_judged(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    paths = ct_scan(chinese_path / "study", head(6))
    paths[2].write_bytes(paths[2].read_bytes()[:-20000])
    found = analysed(bundles_dir, data_dir, chinese_path / "study", HEAD)
    assert len(found.image_scores) == 5
    assert "image_unreadable" in {warning.code for warning in found.warnings}


def test_a_scan_of_which_nothing_can_be_read_fails_whatever_lies_beside_it(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    for path in ct_scan(chinese_path / "study", head(3)):
        path.write_bytes(path.read_bytes()[:-20000])
    scout = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    ct_scan(chinese_path / "study", head(1), series="scout", ImageType=scout)
    found = analysed(bundles_dir, data_dir, chinese_path / "study", HEAD)
    assert found.verdict is Verdict.FAILED


def test_of_two_mr_sequences_the_higher_score_counts_and_the_others_are_named(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    brain = (head(4) + 1000).astype(np.uint16)
    mr_scan(chinese_path / "study", brain, series="FLAIR")
    mr_scan(chinese_path / "study", (2000 - brain).astype(np.uint16), series="T1 +C")
    mr_scan(chinese_path / "study", brain, series="T2 TSE")
    found = analysed(bundles_dir, data_dir, chinese_path / "study", TUMOUR)
    assert len(found.series_used) == 2 and len(found.image_scores) == 8
    ((_, reason),) = found.series_not_used
    assert reason.code == "series_sequence"
    assert found.probability == pytest.approx(max(s.probability for s in found.image_scores))
    assert {measure.unit for measure in found.measurements} <= {"mm", "mm2"}


def test_marks_in_a_chest_are_boxes_in_mm_and_never_a_verdict(
    bundles_dir: Path, data_dir: Path, chinese_path: Path
) -> None:
    ct_scan(chinese_path / "study", chest(), mm=3.0, step_mm=2.0, body_part="CHEST")
    found = analysed(bundles_dir, data_dir, chinese_path / "study", NODULE)
    assert found.verdict is Verdict.REVIEW and 1 <= len(found.regions) <= 8
    for region in found.regions:
        pixels, places = np.array(region.points_px), np.array(region.points_mm)
        assert np.allclose(places[:, :2], pixels * 3.0 - [100, 120], atol=0.02)
        assert region.size_mm is not None and region.size_mm[0] >= region.size_mm[1] > 0
    assert found.measurements[0].unit == "mm"


@pytest.mark.parametrize(
    ("volume", "changes", "reason"),
    [
        (head(24, 64, 20), {"body_part": ""}, "no_lungs"),
        (chest()[:8], {"body_part": "CHEST"}, "series_no_volume"),
        (chest(), {"body_part": "CHEST", "SliceThickness": 8}, "series_thickness"),
    ],
)
def test_a_series_in_which_nodules_cannot_be_searched_is_refused_by_name(
    bundles_dir: Path,
    data_dir: Path,
    chinese_path: Path,
    volume: Any,
    changes: dict[str, Any],
    reason: str,
) -> None:
    ct_scan(chinese_path / "study", volume, mm=3.0, step_mm=2.0, **changes)
    found = analysed(bundles_dir, data_dir, chinese_path / "study", NODULE)
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.refusal is not None and found.refusal.reason.code == reason
