"""Every case of a manifest analysed, in several processes, each finished case kept at once."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from pathlib import Path
from typing import Protocol

from mediassist.audit.journal import Journal
from mediassist.audit.outcome import CaseOutcome
from mediassist.audit.task import PathTask, TaskList
from mediassist.core.messages import say
from mediassist.settings import Settings

Progress = Callable[[int, int], None]

AUTOMATIC = 0  # as a number of workers
_MOST_WORKERS = 4  # each holds the models in memory
_FEW_TASKS = 32  # done before further processes have started


class CaseAnalyser(Protocol):
    """Analyses one case; opened once in every process that works."""

    def __call__(self, task: PathTask, gallery: Path) -> CaseOutcome: ...


AnalyserFactory = Callable[[], CaseAnalyser]


class BundleAnalyser:
    """The program's own path, with the bundles asked for."""

    def __init__(self, bundles: Sequence[str] | None, settings: Settings) -> None:
        from mediassist.analysis import Analyzer

        self._analyzer = Analyzer(bundles, settings=settings)

    def __call__(self, task: PathTask, gallery: Path) -> CaseOutcome:
        from mediassist.audit.case_analysis import analyse_case

        return analyse_case(self._analyzer, task, gallery)


OutcomeOf = Callable[[str], CaseOutcome]


@contextmanager
def analysed(
    tasks: TaskList,
    folder: Path,
    factory: AnalyserFactory,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
    *,
    apart: bool = False,
) -> Iterator[OutcomeOf]:
    """Every task analysed: gives a function that gives the outcome of a task's key.

    Cases that the journal in `folder` has are not repeated. `AUTOMATIC` workers are as many as
    there are cores, at most four. `apart` keeps the models out of this process also where there
    is one worker only. With one worker everything happens in this process; with several, a case
    that ends its process has failed and the rest goes on.
    """
    gallery = folder / "gallery"
    # Not in the journal: the next run tries these again.
    died: dict[str, CaseOutcome] = {}
    with Journal(folder) as journal:
        todo = [number for number, key in enumerate(tasks.keys) if key not in journal]
        done = len(tasks) - len(todo)
        progress(done, len(tasks))

        def keep(task: PathTask, outcome: CaseOutcome) -> None:
            nonlocal done
            journal.keep(task.key, outcome)
            done += 1
            progress(done, len(tasks))

        if workers == AUTOMATIC:
            cores = min(_MOST_WORKERS, os.cpu_count() or 1)
            workers = 1 if len(todo) <= _FEW_TASKS else cores
        if workers <= 1 and not apart:
            _one_by_one(tasks, todo, gallery, factory, keep)
        else:
            while todo:
                suspects, todo = _in_parallel(tasks, todo, gallery, factory, workers, keep)
                # A process died; whose fault it was shows when each runs alone.
                for number in suspects:
                    if _in_parallel(tasks, [number], gallery, factory, 1, keep)[0]:
                        died[tasks.keys[number]] = _died(tasks[number])
        tasks.forget()
        yield lambda key: died[key] if key in died else journal.outcome(key)


def _one_by_one(
    tasks: TaskList,
    todo: Sequence[int],
    gallery: Path,
    factory: AnalyserFactory,
    keep: Callable[[PathTask, CaseOutcome], None],
) -> None:
    analyser: CaseAnalyser | None = None
    for number in todo:
        analyser = analyser or factory()
        task = tasks[number]
        keep(task, analyser(task, gallery))


def _in_parallel(
    tasks: TaskList,
    todo: Sequence[int],
    gallery: Path,
    factory: AnalyserFactory,
    workers: int,
    keep: Callable[[PathTask, CaseOutcome], None],
) -> tuple[list[int], list[int]]:
    """Analyse until a process dies: tasks that were in work then, and tasks not begun."""
    queue = list(reversed(todo))
    running: dict[Future[CaseOutcome], int] = {}
    # spawn on every system: Linux and Windows behave alike, no half-copied thread comes along.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _open_analyser, (factory,)) as pool:
        try:
            while queue or running:
                while queue and len(running) < 2 * workers:
                    # A broken pool refuses it: then it still stands in the queue.
                    future = pool.submit(_work, tasks[queue[-1]], gallery)
                    running[future] = queue.pop()
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    outcome = future.result()
                    keep(tasks[running.pop(future)], outcome)
        except BrokenProcessPool:
            return list(running.values()), list(reversed(queue))
        except BaseException:
            # Ctrl-C: what waits in the pool must not be analysed first.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [], []


def _died(task: PathTask) -> CaseOutcome:
    return CaseOutcome(
        failure=say(
            "audit_process_died",
            "The process that analysed {path} ended unexpectedly.",
            path=str(task.path),
        )
    )


_analyser: CaseAnalyser | None = None


def _open_analyser(factory: AnalyserFactory) -> None:
    """Once in each process."""
    global _analyser
    threading.Thread(target=_end_with_parent, name="watch", daemon=True).start()
    _analyser = factory()


def _end_with_parent() -> None:
    """A killed audit must not leave processes behind that hold the models in memory."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _work(task: PathTask, gallery: Path) -> CaseOutcome:
    if _analyser is None:
        raise RuntimeError("the worker was not opened")
    return _analyser(task, gallery)
