"""The study list: flagged first, then review, then the rest; nothing is ever removed.

Sorting only raises: a study that MediAssist clears or cannot judge stays in the list and is read
as usual (conventions.md, section 11). Failed and unassessed studies stand before cleared ones,
because nobody, not even the program, has looked at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message
from mediassist.core.study import Rejected, Study
from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import ReviewState


class AnalysisState(StrEnum):
    """What the program has done with a study."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class SortOrder(StrEnum):
    URGENT_FIRST = "urgent_first"
    AS_RECEIVED = "as_received"


# The order in which verdicts are shown everywhere: most urgent first.
VERDICT_ORDER: tuple[Verdict, ...] = (
    Verdict.FLAGGED,
    Verdict.REVIEW,
    Verdict.FAILED,
    Verdict.CLEARED,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One study of the list. `received` is its place in the order of arrival, from 0."""

    study: Study
    received: int
    state: AnalysisState = AnalysisState.NOT_ASKED
    result: StudyResult | None = None
    failure: Message | None = None
    review: ReviewState = ReviewState.NOTHING_TO_DECIDE

    @property
    def modalities(self) -> tuple[str, ...]:
        """Each modality once, in series order."""
        return tuple(dict.fromkeys(s.modality for s in self.study.series if s.modality))

    @property
    def verdicts(self) -> tuple[tuple[Verdict, int], ...]:
        """How many bundles gave each verdict, most urgent first; empty before the analysis. A study
        without a readable image has failed once more, also where no bundle would have taken it."""
        if self.result is None:
            return ()
        given = [one.verdict for one in self.result.results]
        if self.result.unreadable and Verdict.FAILED not in given:
            given.append(Verdict.FAILED)
        return tuple((v, given.count(v)) for v in VERDICT_ORDER if v in given)

    @property
    def headline(self) -> Verdict | None:
        """The verdict that decides the row's place; None while the study is not analysed.

        A study to which no bundle applies is "not applicable"; one that was cleared by some
        bundles and refused by the others is "cleared" of those only, and the badges say so.
        """
        if self.state is AnalysisState.FAILED:
            return Verdict.FAILED
        return self.verdicts[0][0] if self.verdicts else None


def findings_in_order(result: StudyResult) -> tuple[BundleResult, ...]:
    """Results with the most urgent verdict first, then by falling probability; models that only
    mark stand after those that give a verdict."""

    def key(one: BundleResult) -> tuple[int, bool, float, str]:
        place = VERDICT_ORDER.index(one.verdict)
        return place, one.bundle.marks_only, -(one.probability or 0.0), one.bundle.bundle_id

    return tuple(sorted(result.results, key=key))


class Worklist:
    """The studies that are open, by Study Instance UID, and the files that could not be opened."""

    def __init__(self) -> None:
        self._rows: dict[str, WorklistRow] = {}
        self._rejected: list[Rejected] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, study_uid: object) -> bool:
        return study_uid in self._rows

    def __iter__(self) -> Iterator[WorklistRow]:
        return iter(self._rows.values())

    def __getitem__(self, study_uid: str) -> WorklistRow:
        return self._rows[study_uid]

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        return tuple(self._rejected)

    def add(self, study: Study) -> WorklistRow:
        """Add a study; one that is already listed keeps its row (the first one read is shown)."""
        row = self._rows.get(study.study_uid)
        if row is None:
            row = WorklistRow(study, received=len(self._rows))
            self._rows[study.study_uid] = row
        return row

    def reject(self, rejected: Rejected) -> None:
        self._rejected.append(rejected)

    def update(
        self,
        study_uid: str,
        state: AnalysisState,
        *,
        failure: Message | None = None,
    ) -> WorklistRow:
        """Change the state of an analysis that has no result (yet)."""
        return self._put(replace(self._rows[study_uid], state=state, failure=failure))

    def finish(self, result: StudyResult, review: ReviewState) -> WorklistRow:
        """Attach a result, and how far its findings have been decided on."""
        row = self._rows[result.study.study_uid]
        return self._put(
            replace(row, state=AnalysisState.DONE, result=result, failure=None, review=review)
        )

    def rows(self, order: SortOrder = SortOrder.URGENT_FIRST) -> tuple[WorklistRow, ...]:
        """All rows in the order asked for; equals keep the order of arrival."""
        if order is SortOrder.AS_RECEIVED:
            return tuple(self._rows.values())
        return tuple(sorted(self._rows.values(), key=_urgency))

    def others_of_patient(self, study_uid: str) -> tuple[WorklistRow, ...]:
        """The other studies of the same patient, newest first.

        A patient is an identifier with a date of birth: identifiers of different hospitals may
        coincide. Studies without an identifier belong to nobody.
        """
        patient = self._rows[study_uid].study.patient
        if not patient.patient_id:
            return ()
        found = [
            row
            for uid, row in self._rows.items()
            if uid != study_uid
            and row.study.patient.patient_id == patient.patient_id
            and row.study.patient.birth_date == patient.birth_date
        ]
        return tuple(sorted(found, key=lambda row: str(row.study.study_date or ""), reverse=True))

    def _put(self, row: WorklistRow) -> WorklistRow:
        self._rows[row.study.study_uid] = row
        return row


def _urgency(row: WorklistRow) -> tuple[int, float, int]:
    """Flagged, review, then failed, unassessed and unanalysed, then cleared.

    Flagged and review rows stand by falling probability among themselves; the number of a model
    that gives no verdict does not count.
    """
    chance = 0.0
    if row.result is not None and row.headline in (Verdict.FLAGGED, Verdict.REVIEW):
        first = findings_in_order(row.result)[0]
        chance = 0.0 if first.bundle.marks_only else first.probability or 0.0
    match row.headline:
        case Verdict.FLAGGED:
            place = 0
        case Verdict.REVIEW:
            place = 1
        case Verdict.CLEARED:
            place = 3
        case _:
            place = 2
    return place, -chance, row.received
