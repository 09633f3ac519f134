"""kill -9 at any moment, the same command again: nothing lost, nothing published twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from mediassist.batch.publish import ResultsFolder
from mediassist.batch.schema import open_engine
from mediassist.batch.store import JobStore
from tests.batch.fake_analysis import key_of, write_study

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX notion")

STUDIES = 12


class Run:
    """The batch as a process group of its own."""

    def __init__(self, root: Path, repository: Path) -> None:
        self.out, self.diary = root / "out", root / "diary"
        environment = {**os.environ, "PYTHONPATH": str(repository)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.batch.run_fake_batch"]
            + [str(root / "in"), str(self.out), str(self.diary), "0.06"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def kill_everything(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def kill_parent_only(self) -> None:
        self.process.kill()
        self.process.communicate()

    def to_the_end(self) -> None:
        _out, err = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, err.decode()


def published(out: Path) -> dict[str, int]:
    """Result folders with the number of the file system that changes when a folder is replaced."""
    return {folder.name: folder.stat().st_ino for folder in out.glob("*") if folder.name[0] != "."}


def test_kill_minus_nine_at_random_moments_loses_nothing_and_publishes_nothing_twice(
    chinese_path: Path, repository: Path
) -> None:
    for number in range(STUDIES):
        write_study(chinese_path / "in", f"1.2.{number}")
    dice = random.Random(20261124)
    seen: dict[str, int] = {}
    for attempt in range(10):
        run = Run(chinese_path, repository)
        time.sleep(dice.uniform(0.05, 0.9))
        run.kill_everything() if attempt % 2 else run.kill_parent_only()
        now = published(run.out)
        assert now.items() >= seen.items(), "a published folder was replaced or lost"
        for name in now:
            assert (run.out / name / "report.pdf").read_text("utf-8") == "whole report"
        seen = now
    last = Run(chinese_path, repository)
    last.to_the_end()
    assert published(last.out).items() >= seen.items()
    assert published(last.out).keys() == {key_of(f"1.2.{number}") for number in range(STUDIES)}
    counts = JobStore(open_engine(ResultsFolder(last.out).store)).counts()
    assert (counts.completed, counts.total) == (STUDIES, STUDIES)
    assert list(ResultsFolder(last.out).unfinished.iterdir()) == []


def test_workers_leave_when_their_parent_is_killed(chinese_path: Path, repository: Path) -> None:
    write_study(chinese_path / "in", "1.2.1", told="hang")
    run = Run(chinese_path, repository)
    workers = _wait_for_workers(run)
    run.kill_parent_only()
    gone, alive = psutil.wait_procs(workers, timeout=20)
    assert gone and not alive


def test_a_worker_killed_from_outside_costs_one_more_try(
    chinese_path: Path, repository: Path
) -> None:
    for number in range(STUDIES):
        write_study(chinese_path / "in", f"1.2.{number}")
    run = Run(chinese_path, repository)
    for worker in _wait_for_workers(run):
        worker.kill()
    run.to_the_end()
    assert len(published(run.out)) == STUDIES
    assert max(Counter(run.diary.read_text("utf-8").split()).values()) <= 2


def _wait_for_workers(run: Run) -> list[psutil.Process]:
    parent = psutil.Process(run.process.pid)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if run.diary.exists():
            return [
                child
                for child in parent.children(recursive=True)
                if "resource_tracker" not in " ".join(child.cmdline())
            ]
        assert run.process.poll() is None
        time.sleep(0.02)
    raise AssertionError("no worker began")
