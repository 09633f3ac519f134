"""`mediassist index` and `mediassist find` as a user meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import Run
from tests.dicom.builder import chest_radiograph, ct_series


@pytest.fixture
def archive(chinese_path: Path) -> Path:
    folder = chinese_path / "存档"
    chest_radiograph(folder / "a.dcm", seed=1, PatientName="王^小明", StudyDate="20240305")
    ct_series(folder / "ct", seed=2, slices=3, PatientName="李^娜", StudyDate="20230101")
    return folder


def test_an_indexed_folder_is_searched_by_pinyin(run: Run, archive: Path) -> None:
    ran = run("index", archive)
    assert ran.code == 0
    assert "Files: 4, new or changed: 4" in ran.out
    found = run("find", "wxm")
    assert found.code == 0
    assert "王小明" in found.out
    assert str(archive) in found.out
    assert "李娜" not in found.out


def test_json_gives_counts_and_studies_with_every_file(run: Run, archive: Path) -> None:
    counts = run("index", archive, "--json").document
    assert (counts["files"], counts["opened"], counts["studies"]) == (4, 4, 2)
    studies = run("find", "--modality", "CT", "--json").document["studies"]
    assert [study["patient_name"] for study in studies] == ["李娜"]
    assert len(studies[0]["files"]) == 3
    assert studies[0]["available"] is True


def test_dates_and_descriptions_narrow_the_search(run: Run, archive: Path) -> None:
    run("index", archive)
    assert "王小明" in run("find", "--date", "2024-01..2024-12").out
    assert run("find", "--date", "2022").out.strip() == "No study fits."
    assert "李娜" in run("find", "--description", "axial").out


def test_the_catalogue_can_lie_anywhere(run: Run, archive: Path, tmp_path: Path) -> None:
    database = tmp_path / "目录" / "own.sqlite"
    assert run("index", archive, "--db", database).code == 0
    assert database.is_file()
    assert run("find", "--db", database, "lina", "--files").out.count("IM000") == 3
    assert run("find", "lina").code == 2


def test_what_cannot_be_done_is_said_with_a_code(run: Run, archive: Path, tmp_path: Path) -> None:
    assert run("index", tmp_path / "nothing").code == 2
    missing = run("find")
    assert missing.code == 2
    assert "mediassist index" in missing.err
    run("index", archive)
    assert "flagged" in run("find", "--verdict", "perhaps").err
    assert run("find", "--verdict", "perhaps").code == 2
    assert run("find", "--date", "perhaps").code == 2
    assert run("find", "--finding", "perhaps").code == 2
    (tmp_path / "empty").mkdir()
    assert run("index", tmp_path / "empty").code == 3


def test_a_damaged_file_is_named_and_ends_with_three(run: Run, archive: Path) -> None:
    (archive / "cut.dcm").write_bytes((archive / "a.dcm").read_bytes()[:300])
    ran = run("index", archive, "--json")
    assert ran.code == 3
    assert [Path(entry["path"]).name for entry in ran.document["rejected"]] == ["cut.dcm"]
