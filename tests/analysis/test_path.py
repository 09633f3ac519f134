"""The one path, from files to findings.json, with a tiny bundle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediassist.analysis import Analyzer, StudyResult, study_key
from mediassist.analysis import path as path_module
from mediassist.core.errors import BundleMissing, WrongUsage
from mediassist.core.study import Rejected
from mediassist.core.vocabulary import Verdict
from mediassist.dicom.pictures import PictureFacts
from mediassist.models.bundle import WEIGHTS, BundleInfo
from mediassist.models.loaded import LoadedBundle
from mediassist.schema import validate
from mediassist.settings import Settings
from tests.dicom.builder import chest_radiograph, ct_series
from tests.models.bundle_builder import BUNDLE_ID, build_bundle

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def bundles_dir(chinese_path: Path) -> Path:
    folder = chinese_path / "权重"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the tests of this file: the graph of the tiny network is made once."""
    return tmp_path_factory.mktemp("数据 data")


@pytest.fixture
def make_analyzer(bundles_dir: Path, data_dir: Path) -> Callable[..., Analyzer]:
    def make(bundles: list[str] | None = None) -> Analyzer:
        settings = Settings(bundles_dir=bundles_dir, data_dir=data_dir)
        return Analyzer(bundles, clock=lambda: NOW, settings=settings)

    return make


def run(analyzer: Analyzer, *paths: Path) -> tuple[list[StudyResult], list[Rejected]]:
    rejected: list[Rejected] = []
    results = list(analyzer.analyze(paths, rejected.append))
    for result in results:
        validate(result.to_json(), "findings")
    return results, rejected


def test_a_chest_film_gets_a_verdict_between_its_thresholds(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir)
    chest_radiograph(chinese_path / "胸片.dcm")
    ((result,), rejected) = run(make_analyzer(), chinese_path / "胸片.dcm")
    (finding,) = result.results
    assert rejected == []
    assert finding.verdict is Verdict.REVIEW  # thresholds of the test bundle are 0 and 1
    assert finding.probability is not None and 0 < finding.probability < 1
    assert finding.series_used and not finding.refusal
    assert finding.operating_point is not None and finding.operating_point.promise.n == 134
    assert result.provenance.created == NOW


def test_the_same_film_gives_the_same_findings(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir)
    chest_radiograph(chinese_path / "a.dcm")
    documents = []
    for _ in range(2):
        ((result,), _) = run(make_analyzer(), chinese_path / "a.dcm")
        document = result.to_json()
        document["seconds"] = document["findings"][0]["seconds"] = 0
        documents.append(document)
    assert documents[0] == documents[1]


def test_monochrome1_and_monochrome2_of_one_film_score_alike(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir)
    plain, inverted = chinese_path / "2.dcm", chinese_path / "1.dcm"
    chest_radiograph(plain)
    chest_radiograph(inverted, PhotometricInterpretation="MONOCHROME1")
    probabilities = []
    for path in (plain, inverted):
        ((result,), _) = run(make_analyzer(), path)
        probabilities.append(result.results[0].probability)
    assert probabilities[0] == pytest.approx(probabilities[1], abs=0.02)


def test_where_nothing_applies_each_bundle_says_why(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir)
    ct_series(chinese_path / "ct")
    ((result,), _) = run(make_analyzer(), chinese_path / "ct")
    (finding,) = result.results
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert finding.refusal is not None
    assert (finding.refusal.measured, finding.refusal.allowed) == ("CT", "CR, DX")
    assert result.failed_images == ()


def test_altered_weights_fail_their_bundle_and_nothing_else(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir)
    damaged = build_bundle(bundles_dir, "lung_nodule_xray", finding="lung_nodule")
    (damaged / WEIGHTS).write_bytes(b"altered")
    chest_radiograph(chinese_path / "a.dcm")
    analyzer = make_analyzer()
    ((result,), _) = run(analyzer, chinese_path / "a.dcm")
    verdicts = {each.bundle.bundle_id: each.verdict for each in result.results}
    assert verdicts == {BUNDLE_ID: Verdict.REVIEW, "lung_nodule_xray": Verdict.FAILED}
    assert "model.safetensors" in str(analyzer.damaged[0])


