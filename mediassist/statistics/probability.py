"""From a model's score (a logit) to a probability: small monotone maps, stored as numbers.

Sources: Guo et al., ICML 2017 (temperature); Platt, Advances in Large Margin Classifiers (1999)
61 (logistic with smoothed targets); Kull, Silva Filho & Flach, Electron. J. Stat. 11 (2017) 5052
(beta); Zadrozny & Elkan, KDD 2002 (isotonic). Applying a map needs NumPy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression, minimize

from mediassist.statistics.calibration import brier
from mediassist.statistics.estimate import BoolArray, FloatArray, labels_and_scores
from mediassist.statistics.folds import patient_folds

# Isotonic steps tie patients together, and a tie at t_low empties the cleared band. This share of
# a plain logistic keeps the order of the scores everywhere and moves no probability by more.
ORDER_SHARE = 1e-3


class MapKind(StrEnum):
    IDENTITY = "identity"
    TEMPERATURE = "temperature"
    LOGISTIC = "logistic"
    BETA = "beta"
    ISOTONIC = "isotonic"


@dataclass(frozen=True, slots=True)
class ProbabilityMap:
    """A fitted map. `parameters` are lists of floats by name, ready for JSON."""

    kind: MapKind
    parameters: Mapping[str, tuple[float, ...]]

    def apply(self, scores: ArrayLike) -> FloatArray:
        """Probabilities in 0..1, never falling where the score rises.

        >>> ProbabilityMap(MapKind.TEMPERATURE, {"temperature": (2.0,)}).apply([0.0]).tolist()
        [0.5]
        """
        values = np.asarray(scores, dtype=np.float64)
        found = self.parameters
        if self.kind is MapKind.TEMPERATURE:
            return _logistic(values / found["temperature"][0])
        if self.kind is MapKind.LOGISTIC:
            return _logistic(found["slope"][0] * values + found["offset"][0])
        if self.kind is MapKind.BETA:
            a, b, c = found["a"][0], found["b"][0], found["c"][0]
            return _logistic(a * -np.logaddexp(0, -values) + b * np.logaddexp(0, values) + c)
        if self.kind is MapKind.ISOTONIC:
            steps = np.interp(values, found["scores"], found["probabilities"])
            return np.asarray((1.0 - ORDER_SHARE) * steps + ORDER_SHARE * _logistic(values))
        return _logistic(values)

    def to_dict(self) -> dict[str, Any]:
        """For metadata.json."""
        return {
            "kind": self.kind.value,
            "parameters": {name: list(values) for name, values in self.parameters.items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ProbabilityMap:
        """The inverse of `to_dict`."""
        return cls(
            MapKind(stored["kind"]),
            {
                str(name): tuple(float(value) for value in values)
                for name, values in stored["parameters"].items()
            },
        )


def fit_map(kind: MapKind, labels: ArrayLike, scores: ArrayLike) -> ProbabilityMap:
    """Fit one map; scores are logits. Needs positives and negatives.

    >>> fitted = fit_map(MapKind.LOGISTIC, [0, 0, 1, 0, 1, 1], [-2, -1, -0.5, 0.5, 1, 2])
    >>> [round(p, 3) for p in fitted.apply([-2.0, 2.0]).tolist()]
    [0.221, 0.779]
    """
    truth, values = labels_and_scores(labels, scores)
    if not truth.any() or truth.all():
        raise ValueError("a probability map needs positives and negatives")
    if kind is MapKind.IDENTITY:
        return ProbabilityMap(kind, {})
    if kind is MapKind.ISOTONIC:
        return _fit_isotonic(truth, values)
    targets = _smoothed_targets(truth)
    if kind is MapKind.TEMPERATURE:
        (inverse,) = _fit_linear(values[:, None], targets, [1.0], [(1e-3, 1e3)])
        return ProbabilityMap(kind, {"temperature": (1.0 / inverse,)})
    if kind is MapKind.LOGISTIC:
        columns = np.stack([values, np.ones_like(values)], axis=1)
        slope, offset = _fit_linear(columns, targets, [1.0, 0.0], [(1e-6, None), (None, None)])
        return ProbabilityMap(kind, {"slope": (slope,), "offset": (offset,)})
    # ln p and -ln(1-p) of p = logistic(score), computed without overflow.
    columns = np.stack(
        [-np.logaddexp(0, -values), np.logaddexp(0, values), np.ones_like(values)], axis=1
    )
    ranges = [(0.0, None), (0.0, None), (None, None)]
    a, b, c = _fit_linear(columns, targets, [1.0, 1.0, 0.0], ranges)
    return ProbabilityMap(MapKind.BETA, {"a": (a,), "b": (b,), "c": (c,)})


def choose_map(
    labels: ArrayLike,
    scores: ArrayLike,
    patients: ArrayLike,
    *,
    kinds: Sequence[MapKind] = tuple(MapKind),
    folds: int = 5,
    seed: int = 0,
) -> tuple[ProbabilityMap, dict[str, float]]:
    """The map with the lowest Brier score on patients left out of its fit, and all the scores.

    Ties go to the earlier (simpler) kind. Use out-of-fold scores of *train*: neither calib nor
    test may choose.
    """
    truth, values = labels_and_scores(labels, scores)
    fold = patient_folds(truth, patients, folds, seed)
    found: dict[str, float] = {}
    for kind in kinds:
        held_out = np.empty_like(values)
        for number in range(folds):
            inside = fold == number
            held_out[inside] = fit_map(kind, truth[~inside], values[~inside]).apply(values[inside])
        found[kind.value] = brier(truth, held_out)
    best = min(kinds, key=lambda kind: (round(found[kind.value], 9), kinds.index(kind)))
    return fit_map(best, truth, values), found


def logits(probabilities: ArrayLike, margin: float = 1e-7) -> FloatArray:
    """Logit of probabilities, kept `margin` away from 0 and 1.

    >>> logits([0.5]).tolist()
    [0.0]
    """
    kept = np.clip(np.asarray(probabilities, dtype=np.float64), margin, 1.0 - margin)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def _logistic(values: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-np.logaddexp(0.0, -values)))


def _smoothed_targets(truth: BoolArray) -> FloatArray:
    """Platt's targets: they keep the fit finite where the classes do not overlap."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    return np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def _fit_linear(
    columns: FloatArray,
    targets: FloatArray,
    start: list[float],
    ranges: Sequence[tuple[float | None, float | None]],
) -> list[float]:
    """Weights of a logistic regression within ranges; the loss is convex, so it is the best."""

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        margins = columns @ weights
        value = np.mean(np.logaddexp(0.0, margins) - targets * margins)
        return float(value), columns.T @ (_logistic(margins) - targets) / len(targets)

    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=ranges, options={"ftol": 1e-13}
    )
    return [float(weight) for weight in found.x]


def _fit_isotonic(truth: BoolArray, values: FloatArray) -> ProbabilityMap:
    distinct, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    shares = np.bincount(numbers.reshape(-1), weights=truth, minlength=len(distinct)) / counts
    fitted = isotonic_regression(shares, weights=counts.astype(np.float64)).x
    # Only the ends of each step are kept: what lies between is on the straight line anyway.
    changes = np.flatnonzero(np.diff(fitted) != 0)
    kept = np.unique(np.concatenate([[0, len(fitted) - 1], changes, changes + 1])).astype(np.intp)
    return ProbabilityMap(
        MapKind.ISOTONIC,
        {
            "scores": tuple(float(value) for value in distinct[kept]),
            "probabilities": tuple(float(np.clip(value, 0.0, 1.0)) for value in fitted[kept]),
        },
    )
