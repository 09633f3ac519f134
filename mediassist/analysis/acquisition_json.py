"""The acquisition check as plain data, and back: findings.json and `mediassist check --json`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mediassist.core.acquisition import AcquisitionCheck, Outcome, RuleResult
from mediassist.core.messages import Message

Entry: TypeAlias = dict[str, Any]


def acquisition_json(check: AcquisitionCheck, message: Callable[[Message], Entry]) -> Entry:
    """Outcome, counts, the protocol of each series, and one entry a rule.

    `message` makes the JSON of a sentence (`findings_json.message_json` in one language).
    """
    return {
        "outcome": check.outcome.value,
        "counts": {outcome.value: check.count(outcome) for outcome in Outcome},
        "protocols": [
            {"series_instance_uid": uid, "protocol": name} for uid, name in check.protocols
        ],
        "rules": [_result_json(result, message) for result in check.results],
    }


def acquisition_from_json(document: Entry, message: Callable[[Entry], Message]) -> AcquisitionCheck:
    """What `acquisition_json` wrote; `message` reads a sentence back.

    Raises KeyError, TypeError or ValueError where the document is not of its shape.
    """
    return AcquisitionCheck(
        results=tuple(_result(entry, message) for entry in document["rules"]),
        protocols=tuple(
            (entry["series_instance_uid"], entry["protocol"]) for entry in document["protocols"]
        ),
    )


def _result_json(result: RuleResult, message: Callable[[Message], Entry]) -> Entry:
    return {
        "rule": result.rule,
        "protocol": result.protocol,
        "domains": list(result.domains),
        "findings": list(result.findings),
        "series_instance_uid": result.series_uid or None,
        "outcome": result.outcome.value,
        "title": message(result.title),
        "measured": message(result.measured),
        "value": result.value,
        "unit": result.unit,
        "allowed": message(result.allowed),
        "advice": message(result.advice),
        "source": result.source,
        "field": result.field,
        "checked": result.checked,
        "breaking": result.breaking,
        "example": result.example,
    }


def _result(entry: Entry, message: Callable[[Entry], Message]) -> RuleResult:
    return RuleResult(
        rule=entry["rule"],
        protocol=entry["protocol"],
        domains=tuple(entry["domains"]),
        findings=tuple(entry["findings"]),
        series_uid=entry["series_instance_uid"] or "",
        title=message(entry["title"]),
        outcome=Outcome(entry["outcome"]),
        measured=message(entry["measured"]),
        allowed=message(entry["allowed"]),
        advice=message(entry["advice"]),
        source=entry["source"],
        field=entry["field"],
        value=entry["value"],
        unit=entry["unit"],
        checked=entry["checked"],
        breaking=entry["breaking"],
        example=entry["example"],
    )
