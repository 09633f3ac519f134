"""What the batch knows of one study: its job, what has become of it, what was found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message

# So many worker processes may die over one study; then it has failed.
MOST_DEATHS = 2


class JobState(StrEnum):
    """States of a Unified Procedure Step (PS3.4 CC.1.1), so that a worklist bridge is simple.

    DICOM has no "failed": a failed study is CANCELED with a reason.
    """

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file, or an entry of an archive, that could not be used: why, and what to do about it."""

    source: str
    reason: Message
    advice: Message | None = None

    @classmethod
    def from_error(cls, source: str, error: MediAssistError) -> RefusedFile:
        return cls(source, error.message, error.advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTask:
    """One study to analyse.

    Attributes
    ----------
    fingerprint : hash of the study's files (instances, sizes, times of change).
    request : hash of what was asked for (bundles with their hashes, language, formats). A job is
        done again where either differs from what was done.
    files : the files on disk that hold the study; an archive counts as one file.
    """

    study_uid: str
    study_key: str
    fingerprint: str
    request: str
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOutcome:
    """What came out of one study.

    Attributes
    ----------
    entry : the study's entry in summary.json.
    failed : whether a bundle failed on it; the report says which and why.
    rejected : files of the study that could not be used.
    """

    entry: dict[str, Any] = field(default_factory=dict)
    failed: bool = False
    rejected: tuple[RefusedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of the job store. Times are timezone-aware."""

    job_id: int
    study_uid: str
    study_key: str
    study_date: date | None
    fingerprint: str
    request: str
    state: JobState
    reason: Message | None = None
    deaths: int = 0
    owner: str = ""
    lease_until: datetime | None = None
    outcome: StudyOutcome | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs are in which state."""

    scheduled: int = 0
    in_progress: int = 0
    completed: int = 0
    canceled: int = 0

    @property
    def total(self) -> int:
        return self.scheduled + self.in_progress + self.completed + self.canceled


def fingerprint_of(instances: Iterable[tuple[str, int, int]]) -> str:
    """Hash of a study's instances: (SOP Instance UID, file size in bytes, file time in ns).

    Paths are left out: a folder that was moved holds the same studies.
    """
    digest = hashlib.sha256()
    for uid, size, mtime_ns in sorted(instances):
        digest.update(f"{uid}|{size}|{mtime_ns}\n".encode())
    return digest.hexdigest()
