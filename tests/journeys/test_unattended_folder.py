"""The story of a folder that is worked off although everything that can end a run does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mediassist.cli.exit_codes import ExitCode
from tests.cli.command_line import REPOSITORY, silent_bundle
from tests.dicom.builder import chest_radiograph

STUDIES = 5


class Batch:
    """`mediassist batch` as a user starts it, in a process group of its own."""

    def __init__(self, root: Path) -> None:
        self.out = root / "结果 out"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mediassist", "batch", str(root / "送检 in")]
            + ["--out", str(self.out), "--json"],
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                "MEDIASSIST_BUNDLES_DIR": str(root / "bundles"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def published(self) -> dict[str, int]:
        """Result folders, with the number that changes when one is replaced."""
        folders = self.out.glob("*/report.pdf")
        return {one.parent.name: one.parent.stat().st_ino for one in folders}

    def wait_for_more_than(self, count: int) -> None:
        end = time.monotonic() + 200
        while len(self.published()) <= count:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, "no study was published"
            time.sleep(0.05)

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=280)
        return self.process.returncode, out, err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX notion")
def test_killed_then_interrupted_then_run_to_the_end_every_study_is_published_once(
    chinese_path: Path,
) -> None:
    silent_bundle(chinese_path / "bundles")
    for number in range(STUDIES):
        chest_radiograph(chinese_path / "送检 in" / f"检查 {number}" / "IM1", seed=number)
    killed = Batch(chinese_path)
    killed.wait_for_more_than(0)
    os.killpg(killed.process.pid, signal.SIGKILL)
    killed.end()
    first = killed.published()

    interrupted = Batch(chinese_path)
    interrupted.wait_for_more_than(len(first))
    os.killpg(interrupted.process.pid, signal.SIGINT)
    code, out, err = interrupted.end()
    second = interrupted.published()
    if len(second) < STUDIES:  # else it was done before it heard
        assert (code, "the same command goes on" in err) == (ExitCode.INTERRUPTED, True), err
        assert json.loads(out)["interrupted"] is True
    assert "Traceback" not in err
    assert second.items() >= first.items()

    code, out, err = Batch(chinese_path).end()
    last = interrupted.published()
    assert (code, json.loads(out)["studies"]) == (ExitCode.DONE, STUDIES), err
    assert (len(last), last.items() >= second.items()) == (STUDIES, True)
    summary = json.loads((interrupted.out / "summary.json").read_text("utf-8"))
    assert {entry["study"] for entry in summary["studies"]} == set(last)
