"""What the acquisition check says of a study: one result a rule, with measured and allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from mediassist.core.messages import Message


class Outcome(StrEnum):
    """How an acquisition meets a rule; a missing statement gives what the rule says for it."""

    PASS = "pass"  # noqa: S105  (an outcome, no password)
    WARN = "warn"
    FAIL = "fail"


_ORDER = (Outcome.PASS, Outcome.WARN, Outcome.FAIL)


def worst(outcomes: tuple[Outcome, ...]) -> Outcome:
    """The worst of several; PASS where there is none.

    >>> worst((Outcome.WARN, Outcome.PASS))
    <Outcome.WARN: 'warn'>
    """
    return max(outcomes, key=_ORDER.index, default=Outcome.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """One rule on one series, or on the study where `series_uid` is empty.

    Attributes
    ----------
    value : the measured value that decides (the worst of all), None where none was stated.
    checked, breaking : how many images, series or sides were measured, and how many break it.
    example : a file (or side) that breaks the rule.
    source, field : where the limit comes from, and which DICOM element or picture is measured.
    findings : the findings whose models depend on the rule; empty for all of the protocol.
    """

    rule: str
    protocol: str
    domains: tuple[str, ...]
    findings: tuple[str, ...]
    series_uid: str
    title: Message
    outcome: Outcome
    measured: Message
    allowed: Message
    advice: Message
    source: str
    field: str
    value: str | float | None = None
    unit: str = ""
    checked: int = 0
    breaking: int = 0
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionCheck:
    """Every rule that applies to a study.

    `protocols` names the protocol of each series by which it was judged; a series that is in
    none was judged by the rules for every image only.
    """

    results: tuple[RuleResult, ...] = ()
    protocols: tuple[tuple[str, str], ...] = ()

    @property
    def outcome(self) -> Outcome:
        return worst(tuple(result.outcome for result in self.results))

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.results)

    @property
    def by_rule(self) -> tuple[RuleResult, ...]:
        """One result a rule, for people: the worst, with the counts of all; failures first."""
        found: dict[str, RuleResult] = {}
        for result in self.results:
            known = found.get(result.rule)
            if known is None:
                found[result.rule] = result
                continue
            is_worse = _ORDER.index(result.outcome) > _ORDER.index(known.outcome)
            found[result.rule] = replace(
                result if is_worse else known,
                checked=known.checked + result.checked,
                breaking=known.breaking + result.breaking,
            )
        return tuple(sorted(found.values(), key=lambda each: -_ORDER.index(each.outcome)))
