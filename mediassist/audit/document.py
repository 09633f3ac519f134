"""audit.json: the whole audit as plain data (schema/audit.schema.json)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mediassist.audit.result import (
    AuditResult,
    FindingFigures,
    LesionFigures,
    PartFigures,
    PredictiveValues,
    RateFigure,
    Subgroup,
    SubgroupSplit,
)
from mediassist.audit.safeguards import Safeguard
from mediassist.audit.targets import TargetResult
from mediassist.core.messages import Message
from mediassist.core.operating_point import Rate
from mediassist.core.provenance import Provenance
from mediassist.statistics.estimate import Estimate

SCHEMA_VERSION = "1.0"

Wording = Callable[[Message], str]


@dataclass(frozen=True, slots=True)
class UsedBundle:
    """A bundle that spoke in the audit; `marks_only` ones show candidates without a verdict."""

    id: str
    version: str
    sha256: str
    finding: str
    promise: str
    marks_only: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceStandard:
    """How the truth of the cases is known, as the manifest states it.

    `sources` are (how, cases), the most frequent first; dates are the earliest and latest as
    written, where all are written so that they can be sorted (2026-11-24).
    """

    sources: tuple[tuple[str, int], ...] = ()
    readers: int = 0
    first_date: str = ""
    last_date: str = ""


@dataclass(frozen=True, slots=True)
class ExcludedCase:
    """A case that is left out of every figure of a finding, and why."""

    case: str
    finding: str
    reason: Message


@dataclass(frozen=True, slots=True)
class GalleryPicture:
    """A wrong case's picture: the file's name in the gallery, and what the model made of it."""

    case: str
    finding: str
    file: str
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRun:
    """An audit with all that is needed to find out how it came about.

    `source` is the name of the manifest or of the predictions, `excluded` the cases left out of
    every figure with the reason, `pictures` the gallery.
    """

    result: AuditResult
    source: str
    source_sha256: str
    provenance: Provenance
    bundles: tuple[UsedBundle, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    excluded: tuple[ExcludedCase, ...] = ()
    pictures: tuple[GalleryPicture, ...] = ()
    reference: ReferenceStandard = ReferenceStandard()


def audit_document(run: AuditRun, wording: Wording = str) -> dict[str, Any]:
    """Content of audit.json."""
    result = run.result
    return {
        "schema_version": SCHEMA_VERSION,
        "disclaimer": "Research use, not for diagnosis.",
        "source": {"name": run.source, "sha256": run.source_sha256},
        "verdict": result.verdict.value,
        "targets": dict(result.targets.as_pairs()),
        "unit": result.options.unit.value,
        "interval": result.options.interval,
        "confidence": 0.95,
        "findings": {one.finding: _finding(one, wording) for one in result.findings},
        "by_bundle": {one.name: _part(one) for one in result.bundles},
        "by_domain": {one.name: _part(one) for one in result.domains},
        "safeguards": [_safeguard(one, wording) for one in run.safeguards],
        "excluded": [
            {
                "case": one.case,
                "finding": one.finding,
                "reason": message_json(one.reason, wording),
            }
            for one in run.excluded
        ],
        "reference_standard": {
            "sources": dict(run.reference.sources),
            "readers": run.reference.readers,
            "first_date": run.reference.first_date or None,
            "last_date": run.reference.last_date or None,
        },
        "bundles": [
            {
                "id": one.id,
                "version": one.version,
                "sha256": one.sha256,
                "finding": one.finding,
                "promise": one.promise,
                "marks_only": one.marks_only,
            }
            for one in run.bundles
        ],
        "provenance": {
            "mediassist": run.provenance.mediassist_version,
            "created": run.provenance.created.isoformat(timespec="seconds"),
            "platform": run.provenance.platform,
            "python": run.provenance.python,
            "libraries": dict(run.provenance.libraries),
            "resamples": result.options.resamples,
            "seed": result.options.seed,
        },
    }


def message_json(message: Message, wording: Wording) -> dict[str, Any]:
    """A message for programs (code, values) and people (text)."""
    values = {
        name: wording(value) if isinstance(value, Message) else value
        for name, value in message.values
    }
    return {"code": message.code, "text": wording(message), "values": values}


def _finding(one: FindingFigures, wording: Wording) -> dict[str, Any]:
    return {
        "domains": list(one.domains),
        "bundles": list(one.bundles),
        "verdict": one.verdict.value,
        "targets": {each.rate: _target(each) for each in one.targets},
        "coverage": _rate(one.coverage),
        "cases": one.cases,
        "units": one.units,
        "studies": one.studies,
        "positives": one.positives,
        "negatives": one.negatives,
        "not_applicable": one.not_applicable,
        "failed": one.failed,
        "without_verdict": one.without_verdict,
        "refused": [
            {
                "verdict": each.verdict.value,
                "reason": message_json(each.reason, wording),
                "count": each.count,
                "cases": list(each.names),
            }
            for each in one.refused
        ],
        "flow": dict(one.flow),
        "rates": {name: _figure(figure) for name, figure in one.rates},
        "study_rates": {name: _figure(figure) for name, figure in one.study_rates},
        "case_rates": {name: _figure(figure) for name, figure in one.level_rates},
        "predictive_values": [_predictive(each) for each in one.predictive],
        "thresholds": [
            {"t_low": each.t_low, "t_high": each.t_high, "cases": each.cases}
            for each in one.thresholds
        ],
        "auc": _estimate(one.auc),
        "auc_cases": _estimate(one.auc_cases),
        "brier": _estimate(one.brier),
        "calibration_error": _estimate(one.calibration_error),
        "reliability": [
            {"probability": part.mean_probability, "observed": _rate(part.observed)}
            for part in one.reliability
        ],
        "roc": [list(point) for point in one.roc],
        "histogram": None
        if one.histogram is None
        else {
            "start": one.histogram.start,
            "end": one.histogram.end,
            "positives": list(one.histogram.positives),
            "negatives": list(one.histogram.negatives),
        },
        "subgroups": [_split(each) for each in one.subgroups],
        "lesions": None if one.lesions is None else _lesions(one.lesions),
        "missed": list(one.missed),
        "false_alarms": list(one.false_alarms),
        "warnings": [message_json(each, wording) for each in one.warnings],
    }


def _part(one: PartFigures) -> dict[str, Any]:
    return {
        "findings": list(one.findings),
        "verdict": one.verdict.value,
        "targets": {each.rate: _target(each) for each in one.targets},
        "coverage": _rate(one.coverage),
        "cases": one.cases,
        "positives": one.positives,
        "negatives": one.negatives,
        "rates": {name: _figure(figure) for name, figure in one.rates},
        "auc": _estimate(one.auc),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "value": rate.value,
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "low": rate.low,
        "high": rate.high,
    }


def _figure(figure: RateFigure) -> dict[str, Any]:
    return {
        **_rate(figure.rate),
        "one_sided_bound": figure.one_sided_bound,
        "method": figure.method,
        "exact": {"low": figure.exact[0], "high": figure.exact[1]},
        "wilson": {"low": figure.wilson[0], "high": figure.wilson[1]},
        "with_refused": {
            **_rate(figure.with_refused),
            "one_sided_bound": figure.bound_with_refused,
        },
    }


def _target(result: TargetResult) -> dict[str, Any]:
    return {
        "target": result.target,
        "verdict": result.verdict.value,
        "bound": result.bound,
        "bound_with_refused": result.bound_with_refused,
        "more_cases": result.more_cases,
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _predictive(values: PredictiveValues) -> dict[str, Any]:
    return {
        "prevalence": values.prevalence,
        "ppv": _estimate(values.ppv),
        "npv": _estimate(values.npv),
    }


def _split(split: SubgroupSplit) -> dict[str, Any]:
    return {
        "column": split.column,
        "p_detection": split.p_detection,
        "p_false_negative": split.p_false_negative,
        "p_false_positive": split.p_false_positive,
        "method": split.method,
        "groups": [_group(group) for group in split.groups],
    }


def _group(group: Subgroup) -> dict[str, Any]:
    return {
        "value": group.value,
        "positives": group.positives,
        "negatives": group.negatives,
        "detection": _rate(group.detection),
        "false_negative": _rate(group.false_negative),
        "false_positive": _rate(group.false_positive),
        "auc": _estimate(group.auc),
        "small": group.small,
    }


def _lesions(lesions: LesionFigures) -> dict[str, Any]:
    return {
        "images": lesions.images,
        "lesions": lesions.lesions,
        "hit_rule": lesions.hit_rule,
        "detection_at": [
            {"false_marks_per_image": marks, "detection": _rate(rate)}
            for marks, rate in lesions.detection_at
        ],
        "as_shown": {
            "false_marks_per_image": lesions.shown_false_marks,
            "detection": _rate(lesions.as_shown),
        },
        "mean_detection": _estimate(lesions.mean),
        "froc": [list(point) for point in lesions.points],
    }


def _safeguard(one: Safeguard, wording: Wording) -> dict[str, Any]:
    return {
        "name": one.name,
        "state": one.state.value,
        "finding": one.finding or None,
        "message": message_json(one.message, wording),
        "cases": list(one.cases),
    }
