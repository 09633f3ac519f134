"""How often the gate lets the right pictures in and keeps the wrong ones out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.models.networks.gate import ORIENTATIONS, GateNetwork
from mediassist.models.training.gate_recipe import augmented, prepared, turned
from mediassist.models.training.gate_set import (
    KINDS,
    RADIOGRAPHS,
    UPRIGHT_KINDS,
    Sample,
    as_bytes,
)
from mediassist.statistics.intervals import rate

MIN_PROBABILITY = 0.5
# Limits of the distance are set so that this share of calibration pictures of a kind gets in,
# and widened by the margin: calibration pictures come from the hospitals of training, those of
# another lie further out. The kind keeps nearly all wrong pictures out by itself.
KEPT_OF_CALIBRATION = 0.995
MARGIN = 1.25
# Corpus files of which the header does not say that they are something else. They count as
# foreign only where they can't be a proper picture.
_POSSIBLE = {
    "chest_frontal": (("CR", "DX", "RF"), ("CHEST", "THORAX", "")),
    "head_ct": (("CT",), ("HEAD", "BRAIN", "")),
    "head_mr": (("MR",), ("HEAD", "BRAIN", "")),
    "chest_ct": (("CT",), ("CHEST", "THORAX", "")),
    "fundus": (("OP",), ("EYE", "")),
    "limb": (("CR", "DX"), ("EXTREMITY", "")),
    "cardiac_mr": (("MR",), ("HEART", "CHEST", "")),
    "angiogram": (("XA",), ("HEART", "CHEST", "")),
    "breast_us": (("US",), ("BREAST", "")),
    "mammogram": (("MG",), ("BREAST", "")),
}


class Answers:
    """The gate's answers to a list of pictures."""

    def __init__(self, network: torch.nn.Module, pictures: torch.Tensor) -> None:
        network.eval()
        parts = []
        with torch.no_grad():
            for start in range(0, len(pictures), 32):
                parts.append(network(pictures[start : start + 32]))
        kind, turn, inverse, distance = (torch.cat(part) for part in zip(*parts, strict=True))
        self.kind = torch.softmax(kind, 1).numpy()
        self.turned = 1 - torch.softmax(turn, 1)[:, 0].numpy()
        self.quarter = turn[:, 1:].argmax(1).numpy() + 1
        self.inverted = torch.sigmoid(inverse[:, 0]).numpy()
        self.distance = distance[:, 0].numpy()

    def accepted(
        self, kind: str, limit: float, min_probability: float = MIN_PROBABILITY
    ) -> NDArray[np.bool_]:
        """As `applicability.picture_refusal` decides for a bundle of one kind."""
        accepted: NDArray[np.bool_] = (
            (self.kind[:, KINDS.index(kind)] >= min_probability)
            & (self.turned < 0.5)
            & (self.inverted < 0.5)
            & (self.distance <= limit)
        )
        return accepted


def gate_figures(network: GateNetwork, samples: Sequence[Sample]) -> dict[str, Any]:
    """Limits from calibration pictures; everything else from test pictures, counted per picture."""
    calib = [sample for sample in samples if sample.split == "calib"]
    test = [sample for sample in samples if sample.split == "test"]
    limits = _limits(network, calib)
    answers = Answers(network, prepared([s.picture for s in test]))
    return {
        "min_probability": MIN_PROBABILITY,
        "max_ood": limits,
        "kept_in": {kind: _kept_in(answers, test, kind, limits[kind]) for kind in KINDS[:-1]},
        "kept_out": {kind: kept_out(answers, test, kind, limits[kind]) for kind in KINDS[:-1]},
        "chest_by_source": _by_source(answers, test, limits["chest_frontal"]),
        "foreign_by_source": _foreign_by_source(answers, test, limits["chest_frontal"]),
        "confusion": _confusion(answers, test),
        "orientation": _orientation(network, test),
        "changes": _changes(network, test, limits["chest_frontal"]),
    }


def _limits(network: GateNetwork, calib: Sequence[Sample]) -> dict[str, float]:
    """From calibration pictures as they are and once each after harmless changes.

    Plain pictures alone would make a limit that a wider border or some noise oversteps.
    """
    rng = np.random.default_rng(5)
    changed = [
        augmented(calib[start : start + 32], rng, turn=False)[0]
        for start in range(0, len(calib), 32)
    ]
    pictures = torch.cat([prepared([s.picture for s in calib]), *changed])
    distance = Answers(network, pictures).distance
    kinds = np.array([s.kind for s in (*calib, *calib)])
    return {
        kind: round(MARGIN * float(np.quantile(distance[kinds == kind], KEPT_OF_CALIBRATION)), 4)
        for kind in KINDS[:-1]
    }


def _share(kept: NDArray[np.bool_]) -> dict[str, Any]:
    return asdict(rate(int(kept.sum()), len(kept)))


def _kept_in(answers: Answers, test: Sequence[Sample], kind: str, limit: float) -> dict[str, Any]:
    proper = np.array([s.kind == kind for s in test])
    return _share(answers.accepted(kind, limit)[proper])


