"""The reading desk: the session on the main thread, and the background work that fills it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.errors import MediAssistError
from mediassist.core.study import Rejected, Study
from mediassist.reading.analysis_process import AnalysisCancelled, AnalysisProcess
from mediassist.reading.decisions import ReviewState
from mediassist.reading.evidence import (
    HeatMaps,
    ShownHeat,
    heat_pictures,
    kept_heat_maps,
    with_heat_maps,
)
from mediassist.reading.kept import KeptResults
from mediassist.reading.opening import Opened, OpenedResult
from mediassist.reading.session import ReadingSession
from mediassist.reading.worklist import AnalysisState
from mediassist.ui.error_words import failure_message
from mediassist.ui.operation import BackgroundPool, Operation, OperationCancelled, Reporter

OpenPaths = Callable[[Sequence[Path]], Iterator[Opened]]


class ReadingDesk(QObject):
    """Opens, analyses, decides and exports for the window; holds no widget.

    Signals
    -------
    list_changed : studies came, moved or changed their state.
    study_changed : the study of this UID has a new state, result or decision.
    step_changed : (UID, text) what an analysis is doing.
    opening_changed : whether files are being looked through.
    failed : an exception that the reader must be told.
    exported : the path of a report that was written.
    heat_maps_ready : (UID, heat maps by bundle id) that were asked for.
    """

    list_changed = Signal()
    study_changed = Signal(str)
    step_changed = Signal(str, str)
    opening_changed = Signal(bool)
    opened = Signal(int)
    failed = Signal(object)
    exported = Signal(object)
    heat_maps_ready = Signal(str, object)

    def __init__(
        self,
        session: ReadingSession,
        process: AnalysisProcess,
        *,
        open_paths: OpenPaths | None = None,
        analyse_on_opening: bool = True,
        kept_results: Callable[[], KeptResults | None] = lambda: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.analyse_on_opening = analyse_on_opening
        self._process = process
        self._kept_results = kept_results
        self._open_paths = open_paths or _open_paths
        self._queue: list[str] = []
        self._running_uid = ""
        self._analysis: Operation | None = None
        self._openings: list[Operation] = []
        # One analysis at a time: the child does one study, and the machine has other work.
        self._analysis_pool = BackgroundPool(threads=1)
        self._file_pool = BackgroundPool(threads=2)

    # Opening

    @property
    def opening(self) -> bool:
        return bool(self._openings)

    def open(self, paths: Sequence[Path]) -> None:
        """Look through paths in the background; studies are listed as they are found."""

        def look(reporter: Reporter) -> int:
            count = 0
            joined = self._joined_with_results()
            for found in self._open_paths(paths):
                if reporter.cancelled:
                    raise OperationCancelled
                count += not isinstance(found, Rejected)
                reporter.report(joined(found))
            return count

        operation = Operation(self._file_pool, look)

        def ended() -> None:
            self._openings.remove(operation)
            self.opening_changed.emit(self.opening)

        def done(count: int) -> None:
            ended()
            self.opened.emit(count)

        def broken(error: Exception) -> None:
            ended()
            self.failed.emit(error)

        operation.progress(self._take_in).success(done).failure(broken).on_cancelled(ended)
        self._openings.append(operation)
        operation.run()
        self.opening_changed.emit(True)

    def _joined_with_results(self) -> Callable[[Opened], Opened]:
        """Gives a study that the very same models analysed in an earlier sitting its result back;
        runs in the background."""
        kept = self._kept_results()

        def joined(found: Opened) -> Opened:
            result = kept.result(found) if kept is not None and isinstance(found, Study) else None
            return found if result is None or kept is None else OpenedResult(result, kept.folder)

        return joined

    def _take_in(self, found: list[Opened]) -> None:
        for one in found:
            if isinstance(one, Rejected):
                self.session.add_rejected(one)
            elif isinstance(one, OpenedResult):
                if one.result.study.study_uid not in self.session.worklist:
                    self.session.add_study(one.result.study, one.folder)
                    self._finish(one.result)
            elif one.study_uid not in self.session.worklist:
                self.session.add_study(one)
                if self.analyse_on_opening:
                    self._enqueue(one.study_uid)
        self.list_changed.emit()
        self._start_next()

    # Analysis

    def analyse(self, study_uid: str) -> None:
        """Analyse one study next."""
        if study_uid == self._running_uid:
            return
        if study_uid in self._queue:
            self._queue.remove(study_uid)
        self.session.queue(study_uid)
        self._queue.insert(0, study_uid)
        self._told(study_uid)
        self._start_next()

    def prefer(self, study_uid: str) -> None:
        """The reader looks at this study: if it waits, it is the next."""
        if study_uid in self._queue:
            self._queue.remove(study_uid)
            self._queue.insert(0, study_uid)

    def cancel_analysis(self, study_uid: str) -> None:
        if study_uid == self._running_uid and self._analysis is not None:
            self._analysis.cancel()
        elif study_uid in self._queue:
            self._queue.remove(study_uid)
            self.session.stop(study_uid)
            self._told(study_uid)

    @property
    def waiting(self) -> int:
        """Studies that are analysed or wait for it."""
        return len(self._queue) + bool(self._running_uid)

    def _enqueue(self, study_uid: str) -> None:
        self.session.queue(study_uid)
        self._queue.append(study_uid)

    def _start_next(self) -> None:
        if self._running_uid or not self._queue:
            return
        uid = self._queue.pop(0)
        study = self.session.start(uid).study
        self._running_uid = uid

        def work(reporter: Reporter) -> StudyResult:
            try:
                return self._process.analyze(study, reporter.report, lambda: reporter.cancelled)
            except AnalysisCancelled as error:
                raise OperationCancelled from error

        def done(result: StudyResult) -> None:
            self.session.made_here(uid)
            self._finish(result)
            self._ended(uid)

        def broken(error: Exception) -> None:
            self.session.fail(uid, failure_message(error))
            self._ended(uid)

        def stopped() -> None:
            self.session.stop(uid)
            self._ended(uid)

        operation = Operation(self._analysis_pool, work)
        operation.progress(lambda steps: self.step_changed.emit(uid, steps[-1]))
        operation.success(done).failure(broken).on_cancelled(stopped)
        self._analysis = operation
        operation.run()
        self._told(uid)

    def _ended(self, uid: str) -> None:
        self._running_uid = ""
        self._analysis = None
        self._told(uid)
        self._start_next()

    def _told(self, uid: str) -> None:
        self.list_changed.emit()
        self.study_changed.emit(uid)

    def _finish(self, result: StudyResult) -> None:
        """Take a result in; if its decisions cannot be read the reader is told, and sees it."""
        try:
            self.session.finish(result)
        except MediAssistError as error:
            self.session.worklist.finish(result, ReviewState.OPEN)
            self.failed.emit(error)

    def ask_heat_maps(self, study_uid: str) -> None:
        """`heat_maps_ready` brings the heat maps of a study, at once if they are in memory."""
        held = self.session.held_heat_maps(study_uid)
        if held is not None:
            self.heat_maps_ready.emit(study_uid, held)
            return
        folder = self.session.study_folder(study_uid)

        def read(reporter: Reporter) -> tuple[HeatMaps, ShownHeat]:
            heat_maps = kept_heat_maps(folder)
            return heat_maps, {} if heat_maps else heat_pictures(folder)

        def show(found: tuple[HeatMaps, ShownHeat]) -> None:
            heat_maps, pictures = found
            if heat_maps:
                self.session.hold_heat_maps(study_uid, heat_maps)
            self.heat_maps_ready.emit(study_uid, heat_maps or pictures)

        Operation(self._file_pool, read).success(show).failure(self.failed.emit).run()

    # Decisions and report

    def decisions(self, study_uid: str) -> dict[str, Decision]:
        """The decisions that count, by bundle id."""
        try:
            return self.session.decisions(study_uid)
        except MediAssistError as error:
            self.failed.emit(error)
            return {}

    def decide(self, study_uid: str, bundle_id: str, kind: DecisionKind, reason: str) -> None:
        try:
            self.session.decide(study_uid, bundle_id, kind, reason)
        except MediAssistError as error:
            self.failed.emit(error)
        self._told(study_uid)

    def export(self, study_uid: str, target: Path, lang: str) -> None:
        """Write the report with the decisions to `target` in the background."""
        row = self.session.worklist[study_uid]
        if row.state is not AnalysisState.DONE or row.result is None:
            return
        result = row.result
        decisions = tuple(self.decisions(study_uid).values())
        held = self.session.held_heat_maps(study_uid)
        folder = self.session.study_folder(study_uid)

        def work(reporter: Reporter) -> Path:
            from mediassist.reading.export import export_report

            heat_maps = kept_heat_maps(folder) if held is None else held
            return export_report(with_heat_maps(result, heat_maps), decisions, target, lang)

        operation = Operation(self._file_pool, work)
        operation.success(self.exported.emit).failure(self.failed.emit).run()

    def close(self) -> None:
        """Stop everything that runs; decisions are already on disk. Nothing is told any more."""
        self._queue.clear()
        self._file_pool.shut()
        self._analysis_pool.close()
        self._file_pool.close()
        self._process.close()


def _open_paths(paths: Sequence[Path]) -> Iterator[Opened]:
    from mediassist.reading.opening import open_paths

    return open_paths(paths)
