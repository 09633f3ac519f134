"""An earlier result comes back only while pictures and models are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mediassist.analysis.result import StudyResult
from mediassist.reading.kept import KeptResults
from mediassist.report.outputs import write_study
from mediassist.settings import Settings
from tests.reading.results import result_of, study_of


@pytest.fixture
def result(chinese_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyResult:
    made = result_of(study_of(chinese_path / "a.dcm", images=2))
    write_study(made, chinese_path, formats=("json",))
    installed = frozenset((one.bundle.bundle_id, one.bundle.sha256) for one in made.results)
    monkeypatch.setattr(KeptResults, "_installed", installed)
    return made


def test_the_same_pictures_and_models_give_the_result_back(
    chinese_path: Path, result: StudyResult
) -> None:
    again = KeptResults(chinese_path, Settings()).result(result.study)
    assert again is not None
    assert again.study == result.study
    assert [one.verdict for one in again.results] == [one.verdict for one in result.results]


def test_one_more_picture_asks_for_a_new_analysis(chinese_path: Path, result: StudyResult) -> None:
    assert KeptResults(chinese_path, Settings()).result(study_of(images=3)) is None


def test_another_model_asks_for_a_new_analysis(
    chinese_path: Path, result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptResults, "_installed", frozenset({("lung_lung_opacity_xray", "new")}))
    assert KeptResults(chinese_path, Settings()).result(result.study) is None


def test_a_study_never_seen_has_no_result(chinese_path: Path, result: StudyResult) -> None:
    stranger = replace(result.study, study_uid="9.9.9")
    assert KeptResults(chinese_path, Settings()).result(stranger) is None
