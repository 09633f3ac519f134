"""Scores that were made elsewhere: another vendor's, or our own from a batch run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mediassist.audit.case import Case, side_of
from mediassist.audit.table import Row, Table
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import Message, say
from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind
from mediassist.core.vocabulary import Verdict

_KNOWN = (
    *("case", "patient", "label", "score", "finding", "verdict", "t_low", "t_high"),
    *("side", "study", "reason", "path", "reference", "reader", "date"),
)
_NO_PROMISE = Promise(PromiseKind.NONE, None, None, 0)
_REFUSED = (Verdict.NOT_APPLICABLE, Verdict.FAILED)


def read_predictions(path: Path, finding: str = "") -> Iterator[Case]:
    """Cases of a table `case,patient,label,score[,finding,verdict,t_low,t_high,side,study]`.

    A verdict that is not given follows from the score and the thresholds. Where the table has a
    column t_high but no column t_low, there is one threshold only: what is not flagged counts as
    cleared. An empty t_low means that nothing may be cleared. A case without score and verdict
    has failed. Any further column is a subgroup.

    Parameters
    ----------
    finding : used where the table has no such column.

    Raises
    ------
    WrongUsage
        If a column is missing, a cell can't be understood, or a case occurs twice.
    """
    table = Table(path)
    table.require("case", "label", "score")
    groups = table.others(*_KNOWN)
    one_threshold = "t_high" in table.columns and "t_low" not in table.columns
    shared: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}
    seen: set[tuple[str, str]] = set()
    for row in table.rows():
        case = _case(row, finding, groups, one_threshold, shared)
        key = (case.case, case.finding)
        if key in seen:
            raise twice(path, row.number, case.case)
        seen.add(key)
        yield case


@dataclass(frozen=True, slots=True)
class StatedTruth:
    """How the truth of one row is known, as the table states it."""

    reference: str
    reader: str
    date: str


def read_truth(path: Path) -> Iterator[StatedTruth]:
    """The columns reference, reader and date of every row, where there are any."""
    table = Table(path)
    if not {"reference", "reader", "date"} & set(table.columns):
        return
    for row in table.rows():
        yield StatedTruth(row.text("reference"), row.text("reader"), row.text("date"))


def twice(path: Path, row: int, case: str) -> WrongUsage:
    """A case that a table names twice for one finding."""
    return WrongUsage(
        say(
            "table_case_twice",
            "{path}, row {row}: case '{case}' occurs twice for one finding.",
            path=str(path),
            row=row,
            case=case,
        )
    )


def _case(
    row: Row,
    finding: str,
    groups: tuple[str, ...],
    one_threshold: bool,
    shared: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]],
) -> Case:
    score = row.number_or_none("score")
    t_high = row.number_or_none("t_high")
    t_low = t_high if one_threshold else row.number_or_none("t_low")
    if t_low is not None and t_high is None:
        raise row.wrong("t_high", say("expected_t_high", "a number, since t_low is given"))
    if t_low is not None and t_high is not None and t_low > t_high:
        raise row.wrong("t_low", say("expected_t_low", "at most t_high"))
    verdict = _verdict(row, score, t_low, t_high)
    if not row.text("case"):
        raise row.wrong("case", say("expected_name", "a name"))
    if verdict in _REFUSED:
        score = None
    elif score is None:
        raise row.wrong("score", say("expected_score", "a number beside this verdict"))
    values = tuple((name, row.text(name)) for name in groups)
    reason = row.text("reason")
    return Case(
        case=row.text("case"),
        positive=row.truth("label"),
        finding=row.text("finding") or finding or "finding",
        patient=row.text("patient"),
        side=side_of(row.text("side")),
        study=row.text("study"),
        score=score,
        verdict=verdict,
        t_low=t_low,
        t_high=t_high,
        reason=_reason(verdict, reason),
        # A hundred thousand rows share few combinations: keep each once.
        groups=shared.setdefault(values, values),
    )


def _verdict(
    row: Row, score: float | None, t_low: float | None, t_high: float | None
) -> Verdict | None:
    given = row.text("verdict").lower()
    if given:
        try:
            return Verdict(given)
        except ValueError:
            raise row.wrong("verdict", ", ".join(each.value for each in Verdict)) from None
    if score is None:
        return Verdict.FAILED
    if t_high is None:
        return None
    # The thresholds of other vendors need not lie between 0 and 1.
    if 0.0 <= score <= 1.0:
        return OperatingPoint(t_low, t_high, _NO_PROMISE).verdict(score)
    if score >= t_high:
        return Verdict.FLAGGED
    return Verdict.CLEARED if t_low is not None and score < t_low else Verdict.REVIEW


def _reason(verdict: Verdict | None, text: str) -> Message | None:
    if verdict not in _REFUSED:
        return None
    if text:
        return say("audit_reason_given", "{reason}", reason=text)
    return say("audit_no_score", "No score was given.")
