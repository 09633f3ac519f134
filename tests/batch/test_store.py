"""The job store against every order of events that two runs can bring about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mediassist.batch.jobs import (
    MOST_DEATHS,
    Job,
    JobState,
    RefusedFile,
    StudyOutcome,
    StudyTask,
)
from mediassist.batch.schema import (
    SCHEMA_VERSION,
    JobStoreTooNew,
    open_engine,
    schema_version,
)
from mediassist.batch.store import FILES_GONE, LEASE, JobStore
from mediassist.core.messages import say

STUDIES = [f"1.2.{number}" for number in range(4)]
RUNS = ["run A", "run B"]
BAD = say("bad", "The file {file} is bad.", file="影像.dcm")


def task(uid: str, fingerprint: str = "f1", request: str = "r1") -> StudyTask:
    return StudyTask(study_uid=uid, study_key=uid, fingerprint=fingerprint, request=request)


def schedule(store: JobStore, one: StudyTask, day: date | None = None, **how: bool) -> JobState:
    [(_task, state)] = store.schedule([(one, day)], **how)
    return state


class TwoRunsOnOneStore(RuleBasedStateMachine):
    """A model beside the store: who holds what, what is done, how often a worker died."""

    @initialize()
    def begin(self) -> None:
        self.now = datetime(2026, 11, 24, tzinfo=UTC)
        engine = sa.create_engine(
            "sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False}
        )
        from mediassist.batch.schema import migrate

        migrate(engine)
        self.store = JobStore(engine, lambda: self.now)
        self.held: dict[str, Job] = {}
        self.stale: list[Job] = []
        self.ended: dict[str, tuple[str, JobState]] = {}
        self.version: dict[str, str] = {}
        self.deaths: dict[str, int] = {}

    @rule(uid=st.sampled_from(STUDIES), fingerprint=st.sampled_from(["f1", "f2"]))
    def plan(self, uid: str, fingerprint: str) -> None:
        state = schedule(self.store, task(uid, fingerprint))
        if self.version.get(uid) != fingerprint:
            assert state is JobState.SCHEDULED
            self._lost(uid)
            self.ended.pop(uid, None)
            self.deaths[uid] = 0
            self.version[uid] = fingerprint
        elif uid in self.ended:
            assert state is self.ended[uid][1]

    @rule(owner=st.sampled_from(RUNS))
    def claim(self, owner: str) -> None:
        job = self.store.claim(owner)
        if job is None:
            assert set(self.version) == set(self.held) | set(self.ended)
            return
        assert job.study_uid not in self.ended
        if job.study_uid in self.held:
            until = self.held[job.study_uid].lease_until
            assert until is not None and until < self.now, "taken from a run that lives"
            self._lost(job.study_uid)
        assert job.fingerprint == self.version[job.study_uid]
        self.held[job.study_uid] = job

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        job = self._pick(data)
        assert self.store.complete(job, StudyOutcome(entry={"name": "张三"}, failed=False))
        self._end(job, JobState.COMPLETED)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        job = self._pick(data)
        assert self.store.fail(job, BAD)
        self._end(job, JobState.CANCELED)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def worker_dies(self, data: st.DataObject) -> None:
        job = self._pick(data)
        self.deaths[job.study_uid] += 1
        state = self.store.worker_died(job, BAD)
        if self.deaths[job.study_uid] >= MOST_DEATHS:
            assert state is JobState.CANCELED
            self._end(job, JobState.CANCELED)
        else:
            assert state is JobState.SCHEDULED
            self._lost(job.study_uid)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        job = self._pick(data)
        assert self.store.release(job)
        self._lost(job.study_uid)

    @precondition(lambda self: self.stale)
    @rule(data=st.data())
    def a_run_that_lost_its_lease_changes_nothing(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.stale))
        holder = self.held.get(job.study_uid)
        if holder is not None and (holder.owner, holder.fingerprint) == (
            job.owner,
            job.fingerprint,
        ):
            return
        before = self.store.job(job.study_uid)
        assert not self.store.complete(job, StudyOutcome())
        assert self.store.job(job.study_uid) == before

    @rule(seconds=st.integers(1, int(LEASE.total_seconds())))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(owner=st.sampled_from(RUNS))
    def heartbeat(self, owner: str) -> None:
        self.store.renew(owner)
        for uid, job in self.held.items():
            if job.owner == owner:
                self.held[uid] = self.store.job(uid) or job

    @rule(owner=st.sampled_from(RUNS))
    def the_other_run_is_known_to_be_dead(self, owner: str) -> None:
        self.store.take_over(owner)
        for uid in [uid for uid, job in self.held.items() if job.owner != owner]:
            self._lost(uid)

    @invariant()
    def no_study_is_lost(self) -> None:
        counts = self.store.counts()
        assert counts.total == len(self.version)
        assert counts.in_progress == len(self.held)
        assert counts.completed + counts.canceled == len(self.ended)

    def _pick(self, data: st.DataObject) -> Job:
        return self.held[data.draw(st.sampled_from(sorted(self.held)))]

    def _lost(self, uid: str) -> None:
        job = self.held.pop(uid, None)
        if job is not None:
            self.stale.append(job)

    def _end(self, job: Job, state: JobState) -> None:
        del self.held[job.study_uid]
        self.stale.append(job)
        self.ended[job.study_uid] = (job.fingerprint, state)


TestTwoRunsOnOneStore = TwoRunsOnOneStore.TestCase
TestTwoRunsOnOneStore.settings = settings(max_examples=60, stateful_step_count=40)


@pytest.fixture
def store(chinese_path: Path) -> JobStore:
    return JobStore(open_engine(chinese_path / "作业 jobs.sqlite"))


def test_reasons_and_outcomes_come_back_as_they_were_given(store: JobStore) -> None:
    schedule(store, task("1.2.1"), date(2026, 1, 2))
    schedule(store, task("1.2.2"))
    outcome = StudyOutcome(
        entry={"name": "张三"}, failed=True, rejected=(RefusedFile("影像.dcm", BAD, BAD),)
    )
    first, second = store.claim("a"), store.claim("a")
    assert first is not None and second is not None
    store.complete(first, outcome)
    store.fail(second, BAD)
    [done], [failed] = store.in_state(JobState.COMPLETED), store.in_state(JobState.CANCELED)
    assert (done.outcome, done.study_date) == (outcome, date(2026, 1, 2))
    assert failed.reason == BAD


def test_a_study_that_ended_a_run_comes_after_the_others(store: JobStore) -> None:
    for uid in ("1.2.1", "1.2.2"):
        schedule(store, task(uid))
    first = store.claim("dead")
    assert first is not None and first.study_uid == "1.2.1"
    assert store.take_over("alive") == 1
    order = [store.claim("alive"), store.claim("alive")]
    assert [job.study_uid for job in order if job] == ["1.2.2", "1.2.1"]


def test_a_study_that_failed_for_want_of_its_files_is_tried_again(store: JobStore) -> None:
    schedule(store, task("1.2.1"))
    job = store.claim("a")
    assert job is not None
    store.fail(job, FILES_GONE)
    assert schedule(store, task("1.2.1")) is JobState.SCHEDULED


def test_a_store_of_a_newer_version_is_refused_in_words(chinese_path: Path) -> None:
    path = chinese_path / "jobs.sqlite"
    engine = open_engine(path)
    with engine.begin() as connection:
        connection.execute(schema_version.update().values(version=SCHEMA_VERSION + 1))
    with pytest.raises(JobStoreTooNew, match=f"version {SCHEMA_VERSION + 1}"):
        open_engine(path)
