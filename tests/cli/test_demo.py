"""Verdict beside truth, wrong rows included."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mediassist.cli.demo_run import Match, match_of
from mediassist.cli.exit_codes import ExitCode
from mediassist.core.vocabulary import Verdict
from tests.cli.command_line import Run
from tests.dicom.builder import chest_radiograph
from tests.models.bundle_builder import build_bundle


@pytest.mark.parametrize(
    ("verdict", "present", "match"),
    [
        (Verdict.FLAGGED, True, Match.RIGHT),
        (Verdict.CLEARED, False, Match.RIGHT),
        (Verdict.CLEARED, True, Match.MISSED),
        (Verdict.FLAGGED, False, Match.FALSE_ALARM),
        (Verdict.REVIEW, True, Match.FOR_A_PERSON),
        (Verdict.REVIEW, False, Match.FOR_A_PERSON),
        (Verdict.NOT_APPLICABLE, True, Match.NOT_ASSESSED),
        (Verdict.FAILED, None, Match.NOT_ASSESSED),
        (Verdict.FLAGGED, None, Match.TRUTH_UNKNOWN),
    ],
)
def test_how_a_verdict_stands_to_the_truth(
    verdict: Verdict, present: bool | None, match: Match
) -> None:
    assert match_of(verdict, present) is match


@pytest.fixture
def samples(chinese_path: Path) -> Path:
    from pydicom import dcmread

    folder = chinese_path / "样本"
    path = chest_radiograph(folder / "LUNG_P" / "IM0001")
    study = {
        "study_uid": str(dcmread(path).StudyInstanceUID),
        "folder": "LUNG_P",
        "findings": {"lung_opacity": True, "cardiomegaly": False},
    }
    (folder / "truth.json").write_text(json.dumps({"studies": [study]}), encoding="utf-8")
    return folder


def test_the_table_has_a_row_for_each_truth_and_says_simulated(
    run: Run, bundles: Path, samples: Path
) -> None:
    done = run("demo", "--samples", samples)
    assert done.code == ExitCode.DONE, done.err
    assert "LUNG_P" in done.out and "not assessed: The modality" in done.out
    assert "no model for it" in done.out
    assert "All pictures are simulated." in done.out


def test_experimental_models_take_part_and_models_with_nothing_to_say_stay_silent(
    run: Run, samples: Path, chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = chinese_path / "权重"
    build_bundle(own, "lung_opacity_ct", input={"modalities": ["CT"]})
    build_bundle(own, "lung_film_xray", experimental=True)
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(own))
    (study,) = json.loads((samples / "truth.json").read_text("utf-8"))["studies"]
    rows = run("demo", "--samples", samples, "--json").document["rows"]
    judged = [row["bundle"] for row in rows if row["finding"] == "lung_opacity"]
    assert judged == ["lung_film_xray"]
    assert {row["sample"] for row in rows} == {study["folder"]}


def test_the_rows_are_to_be_had_as_json(run: Run, bundles: Path, samples: Path) -> None:
    document = run("demo", "--samples", samples, "--json").document
    assert document["simulated"] is True
    assert [row["match"] for row in document["rows"]] == ["not_assessed", "not_assessed"]
    assert document["counts"]["rejected"] == 0


def test_a_folder_without_truth_is_wrong_usage(run: Run, chinese_path: Path) -> None:
    wrong = run("demo", "--samples", chinese_path)
    assert (wrong.code, "truth.json" in wrong.err) == (ExitCode.WRONG_USAGE, True)


def test_an_unreadable_truth_is_said(run: Run, bundles: Path, samples: Path) -> None:
    (samples / "truth.json").write_text("{", encoding="utf-8")
    assert run("demo", "--samples", samples).code == ExitCode.SOME_FAILED
