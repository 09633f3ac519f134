"""One worker process: opens the analyser once, then analyses one study after the other.

The child never outlives its parent: results are published by the parent only, and a child without
one would only hold memory and write into a folder that the next run clears.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection as mp_connection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias

from mediassist.batch.jobs import StudyOutcome, StudyTask
from mediassist.batch.log_file import open_log
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message, say

_log = logging.getLogger(__name__)

Stage: TypeAlias = Callable[[str], None]
# Analyses one study and leaves the whole result in `folder / task.study_key`.
StudyAnalyser: TypeAlias = Callable[[StudyTask, Path, Stage], StudyOutcome]
# Runs once in each worker; must be picklable: a function of a module or a frozen dataclass.
AnalyserFactory: TypeAlias = Callable[[], StudyAnalyser]


class StudyFailed(MediAssistError):
    """A study that the analysis gave up on; the program, not the user, is to blame."""

    advice = say(
        "advice_study_failed",
        "Read the study as usual; the log file says more. --retry-failed tries it again.",
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """The analyser is open."""


@dataclass(frozen=True, slots=True)
class Unable:
    """The analyser can't be opened: no worker could work."""

    error: MediAssistError


@dataclass(frozen=True, slots=True)
class AtStage:
    """What the worker is doing, as a word for people."""

    text: str


@dataclass(frozen=True, slots=True)
class Analysed:
    """The result folder is complete and may be published."""

    outcome: StudyOutcome


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """The study could not be analysed."""

    error: MediAssistError


Reply: TypeAlias = "Ready | Unable | AtStage | Analysed | NotAnalysed"


def work(pipe: Connection, factory: AnalyserFactory, log: Path | None) -> None:
    """The child's main function."""
    _settle_in()
    open_log(log)
    try:
        analyse = factory()
    except MediAssistError as error:
        pipe.send(Unable(error))
        return
    except Exception as error:
        _log.exception("a worker cannot open its analyser")
        pipe.send(Unable(StudyFailed(unexpected(error))))
        return
    pipe.send(Ready())
    while True:
        try:
            task, folder = pipe.recv()
        except EOFError:
            return
        pipe.send(_analysed(analyse, task, folder, pipe))


def _analysed(
    analyse: StudyAnalyser, task: StudyTask, folder: Path, pipe: Connection
) -> Analysed | NotAnalysed:
    try:
        return Analysed(analyse(task, folder, lambda text: pipe.send(AtStage(text))))
    except MediAssistError as error:
        return NotAnalysed(error)
    except MemoryError:
        # Nothing that this process does from here on can be trusted; a fresh one tries again.
        os._exit(_EXIT_OUT_OF_MEMORY)
    except Exception as error:
        _log.exception("study %s: unexpected error", task.study_key)
        return NotAnalysed(StudyFailed(unexpected(error)))


_EXIT_OUT_OF_MEMORY = 137


def unexpected(error: Exception) -> Message:
    """What to say of an error that nobody foresaw; the log holds its trace."""
    return say(
        "study_unexpected",
        "The analysis ended with an unexpected error: {kind}: {what}.",
        kind=type(error).__name__,
        what=" ".join(str(error).split()),
    )


def _settle_in() -> None:
    """Ctrl-C is the parent's business; a library that prints must not write into its result."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdout.flush()
    os.dup2(2, 1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()


def _leave_with(sentinel: int) -> None:
    mp_connection.wait([sentinel])
    os._exit(1)
