"""The audit itself: cases in, every statistic out, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable

from mediassist.audit.case import Case
from mediassist.audit.finding_figures import finding_figures
from mediassist.audit.result import AuditOptions, AuditResult
from mediassist.audit.targets import Targets, TargetVerdict


def audit(
    cases: Iterable[Case],
    targets: Targets | None = None,
    options: AuditOptions | None = None,
) -> AuditResult:
    """Every statistic of a set of cases, the weakest finding first.

    >>> from mediassist.core.vocabulary import Verdict
    >>> verdicts = [Verdict.FLAGGED] * 5 + [Verdict.CLEARED] * 5
    >>> cases = [
    ...     Case(case=str(i), positive=i < 5, finding="fracture", score=1 - i / 10, verdict=verdict)
    ...     for i, verdict in enumerate(verdicts)
    ... ]
    >>> result = audit(cases)
    >>> result.findings[0].rate("detection").rate.value, result.verdict.value
    (1.0, 'too_few')
    """
    by_finding: dict[str, list[Case]] = {}
    for case in cases:
        by_finding.setdefault(case.finding, []).append(case)
    chosen, goals = options or AuditOptions(), targets or Targets()
    order = list(TargetVerdict)
    found = [finding_figures(rows, goals, chosen) for rows in by_finding.values()]
    found.sort(key=lambda one: (order.index(one.verdict), one.finding))
    return AuditResult(goals, chosen, tuple(found))
