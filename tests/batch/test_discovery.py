"""What a scan opens, what it remembers, and what it says of files that it cannot use."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from mediassist.batch.discovery import ScanProgress, files_under, scan
from mediassist.batch.ledger import FileLedger
from mediassist.batch.schema import open_engine
from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import Rejected, Study
from tests.batch.fake_analysis import read_studies, write_study


@pytest.fixture
def ledger(chinese_path: Path) -> FileLedger:
    return FileLedger(open_engine(chinese_path / "jobs.sqlite"))


@pytest.fixture
def source(chinese_path: Path) -> Path:
    folder = chinese_path / "影像 images"
    folder.mkdir()
    return folder


def test_a_file_is_opened_once_and_again_only_when_it_changes(
    source: Path, ledger: FileLedger
) -> None:
    for number in range(5):
        write_study(source / str(number), f"1.2.{number}")
    assert scan(source, ledger, read_studies) == ScanProgress(files=5, opened=5)
    assert scan(source, ledger, read_studies) == ScanProgress(files=5, opened=0)
    write_study(source / "3", "1.2.3", objects=2)
    assert scan(source, ledger, read_studies) == ScanProgress(files=5, opened=1)
    assert {study.study_uid: study.instances for study in ledger.studies()} == {
        **{f"1.2.{number}": 1 for number in range(5)},
        "1.2.3": 2,
    }


def test_a_deleted_file_takes_its_study_and_its_refusal_along(
    source: Path, ledger: FileLedger
) -> None:
    study, text = write_study(source, "1.2.1"), source / "notes.txt"
    text.write_text("hello", encoding="utf-8")
    scan(source, ledger, read_studies)
    assert [one.reason.code for one in ledger.refused()] == ["not_dicom"]
    study.unlink()
    text.unlink()
    scan(source, ledger, read_studies)
    assert (list(ledger.studies()), list(ledger.refused()), ledger.file_count()) == ([], [], 0)


def test_a_stopped_scan_forgets_nothing_and_the_next_one_goes_on(
    source: Path, ledger: FileLedger
) -> None:
    for number in range(5):
        write_study(source, f"1.2.{number}")
    scan(source, ledger, read_studies)
    scan(source, ledger, read_studies, stop=lambda: True)
    assert ledger.file_count() == 5


def test_an_error_while_opening_refuses_the_file_and_the_scan_goes_on(
    source: Path, ledger: FileLedger
) -> None:
    def read(paths: Iterable[Path]) -> Iterator[Study | Rejected]:
        for path in paths:
            if path.stem == "1.2.1":
                raise UnreadableFile(say("broken", "{file} is broken.", file=path.name))
            yield from read_studies([path])

    write_study(source, "1.2.1")
    write_study(source, "1.2.2")
    scan(source, ledger, read)
    [one] = ledger.refused()
    assert one.advice == UnreadableFile.advice
    assert (Path(one.source).name, str(one.reason)) == ("1.2.1.study", "1.2.1.study is broken.")
    assert [study.study_uid for study in ledger.studies()] == ["1.2.2"]


def test_dicomdir_and_the_output_folder_are_not_input(source: Path) -> None:
    write_study(source, "1.2.1")
    (source / "DICOMDIR").write_bytes(b"list")
    write_study(source / "out", "1.2.2")
    found = [one.path.name for one in files_under(source, skip=source / "out")]
    assert found == ["1.2.1.study"]


def test_a_folder_that_cannot_be_opened_is_refused_by_name(
    source: Path, ledger: FileLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = source / "shut"
    shut.mkdir()
    scandir = os.scandir

    def refuses(folder: Path) -> object:
        if Path(folder) == shut:
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuses)
    scan(source, ledger, read_studies)
    [one] = ledger.refused()
    assert "this account may read it" in str(one.advice)
    assert (one.source, dict(one.reason.values)) == (str(shut), {"why": "Permission denied"})


def test_a_link_to_nowhere_is_refused_with_the_reason(source: Path, ledger: FileLedger) -> None:
    try:
        (source / "link.dcm").symlink_to(source / "nowhere")
    except OSError:
        pytest.skip("this account may not make symbolic links")
    scan(source, ledger, read_studies)
    [one] = ledger.refused()
    assert one.reason.code == "file_not_accessible"


def test_memory_does_not_grow_with_the_number_of_files(source: Path, ledger: FileLedger) -> None:
    for number in range(1500):
        write_study(source / str(number % 30), f"1.2.{number}")
    peaks = []
    for folder in (source / "1", source):
        tracemalloc.start()
        scan(folder, ledger, read_studies)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    small, large = peaks
    assert large < 4 * small + 4_000_000
