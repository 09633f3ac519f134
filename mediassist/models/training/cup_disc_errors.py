"""How far the cup-to-disc ratio and its outlines are off those of experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from mediassist.models.measures.cup_disc import CUP, DISC, disc_and_cup
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import Outputs
from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.froc import dice
from mediassist.statistics.intervals import rate


def cup_disc_errors(samples: Sequence[Sample], outputs: Outputs, level: float) -> Mapping[str, Any]:
    """Ratio against the mean of four experts, outlines against their majority; the outlines are
    those that the product draws. `level` is not used."""
    drawn: list[tuple[float, float, str]] = []
    overlaps: list[tuple[float, float]] = []
    with_ratio = marked = measured = 0
    for sample, maps in zip(samples, outputs.maps, strict=True):
        found = disc_and_cup(maps)
        measured += found is not None and found.ratio is not None
        stated = sample.row["cdr_mean"]
        if not stated:
            continue
        marked += 1
        if found is None or found.ratio is None:
            continue
        with_ratio += 1
        drawn.append((found.ratio, float(stated), sample.row.patient))
        stride = sample.targets.shape[1] // maps.shape[-1]
        overlaps.append(
            (
                dice(found.disc >= 0.5, sample.targets[DISC, ::stride, ::stride]),
                dice(found.cup >= 0.5, sample.targets[CUP, ::stride, ::stride]),
            )
        )
    figures: dict[str, Any] = {
        "Pictures in which disc and cup were outlined": asdict(rate(measured, len(samples))),
    }
    if with_ratio < 2:
        return figures
    errors = np.array([ours - theirs for ours, theirs, _ in drawn])
    patients = np.array([patient for _, _, patient in drawn])
    discs, cups = np.array(overlaps).T
    spread = 1.96 * float(errors.std(ddof=1))
    return figures | {
        "Outlined among pictures with a ratio by experts (Drishti-GS)": asdict(
            rate(with_ratio, marked)
        ),
        "Mean absolute error of the vertical cup-to-disc ratio": asdict(
            cluster_bootstrap(lambda rows: float(np.abs(errors[rows]).mean()), patients)
        ),
        "Ratio too high on average by (limits of agreement)": (
            f"{errors.mean():+.3f} ({errors.mean() - spread:+.3f} to {errors.mean() + spread:+.3f})"
        ),
        "Ratio off by more than 0.1": asdict(rate(int((np.abs(errors) > 0.1).sum()), len(errors))),
        "Dice of the optic disc, mean": round(float(discs.mean()), 3),
        "Dice of the optic cup, mean": round(float(cups.mean()), 3),
    }
