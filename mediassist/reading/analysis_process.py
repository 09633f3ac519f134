"""The heavy part of the window in a process of its own.

Models, decoding and report layout run in one child process that is started at the first analysis
and kept: the window never imports torch, a crash of a decoder or of a model ends one study and
not the sitting, and cancelling is certain (the child is ended). Works with the `spawn` start
method on every platform.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import ClassVar

from mediassist.analysis.result import StudyResult
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message, say
from mediassist.core.study import Study
from mediassist.settings import Settings

POLL_S = 0.05
STOP_S = 2.0

Progress = Callable[[str], None]
Serve = Callable[[Connection], None]


class AnalysisFailed(MediAssistError):
    """An analysis that gave no result: the program, not the picture, is to blame."""

    advice: ClassVar[Message] = say(
        "advice_analysis",
        "The study stays in the list and is read as usual; try again or report the fault.",
    )


class AnalysisCancelled(Exception):
    """The reader stopped the analysis; nothing is shown for it."""


def serve_analysis(connection: Connection, folder: Path, settings: Settings) -> None:
    """The child: analyse each study that arrives, keep its results in `folder`, send it back."""
    from mediassist.reading.analyse_and_keep import StudyAnalysis

    try:
        analysis = StudyAnalysis(folder, settings)
    except MediAssistError as error:
        connection.recv()
        connection.send(("error", error.message))
        return
    while True:
        try:
            study: Study = connection.recv()
        except EOFError:
            return
        try:
            result = analysis.run(study, lambda text: connection.send(("progress", text)))
        except MediAssistError as error:
            connection.send(("error", error.message))
        else:
            connection.send(("result", result))


class AnalysisProcess:
    """Runs one study at a time in the child; call `analyze` from a background thread.

    Parameters
    ----------
    serve : what the child runs with its end of the pipe, made of functions that can be imported
        by name: `partial(serve_analysis, folder=..., settings=...)`, or something quick in tests.
    """

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._context = multiprocessing.get_context("spawn")
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._one_at_a_time = threading.Lock()
        self._outdated = threading.Event()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def analyze(
        self, study: Study, progress: Progress, cancelled: Callable[[], bool]
    ) -> StudyResult:
        """The result of a study.

        Raises
        ------
        AnalysisCancelled
            As soon as `cancelled` says so; the child is ended.
        AnalysisFailed
            If the child died or the study could not be analysed at all.
        """
        with self._one_at_a_time:
            connection = self._started()
            try:
                connection.send(study)
                return self._await(connection, progress, cancelled)
            except (EOFError, ConnectionError) as error:
                raise self._died() from error

    def serve_next(self, serve: Serve) -> None:
        """Let another function serve from the next study on; a child at work finishes its own."""
        self._serve = serve
        self._outdated.set()

    def close(self) -> None:
        """End the child, whatever it does."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.terminate()
            process.join(STOP_S)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()

    def _started(self) -> Connection:
        if self._connection is None or not self.running or self._outdated.is_set():
            self._outdated.clear()
            self.close()
            ours, theirs = self._context.Pipe()
            # Not a daemon: the guarded decoder needs children of its own. A child whose window has
            # gone reads the end of the pipe and leaves.
            self._process = self._context.Process(target=self._serve, args=(theirs,))
            self._process.start()
            theirs.close()
            self._connection = ours
        return self._connection

    def _await(
        self, connection: Connection, progress: Progress, cancelled: Callable[[], bool]
    ) -> StudyResult:
        while True:
            while not connection.poll(POLL_S):
                if cancelled():
                    self.close()
                    raise AnalysisCancelled
            kind, content = connection.recv()
            if kind == "progress":
                progress(content)
            elif kind == "error":
                raise AnalysisFailed(content)
            else:
                result: StudyResult = content
                return result

    def _died(self) -> AnalysisFailed:
        process = self._process
        if process is not None:
            process.join(STOP_S)
        code = "?" if process is None or process.exitcode is None else str(process.exitcode)
        self.close()
        return AnalysisFailed(
            say(
                "analysis_died",
                "The analysis ended unexpectedly (exit code {exit_code}).",
                exit_code=code,
            )
        )
