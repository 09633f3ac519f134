"""cases.csv: one row a case, for whoever wants to check a figure by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from mediassist.audit.case import Case
from mediassist.audit.document import Wording

_COLUMNS = (
    *("case", "finding", "patient", "side", "label", "verdict", "score"),
    *("t_low", "t_high", "bundle", "reason", "path", "study"),
)


def cases_csv(
    cases: Sequence[Case], excluded: Sequence[tuple[Case, str]], wording: Wording
) -> bytes:
    """UTF-8 with a mark, so that a spreadsheet reads Chinese; excluded cases say why."""
    content = io.BytesIO()
    out = io.TextIOWrapper(content, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(out, lineterminator="\r\n")
    groups = sorted({name for case in cases for name, _ in case.groups} - set(_COLUMNS))
    writer.writerow([*_COLUMNS, *groups])
    for case in cases:
        reason = wording(case.reason) if case.reason is not None else ""
        writer.writerow(_row(case, case.verdict.value if case.verdict else "", reason, groups))
    for case, reason in excluded:
        writer.writerow(_row(case, "excluded", reason, groups))
    return content.getvalue()


def _row(case: Case, verdict: str, reason: str, groups: Sequence[str]) -> list[str]:
    values = dict(case.groups)
    return [
        case.case,
        case.finding,
        case.patient,
        case.side,
        str(int(case.positive)),
        verdict,
        _number(case.score),
        _number(case.t_low),
        _number(case.t_high),
        case.bundle,
        reason,
        case.path,
        case.study,
        *(values.get(name, "") for name in groups),
    ]


def _number(value: float | None) -> str:
    # repr: the shortest text that reads back as the very same number.
    return "" if value is None else repr(value)
