"""One sitting of one reader: what is open, what was found, what was decided; no Qt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mediassist.analysis.result import StudyResult, study_key
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.messages import Message
from mediassist.core.study import Rejected, Study
from mediassist.reading.decisions import DecisionStore, ReviewState
from mediassist.reading.evidence import HeatMaps, heat_maps_of, without_heat_maps
from mediassist.reading.worklist import AnalysisState, Worklist, WorklistRow

Clock = Callable[[], datetime]

# Heat maps are as large as their pictures: only those of the last studies stay in memory.
HEAT_MAP_STUDIES = 4


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
        self._heat_maps: OrderedDict[str, HeatMaps] = OrderedDict()
        self._made_here: set[str] = set()

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
        uid = result.study.study_uid
        heat_maps = heat_maps_of(result)
        if heat_maps:
            self.hold_heat_maps(uid, heat_maps)
        return self.worklist.finish(without_heat_maps(result), self.store(uid).state(result))

    def held_heat_maps(self, study_uid: str) -> HeatMaps | None:
        """The heat maps of a study if they are in memory; else they are in its folder."""
        return self._heat_maps.get(study_uid)

    def hold_heat_maps(self, study_uid: str, heat_maps: HeatMaps) -> None:
        """Keep the heat maps of a few studies at hand."""
        self._heat_maps[study_uid] = heat_maps
        self._heat_maps.move_to_end(study_uid)
        while len(self._heat_maps) > HEAT_MAP_STUDIES:
            self._heat_maps.popitem(last=False)

    def made_here(self, study_uid: str) -> None:
        """A study was analysed in this sitting: its evidence is in the work folder from now on.

        Decisions stay where they were: a study of an output folder keeps them there.
        """
        self._made_here.add(study_uid)
        self._heat_maps.pop(study_uid, None)

    def study_folder(self, study_uid: str) -> Path:
        """The folder of this study's result with its evidence."""
        here = study_uid in self._made_here
        folder = self.work_folder if here else self.result_folder(study_uid)
        return folder / study_key(study_uid)

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
        self.worklist.finish(result, self.store(study_uid).state(result))
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
