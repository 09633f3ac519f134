"""The catalogue: found by name, pinyin, date, words and verdict; moved, deleted, damaged files."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from mediassist.core.errors import OutputNotWritable, WrongUsage
from mediassist.dicom.catalogue import Catalogue, FoundStudy, Search
from tests.dicom.builder import chest_radiograph, ct_series, text_report, uid


@pytest.fixture
def tree(chinese_path: Path) -> Path:
    folder = chinese_path / "存档"
    chest_radiograph(
        folder / "胸" / "film.dcm",
        seed="王",
        PatientName="Wang^XiaoMing=王^小明",
        StudyDate="20240305",
    )
    ct_series(
        folder / "头",
        seed="单",
        slices=4,
        PatientName="单^雄信",
        StudyDate="20230110",
        StudyDescription="头颅平扫",
        ProtocolName="Head routine",
    )
    return folder


@pytest.fixture
def catalogue(chinese_path: Path) -> Iterator[Catalogue]:
    with Catalogue(chinese_path / "目录.sqlite") as opened:
        yield opened


def uids(catalogue: Catalogue, **wanted: object) -> list[str]:
    return [study.study_uid for study in catalogue.find(Search(**wanted))]  # type: ignore[arg-type]


def one(catalogue: Catalogue, **wanted: object) -> FoundStudy:
    (study,) = catalogue.find(Search(**wanted))  # type: ignore[arg-type]
    return study


WANG, SHAN = uid("study", "王"), uid("study", "单")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"patient": "王小明"}, [WANG]),
        ({"patient": "小明"}, [WANG]),
        ({"patient": "wangxiaoming"}, [WANG]),
        ({"patient": "Wang Xiaoming"}, [WANG]),
        ({"patient": "wáng"}, [WANG]),
        ({"patient": "wxm"}, [WANG]),
        ({"patient": "shan"}, [SHAN]),
        ({"patient": "danxiongxin"}, [SHAN]),
        ({"patient": "李"}, []),
        ({"text": "shan 平扫"}, [SHAN]),
        ({"text": "shan chest"}, []),
        ({"text": "routine"}, [SHAN]),
        ({"text": "100%"}, []),
        ({"text": "_"}, []),
        ({"patient_id": "P王"}, [WANG]),
        ({"modality": "ct"}, [SHAN]),
        ({"description": "chest"}, [WANG]),
        ({"since": date(2024, 3, 5)}, [WANG]),
        ({"until": date(2024, 3, 4)}, [SHAN]),
        ({"since": date(2023, 1, 1), "until": date(2024, 12, 31)}, [WANG, SHAN]),
        ({"limit": 1}, [WANG]),
    ],
)
def test_studies_are_found_by(
    catalogue: Catalogue, tree: Path, wanted: dict[str, object], expected: list[str]
) -> None:
    catalogue.index([tree])
    assert uids(catalogue, **wanted) == expected


def test_only_new_and_changed_files_are_opened_again(catalogue: Catalogue, tree: Path) -> None:
    (tree / "notes.txt").write_text("no image", encoding="utf-8")
    first = catalogue.index([tree])
    assert (first.files, first.opened, first.other, first.refused) == (6, 6, 1, 0)
    assert (first.images, first.studies) == (5, 2)
    assert catalogue.index([tree]).opened == 0
    chest_radiograph(
        tree / "胸" / "film.dcm", seed="王", PatientName="王^大明", StudyDate="20240305"
    )
    os.utime(tree / "胸" / "film.dcm", ns=(1, 1))
    assert catalogue.index([tree]).opened == 1
    assert uids(catalogue, patient="大明") == [WANG]
    assert uids(catalogue, patient="小明") == []


def test_a_moved_file_is_the_same_study_at_its_new_place(catalogue: Catalogue, tree: Path) -> None:
    catalogue.index([tree])
    shutil.move(tree / "头", tree / "moved")
    counts = catalogue.index([tree])
    assert (counts.moved, counts.missing) == (4, 0)
    found = one(catalogue, patient="shan")
    assert found.missing == 0
    assert {Path(path).parent.name for path in found.files} == {"moved"}


def test_a_deleted_study_is_remembered_as_gone_and_comes_back(
    catalogue: Catalogue, tree: Path, tmp_path: Path
) -> None:
    catalogue.index([tree])
    shutil.move(tree / "头", tmp_path / "elsewhere")
    counts = catalogue.index([tree])
    assert (counts.moved, counts.missing) == (0, 4)
    found = one(catalogue, patient="shan")
    assert (found.files, found.missing, found.images) == ((), 4, 4)
    assert uids(catalogue, available=True) == [WANG]
    shutil.move(tmp_path / "elsewhere", tree / "头")
    assert catalogue.index([tree]).opened == 0
    assert one(catalogue, patient="shan").missing == 0


def test_files_moved_out_of_the_folder_are_found_where_they_are_indexed_next(
    catalogue: Catalogue, tree: Path, chinese_path: Path
) -> None:
    catalogue.index([tree])
    shutil.move(tree / "头", chinese_path / "新盘")
    assert catalogue.index([tree]).missing == 4
    catalogue.index([chinese_path / "新盘"])
    catalogue.index([tree])
    found = one(catalogue, patient="shan")
    assert len(found.files) == 4
    assert found.missing == 0


def test_two_copies_count_once_and_one_may_go(catalogue: Catalogue, tree: Path) -> None:
    shutil.copytree(tree / "头", tree / "copy")
    catalogue.index([tree])
    assert one(catalogue, patient="shan").images == 4
    assert len(one(catalogue, patient="shan").files) == 8
    shutil.rmtree(tree / "copy")
    catalogue.index([tree])
    found = one(catalogue, patient="shan")
    assert (len(found.files), found.missing) == (4, 0)


def test_other_folders_of_like_names_are_left_alone(catalogue: Catalogue, tree: Path) -> None:
    sibling = tree.parent / "存档_2"
    chest_radiograph(sibling / "a.dcm", seed="other")
    catalogue.index([tree, sibling])
    shutil.rmtree(sibling)
    assert catalogue.index([tree]).missing == 0
    assert one(catalogue, text="Pother").missing == 0


def test_members_of_archives_and_reports_count_too(catalogue: Catalogue, tree: Path) -> None:
    text_report(tree / "sr.dcm", seed="王")
    with zipfile.ZipFile(tree / "disc.zip", "w") as archive:
        path = chest_radiograph(tree.parent / "x.dcm", seed="zip", PatientName="赵^云")
        archive.write(path, "IM1")
    catalogue.index([tree])
    found = one(catalogue, patient="zhaoyun")
    assert [Path(path).name for path in found.files] == ["disc.zip"]
    assert one(catalogue, patient="wxm").images == 1


def test_a_damaged_file_is_refused_once_with_its_reason(catalogue: Catalogue, tree: Path) -> None:
    sound = (tree / "胸" / "film.dcm").read_bytes()
    (tree / "cut.dcm").write_bytes(sound[:300])
    refused = []
    assert catalogue.index([tree], on_refused=refused.append).refused == 1
    assert "cut.dcm" in str(refused[0].error)
    assert catalogue.index([tree]).refused == 0


def findings(folder: Path, study_uid: str, verdict: str) -> Path:
    """As much of a findings.json as the catalogue reads."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "study": {"study_instance_uid": study_uid},
        "provenance": {"created": "2026-11-24T08:00:00+00:00"},
        "findings": [
            {
                "bundle": "lung_opacity_xray",
                "finding": "lung_opacity",
                "verdict": verdict,
                "probability": 0.93,
            }
        ],
    }
    path = folder / "findings.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_studies_are_found_by_the_verdict_of_an_output_folder(
    catalogue: Catalogue, tree: Path, chinese_path: Path
) -> None:
    out = findings(chinese_path / "输出" / "0123456789abcdef", WANG, "flagged").parent
    catalogue.index([tree, out.parent])
    assert uids(catalogue, verdict="flagged") == [WANG]
    assert uids(catalogue, verdict="flagged", finding="lung_opacity") == [WANG]
    assert uids(catalogue, verdict="flagged", finding="fracture") == []
    assert uids(catalogue, verdict="cleared") == []
    (verdict,) = one(catalogue, verdict="flagged").verdicts
    assert (verdict.bundle, verdict.probability, verdict.folder) == (
        "lung_opacity_xray",
        0.93,
        str(out),
    )
    findings(out, WANG, "cleared")
    os.utime(out / "findings.json", ns=(1, 1))
    catalogue.index([out.parent])
    assert uids(catalogue, verdict="flagged") == []
    shutil.rmtree(out)
    catalogue.index([out.parent])
    assert uids(catalogue, verdict="cleared") == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"study": 1}', "null"])
