"""Works off a folder of studies; the same call again goes on where the last one ended.

The order of a study's life is what makes a kill at any moment harmless:

1. claim: the job is IN PROGRESS under a lease of this run;
2. analyse: a worker writes the whole result into a folder of its own under `unfinished`;
3. publish: the parent renames that folder into place, with a receipt that names input and request;
4. complete: the job is marked.

Dead before 3: the job is taken again and the unfinished folder thrown away. Dead between 3 and 4:
the receipt of the published folder fits the job, so that it is accepted and not done again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

from mediassist.batch.discovery import ReadStudies, ScanProgress, scan
from mediassist.batch.jobs import Counts, Job, JobState, StudyOutcome, StudyTask
from mediassist.batch.ledger import FileLedger
from mediassist.batch.lock import only_run
from mediassist.batch.pool import Done, PoolEvent, TookTooLong, WorkerPool, Working
from mediassist.batch.progress import BatchProgress
from mediassist.batch.publish import ResultInUse, ResultsFolder
from mediassist.batch.schema import open_engine
from mediassist.batch.store import FILES_GONE, LEASE, JobStore, utc_now
from mediassist.batch.worker import Analysed, AnalyserFactory
from mediassist.core.errors import (
    BundleDamaged,
    BundleMissing,
    FontMissing,
    OutputNotWritable,
    WrongUsage,
)
from mediassist.core.messages import Message, say

_log = logging.getLogger(__name__)

_POLL_S = 0.5
# No fault of the study: the run stops and the study waits for the next one.
_NOT_THE_STUDY = (OutputNotWritable, BundleMissing, BundleDamaged, FontMissing)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """What to work off, and how.

    Attributes
    ----------
    request : hash of everything that shapes a result apart from the input (bundles with their
        hashes, language, formats); a study is done again when it changes.
    limit : most studies of this run.
    since : only studies of this day or later (Study Date); undated ones are not left out.
    time_limit_s : the longest that one study may take.
    log : file for the workers' log.
    """

    source: Path
    out: Path
    request: str = ""
    workers: int = 1
    limit: int | None = None
    since: date | None = None
    fail_fast: bool = False
    retry_failed: bool = False
    time_limit_s: float = 1200.0
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """One study has been worked off."""

    study_key: str
    outcome: StudyOutcome | None
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """How a run ended; the store knows every study."""

    counts: Counts
    files: int
    done: int
    failed: int
    interrupted: bool
    stopped_early: bool


Watch = Callable[["ScanProgress | BatchProgress | Finished"], None]


@dataclass(slots=True)
class BatchRun:
    """One run over one output folder; `run_batch` makes and drives it."""

    options: BatchOptions
    folder: ResultsFolder
    store: JobStore
    ledger: FileLedger
    pool: WorkerPool
    watch: Watch
    stop: Callable[[], bool]
    owner: str = field(default_factory=lambda: uuid4().hex)
    progress: BatchProgress = field(default_factory=lambda: BatchProgress(todo=0))
    _running: dict[str, tuple[Job, Path]] = field(default_factory=dict)
    _claimed: int = 0
    _began: float = 0.0
    _renewed: float = 0.0
    _halted: bool = False

    def plan(self, study_key: Callable[[str], str]) -> None:
        """Schedule every study of the ledger; free what dead runs held."""
        self.folder.clear_unfinished()
        self.store.take_over(self.owner)
        planned = (
            (
                StudyTask(
                    study_uid=study.study_uid,
                    study_key=study_key(study.study_uid),
                    fingerprint=study.fingerprint,
                    request=self.options.request,
                ),
                study.study_date,
            )
            for study in self.ledger.studies()
        )
        before = 0
        for task, state in self.store.schedule(planned, retry_failed=self.options.retry_failed):
            if state is JobState.COMPLETED and not self.folder.has_result(task.study_key):
                self.store.do_again([task.study_uid])
            elif state in (JobState.COMPLETED, JobState.CANCELED):
                before += 1
        self.store.drop_absent()
        waiting = self.store.waiting(self.options.since)
        limit = self.options.limit
        todo = waiting if limit is None else min(waiting, limit)
        self.progress = BatchProgress(todo=todo, before=before)

    def work_off(self) -> None:
        """Until nothing waits, the limit is reached, or the run is stopped."""
        self._began = time.monotonic()
        try:
            while not self.stop() and not self._halted:
                self._hand_out()
                if not self._running:
                    return
                for event in self.pool.poll(_POLL_S):
                    self._take(event)
                self._beat()
        finally:
            self.pool.close()
            for job, work in self._running.values():
                self.store.release(job)
                self.folder.discard(work)

    def _hand_out(self) -> None:
        while self.pool.idle() and not self._limit_reached():
            job = self.store.claim(self.owner, self.options.since)
            if job is None:
                return
            self._claimed += job.deaths == 0
            task = self._task(job)
            published = self.folder.outcome_of(task)
            if published is not None:
                self._completed(job, published)
                continue
            work = self.folder.work_folder()
            self._running[job.study_uid] = (job, work)
            self.pool.submit(task, work)

    def _limit_reached(self) -> bool:
        return self.options.limit is not None and self._claimed >= self.options.limit

    def _task(self, job: Job) -> StudyTask:
        source = self.options.source
        base = source if source.is_dir() else source.parent
        if not base.exists():
            raise WrongUsage(say("input_gone", "{path} is no longer there.", path=str(source)))
        return StudyTask(
            study_uid=job.study_uid,
            study_key=job.study_key,
            fingerprint=job.fingerprint,
            request=job.request,
            files=tuple(base / name for name in self.ledger.files_of(job.study_uid)),
        )

    def _take(self, event: PoolEvent) -> None:
        job, work = self._running[event.task.study_uid]
        if isinstance(event, Working):
            self._show(now=event.text)
            return
        if isinstance(event, Done):
            self._answered(job, work, event)
            return
        self._let_go(job, work)
        _log.info("study %s: %s", job.study_key, event.reason)
        if isinstance(event, TookTooLong):
            self._failed(job, event.reason)
        elif self.store.worker_died(job, event.reason) is JobState.CANCELED:
            self._count(Finished(job.study_key, None, event.reason), failed=True)

    def _answered(self, job: Job, work: Path, event: Done) -> None:
        if isinstance(event.reply, Analysed):
            try:
                self.folder.publish(event.task, event.reply.outcome, work)
            except ResultInUse as error:
                self._let_go(job, work)
                self._failed(job, error.message)
            else:
                self._let_go(job, work)
                self._completed(job, event.reply.outcome)
            return
        reason = event.reply.error
        if isinstance(reason, _NOT_THE_STUDY):
            raise reason
        self._let_go(job, work)
        there = all(path.exists() for path in event.task.files)
        self._failed(job, reason.message if there else FILES_GONE)

    def _let_go(self, job: Job, work: Path) -> None:
        del self._running[job.study_uid]
        self.folder.discard(work)

    def _completed(self, job: Job, outcome: StudyOutcome) -> None:
        self.store.complete(job, outcome)
        self._count(Finished(job.study_key, outcome), failed=outcome.failed)

    def _failed(self, job: Job, reason: Message) -> None:
        self.store.fail(job, reason)
        self._count(Finished(job.study_key, None, reason), failed=True)

    def _count(self, finished: Finished, failed: bool) -> None:
        self.watch(finished)
        self.progress = replace(
            self.progress,
            done=self.progress.done + 1,
            failed=self.progress.failed + failed,
            todo=max(self.progress.todo, self.progress.done + 1),
        )
        self._show()
        if failed and self.options.fail_fast:
            self._halted = True

    def _beat(self) -> None:
        """Renew the leases well before they end, and keep the time of the progress going."""
        now = time.monotonic()
        if now - self._renewed > LEASE.total_seconds() / 6:
            self.store.renew(self.owner)
            self._renewed = now
        self._show()

    def _show(self, now: str | None = None) -> None:
        self.progress = replace(
            self.progress,
            seconds=time.monotonic() - self._began,
            now=self.progress.now if now is None else now,
        )
        self.watch(self.progress)

    def end(self, files: int) -> BatchEnd:
        return BatchEnd(
            counts=self.store.counts(),
            files=files,
            done=self.progress.done,
            failed=self.progress.failed,
            interrupted=self.stop(),
            stopped_early=self._halted,
        )


def run_batch(
    options: BatchOptions,
    analyser: AnalyserFactory,
    read: ReadStudies,
    study_key: Callable[[str], str],
    *,
    watch: Watch = lambda event: None,
    stop: Callable[[], bool] = lambda: False,
    finish: Callable[[ResultsFolder, JobStore, FileLedger], None] = lambda *parts: None,
    clock: Callable[[], datetime] = utc_now,
) -> BatchEnd:
    """Work off a folder of studies.

    Parameters
    ----------
    analyser : opens the analysis in each worker process; picklable.
    read : finds studies in files (`mediassist.dicom.find_studies`).
    study_key : Study Instance UID to the name of the result folder.
    watch : is told of progress and of each finished study, in this process.
    stop : asked often; true ends the run, what is unfinished waits for the next one.
    finish : called once at the end, also of an interrupted run, while the folder is still held
        (writes the summary).

    Raises
    ------
    WrongUsage
        If the input is not there, or another run holds the output folder.
    MediAssistError
        If no study could be analysed (bundle missing, disk full, workers do not start).
    """
    folder = ResultsFolder(options.out)
    _check_places(options.source, options.out)
    folder.prepare()
    with only_run(folder.private, clock()):
        engine = open_engine(folder.store)
        try:
            run = BatchRun(
                options=options,
                folder=folder,
                store=JobStore(engine, clock),
                ledger=FileLedger(engine),
                pool=WorkerPool(analyser, options.workers, options.time_limit_s, options.log),
                watch=watch,
                stop=stop,
            )
            scanned = scan(
                options.source, run.ledger, read, skip=options.out, progress=watch, stop=stop
            )
            if not stop():
                run.plan(study_key)
                watch(run.progress)
                try:
                    run.work_off()
                finally:
                    finish(folder, run.store, run.ledger)
            return run.end(scanned.files)
        finally:
            engine.dispose()


def _check_places(source: Path, out: Path) -> None:
    if not source.exists():
        raise WrongUsage(say("path_missing", "{path} does not exist.", path=str(source)))
    if out.exists() and source.resolve() == out.resolve():
        raise WrongUsage(
            say(
                "output_is_input",
                "Input and output are the same folder, {path}.",
                path=str(out),
            )
        )
