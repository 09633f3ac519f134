"""The job store: one job a study, kept so that any process may die at any moment.

A job is claimed for a limited time (a lease) by one run, which renews the lease while it lives.
Changes of state name the owner they expect: a run that has lost its lease changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from mediassist.batch.jobs import (
    MOST_DEATHS,
    Counts,
    Job,
    JobState,
    StudyOutcome,
    StudyTask,
)
from mediassist.batch.schema import jobs, members
from mediassist.batch.stored_json import (
    message_from_text,
    message_to_text,
    outcome_from_plain,
    outcome_to_plain,
)
from mediassist.core.messages import Message, say

LEASE = timedelta(seconds=90)

FILES_GONE = say("files_gone", "Files of this study are no longer in the input folder.")
# Failures of the moment: the next run tries these studies again.
_PASSING = frozenset({FILES_GONE.code, "result_in_use"})
_CHUNK = 500


def utc_now() -> datetime:
    return datetime.now(UTC)


class JobStore:
    """Jobs in one database; safe for several processes."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def schedule(
        self, planned: Iterable[tuple[StudyTask, date | None]], *, retry_failed: bool = False
    ) -> Iterator[tuple[StudyTask, JobState]]:
        """Make sure that each study is, or will be, done as its task says; gives their states.

        A job whose input or request has changed starts again from the beginning. A failed one
        stays failed unless `retry_failed`, or unless the failure lay in the moment (files were
        away, an older result was in use).
        Some hundred studies share a transaction; states come after it has ended.
        """
        studies = iter(planned)
        while chunk := list(islice(studies, _CHUNK)):
            with self._engine.begin() as connection:
                states = [
                    _schedule_one(connection, task, study_date, retry_failed)
                    for task, study_date in chunk
                ]
            yield from ((task, state) for (task, _date), state in zip(chunk, states, strict=True))

    def claim(self, owner: str, since: date | None = None) -> Job | None:
        """Take the next job for `owner`: one that waits, or one whose lease has run out.

        Studies over which a worker or a run has ended before come last, so that one bad study
        can't hold up the others. Studies without a date are not held back by `since`.
        """
        while True:
            with self._engine.connect() as connection:
                row = connection.execute(self._next(since)).one_or_none()
            if row is None:
                return None
            with self._engine.begin() as connection:
                taken = connection.execute(
                    jobs.update()
                    .where(jobs.c.job_id == row.job_id, *_unchanged(row))
                    .values(
                        state=JobState.IN_PROGRESS,
                        owner=owner,
                        lease_until=self._lease_end(),
                        interruptions=row.interruptions + (row.state == JobState.IN_PROGRESS),
                    )
                ).rowcount
            if taken:
                return self.job(row.study_uid)

    def renew(self, owner: str) -> None:
        """Heartbeat: the owner lives and works on what it has claimed."""
        with self._engine.begin() as connection:
            connection.execute(
                jobs.update()
                .where(jobs.c.owner == owner, jobs.c.state == JobState.IN_PROGRESS)
                .values(lease_until=self._lease_end())
            )

    def complete(self, job: Job, outcome: StudyOutcome) -> bool:
        """The study's results are published; False where the job is no longer the owner's."""
        content = json.dumps(outcome_to_plain(outcome), ensure_ascii=False)
        return self._end(job, state=JobState.COMPLETED, reason=None, outcome=content)

    def fail(self, job: Job, reason: Message) -> bool:
        """The study can't be analysed; False where the job is no longer the owner's."""
        return self._end(job, state=JobState.CANCELED, reason=message_to_text(reason), outcome=None)

    def worker_died(self, job: Job, reason: Message) -> JobState:
        """A worker process died over the study: it waits once more, then it has failed."""
        if job.deaths + 1 >= MOST_DEATHS:
            self._end(
                job,
                state=JobState.CANCELED,
                reason=message_to_text(reason),
                deaths=job.deaths + 1,
                outcome=None,
            )
            return JobState.CANCELED
        self._end(job, state=JobState.SCHEDULED, deaths=job.deaths + 1)
        return JobState.SCHEDULED

    def release(self, job: Job) -> bool:
        """Give an unfinished job back, without blame (the run stops)."""
        return self._end(job, state=JobState.SCHEDULED)

    def take_over(self, owner: str) -> int:
        """Free the jobs of every other run; only for who knows that no other run lives."""
        with self._engine.begin() as connection:
            return connection.execute(
                jobs.update()
                .where(jobs.c.state == JobState.IN_PROGRESS, jobs.c.owner != owner)
                .values(
                    state=JobState.SCHEDULED,
                    owner="",
                    lease_until=None,
                    interruptions=jobs.c.interruptions + 1,
                )
            ).rowcount

    def do_again(self, study_uids: Collection[str]) -> None:
        """Completed jobs whose results are not there any more wait again."""
        with self._engine.begin() as connection:
            for study_uid in study_uids:
                connection.execute(
                    jobs.update()
                    .where(jobs.c.study_uid == study_uid, jobs.c.state == JobState.COMPLETED)
                    .values(state=JobState.SCHEDULED, outcome=None)
                )

    def drop_absent(self) -> int:
        """Forget jobs that came to nothing and whose files the last scan did not meet."""
        with self._engine.begin() as connection:
            return connection.execute(
                jobs.delete().where(
                    jobs.c.state.in_((JobState.SCHEDULED, JobState.CANCELED)),
                    jobs.c.study_uid.not_in(sa.select(members.c.study_uid)),
                )
            ).rowcount

    def job(self, study_uid: str) -> Job | None:
        with self._engine.connect() as connection:
            row = connection.execute(
                sa.select(jobs).where(jobs.c.study_uid == study_uid)
            ).one_or_none()
        return None if row is None else _job(row)

    def in_state(self, state: JobState) -> Iterator[Job]:
        """Jobs in this state, in the order of study dates, newest first, then of UIDs."""
        query = (
            sa.select(jobs)
            .where(jobs.c.state == state)
            .order_by(sa.func.coalesce(jobs.c.study_date, "").desc(), jobs.c.study_uid)
        )
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=500).execute(query):
                yield _job(row)

    def counts(self) -> Counts:
        query = sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state)
        with self._engine.connect() as connection:
            found = {state: count for state, count in connection.execute(query)}
        return Counts(
            scheduled=found.get(JobState.SCHEDULED, 0),
            in_progress=found.get(JobState.IN_PROGRESS, 0),
            completed=found.get(JobState.COMPLETED, 0),
            canceled=found.get(JobState.CANCELED, 0),
        )

    def waiting(self, since: date | None = None) -> int:
        """How many jobs `claim` could give, one after the other."""
        query = sa.select(sa.func.count()).select_from(jobs).where(self._claimable(since))
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def _claimable(self, since: date | None) -> sa.ColumnElement[bool]:
        free = sa.or_(
            jobs.c.state == JobState.SCHEDULED,
            sa.and_(
                jobs.c.state == JobState.IN_PROGRESS,
                jobs.c.lease_until < self._clock().timestamp(),
            ),
        )
        if since is None:
            return free
        return sa.and_(
            free,
            sa.or_(jobs.c.study_date.is_(None), jobs.c.study_date >= since.isoformat()),
        )

    def _next(self, since: date | None) -> sa.Select[Any]:
        return (
            sa.select(jobs)
            .where(self._claimable(since))
            .order_by(jobs.c.deaths + jobs.c.interruptions, jobs.c.job_id)
            .limit(1)
        )

    def _lease_end(self) -> float:
        return (self._clock() + LEASE).timestamp()

    def _end(self, job: Job, **values: object) -> bool:
        with self._engine.begin() as connection:
            changed = connection.execute(
                jobs.update()
                .where(
                    jobs.c.job_id == job.job_id,
                    jobs.c.state == JobState.IN_PROGRESS,
                    jobs.c.owner == job.owner,
                    jobs.c.fingerprint == job.fingerprint,
                    jobs.c.request == job.request,
                )
                .values(owner="", lease_until=None, **values)
            ).rowcount
        return bool(changed)


