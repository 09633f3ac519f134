"""An earlier result comes back only while pictures and models are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mediassist.analysis.result import StudyResult
from mediassist.reading.content import CONTENT_FILE, keep_content
from mediassist.reading.kept import KeptResults
from mediassist.report.outputs import write_study
from mediassist.settings import Settings
from tests.reading.results import result_of, study_of


@pytest.fixture
def result(chinese_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyResult:
    picture = chinese_path / "胸片.dcm"
    picture.write_bytes(bytes(range(256)) * 4096)
    made = result_of(study_of(picture, images=2))
    folder = write_study(made, chinese_path, formats=("json",)).folder
    keep_content(made.study, folder)
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
    more = study_of(chinese_path / "胸片.dcm", images=3)
    assert KeptResults(chinese_path, Settings()).result(more) is None


def test_a_copy_that_was_cut_off_asks_for_a_new_analysis(
    chinese_path: Path, result: StudyResult
) -> None:
    """It has the same UIDs: the old verdict stood beside a picture that could not be shown."""
    picture = chinese_path / "胸片.dcm"
    picture.write_bytes(picture.read_bytes()[:-4000])
    assert KeptResults(chinese_path, Settings()).result(result.study) is None


@pytest.mark.parametrize("place", [132, 524_288, 978_576])
def test_other_pixels_in_a_file_of_the_same_size_ask_for_a_new_analysis(
    chinese_path: Path, result: StudyResult, place: int
) -> None:
    picture = chinese_path / "胸片.dcm"
    content = bytearray(picture.read_bytes())
    content[place : place + 70_000] = bytes(70_000)
    picture.write_bytes(content)
    assert KeptResults(chinese_path, Settings()).result(result.study) is None


def test_a_result_of_which_nobody_knows_the_pictures_is_made_anew(
    chinese_path: Path, result: StudyResult
) -> None:
    (chinese_path / result.study_key / CONTENT_FILE).write_text("?", encoding="utf-8")
    assert KeptResults(chinese_path, Settings()).result(result.study) is None


def test_another_model_asks_for_a_new_analysis(
    chinese_path: Path, result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptResults, "_installed", frozenset({("lung_lung_opacity_xray", "new")}))
    assert KeptResults(chinese_path, Settings()).result(result.study) is None


def test_a_study_never_seen_has_no_result(chinese_path: Path, result: StudyResult) -> None:
    stranger = replace(result.study, study_uid="9.9.9")
    assert KeptResults(chinese_path, Settings()).result(stranger) is None
