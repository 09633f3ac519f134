"""heart_cardiomyopathy_mr from its trained outlines: volumes decide, patient by patient.

The regression from volumes to groups is fitted on the volumes drawn by hand in train, blurred by
the errors that the network makes on patients it has not seen: on the patients it was trained with
it outlines better than it will anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.models.heart_function import (
    Features,
    GroupModel,
    HeartFunction,
    PhaseVolumes,
    inside_weights_of,
    outlines_of_phase,
    unweighted,
    volumes_of,
)
from mediassist.models.networks import Ensemble, FindingNetwork
from mediassist.models.training import classifier_bundle
from mediassist.models.training.classifier_bundle import Judged
from mediassist.models.training.domains.cine_set import CAVITY, NORMAL, OUTER, RIGHT
from mediassist.models.training.fit import split_folds
from mediassist.models.training.gate_admission import admitted_pictures, gate_rule
from mediassist.models.training.loop import Progress
from mediassist.models.training.manifest import Row
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import Outputs, look, rows
from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.intervals import rate

_SPLITS = ("train", "calib", "test")
_BLURRED = 30  # copies of each patient with errors as the network makes them
_SEED = 17


@dataclass(frozen=True, slots=True)
class Patient:
    """Slices of both phases in order, and the middle one at end-diastole to stand for them."""

    diastole: list[Sample]
    systole: list[Sample]

    @property
    def middle(self) -> Sample:
        return self.diastole[len(self.diastole) // 2]


def patients_of(samples: Sequence[Sample]) -> dict[str, Patient]:
    """Slices sorted by patient and phase; `samples` are in the order of their stacks."""
    found: dict[str, Patient] = {}
    for sample in samples:
        entry = found.setdefault(sample.row.patient, Patient([], []))
        (entry.diastole if sample.row["phase"] == "ED" else entry.systole).append(sample)
    return found


def measured_heart(
    network: torch.nn.Module, patient: Patient, weights: Sequence[float]
) -> HeartFunction:
    """Volumes at both phases; `weights` as `heart_function.unweighted` takes them."""
    phases = (patient.diastole, patient.systole)
    return HeartFunction(*(_volumes(look(network, some).maps, some, weights) for some in phases))


def drawn_features(row: Row) -> Features:
    """Of the outlines drawn by hand, from the manifest; in the order of `FEATURES`."""
    shares = [float(row[name]) for name in ("lv_ef", "rv_ef")]
    ratios = [float(row[name]) for name in ("myo_lv_ratio_ed", "rv_lv_ratio_ed")]
    return np.array([*shares, *np.log(ratios)], np.float64)


def fit_groups(features: Features, labels: Sequence[str], errors: Features) -> GroupModel:
    """Multinomial regression over features (n, 4), blurred by drawing from `errors` (m, 4)."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(_SEED)
    drawn = rng.integers(0, len(errors), (_BLURRED, len(features)))
    blurred = (features[None] + errors[drawn]).reshape(-1, features.shape[1])
    groups = (NORMAL, *sorted(set(labels) - {NORMAL}))
    mean, spread = features.mean(0), features.std(0)
    model = LogisticRegression(C=1.0 / _BLURRED, max_iter=5000)
    model.fit((blurred - mean) / spread, np.tile(np.array(labels), _BLURRED))
    order = [list(model.classes_).index(group) for group in groups]
    return GroupModel(groups, mean, spread, model.coef_[order], model.intercept_[order])


def judge(
    groups: GroupModel,
    hearts: Mapping[str, HeartFunction],
    spec: BundleSpec,
    network: torch.nn.Module,
    samples: Sequence[Sample],
    bundles: Path | None = None,
) -> Judged:
    """One row a patient; `samples` are the middle slices (`Patient.middle`)."""
    scores = np.array([groups.log_odds(hearts[s.row.patient].features) for s in samples])
    let_in = np.ones(len(samples), bool)
    if bundles is not None:
        rule = gate_rule(bundles, spec.gate_kind)
        let_in = admitted_pictures(bundles, (_grey(s) for s in samples), rule)
    outputs = Outputs(scores[:, None], look(network, samples).maps)
    units = rows(spec, samples, scores[:, None], let_in)
    return Judged(list(samples), outputs, units, units, list(samples))