def _schedule_one(
    connection: sa.Connection, task: StudyTask, study_date: date | None, retry_failed: bool
) -> JobState:
    old = connection.execute(
        sa.select(jobs).where(jobs.c.study_uid == task.study_uid)
    ).one_or_none()
    if old is None:
        connection.execute(jobs.insert().values(**_new_row(task, study_date)))
        return JobState.SCHEDULED
    changed = (old.fingerprint, old.request) != (task.fingerprint, task.request)
    may_try_again = retry_failed or _may_pass(old.reason)
    if not changed and not (old.state == JobState.CANCELED and may_try_again):
        return JobState(old.state)
    connection.execute(
        jobs.update()
        .where(jobs.c.job_id == old.job_id)
        .values(**_new_row(task, study_date), reason=None, owner="", lease_until=None)
    )
    return JobState.SCHEDULED


def _new_row(task: StudyTask, study_date: date | None) -> dict[str, object]:
    return {
        "study_uid": task.study_uid,
        "study_key": task.study_key,
        "study_date": study_date.isoformat() if study_date else None,
        "fingerprint": task.fingerprint,
        "request": task.request,
        "state": JobState.SCHEDULED,
        "deaths": 0,
        "interruptions": 0,
        "outcome": None,
    }


def _unchanged(row: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """The job is still as it was when it was chosen: nobody else has taken it since."""
    lease = (
        jobs.c.lease_until.is_(None)
        if row.lease_until is None
        else jobs.c.lease_until == row.lease_until
    )
    return jobs.c.state == row.state, jobs.c.owner == row.owner, lease


def _may_pass(reason: str | None) -> bool:
    """Whether a failure lay in the moment and not in the study."""
    return reason is not None and message_from_text(reason).code in _PASSING


def _job(row: Any) -> Job:
    return Job(
        job_id=row.job_id,
        study_uid=row.study_uid,
        study_key=row.study_key,
        study_date=date.fromisoformat(row.study_date) if row.study_date else None,
        fingerprint=row.fingerprint,
        request=row.request,
        state=JobState(row.state),
        reason=message_from_text(row.reason) if row.reason else None,
        deaths=row.deaths,
        owner=row.owner,
        lease_until=(
            None if row.lease_until is None else datetime.fromtimestamp(row.lease_until, UTC)
        ),
        outcome=outcome_from_plain(json.loads(row.outcome)) if row.outcome else None,
    )
