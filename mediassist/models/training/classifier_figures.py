"""Every figure of a two-class bundle, with its interval and counts, ready for metadata.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.operating_point import OperatingPoint, Rate
from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.calibration import brier, expected_calibration_error
from mediassist.statistics.estimate import Estimate
from mediassist.statistics.roc import (
    auc_interval,
    fpr_at_sensitivity_interval,
    sensitivity_at_fpr_interval,
)
from mediassist.statistics.verdict_rates import (
    REFUSED,
    VerdictRates,
    verdict_rates,
    verdicts_at,
)

RESAMPLES = 1000
GOALS = {
    "detection": (0.95, True),
    "false_negative": (0.01, False),
    "false_positive": (0.05, False),
    "review_load": (0.10, False),
}


@dataclass(frozen=True, slots=True)
class Scored:
    """One row a picture: patient, truth, logit, probability, and whether the gate let it in."""

    patients: NDArray[np.str_]
    positive: NDArray[np.bool_]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    applicable: NDArray[np.bool_]

    def only(self, rows: NDArray[np.bool_]) -> Scored:
        return Scored(
            self.patients[rows],
            self.positive[rows],
            self.scores[rows],
            self.probabilities[rows],
            self.applicable[rows],
        )

    @property
    def counts(self) -> dict[str, int]:
        """Pictures and patients on both sides."""
        return {
            "positive_patients": len(np.unique(self.patients[self.positive])),
            "positive_pictures": int(self.positive.sum()),
            "negative_patients": len(np.unique(self.patients[~self.positive])),
            "negative_pictures": int((~self.positive).sum()),
        }


def discrimination(rows: Scored, resamples: int = RESAMPLES) -> dict[str, Any]:
    """AUC (DeLong, clustered by patient) and the two operating characteristics asked for."""
    columns = (rows.positive, rows.scores, rows.patients)
    return {
        **rows.counts,
        "auc": plain(auc_interval(rows.positive, rows.scores, patients=rows.patients)),
        "sensitivity_at_5_fpr": plain(
            sensitivity_at_fpr_interval(*columns, 0.05, resamples=resamples)
        ),
        "fpr_at_95_sensitivity": plain(
            fpr_at_sensitivity_interval(*columns, 0.95, resamples=resamples)
        ),
        "fpr_at_99_sensitivity": plain(
            fpr_at_sensitivity_interval(*columns, 0.99, resamples=resamples)
        ),
    }


def calibration(rows: Scored, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Brier score and expected calibration error with patient bootstrap intervals."""

    def resampled(statistic: Any) -> dict[str, Any]:
        return plain(
            cluster_bootstrap(
                lambda drawn: float(statistic(rows.positive[drawn], rows.probabilities[drawn])),
                rows.patients,
                strata=rows.positive,
                resamples=resamples,
            )
        )

    return {"brier": resampled(brier), "calibration_error": resampled(expected_calibration_error)}


def rates(rows: Scored, point: OperatingPoint, refused_as_errors: bool = False) -> dict[str, Any]:
    """The verdict rates of product.md at the two thresholds, as plain data."""
    found = rates_at(rows, point, refused_as_errors)
    return {name: asdict(getattr(found, name)) for name in VerdictRates.__slots__}


def rates_at(rows: Scored, point: OperatingPoint, refused_as_errors: bool = False) -> VerdictRates:
    numbers = verdicts_at(rows.probabilities, point.t_low, point.t_high)
    numbers = np.where(rows.applicable, numbers, REFUSED)
    return verdict_rates(rows.patients, rows.positive, numbers, refused_as_errors=refused_as_errors)


def subgroups(
    rows: Scored, groups: Mapping[str, NDArray[np.bool_]], point: OperatingPoint
) -> dict[str, Any]:
    """AUC, detection and false positives of each group; AUC only where both classes are there."""
    figures = {}
    for name, members in groups.items():
        some = rows.only(members)
        if len(some.patients) == 0:
            continue
        found = rates_at(some, point)
        both = some.positive.any() and not some.positive.all()
        auc = auc_interval(some.positive, some.scores, patients=some.patients) if both else None
        figures[name] = {
            **some.counts,
            "auc": plain(auc) if auc is not None else None,
            "detection": asdict(found.detection),
            "false_negative": asdict(found.false_negative),
            "false_positive": asdict(found.false_positive),
            "cleared_yield": asdict(found.cleared_yield),
        }
    return figures


def weakest_first(measured: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The goals of product.md from the one missed furthest to the one met best.

    Distance is the ratio of the error to the error allowed, so that a detection of 0.70 (six
    times the misses allowed) stands before a false-positive rate of 0.08.
    """
    found = []
    for name, (goal, higher) in GOALS.items():
        value = measured[name]["value"]
        if value is None:
            continue
        error, allowed = (1 - value, 1 - goal) if higher else (value, goal)
        found.append({"rate": name, **measured[name], "goal": goal, "times": error / allowed})
    return sorted(found, key=lambda entry: -entry["times"])


def plain(estimate: Estimate) -> dict[str, Any]:
    return asdict(estimate)


def plain_rate(found: Rate) -> dict[str, Any]:
    return asdict(found)