def test_a_findings_file_that_is_none_is_passed_over(
    catalogue: Catalogue, tree: Path, text: str
) -> None:
    (tree / "findings.json").write_text(text, encoding="utf-8")
    counts = catalogue.index([tree])
    assert (counts.refused, counts.studies) == (0, 2)


def test_two_runs_at_once_give_one_whole_catalogue(chinese_path: Path, tree: Path) -> None:
    path = chinese_path / "目录.sqlite"
    ct_series(tree / "more", seed="more", slices=60)

    def index(_number: int) -> int:
        with Catalogue(path) as catalogue:
            return catalogue.index([tree]).images

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(index, range(4))) == [65] * 4
    with sqlite3.connect(path) as connection:
        assert connection.execute(
            "SELECT count(*), count(DISTINCT path) FROM files"
        ).fetchone() == (
            65,
            65,
        )
        assert connection.execute("SELECT count(*) FROM objects").fetchone() == (65,)


def test_a_search_does_not_wait_for_a_writer(chinese_path: Path, tree: Path) -> None:
    path = chinese_path / "目录.sqlite"
    with Catalogue(path) as catalogue:
        catalogue.index([tree])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with Catalogue(path) as catalogue:
        assert len(uids(catalogue)) == 2
    writer.rollback()
    writer.close()


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").write_text("no database, only words" * 50, encoding="utf-8")
    with pytest.raises(WrongUsage):
        Catalogue(tmp_path / "other.sqlite")


def test_a_newer_catalogue_is_refused(tmp_path: Path) -> None:
    Catalogue(tmp_path / "new.sqlite").close()
    with sqlite3.connect(tmp_path / "new.sqlite") as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(WrongUsage, match="99"):
        Catalogue(tmp_path / "new.sqlite")


def test_a_place_where_no_file_can_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputNotWritable):
        Catalogue(tmp_path / "file" / "catalogue.sqlite")
