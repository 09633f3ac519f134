"""An output folder opens again as it was, joined with its pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mediassist.analysis.result import StudyResult
from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import Rejected, Study
from mediassist.core.vocabulary import Verdict
from mediassist.dicom import find_studies
from mediassist.reading.evidence import (
    heat_maps_of,
    heat_pictures,
    keep_evidence,
    kept_heat_maps,
    with_heat_maps,
    without_heat_maps,
)
from mediassist.reading.opening import OpenedResult, open_paths
from mediassist.reading.stored_results import is_output_folder, read_result, stored_result
from mediassist.report.outputs import write_study
from mediassist.text import words
from tests.dicom.builder import chest_radiograph
from tests.reading.results import OPACITY, result_of


@pytest.fixture
def result(chinese_path: Path) -> StudyResult:
    chest_radiograph(chinese_path / "图像" / "胸片.dcm", PatientName="Wang^XiaoDong=王^小东")
    (study,) = find_studies([chinese_path / "图像"])
    assert isinstance(study, Study)
    return result_of(study)


@pytest.fixture
def out(chinese_path: Path, result: StudyResult) -> Path:
    folder = chinese_path / "输出"
    keep_evidence(result, write_study(result, folder, formats=("json",)).folder)
    return folder


def test_findings_come_back_as_they_were_written(out: Path, result: StudyResult) -> None:
    read = read_result(out / result.study_key)
    assert read.to_json() == without_heat_maps(result).to_json()


def test_heat_maps_come_back_to_be_laid_over_the_picture(out: Path, result: StudyResult) -> None:
    folder = out / result.study_key
    kept = kept_heat_maps(folder)
    whole = with_heat_maps(read_result(folder), kept)
    assert whole.to_json() == result.to_json()
    for bundle_id, heat_maps in heat_maps_of(result).items():
        for before, after in zip(heat_maps, kept[bundle_id], strict=True):
            np.testing.assert_allclose(before.values, after.values, atol=1 / 255)


@pytest.mark.expects_log("no heat map is shown")
def test_evidence_that_is_missing_or_damaged_costs_the_heat_map_only(
    out: Path, result: StudyResult
) -> None:
    folder = out / result.study_key
    (evidence,) = folder.glob("evidence-*.png")
    evidence.write_bytes(b"no picture")
    assert kept_heat_maps(folder) == {}
    evidence.unlink()
    assert kept_heat_maps(folder) == {}
    assert kept_heat_maps(out / "none") == {}


def test_an_output_folder_without_evidence_shows_its_heat_map_pictures(
    chinese_path: Path, result: StudyResult
) -> None:
    folder = write_study(result, chinese_path / "批量", formats=("json",)).folder
    assert kept_heat_maps(folder) == {}
    ((picture,),) = heat_pictures(folder).values()
    (heat,) = heat_maps_of(result)[OPACITY]
    assert (picture.sop_instance_uid, picture.frame) == (heat.sop_instance_uid, heat.frame)
    assert (picture.rows, picture.columns) == heat.values.shape
    height, width = picture.rgb.shape[:2]
    assert height / width == pytest.approx(picture.rows / picture.columns, rel=0.01)
    y, x = round(35.5 / picture.rows * height), round(20.5 / picture.columns * width)
    warm = picture.rgb[y, x].astype(int)
    assert warm[0] > warm[2] + 30


@pytest.mark.expects_log("no heat map is shown")
def test_a_heat_map_picture_that_is_missing_or_damaged_is_left_out(
    chinese_path: Path, result: StudyResult
) -> None:
    folder = write_study(result, chinese_path / "批量", formats=("json",)).folder
    (file,) = folder.glob("heatmap-*.png")
    file.write_bytes(b"no picture")
    assert heat_pictures(folder) == {}
    file.unlink()
    assert heat_pictures(folder) == {}


def test_an_output_folder_opens_with_pictures_and_results(out: Path) -> None:
    (opened,) = open_paths([out])
    assert isinstance(opened, OpenedResult)
    assert opened.folder == out
    assert opened.result.study.series[0].instances[0].path.is_file()
    assert opened.result.study.series[0].instances[0].bits_stored == 12


def test_results_whose_pictures_are_gone_are_still_listed(
    out: Path, chinese_path: Path, result: StudyResult
) -> None:
    (chinese_path / "图像" / "胸片.dcm").unlink()
    (opened,) = open_paths([out])
    assert isinstance(opened, OpenedResult)
    assert opened.result.results[2].verdict is Verdict.FLAGGED
    assert opened.result.study.patient == result.study.patient


@pytest.mark.parametrize("damage", ["{", "[]", '{"schema_version": "9.0"}', "null"])
def test_a_damaged_findings_file_is_rejected_with_its_name_and_the_rest_opens(
    out: Path, damage: str
) -> None:
    broken = out / "ffffffffffffffff"
    broken.mkdir()
    (broken / "findings.json").write_text(damage, encoding="utf-8")
    opened = list(open_paths([out]))
    rejected = [one for one in opened if isinstance(one, Rejected)]
    assert len(opened) == 2
    assert "findings.json" in str(rejected[0].error)


@pytest.mark.expects_log("analysed again")
def test_an_earlier_result_that_cannot_be_read_is_none(out: Path, result: StudyResult) -> None:
    assert stored_result(out, result.study_key) is not None
    assert stored_result(out, "0" * 16) is None
    (out / result.study_key / "findings.json").write_text("{", encoding="utf-8")
    assert stored_result(out, result.study_key) is None


def test_a_later_schema_is_refused_with_its_version(out: Path, result: StudyResult) -> None:
    path = out / result.study_key / "findings.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "schema_version": "2.0"}), encoding="utf-8")
    with pytest.raises(UnreadableFile, match="schema 2.0"):
        read_result(out / result.study_key)


def test_a_kept_message_is_worded_in_the_language_of_the_reader(
    chinese_path: Path, result: StudyResult
) -> None:
    inner = say("not_dicom", "{path} is not a DICOM file.", path="坏{0}.dcm")
    said = say("image_unreadable", "An image could not be read: {reason}", reason=inner)
    written = replace(result, warnings=(said,))
    write_study(written, chinese_path / "o", lang="en", formats=("json",))
    read = read_result(chinese_path / "o" / result.study_key)
    assert read.warnings == (said,)
    assert words("zh").message(read.warnings[0]) == words("zh").message(said)
    assert words("zh").message(said) != str(said)


@pytest.mark.parametrize(
    "template", [None, "{", "{path.__class__}", "{other}", "{path!r}", "{path:>9999999999}", "{0}"]
)
def test_a_message_whose_pattern_cannot_be_trusted_keeps_its_sentence(
    out: Path, result: StudyResult, template: str | None
) -> None:
    path = out / result.study_key / "findings.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["warnings"] = [
        {"code": "x", "text": "坏{0}.dcm is bad.", "template": template, "values": {"path": "坏"}}
    ]
    path.write_text(json.dumps(document), encoding="utf-8")
    (warning,) = read_result(out / result.study_key).warnings
    assert words("zh").message(warning) == "坏{0}.dcm is bad."


def test_a_folder_of_pictures_is_no_output_folder(chinese_path: Path, result: StudyResult) -> None:
    assert not is_output_folder(chinese_path / "图像")
    (found,) = open_paths([chinese_path / "图像"])
    assert isinstance(found, Study)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_survives_the_way_through_the_file(
    chinese_path: Path, result: StudyResult, verdict: Verdict
) -> None:
    broken = Rejected("坏.dcm", UnreadableFile(say("cut", "坏.dcm is cut off.")))
    written = replace(result_of(result.study, verdict), failed_images=(broken,))
    files = write_study(written, chinese_path / "o", formats=("json",))
    assert read_result(files.folder).to_json() == without_heat_maps(written).to_json()
