"""Worker processes under watch: one that dies or takes too long never stops the rest.

Processes are started with `spawn` on every platform, so that Linux and Windows behave alike and
no half-copied thread or lock comes along.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import connection as mp_connection
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TypeAlias

import psutil

from mediassist.batch.jobs import StudyTask
from mediassist.batch.worker import (
    Analysed,
    AnalyserFactory,
    AtStage,
    NotAnalysed,
    Ready,
    Reply,
    Unable,
    work,
)
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message, say

# So many workers may die one after the other before they were ready; then none will be.
_MOST_FAILED_STARTS = 3


class WorkersWillNotStart(MediAssistError):
    """Worker processes die before they can do anything."""

    advice = say(
        "advice_workers",
        "Run 'mediassist doctor'; free memory, or run with fewer --workers.",
    )


@dataclass(frozen=True, slots=True)
class Done:
    """A worker has an answer for the study: analysed, or why not."""

    task: StudyTask
    reply: Analysed | NotAnalysed


@dataclass(frozen=True, slots=True)
class Died:
    """The worker process ended while it had the study."""

    task: StudyTask
    reason: Message


@dataclass(frozen=True, slots=True)
class TookTooLong:
    """The study went over its time limit; its worker was ended."""

    task: StudyTask
    reason: Message


@dataclass(frozen=True, slots=True)
class Working:
    """The worker says what it is doing."""

    task: StudyTask
    text: str


PoolEvent: TypeAlias = "Done | Died | TookTooLong | Working"


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    deadline: float
    ready: bool = False
    done: int = 0
    task: StudyTask | None = None


@dataclass(slots=True)
class WorkerPool:
    """Keeps up to `size` workers; `submit` when `idle`, then `poll`.

    Attributes
    ----------
    factory : opens the analyser in each worker.
    time_limit_s : the longest that one study, or the start of a worker, may take.
    log : file for the workers' log.
    studies_per_worker : a worker that has done so many gives way to a fresh one, so that what
        libraries leak does not add up over weeks.
    clock : monotonic seconds.
    """

    factory: AnalyserFactory
    size: int
    time_limit_s: float
    log: Path | None = None
    studies_per_worker: int = 500
    clock: Callable[[], float] = time.monotonic
    _workers: list[_Worker] = field(default_factory=list)
    _failed_starts: int = 0

    def idle(self) -> int:
        """How many studies can be submitted now."""
        return self.size - sum(worker.task is not None for worker in self._workers)

    def submit(self, task: StudyTask, folder: Path) -> None:
        """Give a study to a worker, which is started where there is none."""
        worker = next((one for one in self._workers if one.task is None), None) or self._start()
        worker.task = task
        worker.deadline = self.clock() + self.time_limit_s
        try:
            worker.pipe.send((task, folder))
        except OSError:
            # The worker has died since; the next poll finds its body and reports the study.
            return

    def poll(self, timeout_s: float) -> list[PoolEvent]:
        """What has happened; waits at most `timeout_s` for something to happen.

        Raises
        ------
        MediAssistError
            If the analyser can't be opened, or if workers do not start.
        """
        handles: list[Connection | int] = [worker.pipe for worker in self._workers]
        handles += [worker.process.sentinel for worker in self._workers]
        mp_connection.wait(handles, timeout_s)
        events: list[PoolEvent] = []
        for worker in list(self._workers):
            alive = worker.process.is_alive()  # before the pipe is read: last words come first
            events += self._heard(worker)
            if not alive:
                events += self._buried(worker)
            elif worker.task is not None and self.clock() > worker.deadline:
                events.append(self._too_late(worker))
            elif worker.task is None and worker.done >= self.studies_per_worker:
                self._end(worker)
        return events

    def close(self) -> None:
        """End every worker, whatever it is doing."""
        for worker in list(self._workers):
            self._end(worker)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        # Not a daemon: guarded decoding needs children of its own.
        process = context.Process(
            target=work, args=(theirs, self.factory, self.log), name="mediassist-batch"
        )
        with _interrupt_held_back():
            process.start()
        theirs.close()
        worker = _Worker(process, ours, self.clock() + self.time_limit_s)
        self._workers.append(worker)
        return worker

    def _heard(self, worker: _Worker) -> list[PoolEvent]:
        events: list[PoolEvent] = []
        try:
            while worker.pipe.poll():
                event = self._understood(worker, worker.pipe.recv())
                if event is not None:
                    events.append(event)
        except (EOFError, OSError):
            # The other end is closed: the process has ended or is about to.
            worker.process.join(1)
        return events

    def _understood(self, worker: _Worker, reply: Reply) -> PoolEvent | None:
        if isinstance(reply, Unable):
            raise reply.error
        if isinstance(reply, Ready):
            worker.ready = True
            self._failed_starts = 0
            worker.deadline = self.clock() + self.time_limit_s
            return None
        task = worker.task
        if task is None:
            return None
        if isinstance(reply, AtStage):
            return Working(task, reply.text)
        worker.task = None
        worker.done += 1
        return Done(task, reply)

    def _buried(self, worker: _Worker) -> list[PoolEvent]:
        code = worker.process.exitcode
        self._end(worker)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                raise WorkersWillNotStart(
                    say(
                        "workers_will_not_start",
                        "{count} worker processes ended before they were ready ({how}).",
                        count=self._failed_starts,
                        how=_how_it_ended(code),
                    )
                )
        if worker.task is None:
            return []
        reason = say(
            "worker_died",
            "The worker process ended over this study ({how}).",
            how=_how_it_ended(code),
        )
        return [Died(worker.task, reason)]

    def _too_late(self, worker: _Worker) -> PoolEvent:
        task = worker.task
        assert task is not None  # noqa: S101 - the caller asked
        self._end(worker)
        return TookTooLong(
            task,
            say(
                "study_too_long",
                "The study took longer than the limit of {seconds} s.",
                seconds=round(self.time_limit_s),
            ),
        )

    def _end(self, worker: _Worker) -> None:
        """Kill the process and what it has started (decoders)."""
        self._workers.remove(worker)
        if worker.process.is_alive():
            for process in _descendants(worker.process.pid):
                _kill(process)
            worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        worker.process.close()


def _descendants(pid: int | None) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        # It has ended by itself.
        return


def _how_it_ended(code: int | None) -> Message:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        if name == "SIGKILL":
            return say("ended_killed", "killed from outside, often for want of memory")
        return say("ended_signal", "ended by signal {name}", name=name)
    if code == 137:
        return say("ended_memory", "out of memory")
    return say("ended_code", "exit code {number}", number=-1 if code is None else code)


@contextmanager
def _interrupt_held_back() -> Iterator[None]:
    """A child that is being born inherits "ignore" for Ctrl-C: it is for the parent to answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