def test_unreadable_metadata_still_give_an_entry(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    folder = build_bundle(bundles_dir)
    (folder / "configs" / "metadata.json").write_text("{", "utf-8")
    chest_radiograph(chinese_path / "a.dcm")
    analyzer = make_analyzer()
    ((result,), _) = run(analyzer, chinese_path / "a.dcm")
    assert [each.verdict for each in result.results] == [Verdict.FAILED]
    assert len(analyzer.damaged) == 1


def test_an_image_cut_short_fails_and_is_listed(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir)
    path = chinese_path / "短.dcm"
    chest_radiograph(path)
    path.write_bytes(path.read_bytes()[:-5000])
    results, rejected = run(make_analyzer(), path)
    told = [*rejected, *(failed for result in results for failed in result.failed_images)]
    assert [each.source for each in told] == [str(path)]
    assert all(each.verdict is Verdict.FAILED for result in results for each in result.results)


def test_experimental_bundles_are_off_unless_asked_for(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir, experimental=True)
    chest_radiograph(chinese_path / "a.dcm")
    ((result,), _) = run(make_analyzer(), chinese_path / "a.dcm")
    assert result.results == ()
    ((result,), _) = run(make_analyzer([BUNDLE_ID]), chinese_path / "a.dcm")
    assert len(result.results) == 1


def test_marks_only_bundles_never_clear_or_flag(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    point = {
        "t_low": 1.0,
        "t_high": 1.0,
        "promise": {"kind": "none", "alpha": None, "delta": None, "n": 0},
    }
    build_bundle(bundles_dir, marks_only=True, operating_point=point)
    chest_radiograph(chinese_path / "a.dcm")
    ((result,), _) = run(make_analyzer(), chinese_path / "a.dcm")
    assert result.results[0].verdict is Verdict.REVIEW


def test_boxes_of_a_weak_map_are_shown_without_the_map_and_only_where_they_were_measured_to_hit(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    weak = {"show": False, "threshold": 0.01}
    build_bundle(bundles_dir, "weak_marks_xray", heat_map=weak, regions="box")
    build_bundle(bundles_dir, "boxed_marks_xray", heat_map={**weak, "boxes": True}, regions="box")
    chest_radiograph(chinese_path / "a.dcm")
    ((result,), _) = run(make_analyzer(), chinese_path / "a.dcm")
    found = {finding.bundle.bundle_id: finding for finding in result.results}
    assert {region.kind.value for region in found["boxed_marks_xray"].regions} == {"box"}
    assert found["weak_marks_xray"].regions == ()
    assert found["boxed_marks_xray"].heat_maps == found["weak_marks_xray"].heat_maps == ()


def test_a_missing_gate_fails_the_bundles_that_need_it(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    gate = {"picture_kinds": ["chest_frontal"], "min_probability": 0.5, "max_ood": 3.0}
    build_bundle(bundles_dir, gate=gate)
    chest_radiograph(chinese_path / "a.dcm")
    analyzer = make_analyzer()
    ((result,), _) = run(analyzer, chinese_path / "a.dcm")
    assert result.results[0].verdict is Verdict.FAILED
    assert "gate" in str(analyzer.damaged[0])


def test_a_picture_is_a_study_with_its_own_path(
    bundles_dir: Path, chinese_path: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    build_bundle(bundles_dir)
    folder = chinese_path / "图片"
    folder.mkdir()
    grey = np.tile(np.arange(256, dtype=np.uint8), (200, 1))
    Image.fromarray(grey).save(folder / "胸.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    rejected: list[Rejected] = []
    analyzer = make_analyzer()
    facts = PictureFacts("DX", "CHEST", "PA")
    (result,) = analyzer.analyze([folder], rejected.append, facts)
    assert result.results[0].verdict is Verdict.REVIEW
    assert result.study.series[0].instances[0].source == str(folder / "胸.png")
    assert [Path(each.source).name for each in rejected] == ["broken.jpg"]


def test_unknown_names_are_refused_before_any_work(
    bundles_dir: Path, make_analyzer: Callable[..., Analyzer]
) -> None:
    with pytest.raises(BundleMissing):
        make_analyzer(["lung_opacity_xray"])
    with pytest.raises(WrongUsage):
        PictureFacts("XR")
    with pytest.raises(WrongUsage):
        list(make_analyzer().analyze([bundles_dir / "nowhere"]))


def test_the_folder_name_of_a_study_gives_nothing_away() -> None:
    key = study_key("1.2.840.1")
    assert len(key) == 16 and key == study_key("1.2.840.1") != study_key("1.2.840.2")


def test_only_the_bundles_used_last_stay_in_memory(
    bundles_dir: Path,
    chinese_path: Path,
    make_analyzer: Callable[..., Analyzer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loads: list[str] = []
    plain = LoadedBundle.load

    def watched(info: BundleInfo, graphs: Path) -> LoadedBundle:
        loads.append(info.id)
        return plain(info, graphs)

    monkeypatch.setattr(LoadedBundle, "load", watched)
    monkeypatch.setattr(path_module, "_MOST_LOADED", 1)
    names = ["lung_first_xray", "lung_second_xray"]
    for name in names:
        build_bundle(bundles_dir, name)
    for number in range(2):
        chest_radiograph(chinese_path / "in" / f"{number}.dcm")
    results, _ = run(make_analyzer(), chinese_path / "in")
    assert all(finding.verdict is Verdict.REVIEW for each in results for finding in each.results)
    assert loads[:2] == names and len(loads) == 2 * len(results)
