"""Result folders appear whole or not at all, and say themselves what they are the result of."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from mediassist.batch.jobs import StudyOutcome, StudyTask
from mediassist.batch.stored_json import outcome_from_plain, outcome_to_plain
from mediassist.core.errors import MediAssistError, OutputNotWritable
from mediassist.core.messages import say


class ResultInUse(MediAssistError):
    """An older result cannot give way, on Windows because somebody has its report open."""

    advice = say("advice_result_in_use", "Close the report or folder and run the command again.")


RECEIPT = "receipt.json"
FINDINGS = "findings.json"
PRIVATE = ".mediassist"


@dataclass(frozen=True, slots=True)
class ResultsFolder:
    """The --out folder of a batch. `PRIVATE` inside it holds the job store and unfinished work."""

    out: Path

    @property
    def private(self) -> Path:
        return self.out / PRIVATE

    @property
    def store(self) -> Path:
        return self.private / "jobs.sqlite"

    @property
    def unfinished(self) -> Path:
        return self.private / "unfinished"

    def prepare(self) -> None:
        """Make the folders; raises `OutputNotWritable`."""
        try:
            self.unfinished.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_writable(self.out, error) from error

    def clear_unfinished(self) -> None:
        """Throw away what dead runs left half done; only for who knows that no other run lives."""
        for folder in self.unfinished.iterdir():
            self.discard(folder)

    def work_folder(self) -> Path:
        """A new empty folder for one study's unfinished results."""
        folder = self.unfinished / uuid4().hex[:12]
        try:
            folder.mkdir()
        except OSError as error:
            raise _not_writable(self.out, error) from error
        return folder

    def discard(self, work_folder: Path) -> None:
        """Throw away a study's unfinished results."""
        shutil.rmtree(work_folder, ignore_errors=True)

    def result(self, study_key: str) -> Path:
        return self.out / study_key

    def has_result(self, study_key: str) -> bool:
        return (self.result(study_key) / RECEIPT).is_file()

    def outcome_of(self, task: StudyTask) -> StudyOutcome | None:
        """What the published folder says, if it is whole and of this input and this request."""
        folder = self.result(task.study_key)
        try:
            receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
            outcome = outcome_from_plain(receipt["outcome"])
            return outcome if receipt == _receipt(task, folder, outcome) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def publish(self, task: StudyTask, outcome: StudyOutcome, work_folder: Path) -> Path:
        """Move `work_folder / study_key` into place; an older result gives way.

        Raises
        ------
        ResultInUse
            If the older result can't be moved.
        OutputNotWritable
            If the disk refuses; the older result is still there then.
        """
        ready, target = work_folder / task.study_key, self.result(task.study_key)
        try:
            receipt = json.dumps(_receipt(task, ready, outcome), indent=2, ensure_ascii=False)
            (ready / RECEIPT).write_text(receipt + "\n", encoding="utf-8")
            _sync_files(ready)
            _take_the_place(ready, target, work_folder / "old")
            _sync_folder(self.out)
        except OSError as error:
            raise _not_writable(target, error) from error
        return target


def _take_the_place(ready: Path, target: Path, aside: Path) -> None:
    """Rename `ready` to `target`; where that fails the older result comes back."""
    if not target.exists():
        ready.rename(target)
        return
    try:
        target.rename(aside)
    except PermissionError as error:
        raise ResultInUse(
            say("result_in_use", "The older result {path} is in use.", path=str(target))
        ) from error
    try:
        ready.rename(target)
    except OSError:
        aside.rename(target)
        raise


def _receipt(task: StudyTask, folder: Path, outcome: StudyOutcome) -> dict[str, Any]:
    findings = hashlib.sha256((folder / FINDINGS).read_bytes()).hexdigest()
    return {
        "study": task.study_key,
        "input": task.fingerprint,
        "request": task.request,
        "findings_sha256": findings,
        "outcome": outcome_to_plain(outcome),
    }


def _not_writable(path: Path, error: OSError) -> OutputNotWritable:
    return OutputNotWritable(
        say(
            "output_not_writable",
            "Results cannot be written to {path}: {why}.",
            path=str(path),
            why=error.strerror or type(error).__name__,
        )
    )


def _sync_files(folder: Path) -> None:
    """On the disk before it is visible: a power cut leaves no empty report behind."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("r+b") as stream:
                os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Windows opens no folders; NTFS journals renames itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
