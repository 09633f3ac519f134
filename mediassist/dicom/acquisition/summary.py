"""Which scanner and which protocol break which rule, how often: for a whole department."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mediassist.core.acquisition import AcquisitionCheck, Outcome
from mediassist.core.messages import Message
from mediassist.core.study import Series, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRate:
    """How often one rule was broken by one scanner with one protocol.

    `checked` counts results of the rule (one a series, or one a study); `warned` and `failed`
    those that were not met.
    """

    scanner: str
    protocol_name: str
    rule: str
    title: Message
    checked: int
    warned: int
    failed: int

    @property
    def broken(self) -> int:
        return self.warned + self.failed


@dataclass(slots=True)
class AcquisitionSummary:
    """Counts over many studies; holds no study."""

    studies: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    _counts: dict[tuple[str, str, str], Counter[Outcome]] = field(default_factory=dict)
    _titles: dict[str, Message] = field(default_factory=dict)

    def add(self, study: Study, check: AcquisitionCheck) -> None:
        self.studies += 1
        self.outcomes[check.outcome] += 1
        by_uid = {series.series_uid: series for series in study.series}
        for result in check.results:
            series = by_uid.get(result.series_uid) or _first(study, check, result.protocol)
            key = (scanner_name(series), protocol_name(series), result.rule)
            self._counts.setdefault(key, Counter())[result.outcome] += 1
            self._titles[result.rule] = result.title

    def broken(self) -> tuple[RuleRate, ...]:
        """Broken rules by scanner and protocol; most failures first."""
        rates = [rate for rate in self.rates() if rate.broken]
        return tuple(sorted(rates, key=lambda rate: (-rate.failed, -rate.broken, rate.rule)))

    def rates(self) -> tuple[RuleRate, ...]:
        return tuple(
            RuleRate(
                scanner=scanner,
                protocol_name=protocol,
                rule=rule,
                title=self._titles[rule],
                checked=counts.total(),
                warned=counts[Outcome.WARN],
                failed=counts[Outcome.FAIL],
            )
            for (scanner, protocol, rule), counts in sorted(self._counts.items())
        )


def scanner_name(series: Series) -> str:
    """Manufacturer and model, `-` where neither is stated."""
    return " ".join(part for part in (series.manufacturer, series.model_name) if part) or "-"


def protocol_name(series: Series) -> str:
    """Protocol Name, else the series description: what the department calls it."""
    return series.protocol or series.description or "-"


def _first(study: Study, check: AcquisitionCheck, protocol: str) -> Series:
    """The series that stands for a rule about the whole study."""
    judged = {uid for uid, name in check.protocols if name == protocol}
    return next((series for series in study.series if series.series_uid in judged), study.series[0])
