"""A quick stand-in for reading and analysing: `.study` text files, and an analyser that obeys them.

A `.study` file holds one line a DICOM object: `STUDY_UID SOP_UID [DATE]`. What its first line is
told to do after `!` makes the analyser misbehave as real ones do.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mediassist.batch.jobs import StudyOutcome, StudyTask
from mediassist.batch.worker import Stage, StudyAnalyser
from mediassist.core.errors import OutputNotWritable, UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import Instance, Rejected, Series, Study


def key_of(study_uid: str) -> str:
    return hashlib.sha256(study_uid.encode()).hexdigest()[:16]


def write_study(folder: Path, uid: str, *, objects: int = 1, told: str = "", day: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uid}.study"
    lines = [f"{uid} {uid}.{number} {day}" for number in range(objects)]
    path.write_text("\n".join(lines) + (f"\n!{told}" if told else ""), encoding="utf-8")
    return path


def read_studies(paths: Iterable[Path]) -> Iterator[Study | Rejected]:
    for path in paths:
        if path.suffix != ".study":
            yield Rejected(str(path), UnreadableFile(say("not_dicom", "This is not DICOM.")))
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [line.split() for line in lines if line and not line.startswith("!")]
        day = rows[0][2] if len(rows[0]) > 2 else ""
        instances = tuple(
            Instance(path=path, source=str(path), sop_instance_uid=row[1]) for row in rows
        )
        yield Study(
            study_uid=rows[0][0],
            study_date=date.fromisoformat(day) if day else None,
            series=(Series(series_uid=f"{rows[0][0]}.s", instances=instances),),
        )


@dataclass(frozen=True)
class FakeAnalyser:
    """Opens the analyser; `diary` collects one line an analysis, from whichever process."""

    diary: Path
    seconds: float = 0.0

    def __call__(self) -> StudyAnalyser:
        return self._analyse

    def _analyse(self, task: StudyTask, folder: Path, stage: Stage) -> StudyOutcome:
        stage("reading")
        with self.diary.open("a", encoding="utf-8") as stream:
            stream.write(task.study_uid + "\n")
        for path in task.files:
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.startswith("!"):
                    self._obey(line[1:], folder)
        result = folder / task.study_key
        result.mkdir()
        (result / "report.pdf").write_text("half", encoding="utf-8")
        time.sleep(self.seconds)
        (result / "report.pdf").write_text("whole report", encoding="utf-8")
        (result / "findings.json").write_text(
            json.dumps({"study": task.study_uid, "files": len(task.files)}), encoding="utf-8"
        )
        return StudyOutcome(entry={"study": task.study_key})

    def _obey(self, told: str, folder: Path) -> None:
        if told == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if told == "die once" and not (self.diary.parent / "died").exists():
            (self.diary.parent / "died").write_text("", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        if told == "hang":
            time.sleep(3600)
        if told == "memory":
            raise MemoryError
        if told == "bad image":
            raise UnreadableFile(say("truncated", "The file ends too early."))
        if told == "bug":
            raise ZeroDivisionError("division by zero")
        if told == "disk full":
            raise OutputNotWritable(say("disk_full", "The disk is full."))
        if told == "print":
            print("a library says hello")


@dataclass(frozen=True)
class DeadOnArrival:
    """A worker that ends before it is ready."""

    def __call__(self) -> StudyAnalyser:
        os._exit(3)


@dataclass(frozen=True)
class CannotOpen:
    """An analyser that refuses to open."""

    def __call__(self) -> StudyAnalyser:
        raise OutputNotWritable(say("no_room", "There is no room."))
