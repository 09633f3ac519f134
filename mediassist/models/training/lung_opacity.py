"""Everything that is particular to training lung_opacity_xray: sizes, schedule, folds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.models.networks.opacity import OpacityNetwork
from mediassist.models.training.chest_set import Example, load_examples, source_name
from mediassist.models.training.loop import Progress, Schedule, run
from mediassist.models.training.manifest import fold_of
from mediassist.models.training.opacity import OpacityRecipe, freeze_stem

BUNDLE_ID = "lung_opacity_xray"
CANVAS = 320
SIZE = 256
FOLDS = 6
SEED = 11


@dataclass(frozen=True, slots=True)
class Plan:
    """Small pictures first, full size for the rest (progressive resolution)."""

    schedule: Schedule
    small_epochs: int
    small_size: int = 192

    @property
    def sizes(self) -> list[int]:
        large = self.schedule.epochs - self.small_epochs
        return [self.small_size] * self.small_epochs + [SIZE] * large


# A run of 55 epochs learned the mined labels of its own films by heart: on the held-out fold the
# films that a person read stayed where they were after six epochs, the mined ones fell.
FULL = Plan(Schedule(epochs=18, steps=60, batch=16, seed=SEED), small_epochs=10)
# Leave-one-source-out is run on small pictures and for half the time.
SHORT = Plan(Schedule(epochs=9, steps=60, batch=16, seed=SEED), small_epochs=9)


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


def new_network(data: Path, seed: int) -> OpacityNetwork:
    torch.manual_seed(seed)
    network = OpacityNetwork()
    network.encoder.load_imagenet(imagenet_weights(data))
    freeze_stem(network.encoder)
    return network


def left_out_by(example: Example, source: str) -> bool:
    """`children` leaves out every child, also those of NIH; other names are sources."""
    if source == "children":
        return example.row["group"] == "child"
    return source_name(example.row) == source


def split_folds(examples: list[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """Train without, and the one fold of train on which epochs are judged, by patient."""
    held = [e for e in examples if fold_of(e.row.patient, FOLDS, seed) == 0]
    kept = [e for e in examples if fold_of(e.row.patient, FOLDS, seed) != 0]
    return kept, held


def fit(
    data: Path,
    out: Path,
    resume: bool,
    progress: Progress,
    left_out: str | None = None,
    plan: Plan | None = None,
) -> OpacityNetwork:
    """Train on the train split (one fold held out) and give the averaged weights."""
    plan = plan or (SHORT if left_out else FULL)
    examples = load_examples(data, CANVAS, ("train",))
    if left_out:
        examples = [e for e in examples if not left_out_by(e, left_out)]
    train, held = split_folds(examples, plan.schedule.seed)
    network = new_network(data, plan.schedule.seed)
    recipe = OpacityRecipe(train, held, plan.sizes, plan.schedule.batch)
    network.load_state_dict(run(network, recipe, plan.schedule, out, resume, progress))
    return network
