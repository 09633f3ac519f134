"""Studies in, results out: what is written, what is said, which code ends it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from mediassist.cli.exit_codes import ExitCode
from mediassist.report.outputs import write_study
from tests.cli.command_line import BUNDLE_ID, Run, a_ward
from tests.dicom.builder import chest_radiograph, text_report
from tests.models.bundle_builder import build_bundle


def test_every_study_gets_findings_a_report_and_an_entry(
    run: Run, chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_bundle(chinese_path / "bundles")
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(chinese_path / "bundles"))
    ward = a_ward(chinese_path / "送检")
    done = run("analyze", ward, "--out", chinese_path / "结果")
    assert done.code == ExitCode.DONE, done.err
    summary = json.loads((chinese_path / "结果" / "summary.json").read_text("utf-8"))
    assert summary["counts"]["studies"] == 3
    for entry in summary["studies"]:
        folder = chinese_path / "结果" / entry["study"]
        assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
        assert json.loads((folder / "findings.json").read_text("utf-8"))["study_key"]
    assert done.out.count("Lung opacity") == 3
    assert done.out.count("Needs review") == 2 and done.out.count("Not applicable") == 1


def test_json_is_the_summary_and_nothing_else_on_stdout(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    path = chest_radiograph(chinese_path / "IM0001")
    done = run("analyze", path, "--out", "out", "--json", "--format", "json")
    [entry] = done.document["studies"]
    assert entry["files"][0] == "findings.json"
    assert not (chinese_path / "out" / entry["study"] / "report.pdf").exists()


def test_a_zip_and_a_file_are_taken_like_a_folder(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    path = chest_radiograph(chinese_path / "IM0001", seed="a")
    other = chest_radiograph(chinese_path / "IM0002", seed="b")
    with zipfile.ZipFile(chinese_path / "影像.zip", "w") as archive:
        archive.write(other, "IM0002")
    done = run("analyze", path, "影像.zip", "--out", "out", "--format", "json", "--json")
    assert (done.code, done.document["counts"]["studies"]) == (0, 2)


def test_a_picture_is_analysed_with_its_facts_and_explained_without(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    picture = chinese_path / "胸片.png"
    Image.linear_gradient("L").save(picture)
    facts = ("--modality", "dx", "--body-part", "chest", "--view", "PA")
    with_facts = run("analyze", picture, "--out", "out", "--format", "json", "--json", *facts)
    assert (with_facts.code, with_facts.document["counts"]["studies"]) == (0, 1)
    without = run("analyze", picture, "--out", "out2")
    assert (without.code, "--modality" in without.err) == (ExitCode.SOME_FAILED, True)


def test_rejected_files_are_named_with_reason_and_the_rest_goes_on(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    folder = chinese_path / "in"
    whole = chest_radiograph(folder / "IM0001")
    (folder / "病历.txt").write_text("not an image", encoding="utf-8")
    (folder / "short.dcm").write_bytes(whole.read_bytes()[:400])
    done = run("analyze", folder, "--out", "out", "--json")
    assert done.code == ExitCode.SOME_FAILED
    assert done.document["counts"]["studies"] == 1
    rejected = {Path(one["path"]).name: one["reason"] for one in done.document["rejected"]}
    assert set(rejected) == {"病历.txt", "short.dcm"}
    assert all(rejected.values())
    assert "病历.txt" in done.err


@pytest.mark.parametrize("made", ["empty folder", "only text", "only a report object"])
def test_input_without_images_ends_with_three_and_says_so(
    run: Run, bundles: Path, chinese_path: Path, made: str
) -> None:
    folder = chinese_path / "in"
    folder.mkdir()
    if made == "only text":
        (folder / "a.txt").write_text("a", encoding="utf-8")
    if made == "only a report object":
        text_report(folder / "SR0001")
    done = run("analyze", folder, "--out", "out")
    assert (done.code, "no DICOM image" in done.err) == (ExitCode.SOME_FAILED, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "json,docx"), "docx: MediAssist writes json, pdf"),
        (("--format", ","), "MediAssist writes"),
        (("--view", "PA"), "need --modality"),
        (("--modality", "PET"), "PET is not a modality"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_done(
    run: Run, chinese_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    path = chest_radiograph(chinese_path / "IM0001")
    wrong = run("analyze", path, "--out", "out", *arguments)
    assert (wrong.code, said in wrong.err) == (ExitCode.WRONG_USAGE, True), wrong.err
    assert not (chinese_path / "out").exists()


def test_a_bundle_that_is_not_installed_is_named_with_the_nearest(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    path = chest_radiograph(chinese_path / "IM0001")
    wrong = run("analyze", path, "--out", "out", "--bundle", "lung_opacity_xry")
    assert (wrong.code, f"{BUNDLE_ID}?" in wrong.err) == (ExitCode.BUNDLE, True)


def test_quiet_leaves_only_results(run: Run, bundles: Path, chinese_path: Path) -> None:
    path = chest_radiograph(chinese_path / "IM0001")
    done = run("analyze", path, "--out", "out", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "Lung opacity" in done.out


def test_the_chinese_wording_reaches_table_and_findings(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    path = chest_radiograph(chinese_path / "IM0001")
    done = run("analyze", path, "--out", "out", "--lang", "zh")
    assert "Lung opacity" not in done.out
    assert json.loads((chinese_path / "out" / "summary.json").read_text("utf-8"))["run"][
        "language"
    ] == ("zh_CN")


def test_an_interrupted_run_keeps_what_is_finished_in_the_summary(
    run: Run, bundles: Path, chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []

    def interrupted_at_the_second(*arguments: object, **options: object) -> object:
        if written:
            raise KeyboardInterrupt
        written.append(arguments)
        return write_study(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("mediassist.cli.analysis_run.write_study", interrupted_at_the_second)
    ward = a_ward(chinese_path / "送检")
    done = run("analyze", ward, "--out", "out")
    assert done.code == ExitCode.INTERRUPTED
    summary = json.loads((chinese_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["counts"]["studies"] == 1


def test_an_output_path_that_is_a_file_is_wrong_usage(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    path = chest_radiograph(chinese_path / "IM0001")
    wrong = run("analyze", path, "--out", path)
    assert (wrong.code, "is a file" in wrong.err) == (ExitCode.WRONG_USAGE, True)


def test_an_output_path_inside_a_file_is_wrong_usage_and_names_the_file(
    run: Run, bundles: Path, chinese_path: Path
) -> None:
    path = chest_radiograph(chinese_path / "IM0001")
    wrong = run("analyze", path, "--out", path / "结果" / "today")
    assert (wrong.code, f"{path} is a file" in wrong.err) == (ExitCode.WRONG_USAGE, True)


def test_a_name_too_long_for_the_system_is_no_unexpected_error(run: Run, bundles: Path) -> None:
    wrong = run("analyze", "a" * 5000, "--out", "out")
    assert (wrong.code, "does not exist" in wrong.err) == (ExitCode.WRONG_USAGE, True)


@pytest.mark.parametrize("command", ["analyze", "batch"])
def test_without_any_bundle_the_study_is_reported_but_the_run_ends_with_five(
    run: Run, monkeypatch: pytest.MonkeyPatch, chinese_path: Path, command: str
) -> None:
    folder = chinese_path / "没有 模型"
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(folder))
    studies = chinese_path / "studies"
    studies.mkdir()
    chest_radiograph(studies / "IM0001")
    ran = run(command, studies, "--out", "out")
    assert (ran.code, f"No bundle is installed in {folder}." in ran.err) == (ExitCode.BUNDLE, True)
    assert len(list((chinese_path / "out").glob("*/report.pdf"))) == 1