def kept_out(answers: Answers, test: Sequence[Sample], kind: str, limit: float) -> dict[str, Any]:
    """Other kinds, drawn pictures and the corpus origins that did not build the gate.

    `corpus_unclear` are corpus files that may be of the kind by their header: many are, and
    nobody has looked at each, so they stand apart from the rate.
    """
    out = ~answers.accepted(kind, limit)
    unclear = np.array([_may_be(s, kind) for s in test])
    groups = {
        "other_kinds": np.array([s.kind not in (kind, "foreign") for s in test]),
        "drawn": np.array([s.source.startswith("drawn") for s in test]),
        "corpus": np.array([s.source.startswith("corpus") for s in test]) & ~unclear,
        "corpus_unclear": unclear,
    }
    figures = {name: _share(out[group]) for name, group in groups.items() if group.any()}
    everything = np.array([s.kind != kind for s in test]) & ~unclear
    return {"all": _share(out[everything]), **figures}


def _may_be(sample: Sample, kind: str) -> bool:
    modalities, parts = _POSSIBLE.get(kind, ((), ()))
    return (
        sample.source.startswith("corpus")
        and sample.modality in modalities
        and sample.body_part in parts
    )


def _by_source(answers: Answers, test: Sequence[Sample], limit: float) -> dict[str, dict[str, Any]]:
    kept = answers.accepted("chest_frontal", limit)
    sources = np.array([s.source if s.kind == "chest_frontal" else "" for s in test])
    return {str(name): _share(kept[sources == name]) for name in np.unique(sources) if name}


def _foreign_by_source(
    answers: Answers, test: Sequence[Sample], limit: float
) -> dict[str, dict[str, Any]]:
    out = ~answers.accepted("chest_frontal", limit)
    sources = np.array([s.source if s.kind == "foreign" else "" for s in test])
    return {str(name): _share(out[sources == name]) for name in np.unique(sources) if name}


def _confusion(answers: Answers, test: Sequence[Sample]) -> dict[str, dict[str, int]]:
    """True kind -> called kind -> pictures; the distance plays no part here."""
    table: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
    for sample, called in zip(test, answers.kind.argmax(1), strict=True):
        row = table[sample.kind]
        row[KINDS[called]] = row.get(KINDS[called], 0) + 1
    return table


def _orientation(network: GateNetwork, test: Sequence[Sample]) -> dict[str, Any]:
    """Every turn of every test picture with a proper way up, and inverted radiographs."""
    figures: dict[str, Any] = {}
    for kind in UPRIGHT_KINDS:
        pictures = prepared([s.picture for s in test if s.kind == kind])
        count = len(pictures)
        for quarter, name in enumerate(ORIENTATIONS):
            turn = turned(pictures, np.full(count, quarter), np.zeros(count, bool))
            answers = Answers(network, turn)
            right = (
                (answers.turned < 0.5)
                if quarter == 0
                else ((answers.turned >= 0.5) & (answers.quarter == quarter))
            )
            figures[f"{kind} {name}"] = _share(right)
    for kind in RADIOGRAPHS:
        pictures = prepared([s.picture for s in test if s.kind == kind])
        figures[f"{kind} not inverted"] = _share(Answers(network, pictures).inverted < 0.5)
        figures[f"{kind} inverted"] = _share(Answers(network, 1 - pictures).inverted >= 0.5)
    return figures


def _changes(
    network: GateNetwork, test: Sequence[Sample], limit: float
) -> dict[str, dict[str, Any]]:
    """Share of chest films let in after a harmless change, and kept out after a harmful one."""
    films = [s.picture for s in test if s.kind == "chest_frontal"]
    rng = np.random.default_rng(3)
    harmless: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
        "as it is": lambda x: x,
        "half resolution": lambda x: np.repeat(np.repeat(x[:, ::2, ::2], 2, 1), 2, 2),
        "mirrored": lambda x: x[:, :, ::-1],
        "gamma 0.6": lambda x: x**0.6,
        "gamma 1.6": lambda x: x**1.6,
        "noise 0.04": lambda x: x + rng.normal(0, 0.04, x.shape).astype(np.float32),
        "black border 10 %": lambda x: np.pad(x, ((0, 0), (18, 18), (18, 18))),
        "cropped 10 %": lambda x: x[:, 16:-16, 16:-16],
    }
    harmful: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
        "upside down": lambda x: x[:, ::-1, ::-1],
        "turned by 90": lambda x: np.rot90(x, -1, (1, 2)),
        "turned by 270": lambda x: np.rot90(x, 1, (1, 2)),
        "inverted": lambda x: 1 - x,
    }
    figures = {}
    for group, keep in ((harmless, True), (harmful, False)):
        for name, change in group.items():
            changed = [as_bytes(change(film.astype(np.float32) / 255)) for film in films]
            accepted = Answers(network, prepared(changed)).accepted("chest_frontal", limit)
            label = "let in" if keep else "kept out"
            figures[f"{name}: {label}"] = _share(accepted if keep else ~accepted)
    return figures
