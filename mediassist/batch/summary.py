"""summary.json and summary.csv of an output folder: every study ever worked off into it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mediassist.batch.jobs import JobState, RefusedFile
from mediassist.batch.ledger import FileLedger
from mediassist.batch.store import JobStore
from mediassist.core.vocabulary import Verdict
from mediassist.report.summary import RunInfo, Summary
from mediassist.text import Words


@dataclass(frozen=True, slots=True)
class SummaryCounts:
    """What the summary holds.

    Attributes
    ----------
    by_verdict : studies under their most urgent verdict.
    failed : studies in which something failed: the whole study, a bundle, or an image.
    rejected : files that could not become part of a study.
    """

    studies: int
    by_verdict: tuple[tuple[str, int], ...]
    failed: int
    rejected: int


def write_summary(
    out: Path, run: RunInfo, words: Words, store: JobStore, ledger: FileLedger
) -> SummaryCounts:
    """Collect finished, failed and rejected; write both files; raises `OutputNotWritable`."""
    summary = Summary(run, words)
    failed = 0
    verdicts: Counter[str] = Counter()
    rejected: dict[str, RefusedFile] = {}
    for job in store.in_state(JobState.COMPLETED):
        if job.outcome is not None:
            summary.add_entry(job.outcome.entry)
            verdicts[job.outcome.entry["verdict"]] += 1
            failed += job.outcome.failed
            rejected.update((one.source, one) for one in job.outcome.rejected)
    for job in store.in_state(JobState.CANCELED):
        files = ledger.files_of(job.study_uid)
        summary.add_entry(
            failed_entry(
                job.study_uid,
                job.study_key,
                job.study_date,
                path=files[0] if files else "",
                reason=words.message(job.reason) if job.reason else "",
            )
        )
        verdicts[Verdict.FAILED.value] += 1
        failed += 1
    rejected.update((one.source, one) for one in ledger.refused())
    for one in rejected.values():
        summary.reject_file(one.source, one.reason, one.advice)
    summary.write(out, table=True, patient_reports=True)
    return SummaryCounts(
        studies=verdicts.total(),
        by_verdict=tuple((verdict.value, verdicts[verdict.value]) for verdict in Verdict),
        failed=failed,
        rejected=len(rejected),
    )


def failed_entry(
    study_uid: str, study_key: str, study_date: date | None, *, path: str, reason: str
) -> dict[str, Any]:
    """The entry of a study that gave no result: what is known of it, one of its files, and why."""
    return {
        "study": study_key,
        "study_instance_uid": study_uid,
        "date": study_date.isoformat() if study_date else None,
        "time": None,
        "modalities": [],
        "description": "",
        "accession_number": "",
        "images": 0,
        "patient": {"id": "", "name": "", "birth_date": None, "sex": ""},
        "verdict": Verdict.FAILED.value,
        "acquisition": None,
        "findings": [],
        "failed_images": [{"path": path, "reason": reason}],
        "files": [],
        "seconds": 0.0,
    }
