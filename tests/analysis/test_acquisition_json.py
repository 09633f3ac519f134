"""The acquisition check in findings.json: it follows the schema and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mediassist.core.acquisition import Outcome
from mediassist.core.study import Study
from mediassist.dicom import find_studies
from mediassist.dicom.acquisition import check_study
from mediassist.reading.stored_results import read_result
from mediassist.report.outputs import write_study
from mediassist.schema import validate
from mediassist.text import words
from tests.dicom.acquisition.breaking import BREAKS
from tests.dicom.acquisition.examinations import GOOD
from tests.dicom.acquisition.examinations import write_study as write_images
from tests.report.pdf_reading import joined_text
from tests.report.studies import cleared, result

RULE = "bone_xray.tube_voltage"


def checked(folder: Path) -> Study:
    images = GOOD["bone_xray"]()
    BREAKS[RULE](images)
    (study,) = find_studies([write_images(images, folder)])
    assert isinstance(study, Study)
    return study


def test_findings_hold_the_check_and_open_again(chinese_path: Path) -> None:
    study = checked(chinese_path / "图像")
    made = replace(result(cleared(), of=study), acquisition=check_study(study))
    document = made.to_json(words("zh").message)
    validate(document, "findings")
    assert document["acquisition"]["outcome"] == "warn"
    assert document["acquisition"]["counts"] == {"pass": 18, "warn": 1, "fail": 0}
    (entry,) = {
        entry["rule"]: entry
        for entry in document["acquisition"]["rules"]
        if entry["outcome"] != "pass"
    }.values()
    assert (entry["rule"], entry["value"], entry["unit"]) == (RULE, 125.0, "kV")
    assert entry["title"]["text"] == "管电压"
    folder = write_study(made, chinese_path / "输出", "zh", ("json",)).folder
    again = read_result(folder)
    assert again.acquisition is not None
    assert again.acquisition.outcome is Outcome.WARN
    assert again.to_json(words("zh").message) == document


def test_the_report_names_what_was_measured_and_what_to_do(chinese_path: Path) -> None:
    study = checked(chinese_path / "图像")
    made = replace(result(cleared(), of=study), acquisition=check_study(study))
    folder = write_study(made, chinese_path / "输出", "en", ("pdf",)).folder
    text = joined_text(folder / "report.pdf")
    assert "Acquisitioncheck" in text
    assert "125kV" in text
    assert "40to90kV" in text
    assert "Usetheprogramofthelimb" in text


def test_without_a_check_the_entry_is_empty_and_the_report_is_silent(chinese_path: Path) -> None:
    made = result(cleared())
    assert made.to_json()["acquisition"] is None
    folder = write_study(made, chinese_path / "输出", "en", ("json", "pdf")).folder
    assert read_result(folder).acquisition is None
    assert "Acquisitioncheck" not in joined_text(folder / "report.pdf")