def finish(
    training: Training,
    spec: BundleSpec,
    network: FindingNetwork | Ensemble,
    data: Path,
    out: Path,
    progress: Progress,
) -> Path:
    """Volumes of every patient, the regression, then thresholds and figures as everywhere."""
    final = classifier_bundle.exported(training, spec, network)
    patients = {split: patients_of(training.load(data, (split,))) for split in _SPLITS}
    middles = {split: [p.middle for p in found.values()] for split, found in patients.items()}
    kept, held = split_folds(middles["train"], training.plan.schedule.seed)
    # The network learned the others' outlines by heart: what it measures there tells nothing.
    unseen = {s.row.patient: patients["train"][s.row.patient] for s in held}
    unseen |= patients["calib"] | patients["test"]
    progress(f"{spec.id}: volumes of {len(unseen)} patients")
    own = [unseen[sample.row.patient] for sample in held]
    slices = [sample for each in own for sample in (*each.diastole, *each.systole)]
    weights = inside_weights_of(
        look(final, slices).maps.astype(np.float32), np.stack([s.targets for s in slices])
    )
    hearts = {name: measured_heart(final, each, weights) for name, each in unseen.items()}
    errors = np.stack([_error(hearts, sample) for sample in held])
    drawn = np.stack([drawn_features(sample.row) for sample in kept])
    groups = fit_groups(drawn, [sample.row.label for sample in kept], errors)
    figures = heart_errors(
        list(patients["test"].values()), hearts, groups, partial(_overlaps, final, weights)
    )
    figures["Patients whose errors blurred the regression"] = len(held)

    def measured(samples: Sequence[Sample], outputs: Outputs, level: float) -> Mapping[str, Any]:
        return figures

    def load(folder: Path, splits: tuple[str, ...]) -> list[Sample]:
        return [sample for split in splits for sample in middles[split]]

    spec = replace(
        spec,
        measured=measured,
        load=load,
        judge=partial(judge, groups, hearts),
        picture=lambda sample: np.repeat(_grey(sample), 3, axis=0),
        task_fields={
            **spec.task_fields,
            "heart_groups": groups.to_dict(),
            "inside_weights": weights,
        },
    )
    return classifier_bundle.finish(training, spec, network, data, out, progress)


def heart_errors(
    patients: Sequence[Patient],
    hearts: Mapping[str, HeartFunction],
    groups: GroupModel,
    overlaps_of: Callable[[Patient], tuple[float, float, float]],
) -> dict[str, Any]:
    """Dice of the outlines, errors of the figures, and how often the group is right."""
    found = np.stack([hearts[p.middle.row.patient].features for p in patients])
    drawn = np.stack([drawn_features(p.middle.row) for p in patients])
    off = found - drawn
    overlaps = np.array([overlaps_of(patient) for patient in patients])
    named = [max(p, key=p.__getitem__) for p in (groups.probabilities(each) for each in found)]
    right = sum(n == p.middle.row.label for n, p in zip(named, patients, strict=True))
    structures = ("right ventricle", "left muscle", "left cavity")
    return {
        **{
            f"Dice of the {name} (both phases, by patient)": _interval(overlaps[:, place])
            for place, name in enumerate(structures)
        },
        "Left ejection fraction, mean absolute error (points)": _interval(100 * np.abs(off[:, 0])),
        "Left ejection fraction, mean error (points)": _interval(100 * off[:, 0]),
        "Right ejection fraction, mean absolute error (points)": _interval(100 * np.abs(off[:, 1])),
        "Muscle to left cavity, median error as a share": round(
            float(np.median(np.abs(np.expm1(off[:, 2])))), 3
        ),
        "Right to left volume, median error as a share": round(
            float(np.median(np.abs(np.expm1(off[:, 3])))), 3
        ),
        "The right one of five groups": asdict(rate(right, len(patients))),
    }


def _volumes(
    maps: NDArray[np.float16], samples: Sequence[Sample], weights: Sequence[float]
) -> PhaseVolumes:
    """In pixels of the original matrix times slices: without spacing only ratios have meaning."""
    row = samples[0].row
    cell = (float(row["tile"]) / maps.shape[-1] / float(row["crop_scale"])) ** 2
    return volumes_of(outlines_of_phase(unweighted(maps.astype(np.float32), weights)), cell)


def _error(hearts: Mapping[str, HeartFunction], sample: Sample) -> Features:
    result: Features = hearts[sample.row.patient].features - drawn_features(sample.row)
    return result


def _overlaps(
    network: torch.nn.Module, weights: Sequence[float], patient: Patient
) -> tuple[float, float, float]:
    """Dice of right ventricle, muscle and cavity over all slices of both phases."""
    slices = [*patient.diastole, *patient.systole]
    seen = unweighted(look(network, slices).maps.astype(np.float32), weights)
    truth = np.stack([sample.targets for sample in slices])
    factor = truth.shape[-1] // seen.shape[-1]
    marked = seen.repeat(factor, 2).repeat(factor, 3) >= 0.5
    pairs = (
        (marked[:, RIGHT], truth[:, RIGHT]),
        (marked[:, OUTER] & ~marked[:, CAVITY], truth[:, OUTER] & ~truth[:, CAVITY]),
        (marked[:, CAVITY], truth[:, CAVITY]),
    )
    shares = [2 * float((a & b).sum()) / max(1.0, float(a.sum() + b.sum())) for a, b in pairs]
    return shares[0], shares[1], shares[2]


def _interval(values: NDArray[np.float64]) -> dict[str, Any]:
    """Mean over patients with a bootstrap interval."""
    return asdict(
        cluster_bootstrap(lambda drawn: float(values[drawn].mean()), np.arange(len(values)))
    )


def _grey(sample: Sample) -> NDArray[np.float32]:
    return sample.picture.astype(np.float32) / np.float32(255)
