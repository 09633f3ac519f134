"""`train("gate", ...)`: the picture gate, from the sets to a bundle with its confusion table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.models.bundle import INFERENCE
from mediassist.models.networks.gate import ORIENTATIONS, GateNetwork
from mediassist.models.training.bundle_writing import (
    TRAIN,
    monai_fields,
    rounded_state,
    training_environment,
    write_bundle,
)
from mediassist.models.training.card import gate_card
from mediassist.models.training.fit import imagenet_weights
from mediassist.models.training.gate_figures import gate_figures
from mediassist.models.training.gate_recipe import (
    CANVAS,
    CENTRE_KINDS,
    SIZE,
    GateRecipe,
    augmented,
    chances,
    fit_heads,
    pooled_features,
    prepared,
    set_distance,
)
from mediassist.models.training.gate_set import (
    KINDS,
    Sample,
    corpus_samples,
    foreign_samples,
    set_samples,
)
from mediassist.models.training.loop import Progress, Schedule, run
from mediassist.models.training.manifest import fold_of
from mediassist.models.training.supervised import freeze_stem

BUNDLE_ID = "gate"
VERSION = "0.3.0"
SEED = 11
NETWORK = {"name": "gate", "kinds": len(KINDS), "centres": CENTRE_KINDS}
PREPROCESSING = [
    {"_target_": "mediassist.models.preprocess.SquashSquare", "size": SIZE},
    {
        "_target_": "mediassist.models.preprocess.StretchGrey",
        "low": 0.5,
        "high": 99.5,
        "centre": 1.0,
    },
    {"_target_": "mediassist.models.preprocess.ThreeChannels"},
]
MOST = {"train": 160, "calib": 60, "test": 90}
DRAWN = {"train": 300, "calib": 80, "test": 200}


@dataclass(frozen=True, slots=True)
class GatePlan:
    """`copies` augmented copies feed the heads; `epochs` of fine-tuning come before (0: none)."""

    epochs: int = 10
    steps: int = 70
    batch: int = 32
    copies: int = 2


def load_samples(data: Path, seed: int = SEED) -> list[Sample]:
    """Sets, drawn pictures and, where it lies beside the sets, the DICOM corpus."""
    samples = list(set_samples(data, CANVAS, MOST, seed))
    for split, count in DRAWN.items():
        samples += foreign_samples(CANVAS, count, split, seed)
    corpus = data.resolve().parent / "dicom"
    if (corpus / "index.csv").is_file():
        samples += corpus_samples(corpus, CANVAS)
    return samples


def train_gate(
    data: Path, out: Path, work: Path, resume: bool, progress: Progress, plan: GatePlan
) -> Path:
    """Train, measure and write the gate below `out`; gives the bundle's folder."""
    torch.set_num_threads(1)
    samples = load_samples(data)
    progress(f"{len(samples)} pictures")
    network = fit_gate(samples, data, work, resume, progress, plan)
    return write_gate(network, samples, out, plan)


def fit_gate(
    samples: Sequence[Sample],
    data: Path,
    work: Path,
    resume: bool,
    progress: Progress,
    plan: GatePlan,
) -> GateNetwork:
    """Fine-tune the encoder, then fit heads and distances on its features."""
    torch.manual_seed(SEED)
    network = GateNetwork(len(KINDS), CENTRE_KINDS)
    network.encoder.load_imagenet(imagenet_weights(data))
    freeze_stem(network.encoder)
    train = [sample for sample in samples if sample.split == "train"]
    if plan.epochs:
        held = [sample for sample in train if fold_of(sample.patient, 8, SEED) == 0]
        kept = [sample for sample in train if fold_of(sample.patient, 8, SEED) != 0]
        schedule = Schedule(plan.epochs, plan.steps, plan.batch, seed=SEED, averaging=0.99)
        recipe = GateRecipe(kept, held, plan.batch)
        network.load_state_dict(run(network, recipe, schedule, work, resume, progress)[-1])
    _fit_answers(network, train, plan.copies)
    network.load_state_dict(rounded_state(network.state_dict()))
    return network.eval()


def _fit_answers(network: GateNetwork, train: Sequence[Sample], copies: int) -> None:
    weight = chances(train)
    plain = pooled_features(network, prepared([sample.picture for sample in train]))
    kinds = np.array([KINDS.index(sample.kind) for sample in train])
    columns: list[tuple[NDArray[Any], ...]] = [
        (plain, kinds, np.zeros_like(kinds), np.zeros(len(kinds), np.float32), weight)
    ]
    for copy in range(copies):
        rng = np.random.default_rng([SEED, 77, copy])
        for start in range(0, len(train), 32):
            some = slice(start, start + 32)
            pictures, *targets = augmented(train[some], rng)
            found = pooled_features(network, pictures)
            columns.append((found, *(target.numpy() for target in targets), weight[some]))
    features, kind, quarters, inverted, weights = (
        np.concatenate(part) for part in zip(*columns, strict=True)
    )
    fit_heads(network, features, (kind, quarters, inverted), weights)
    # Harmless changes belong to what is usual, else noise or a wider border would look strange.
    rng = np.random.default_rng([SEED, 78])
    changed = [
        pooled_features(network, augmented(train[start : start + 32], rng, turn=False)[0])
        for start in range(0, len(train), 32)
    ]
    with torch.no_grad():
        usual = np.concatenate([plain, *changed])
        set_distance(network, usual, np.concatenate([kinds, kinds]))


def write_gate(network: GateNetwork, samples: Sequence[Sample], out: Path, plan: GatePlan) -> Path:
    """Measure on calib and test pictures and write the bundle."""
    figures = gate_figures(network, samples)
    document = {
        **monai_fields(
            "Picture gate",
            VERSION,
            "What kind of picture is this, which way up, and is it like those of training",
            "Decides which bundles may look at a picture. Research use, not for diagnosis.",
            "Train split of every picture set; drawn pictures; half of the origins of a DICOM "
            "corpus",
        ),
        "network_data_format": {
            "inputs": {
                "image": {
                    "type": "image",
                    "num_channels": 3,
                    "spatial_shape": [SIZE, SIZE],
                    "dtype": "float32",
                    "value_range": [0, 1],
                    "format": "display grey three times (air dark, bone bright), or RGB",
                }
            },
            "outputs": {
                "kind": {"format": "logits", "num_channels": len(KINDS)},
                "orientation": {"format": "logits, clockwise turn", "classes": list(ORIENTATIONS)},
                "inverted": {"format": "logit"},
                "distance": {"format": "Mahalanobis distance, about 1 for training pictures"},
            },
        },
        "mediassist": {
            "schema_version": 1,
            "id": BUNDLE_ID,
            "task": "gate",
            "title": "Picture gate",
            "picture_kinds": list(KINDS),
            "figures": figures,
            "training": training_environment(SEED),
            "licence": LICENCE,
        },
    }
    train_config = {
        "recipe": "mediassist train gate",
        "plan": {name: getattr(plan, name) for name in ("epochs", "steps", "batch", "copies")},
        "pictures_a_set_and_split": MOST,
        "drawn_pictures": DRAWN,
        "seed": SEED,
    }
    folder = out / BUNDLE_ID
    write_bundle(
        folder,
        network.state_dict(),
        {INFERENCE: {"preprocessing": PREPROCESSING, "network": NETWORK}, TRAIN: train_config},
        document,
        gate_card(document),
    )
    return folder


LICENCE = {
    "weights": "Non-commercial research only",
    "data": "Made from all picture sets; several are for non-commercial research only or state no "
    "licence, so the weights follow the strictest term.",
}
