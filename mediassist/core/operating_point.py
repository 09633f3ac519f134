"""The two thresholds of a finding, what they promise, and the rates measured at them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mediassist.core.vocabulary import Verdict


class PromiseKind(StrEnum):
    NONE = "none"
    MARGINAL = "marginal"  # conformal: expected miss rate <= alpha over calibration draws
    HIGH_PROBABILITY = "high_probability"  # learn-then-test: miss <= alpha with prob. 1 - delta
    CROSS_CONFORMAL = "cross_conformal"  # out-of-fold scores: marginal with a weaker guarantee


@dataclass(frozen=True, slots=True)
class Promise:
    """What t_low guarantees about missed positives, and how many positive patients stand behind."""

    kind: PromiseKind
    alpha: float | None
    delta: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A proportion as it must always be shown: with counts and a 95 % interval."""

    value: float | None
    numerator: int
    denominator: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Probabilities in 0..1. `t_low` is None where the calibration data carry no cleared band."""

    t_low: float | None
    t_high: float
    promise: Promise
    rates: tuple[tuple[str, Rate], ...] = ()
    measured_on: str = ""

    def verdict(self, probability: float) -> Verdict:
        """Flagged from t_high up, cleared below t_low, review between (product.md)."""
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"probability {probability} is outside 0..1")
        if probability >= self.t_high:
            return Verdict.FLAGGED
        if self.t_low is not None and probability < self.t_low:
            return Verdict.CLEARED
        return Verdict.REVIEW
