"""Cases of one finding as columns, which is what statistics work on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediassist.audit.case import Case, Unit
from mediassist.statistics.estimate import BoolArray, FloatArray, IndexArray
from mediassist.statistics.verdict_rates import REFUSED, verdict_numbers


@dataclass(frozen=True, slots=True)
class Columns:
    """Row i is case i. `unit` numbers the units of counting; verdict is -1 where none was given.

    Attributes
    ----------
    study : number of the study that each case belongs to; the review load is counted by it.
    patient : number of the patient, whose cases depend on each other whatever the unit.
    score : NaN where refused.
    verdict : numbers of `statistics.verdict_rates`.
    """

    cases: Sequence[Case]
    unit: IndexArray
    study: IndexArray
    patient: IndexArray
    positive: BoolArray
    score: FloatArray
    verdict: IndexArray

    @classmethod
    def of(cls, cases: Sequence[Case], unit: Unit, *, by_finding: bool = False) -> Columns:
        """`by_finding`: a patient with two findings is two units."""

        def name(case: Case, kind: Unit) -> str:
            own = case.unit_name(kind)
            return f"{case.finding}\x1f{own}" if by_finding else own

        given = [None if case.marks_only else case.verdict for case in cases]
        verdict = np.full(len(cases), -1, dtype=np.intp)
        known = np.array([each is not None for each in given], dtype=np.bool_)
        verdict[known] = verdict_numbers([each for each in given if each is not None])
        return cls(
            cases,
            _numbered(name(case, unit) for case in cases),
            _numbered(name(case, Unit.STUDY) for case in cases),
            _numbered(name(case, Unit.PATIENT) for case in cases),
            np.array([case.positive for case in cases], dtype=np.bool_),
            np.array([np.nan if c.score is None else c.score for c in cases], dtype=np.float64),
            verdict,
        )

    def rows(self, keep: NDArray[np.bool_]) -> Columns:
        """Only some rows."""
        picked = [case for case, chosen in zip(self.cases, keep.tolist(), strict=True) if chosen]
        return Columns(
            picked,
            self.unit[keep],
            self.study[keep],
            self.patient[keep],
            self.positive[keep],
            self.score[keep],
            self.verdict[keep],
        )

    @property
    def judged(self) -> BoolArray:
        """Rows that have a verdict, also a refusal."""
        return self.verdict >= 0

    @property
    def scored(self) -> BoolArray:
        return ~np.isnan(self.score)

    def units(self) -> int:
        return len(np.unique(self.unit))

    def by_study(self) -> Columns:
        """One row a study (of a unit): its most alarming image speaks, as in the program itself.

        A study is positive with any of its images, and refused only if every image is. So the
        images of a study, row by row, count as the whole study in one row does.
        """
        if not len(self.unit):
            return self
        pairs = self.unit * (int(self.study.max()) + 1) + self.study
        _, first, numbers = np.unique(pairs, return_index=True, return_inverse=True)
        if len(first) == len(self.unit):
            return self
        positive = np.zeros(len(first), dtype=np.bool_)
        np.logical_or.at(positive, numbers, self.positive)
        # In rising weight: not judged (-1), refused, and the verdicts.
        weight = np.where(self.verdict == REFUSED, 0, self.verdict + (self.verdict >= 0))
        heaviest = np.full(len(first), -1, dtype=np.intp)
        np.maximum.at(heaviest, numbers, weight)
        score = np.full(len(first), -np.inf)
        np.maximum.at(score, numbers[self.scored], self.score[self.scored])
        return Columns(
            [self.cases[row] for row in first.tolist()],
            self.unit[first],
            self.study[first],
            self.patient[first],
            positive,
            np.where(np.isfinite(score), score, np.nan),
            np.where(heaviest == 0, REFUSED, heaviest - (heaviest > 0)),
        )

    def unit_scores(self) -> tuple[BoolArray, FloatArray]:
        """Truth and score of each unit, in the order of the units' numbers.

        The lowest of a positive's positive studies, the highest of a negative's studies: the same
        as the thresholds are set on and verdicts are counted by; see product.md.
        """
        return self.by_study()._unit_scores()

    def _unit_scores(self) -> tuple[BoolArray, FloatArray]:
        scored = self.scored
        unit, positive, score = self.unit[scored], self.positive[scored], self.score[scored]
        count = int(self.unit.max()) + 1 if len(self.unit) else 0
        is_positive = np.zeros(count, dtype=np.bool_)
        is_positive[self.unit[self.positive]] = True
        lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(lowest, unit[positive], score[positive])
        np.maximum.at(highest, unit[~positive], score[~positive])
        values = np.where(is_positive, lowest, highest)
        known = np.isfinite(values)
        return is_positive[known], values[known]


def _numbered(names: Iterable[str]) -> IndexArray:
    """Equal names get equal numbers, in the order in which they appear."""
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(name, len(seen)) for name in names], dtype=np.intp)
