"""Two audits of the same cases against each other: is the new one better, or is it chance?"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mediassist.audit.case import Case, Unit
from mediassist.audit.columns import Columns
from mediassist.core.errors import UnreadableFile, WrongUsage
from mediassist.core.messages import say
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.comparison import holm, mcnemar
from mediassist.statistics.estimate import BoolArray
from mediassist.statistics.roc import PairedAuc, delong_test
from mediassist.statistics.verdict_rates import CLEARED, FLAGGED, REFUSED, patient_verdicts


@dataclass(frozen=True, slots=True)
class PairedRate:
    """One rate in both audits on the units that both could judge; McNemar's exact p value.

    `only_old` and `only_new` count units that are right in one audit alone.
    """

    rate: str
    old: int
    new: int
    units: int
    only_old: int
    only_new: int
    p_value: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class FindingComparison:
    """One finding in both audits; `auc` holds DeLong's paired test, on units with both scores."""

    finding: str
    common: int
    only_in_old: int
    only_in_new: int
    rates: tuple[PairedRate, ...]
    auc: PairedAuc
    auc_p_holm: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two audits of the same cases: the names of their folders and what differs."""

    old: str
    new: str
    unit: Unit
    findings: tuple[FindingComparison, ...]


def compare(
    old: Sequence[Case], new: Sequence[Case], unit: Unit = Unit.PATIENT
) -> tuple[FindingComparison, ...]:
    """Every finding that both sets hold, p values corrected over all findings and rates (Holm)."""
    pairs = _pairs(old, new)
    if not pairs:
        raise WrongUsage(
            say("audit_nothing_common", "The two audits share no case of one finding.")
        )
    drafts = [_compared(name, *rows, unit) for name, rows in sorted(pairs.items())]
    p_values = [
        p for one in drafts for p in (*(rate.p_value for rate in one.rates), one.auc.p_value)
    ]
    adjusted = iter(holm(p_values))
    return tuple(_with_holm(one, adjusted) for one in drafts)


def read_cases(folder: Path) -> list[Case]:
    """Cases of a folder's cases.csv, without those that were excluded."""
    path = folder / "cases.csv"
    if not path.is_file():
        raise WrongUsage(
            say("audit_folder_empty", "{folder} holds no audit (cases.csv).", folder=str(folder))
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [_case(row) for row in csv.DictReader(stream) if row["verdict"] != "excluded"]
    except (KeyError, ValueError, csv.Error) as error:
        raise UnreadableFile(
            say(
                "table_unreadable",
                "{path} is no readable CSV table: {reason}",
                path=str(path),
                reason=str(error),
            )
        ) from error


def _case(row: Mapping[str, str]) -> Case:
    return Case(
        case=row["case"],
        positive=row["label"] == "1",
        finding=row["finding"],
        patient=row["patient"],
        side=row["side"],
        study=row.get("study", ""),
        score=float(row["score"]) if row["score"] else None,
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
    )


def _pairs(
    old: Sequence[Case], new: Sequence[Case]
) -> dict[str, tuple[list[Case], list[Case], int, int]]:
    """For each finding the common cases, in one order, and how many are in one set alone."""
    before = {(case.finding, case.case): case for case in old}
    after = {(case.finding, case.case): case for case in new}
    common = sorted(before.keys() & after.keys())
    differing = [key for key in common if before[key].positive != after[key].positive]
    if differing:
        raise WrongUsage(
            say(
                "audit_truth_differs",
                "The two audits do not agree on the truth of {cases} cases, for example {case}.",
                cases=len(differing),
                case=differing[0][1],
            )
        )
    found: dict[str, tuple[list[Case], list[Case], int, int]] = {}
    for finding in sorted({key[0] for key in common}):
        keys = [key for key in common if key[0] == finding]
        found[finding] = (
            [before[key] for key in keys],
            [after[key] for key in keys],
            sum(key[0] == finding for key in before) - len(keys),
            sum(key[0] == finding for key in after) - len(keys),
        )
    return found


def _compared(
    finding: str,
    old: Sequence[Case],
    new: Sequence[Case],
    only_old: int,
    only_new: int,
    unit: Unit,
) -> FindingComparison:
    before, after = Columns.of(old, unit), Columns.of(new, unit)
    # Patients and studies are those of the old audit.
    after = replace(after, unit=before.unit, study=before.study)
    scored = before.scored & after.scored
    left, right = before.rows(scored), after.rows(scored)
    truth, first = left.unit_scores()
    # Only cases on which both said something.
    both = _said(before) & _said(after)
    before, after = before.rows(both).by_study(), after.rows(both).by_study()
    positive, was = patient_verdicts(before.unit, before.positive, before.verdict)
    _, now = patient_verdicts(before.unit, after.positive, after.verdict)
    return FindingComparison(
        finding,
        len(old),
        only_old,
        only_new,
        (
            _paired("detection", was[positive] == FLAGGED, now[positive] == FLAGGED, good=True),
            _paired(
                "false_negative", was[positive] == CLEARED, now[positive] == CLEARED, good=False
            ),
            _paired(
                "false_positive", was[~positive] == FLAGGED, now[~positive] == FLAGGED, good=False
            ),
            _paired(
                "cleared_yield", was[~positive] == CLEARED, now[~positive] == CLEARED, good=True
            ),
        ),
        delong_test(truth, first, right.unit_scores()[1]),
        1.0,
    )


def _said(columns: Columns) -> BoolArray:
    return np.asarray((columns.verdict >= 0) & (columns.verdict != REFUSED), dtype=np.bool_)


def _paired(name: str, old: BoolArray, new: BoolArray, *, good: bool) -> PairedRate:
    right_old, right_new = (old, new) if good else (~old, ~new)
    return PairedRate(
        name,
        int(old.sum()),
        int(new.sum()),
        len(old),
        int((right_old & ~right_new).sum()),
        int((right_new & ~right_old).sum()),
        mcnemar(old, new),
        1.0,
    )


def _with_holm(one: FindingComparison, adjusted: Iterator[float]) -> FindingComparison:
    rates = tuple(replace(rate, p_holm=next(adjusted)) for rate in one.rates)
    return replace(one, rates=rates, auc_p_holm=next(adjusted))
