"""One sitting of one reader: what is open, what was found, what was decided; no Qt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.messages import Message
from mediassist.core.study import Rejected, Study
from mediassist.reading.decisions import DecisionStore, ReviewState
from mediassist.reading.worklist import AnalysisState, Worklist, WorklistRow

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class ReadingSession:
    """The state that the window shows. All of it changes on one thread.

    Parameters
    ----------
    work_folder : where results and decisions of freshly analysed studies are kept.
    reader : name kept with each decision.
    clock : gives timezone-aware times.
    """

    def __init__(self, work_folder: Path, reader: str, clock: Clock = utc_now) -> None:
        self.work_folder = work_folder
        self.reader = reader
        self.worklist = Worklist()
        self._clock = clock
        self._folders: dict[str, Path] = {}

    def add_study(self, study: Study, folder: Path | None = None) -> WorklistRow:
        """List a study; `folder` is the output folder its results came from, if they exist."""
        if folder is not None:
            self._folders.setdefault(study.study_uid, folder)
        return self.worklist.add(study)

    def add_rejected(self, rejected: Rejected) -> None:
        self.worklist.reject(rejected)

    def result_folder(self, study_uid: str) -> Path:
        """The output folder that holds this study's results and decisions."""
        return self._folders.get(study_uid, self.work_folder)

    def store(self, study_uid: str) -> DecisionStore:
        return DecisionStore(self.result_folder(study_uid))

    def start(self, study_uid: str) -> WorklistRow:
        return self.worklist.update(study_uid, AnalysisState.RUNNING)

    def queue(self, study_uid: str) -> WorklistRow:
        return self.worklist.update(study_uid, AnalysisState.WAITING)

    def stop(self, study_uid: str) -> WorklistRow:
        """The analysis was cancelled: the study stays listed, unanalysed."""
        return self.worklist.update(study_uid, AnalysisState.NOT_ASKED)

    def fail(self, study_uid: str, failure: Message) -> WorklistRow:
        return self.worklist.update(study_uid, AnalysisState.FAILED, failure=failure)

    def finish(self, result: StudyResult) -> WorklistRow:
        """Take a result in; decisions made before about these very models come back with it."""
        store = self.store(result.study.study_uid)
        return self.worklist.finish(result, store.state(result))

    def decide(
        self, study_uid: str, bundle_id: str, kind: DecisionKind, reason: str = ""
    ) -> Decision:
        """Keep the reader's word on one finding.

        Raises
        ------
        OutputNotWritable
            If it cannot be kept.
        """
        result = self._result(study_uid)
        one = next(r for r in result.results if r.bundle.bundle_id == bundle_id)
        decision = Decision(
            study_uid=study_uid,
            bundle_id=bundle_id,
            bundle_sha256=one.bundle.sha256,
            kind=kind,
            reader=self.reader,
            at=self._clock(),
            reason=reason.strip(),
        )
        self.store(study_uid).record(result.study_key, decision)
        self.finish(result)
        return decision

    def decisions(self, study_uid: str) -> dict[str, Decision]:
        """The decisions that count, by bundle id; empty before the analysis."""
        row = self.worklist[study_uid]
        return {} if row.result is None else self.store(study_uid).valid(row.result)

    def review(self, study_uid: str) -> ReviewState:
        return self.worklist[study_uid].review

    def _result(self, study_uid: str) -> StudyResult:
        result = self.worklist[study_uid].result
        if result is None:
            raise ValueError("a study without a result holds nothing to decide on")
        return result
