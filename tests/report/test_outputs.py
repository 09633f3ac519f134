"""The result folder of a study: complete or absent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from mediassist.core.errors import OutputNotWritable, UnreadableFile, WrongUsage
from mediassist.core.messages import say
from mediassist.report import write_study
from mediassist.report.atomic import whole_folder
from mediassist.schema import validate
from tests.report.studies import chest, cleared, failed, flagged, refused, result, review

MIXED = result(flagged(), review(), cleared(), refused(), failed())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "结果 文件夹"


def test_a_study_folder_holds_what_it_says_and_nothing_else(out: Path) -> None:
    files = write_study(MIXED, out, "zh", load=chest)
    assert files.folder == out / MIXED.study_key
    assert {path.name for path in files.folder.iterdir()} == set(files.names)
    assert set(files.names) == {
        "findings.json",
        "report.pdf",
        "keyimage-1.png",
        "keyimage-2.png",
        "heatmap-lung_opacity_xray-1.png",
    }
    assert [path.name for path in out.iterdir()] == [MIXED.study_key]


def test_findings_are_worded_in_the_language_asked_for_and_fit_their_schema(out: Path) -> None:
    files = write_study(MIXED, out, "zh", {"json"}, load=chest)
    document = json.loads((files.folder / "findings.json").read_text(encoding="utf-8"))
    validate(document, "findings")
    named = [region["file"] for entry in document["findings"] for region in entry["regions"]]
    for name in filter(None, named):
        assert name in files.names


def test_pictures_can_be_opened_and_keep_the_proportions(out: Path) -> None:
    files = write_study(result(flagged()), out, formats={"json"}, load=chest)
    with Image.open(files.folder / "keyimage-1.png") as picture:
        picture.load()
        assert picture.size == (800, 1040)


@pytest.mark.parametrize(
    ("formats", "names"),
    [({"pdf"}, {"report.pdf"}), ({"json"}, {"findings.json", "keyimage-1.png"})],
)
def test_only_the_formats_asked_for_are_written(
    out: Path, formats: set[str], names: set[str]
) -> None:
    files = write_study(result(cleared()), out, formats=formats, load=chest)
    assert set(files.names) == names


def test_an_unknown_format_is_wrong_usage_before_anything_is_written(out: Path) -> None:
    with pytest.raises(WrongUsage, match="docx"):
        write_study(MIXED, out, formats={"docx"}, load=chest)
    assert not out.exists()


def test_the_same_study_written_again_gives_the_same_bytes(out: Path) -> None:
    small = result(flagged(), refused())
    first = write_study(small, out / "a", load=chest)
    second = write_study(small, out / "b", load=chest)
    for name in first.names:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_a_new_result_replaces_the_old_one_whole(out: Path) -> None:
    write_study(result(flagged()), out, load=chest)
    files = write_study(result(cleared()), out, load=chest)
    assert {path.name for path in files.folder.iterdir()} == set(files.names)
    assert "heatmap-lung_opacity_xray-1.png" not in files.names


def test_a_study_whose_images_cannot_be_shown_still_gets_its_folder(out: Path) -> None:
    def broken(path: Path, frame: int) -> None:
        raise UnreadableFile(say("x", "{path} is truncated.", path=str(path)))

    files = write_study(MIXED, out, load=broken)  # type: ignore[arg-type]
    assert {"findings.json", "report.pdf", "heatmap-lung_opacity_xray-1.png"} == set(files.names)


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    blocked = tmp_path / "文件"
    blocked.write_text("in the way")
    with pytest.raises(OutputNotWritable, match="文件"):
        write_study(result(cleared()), blocked, load=chest)


def test_a_failure_half_way_leaves_the_old_folder_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "study"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with pytest.raises(RuntimeError), whole_folder(target) as folder:
        (folder / "new.txt").write_text("new")
        raise RuntimeError("killed")
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
    assert (target / "old.txt").read_text() == "old"


def test_what_a_killed_run_left_behind_is_cleared(tmp_path: Path) -> None:
    for left_over in (".study.tmp", ".study.old"):
        (tmp_path / left_over).mkdir()
        (tmp_path / left_over / "half").write_text("")
    with whole_folder(tmp_path / "study") as folder:
        (folder / "new.txt").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
    assert [path.name for path in (tmp_path / "study").iterdir()] == ["new.txt"]


def test_the_old_folder_comes_back_if_a_run_was_killed_between_the_renames(tmp_path: Path) -> None:
    (tmp_path / ".study.old").mkdir()
    (tmp_path / ".study.old" / "old.txt").write_text("old")
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "study"):
        raise RuntimeError("fails again")
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
    assert (tmp_path / "study" / "old.txt").read_text() == "old"


def test_a_rename_that_fails_leaves_the_old_folder_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to rename a folder in which a file is open in another program."""
    target = tmp_path / "study"
    target.mkdir()
    (target / "old.txt").write_text("old")
    replace = os.replace

    def refuse(source: Path, destination: Path) -> None:
        if Path(source).name == ".study.tmp":
            raise PermissionError(13, "in use")
        replace(source, destination)

    monkeypatch.setattr("mediassist.report.atomic.os.replace", refuse)
    with pytest.raises(OutputNotWritable, match="in use"), whole_folder(target) as folder:
        (folder / "new.txt").write_text("new")
    assert (target / "old.txt").read_text() == "old"
