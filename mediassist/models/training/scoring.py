"""A trained network's answers to samples, as the rows from which every figure is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.models.tasks.aggregate import aggregate
from mediassist.models.training.classifier_figures import Scored
from mediassist.models.training.recipe import BundleSpec
from mediassist.models.training.sample import Sample


@dataclass(frozen=True, slots=True)
class Outputs:
    """Logits (n, answers) and map probabilities (n, maps, h, w) float16; maps may be 0."""

    logits: NDArray[np.float64]
    maps: NDArray[np.float16]


def look(network: torch.nn.Module, samples: Sequence[Sample]) -> Outputs:
    """Answers of a bundle's network, without augmentation."""
    logits, maps = [], []
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(samples), 8):
            some = [s.picture.astype(np.float32) / 255 for s in samples[start : start + 8]]
            outputs = network(torch.from_numpy(np.stack(some)))
            logits.append(outputs[0].double().numpy())
            if len(outputs) > 1:
                maps.append(torch.sigmoid(outputs[1]).half().numpy())
    none = np.zeros((len(samples), 0, 1, 1), np.float16)
    return Outputs(np.concatenate(logits), np.concatenate(maps) if maps else none)


def known(spec: BundleSpec, samples: Sequence[Sample]) -> NDArray[np.bool_]:
    """Which samples count for a bundle: their truth is known and its rule takes them."""
    return np.array([s.positive[spec.answer] is not None and spec.counts(s) for s in samples], bool)


def rows(
    spec: BundleSpec,
    samples: Sequence[Sample],
    logits: NDArray[np.float64],
    applicable: NDArray[np.bool_] | None = None,
) -> Scored:
    """One row a picture; samples without known truth count as negative here: leave them out."""
    let_in = np.ones(len(samples), bool) if applicable is None else applicable
    return Scored(
        np.array([s.row.patient for s in samples]),
        np.array([bool(s.positive[spec.answer]) for s in samples], bool),
        logits[:, 0],
        np.zeros(len(samples)),
        let_in,
    )


def by_study(pictures: Scored, rule: str) -> tuple[Scored, NDArray[np.str_]]:
    """One row a study (here: a patient), its score aggregated; also the patients in that order.

    A study is positive if any of its pictures is, and applicable if half of them are.
    """
    patients = np.unique(pictures.patients)
    members = [pictures.patients == patient for patient in patients]
    studies = Scored(
        patients,
        np.array([pictures.positive[m].any() for m in members]),
        np.array([aggregate(rule, pictures.scores[m]) for m in members]),
        np.zeros(len(patients)),
        np.array([pictures.applicable[m].mean() >= 0.5 for m in members]),
    )
    return studies, patients
