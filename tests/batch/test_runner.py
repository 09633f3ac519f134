"""A folder worked off: what is done once, what is done again, what fails and why."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mediassist.batch.jobs import JobState, StudyTask
from mediassist.batch.lock import OutputInUse, only_run
from mediassist.batch.pool import Done, WorkerPool, WorkersWillNotStart
from mediassist.batch.progress import BatchProgress
from mediassist.batch.publish import ResultsFolder
from mediassist.batch.runner import BatchEnd, BatchOptions, run_batch
from mediassist.batch.schema import open_engine
from mediassist.batch.store import JobStore, utc_now
from mediassist.core.errors import OutputNotWritable, WrongUsage
from tests.batch.fake_analysis import (
    CannotOpen,
    DeadOnArrival,
    FakeAnalyser,
    key_of,
    read_studies,
    write_study,
)


class Ward:
    """An input folder, an output folder, and the diary of what was analysed."""

    def __init__(self, root: Path) -> None:
        self.source, self.out, self.diary = root / "送检 in", root / "结果 out", root / "diary"
        self.source.mkdir()

    def add(self, uid: str, **how: Any) -> Path:
        return write_study(self.source / uid[-1], uid, **how)

    def run(self, **how: Any) -> BatchEnd:
        options = {"request": "r1", **{key: how.pop(key) for key in list(how) if key != "watch"}}
        return run_batch(
            BatchOptions(source=self.source, out=self.out, **options),
            FakeAnalyser(self.diary),
            read_studies,
            key_of,
            **how,
        )

    def analysed(self) -> Counter[str]:
        return Counter(self.diary.read_text("utf-8").split()) if self.diary.exists() else Counter()

    def published(self) -> set[str]:
        return {folder.parent.name for folder in self.out.glob("*/findings.json")}

    def reason(self, uid: str) -> str:
        job = JobStore(open_engine(ResultsFolder(self.out).store)).job(uid)
        assert job is not None
        return str(job.reason)


@pytest.fixture
def ward(chinese_path: Path) -> Ward:
    return Ward(chinese_path)


def test_every_study_is_published_once_and_a_second_run_does_nothing(ward: Ward) -> None:
    for number in range(4):
        ward.add(f"1.2.{number}", objects=2)
    first, second = ward.run(), ward.run()
    assert (first.done, first.failed, first.counts.completed) == (4, 0, 4)
    assert (second.done, second.counts.completed) == (0, 4)
    assert set(ward.analysed().values()) == {1}
    assert ward.published() == {key_of(f"1.2.{number}") for number in range(4)}
    assert list(ResultsFolder(ward.out).unfinished.iterdir()) == []


def test_a_study_whose_files_changed_is_analysed_again(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.add("1.2.2")
    ward.run()
    ward.add("1.2.1", objects=3)
    assert ward.run().done == 1
    assert ward.analysed() == {"1.2.1": 2, "1.2.2": 1}


def test_a_new_request_does_every_study_again(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.run()
    assert ward.run(request="other bundles").done == 1
    assert ward.run(request="other bundles").done == 0


def test_a_study_spread_over_folders_is_one_study(ward: Ward) -> None:
    write_study(ward.source / "左", "1.2.1")
    write_study(ward.source / "右", "1.2.1").write_text("1.2.1 1.2.1.99", encoding="utf-8")
    assert ward.run().done == 1
    findings = json.loads((ward.out / key_of("1.2.1") / "findings.json").read_text("utf-8"))
    assert findings["files"] == 2


def test_a_moved_input_folder_holds_the_same_studies(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.run()
    ward.source = ward.source.rename(ward.source.with_name("搬走 moved"))
    assert ward.run().done == 0


def test_a_result_folder_that_was_deleted_is_made_again(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.run()
    shutil.rmtree(ward.out / key_of("1.2.1"))
    assert ward.run().done == 1
    assert ward.published() == {key_of("1.2.1")}


def test_results_are_accepted_when_the_job_store_was_lost(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.run()
    shutil.rmtree(ResultsFolder(ward.out).private)
    assert ward.run().counts.completed == 1
    assert ward.analysed() == {"1.2.1": 1}


def test_an_altered_result_is_not_accepted(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.run()
    shutil.rmtree(ResultsFolder(ward.out).private)
    (ward.out / key_of("1.2.1") / "findings.json").write_text("{}", encoding="utf-8")
    ward.run()
    assert ward.analysed() == {"1.2.1": 2}


def test_bad_studies_are_listed_with_reasons_and_the_rest_goes_on(ward: Ward) -> None:
    ward.add("1.2.1", told="bad image")
    ward.add("1.2.2", told="bug")
    ward.add("1.2.3")
    (ward.source / "readme.txt").write_text("hello", encoding="utf-8")
    end = ward.run()
    assert (end.done, end.failed, end.files) == (3, 2, 4)
    assert list(ResultsFolder(ward.out).unfinished.iterdir()) == []
    assert ward.reason("1.2.1") == "The file ends too early."
    assert "ZeroDivisionError: division by zero" in ward.reason("1.2.2")
    assert ward.published() == {key_of("1.2.3")}


def test_failed_studies_are_tried_again_only_when_asked(ward: Ward) -> None:
    ward.add("1.2.1", told="bad image")
    ward.run()
    assert ward.run().done == 0
    assert ward.run(retry_failed=True).done == 1


def test_a_worker_that_dies_costs_one_more_try(ward: Ward) -> None:
    ward.add("1.2.1", told="die once")
    ward.add("1.2.2")
    end = ward.run()
    assert (end.done, end.failed, end.counts.completed) == (2, 0, 2)
    assert ward.analysed() == {"1.2.1": 2, "1.2.2": 1}


@pytest.mark.parametrize("told", ["die", "memory"])
def test_a_study_that_kills_its_worker_twice_has_failed_and_the_rest_is_done(
    ward: Ward, told: str
) -> None:
    ward.add("1.2.1", told=told)
    ward.add("1.2.2")
    end = ward.run()
    assert (end.failed, end.counts.completed) == (1, 1)
    assert ward.analysed()["1.2.1"] == 2
    assert "memory" in ward.reason("1.2.1")


def test_a_study_over_its_time_limit_has_failed(ward: Ward) -> None:
    ward.add("1.2.1", told="hang")
    ward.add("1.2.2")
    end = ward.run(time_limit_s=1.5)
    assert (end.failed, end.counts.completed) == (1, 1)
    assert "longer than the limit" in ward.reason("1.2.1")


def test_several_workers_share_the_studies(ward: Ward) -> None:
    for number in range(6):
        ward.add(f"1.2.{number}")
    assert ward.run(workers=2).counts.completed == 6
    assert set(ward.analysed().values()) == {1}


def test_a_full_disk_stops_the_run_and_blames_no_study(ward: Ward) -> None:
    ward.add("1.2.1", told="disk full")
    with pytest.raises(OutputNotWritable):
        ward.run()
    store = JobStore(open_engine(ResultsFolder(ward.out).store))
    assert [job.study_uid for job in store.in_state(JobState.SCHEDULED)] == ["1.2.1"]


@pytest.mark.parametrize(
    ("analyser", "error"),
    [(DeadOnArrival(), WorkersWillNotStart), (CannotOpen(), OutputNotWritable)],
)
def test_workers_that_never_start_stop_the_run(ward: Ward, analyser: Any, error: Any) -> None:
    for number in range(4):
        ward.add(f"1.2.{number}")
    options = BatchOptions(source=ward.source, out=ward.out, request="r1")
    with pytest.raises(error):
        run_batch(options, analyser, read_studies, key_of)
    assert JobStore(open_engine(ResultsFolder(ward.out).store)).counts().canceled <= 1


def test_limit_and_since_choose_studies_and_the_rest_waits(ward: Ward) -> None:
    ward.add("1.2.1", day="2020-01-01")
    ward.add("1.2.2", day="2026-01-01")
    ward.add("1.2.3")
    end = ward.run(since=date(2025, 1, 1))
    assert ward.published() == {key_of("1.2.2"), key_of("1.2.3")}
    assert end.counts.scheduled == 1
    ward.add("1.2.4")
    assert ward.run(limit=1).done == 1
    assert ward.run().done == 1


def test_fail_fast_stops_at_the_first_failure(ward: Ward) -> None:
    ward.add("1.2.1", told="bad image")
    ward.add("1.2.2")
    end = ward.run(fail_fast=True)
    assert end.stopped_early
    assert (end.counts.canceled, end.counts.scheduled) == (1, 1)


def test_a_stopped_run_leaves_its_study_waiting(ward: Ward) -> None:
    for number in range(3):
        ward.add(f"1.2.{number}")
    seen: list[BatchProgress] = []
    options = BatchOptions(source=ward.source, out=ward.out, request="r1")
    end = run_batch(
        options,
        FakeAnalyser(ward.diary),
        read_studies,
        key_of,
        watch=lambda event: seen.append(event) if isinstance(event, BatchProgress) else None,
        stop=lambda: bool(seen) and seen[-1].done == 1,
    )
    assert end.interrupted
    assert (end.counts.completed, end.counts.in_progress, end.counts.scheduled) == (1, 0, 2)


def test_a_second_run_on_one_output_folder_is_refused_and_told_who_holds_it(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.run()
    with only_run(ResultsFolder(ward.out).private, utc_now()), pytest.raises(OutputInUse) as error:
        ward.run()
    assert "process" in str(error.value)


def test_an_older_result_comes_back_when_the_disk_refuses_the_newer(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.add("1.2.1")
    ward.run()
    ward.add("1.2.1", objects=2)
    rename = Path.rename

    def refuses(path: Path, target: Path) -> Path:
        if path.name == key_of("1.2.1") and path.parent != ward.out:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuses)
        with pytest.raises(OutputNotWritable):
            ward.run()
    assert ward.published() == {key_of("1.2.1")}
    assert ward.run().done == 1


def test_output_inside_input_is_not_read_as_input(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.out = ward.source / "out"
    ward.run()
    assert ward.run().files == 1


def test_input_that_is_missing_or_is_the_output_is_wrong_usage(ward: Ward) -> None:
    ward.out = ward.source
    with pytest.raises(WrongUsage):
        ward.run()
    ward.source = ward.source / "nowhere"
    with pytest.raises(WrongUsage, match="nowhere"):
        ward.run()


def test_studies_whose_files_went_away_before_their_turn_are_forgotten(ward: Ward) -> None:
    ward.add("1.2.1")
    gone = ward.add("1.2.2")
    ward.run(limit=1)
    gone.unlink()
    end = ward.run()
    assert (end.done, end.counts.total, end.counts.completed) == (0, 1, 1)


def test_a_run_that_died_between_publishing_and_marking_is_accepted_as_done(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.add("1.2.1")

    def dies(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(JobStore, "complete", dies)
        with pytest.raises(KeyboardInterrupt):
            ward.run()
    assert ward.published() == {key_of("1.2.1")}
    assert ward.run().counts.completed == 1
    assert ward.analysed() == {"1.2.1": 1}


def test_the_older_result_stays_until_the_newer_one_is_whole(ward: Ward) -> None:
    ward.add("1.2.1")
    ward.run()
    ward.add("1.2.1", told="bad image", objects=2)
    ward.run()
    assert ward.published() == {key_of("1.2.1")}


def test_a_result_that_somebody_has_open_waits_for_the_next_run(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.add("1.2.1")
    ward.run()
    ward.add("1.2.1", objects=2)
    rename = Path.rename

    def in_use(path: Path, target: Path) -> Path:
        if path.parent == ward.out:
            raise PermissionError(13, "The process cannot access the file")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", in_use)
        assert ward.run().failed == 1
    assert "is in use" in ward.reason("1.2.1")
    assert ward.run().counts.completed == 1


def test_what_workers_print_or_log_reaches_neither_the_result_nor_the_terminal(
    ward: Ward, chinese_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ward.add("1.2.1", told="bug")
    ward.add("1.2.2", told="print")
    log = chinese_path / "日志" / "mediassist.log"
    ward.run(log=log)
    out, err = capfd.readouterr()
    assert (out, "Traceback" in err) == ("", False)
    assert "ZeroDivisionError" in log.read_text("utf-8")


def test_a_worker_gives_way_to_a_fresh_one_after_many_studies(ward: Ward) -> None:
    pool = WorkerPool(FakeAnalyser(ward.diary), 1, 60.0, studies_per_worker=1)
    done = []
    for number in range(2):
        study = StudyTask(
            study_uid=f"1.2.{number}", study_key=str(number), fingerprint="", request=""
        )
        folder = ward.source / study.study_key
        folder.mkdir()
        pool.submit(study, folder)
        while len(done) <= number:
            done += [event for event in pool.poll(0.1) if isinstance(event, Done)]
    pool.close()
    assert [event.task.study_key for event in done] == ["0", "1"]
