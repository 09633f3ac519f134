"""The batch from the command line: counts, second runs, refusals. Kills: tests/batch, journeys."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema

from mediassist.batch.lock import only_run
from mediassist.batch.publish import ResultsFolder
from mediassist.batch.store import utc_now
from mediassist.cli.exit_codes import ExitCode
from tests.cli.command_line import Run, a_ward
from tests.dicom.builder import chest_radiograph


def test_a_folder_is_worked_off_once_and_summed_up(
    run: Run, bundles: Path, chinese_path: Path, repository: Path
) -> None:
    ward = a_ward(chinese_path / "送检")
    (ward / "notes.txt").write_text("not an image", encoding="utf-8")
    first = run("batch", ward, "--out", "结果", "--json")
    assert first.code == ExitCode.SOME_FAILED, first.err
    assert first.document["studies"] == 3
    assert first.document["this_run"] == {"studies": 3, "failed": 0}
    assert first.document["rejected"] == 1
    summary = json.loads((chinese_path / "结果" / "summary.json").read_text("utf-8"))
    schema = json.loads((repository / "mediassist/schema/summary.schema.json").read_text("utf-8"))
    jsonschema.validate(summary, schema)
    with (chinese_path / "结果" / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows].count("not_applicable") == 3
    assert rows[-1]["verdict"] == "rejected"
    second = run("batch", ward, "--out", "结果")
    assert (second.code, "Nothing new: 3 studies" in second.err) == (ExitCode.SOME_FAILED, True)


def test_new_studies_join_those_that_are_done(run: Run, bundles: Path, chinese_path: Path) -> None:
    ward = chinese_path / "in"
    chest_radiograph(ward / "IM0001", seed="one")
    assert run("batch", ward, "--out", "out").code == ExitCode.DONE
    chest_radiograph(ward / "IM0002", seed="two")
    again = run("batch", ward, "--out", "out", "--json").document
    assert (again["this_run"]["studies"], again["studies"]) == (1, 2)


def test_a_folder_without_images_ends_with_three(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    (chinese_path / "in").mkdir()
    empty = run("batch", "in", "--out", "out")
    assert (empty.code, "in holds no DICOM image" in empty.err) == (ExitCode.SOME_FAILED, True)
    assert "Nothing new" not in empty.err
    assert empty.out.splitlines() == [f"Summary: {Path('out', 'summary.json')}"]


def test_a_second_run_on_the_same_output_is_refused(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    (chinese_path / "in").mkdir()
    folder = ResultsFolder(chinese_path / "out")
    folder.prepare()
    with only_run(folder.private, utc_now()):
        refused = run("batch", "in", "--out", "out")
    assert (refused.code, "Another run" in refused.err) == (ExitCode.WRONG_USAGE, True)


def test_wrong_places_and_dates_are_wrong_usage(run: Run, chinese_path: Path) -> None:
    (chinese_path / "in").mkdir()
    assert run("batch", "nowhere", "--out", "out").code == ExitCode.WRONG_USAGE
    assert run("batch", "in", "--out", "in").code == ExitCode.WRONG_USAGE
    assert run("batch", "in", "--out", "out", "--since", "soon").code == ExitCode.WRONG_USAGE
    assert run("batch", "in", "--out", "out", "--workers", "0").code == ExitCode.WRONG_USAGE
