"""Does a rate meet its target, and would the number of cases be enough to know?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.core.operating_point import Rate
from mediassist.statistics.intervals import cases_needed, lower_bound, upper_bound


class TargetVerdict(StrEnum):
    """In falling weight: the worst of a finding's targets is the finding's verdict."""

    NOT_MET = "not_met"
    TOO_FEW = "too_few"
    # A bundle that shows candidates and gives no verdicts can neither meet nor miss a target.
    MARKS_ONLY = "marks_only"
    MET_NOT_PROVED = "met_not_proved"
    PROVED = "proved"


@dataclass(frozen=True, slots=True)
class Targets:
    """Detection above, false negatives and false positives below; shares in 0..1."""

    detection: float = 0.95
    false_negative: float = 0.01
    false_positive: float = 0.05

    @classmethod
    def from_text(cls, text: str) -> Targets:
        """Read `--targets 95,1,5` (percent)."""
        try:
            shares = [float(part) / 100.0 for part in text.split(",")]
        except ValueError:
            shares = []
        if len(shares) != 3 or not all(0.0 < share < 1.0 for share in shares):
            raise WrongUsage(
                say(
                    "targets_unclear",
                    "The targets '{text}' are not three percentages such as 95,1,5.",
                    text=text,
                )
            )
        return cls(*shares)

    def as_pairs(self) -> tuple[tuple[str, float], ...]:
        return (
            ("detection", self.detection),
            ("false_negative", self.false_negative),
            ("false_positive", self.false_positive),
        )


@dataclass(frozen=True, slots=True)
class TargetResult:
    """One target against one rate.

    `bound` is the one-sided 95 % Clopper-Pearson bound on the side that matters, without refused
    cases; `bound_with_refused` counts them as errors. `more_cases` is how many further positives
    (or negatives) without a single error would prove the target.
    """

    rate: str
    target: float
    verdict: TargetVerdict
    bound: float
    bound_with_refused: float
    more_cases: int


def judge(name: str, target: float, rate: Rate, with_refused: Rate) -> TargetResult:
    """Compare a rate with its target.

    Not met: the rate misses the target, and either there are cases enough to prove it, or so
    many errors that the opposite is shown. Too few: even without any error so few cases could
    prove nothing. Proved: the one-sided bound holds without the refused cases *and* with them
    counted as errors.

    >>> perfect = Rate(0.0, 0, 299, 0.0, 0.0123)
    >>> judge("false_negative", 0.01, perfect, perfect).verdict.value
    'proved'
    >>> judge("false_negative", 0.01, Rate(0.0, 0, 100, 0.0, 0.0362), perfect).more_cases
    199
    """
    upward = name == "detection"
    limit = 1.0 - target if upward else target
    errors, errors_with = _errors(rate, upward), _errors(with_refused, upward)
    needed = cases_needed(0, limit)
    bound, bound_with = (
        upper_bound(errors, rate.denominator),
        upper_bound(errors_with, with_refused.denominator),
    )
    more = max(
        cases_needed(errors, limit) - rate.denominator,
        cases_needed(errors_with, limit) - with_refused.denominator,
        0,
    )
    # 1 - 0.95 is a little more than 0.05: exactly at the limit must count as a miss.
    misses = rate.denominator > 0 and errors >= limit * rate.denominator - 1e-9
    refuted = lower_bound(errors, rate.denominator) > limit if rate.denominator else False
    if refuted or (misses and rate.denominator >= needed):
        verdict = TargetVerdict.NOT_MET
    elif rate.denominator < needed:
        verdict = TargetVerdict.TOO_FEW
    elif bound < limit and bound_with < limit:
        verdict = TargetVerdict.PROVED
    else:
        verdict = TargetVerdict.MET_NOT_PROVED
    if upward:
        bound, bound_with = 1.0 - bound, 1.0 - bound_with
    return TargetResult(name, target, verdict, bound, bound_with, more)


def marks_only(name: str, target: float) -> TargetResult:
    """A target that a bundle without verdicts is not asked about."""
    worst_bound = 0.0 if name == "detection" else 1.0
    return TargetResult(name, target, TargetVerdict.MARKS_ONLY, worst_bound, worst_bound, 0)


def worst(verdicts: list[TargetVerdict]) -> TargetVerdict:
    """A finding is as good as its weakest target."""
    order = list(TargetVerdict)
    return min(verdicts, key=order.index, default=TargetVerdict.TOO_FEW)


def _errors(rate: Rate, upward: bool) -> int:
    return rate.denominator - rate.numerator if upward else rate.numerator
