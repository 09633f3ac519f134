"""From a domain's samples to trained weights: folds, network, loop."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import torch

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.models.networks import Ensemble, FindingNetwork, build_network
from mediassist.models.training.loop import Progress, run
from mediassist.models.training.manifest import fold_of
from mediassist.models.training.recipe import Load, Training
from mediassist.models.training.sample import Sample
from mediassist.models.training.supervised import Plan, SupervisedRecipe, freeze_stem

FOLDS = 6


def imagenet_weights(data: Path) -> Path:
    """`weights/imagenet_mobilenet_v2.npz` beside the folder of the sets."""
    path = data.resolve().parent / "weights" / "imagenet_mobilenet_v2.npz"
    if not path.is_file():
        raise WrongUsage(
            say(
                "train_no_encoder",
                "The encoder to start from is missing: {path}.",
                path=str(path),
            )
        )
    return path


def new_network(training: Training, data: Path, seed: int) -> FindingNetwork:
    """ImageNet encoder with a frozen stem, random heads drawn from the seed."""
    torch.manual_seed(seed)
    network = build_network({"name": "finding", **training.network})
    assert isinstance(network, FindingNetwork)  # noqa: S101
    for encoder in network.encoders():
        encoder.load_imagenet(imagenet_weights(data))
        freeze_stem(encoder)
    return network


def split_folds(samples: list[Sample], seed: int) -> tuple[list[Sample], list[Sample]]:
    """Train without, and the one fold of train on which every choice is made, by patient."""
    held = [s for s in samples if fold_of(s.row.patient, FOLDS, seed) == 0]
    kept = [s for s in samples if fold_of(s.row.patient, FOLDS, seed) != 0]
    return kept, held


def with_held_fold(load: Load, seed: int) -> Load:
    """`load`, whose calib split also brings the held-out fold of train: it taught nothing.

    For sets with few calibration patients. Thresholds are ranks of scores and the probability map
    keeps ranks, so that fitting the map on the same fold does not bend them.
    """

    def load_more(data: Path, splits: tuple[str, ...]) -> list[Sample]:
        samples = list(load(data, splits))
        if splits == ("calib",):
            samples += split_folds(list(load(data, ("train",))), seed)[1]
        return samples

    return load_more


def fit(
    training: Training,
    data: Path,
    work: Path,
    resume: bool,
    progress: Progress,
    left_out: str | None = None,
    plan: Plan | None = None,
) -> FindingNetwork | Ensemble:
    """Train on the train split (one fold held out) and give the averaged weights.

    `left_out` names a source that training must not see. The members of an ensemble leave out the
    same fold; only their random start and the order of their pictures differ, or the leg of the
    training at whose end they were kept.
    """
    plan = plan or training.plan
    samples = training.load(data, ("train",))
    if left_out:
        samples = [sample for sample in samples if sample.source != left_out]
    train, held = split_folds(samples, training.plan.schedule.seed)
    members = []
    for number in range(1 if left_out else training.members):
        schedule = replace(plan.schedule, seed=plan.schedule.seed + number)
        network = new_network(training, data, schedule.seed)
        recipe = SupervisedRecipe(
            train,
            held,
            replace(plan, schedule=schedule),
            training.losses,
            training.strength,
            training.cell_shares,
            training.later_strength,
        )
        folder = work if number == 0 else work.with_name(f"{work.name}-{number + 1}")
        states = run(network, recipe, schedule, folder, resume, progress)
        for state in states if training.snapshots else states[-1:]:
            member = copy.deepcopy(network)
            member.load_state_dict(state)
            members.append(member)
    return members[0] if len(members) == 1 else Ensemble(members)
