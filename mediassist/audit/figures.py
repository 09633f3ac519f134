"""The audit itself: cases in, every statistic out, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mediassist.audit.case import Case
from mediassist.audit.columns import Columns
from mediassist.audit.finding_figures import coverage, finding_figures, target_results
from mediassist.audit.rates import unit_rates
from mediassist.audit.result import AuditOptions, AuditResult, FindingFigures, PartFigures
from mediassist.audit.targets import Targets, TargetVerdict, worst
from mediassist.statistics.estimate import UNDEFINED
from mediassist.statistics.roc import auc_interval


def audit(
    cases: Iterable[Case],
    targets: Targets | None = None,
    options: AuditOptions | None = None,
    silent: Iterable[Case] = (),
) -> AuditResult:
    """Every statistic of a set of cases, the weakest finding first.

    `silent` are cases as a bundle saw them that did not speak for its finding, since another one
    was more alarming: they count in the figures of that bundle alone.

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
    by_bundle: dict[str, list[Case]] = {}
    for case in cases:
        by_finding.setdefault(case.finding, []).append(case)
        if case.bundle:
            by_bundle.setdefault(case.bundle, []).append(case)
    for case in silent:
        by_bundle.setdefault(case.bundle, []).append(case)
    chosen, goals = options or AuditOptions(), targets or Targets()
    found = [finding_figures(rows, goals, chosen) for rows in by_finding.values()]
    found.sort(key=lambda one: (_weight(one.verdict), one.finding))
    bundles = [
        _whole(name, whole)
        if (whole := _only_bundle(found, name, len(rows))) is not None
        else _part(name, rows, goals, chosen)
        for name, rows in by_bundle.items()
    ]
    domains = [
        _domain(name, found, by_finding, goals, chosen)
        for name in dict.fromkeys(domain for one in found for domain in one.domains)
    ]
    return AuditResult(goals, chosen, tuple(found), _ordered(bundles), _ordered(domains))


def _weight(verdict: TargetVerdict) -> int:
    return list(TargetVerdict).index(verdict)


def _ordered(parts: Sequence[PartFigures]) -> tuple[PartFigures, ...]:
    return tuple(sorted(parts, key=lambda one: (_weight(one.verdict), one.name)))


def _domain(
    name: str,
    figures: Sequence[FindingFigures],
    by_finding: dict[str, list[Case]],
    targets: Targets,
    options: AuditOptions,
) -> PartFigures:
    own = [one for one in figures if name in one.domains]
    if len(own) == 1:
        return _whole(name, own[0])
    rows = [case for one in own for case in by_finding[one.finding]]
    part = _part(name, rows, targets, options)
    # A strong finding with many cases must not hide a weak one with few.
    return replace(part, verdict=worst([one.verdict for one in own]))


def _only_bundle(figures: Sequence[FindingFigures], name: str, cases: int) -> FindingFigures | None:
    """The finding all of whose cases are this bundle's, which has no others."""
    for one in figures:
        if one.bundles == (name,) and one.cases == one.bundle_cases == cases:
            return one
    return None


def _whole(name: str, one: FindingFigures) -> PartFigures:
    """A bundle or domain that is one finding: nothing is counted twice."""
    return PartFigures(
        name=name,
        findings=(one.finding,),
        verdict=one.verdict,
        targets=one.targets,
        coverage=one.coverage,
        cases=one.cases,
        positives=one.positives,
        negatives=one.negatives,
        rates=one.rates,
        auc=one.auc,
    )


def _part(name: str, cases: Sequence[Case], targets: Targets, options: AuditOptions) -> PartFigures:
    findings = tuple(dict.fromkeys(case.finding for case in cases))
    # Scores of different findings are not on one scale: then there is no area.
    area = auc_interval(*Columns.of(cases, options.unit).unit_scores())
    columns = Columns.of(cases, options.unit, by_finding=len(findings) > 1)
    rates = unit_rates(columns.rows(columns.judged), options)
    results = target_results(columns, dict(rates), targets)
    positives = len(set(columns.unit[columns.positive].tolist()))
    return PartFigures(
        name=name,
        findings=findings,
        verdict=worst([result.verdict for result in results]),
        targets=results,
        coverage=coverage(cases),
        cases=len(cases),
        positives=positives,
        negatives=columns.units() - positives,
        rates=rates,
        auc=area if len(findings) == 1 else UNDEFINED,
    )
