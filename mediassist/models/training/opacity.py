"""The recipe of lung_opacity_xray: what a step learns from, and how an epoch is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mediassist.models.networks.mobilenet import MobileNetEncoder
from mediassist.models.networks.opacity import map_evidence
from mediassist.models.training.augment import Strength, move, repaint
from mediassist.models.training.chest_set import (
    LUNG,
    LUNG_KNOWN,
    OPACITY,
    OPACITY_KNOWN,
    Example,
    source_name,
    trusted,
)
from mediassist.statistics.roc import auc

STRIDE = 8
# How often a batch draws from each cell. Source and label are made independent as far as the set
# allows: Kermany and NIH give both classes equally, the one-class sources stay rare.
CELL_SHARES = {
    "Kermany normal": 0.13,
    "Kermany opacity": 0.13,
    "NIH PA normal": 0.11,
    "NIH PA opacity": 0.11,
    "NIH AP normal": 0.09,
    "NIH AP opacity": 0.09,
    "NIH PA other_abnormal": 0.06,
    "NIH AP other_abnormal": 0.06,
    "ieee8023 covid": 0.08,
    "ieee8023 opacity": 0.02,
    "ieee8023 normal": 0.01,
    "Hannover covid": 0.03,
    "JSRT normal": 0.05,
    "JSRT nodule_mass": 0.03,
}


class OpacityRecipe:
    """Balanced batches, four losses, and within-source AUC on the held-out fold as the score."""

    def __init__(
        self,
        train: Sequence[Example],
        held_out: Sequence[Example],
        sizes: Sequence[int],
        batch: int,
        strength: Strength | None = None,
    ) -> None:
        """`sizes` gives the picture size of each epoch (progressive resolution)."""
        self.train = [example for example in train if example.cell in CELL_SHARES]
        self.held_out = list(held_out)
        self.sizes = list(sizes)
        self.batch = batch
        self.strength = strength or Strength()
        self.chances = self._chances()

    def _chances(self) -> NDArray[np.float64]:
        """Within a cell, films that a person read come four times as often as mined ones."""
        weight = np.array([4.0 if trusted(e.row) else 1.0 for e in self.train])
        cells = np.array([e.cell for e in self.train])
        chances = np.zeros(len(self.train))
        for cell in np.unique(cells):
            here = cells == cell
            chances[here] = CELL_SHARES[cell] * weight[here] / weight[here].sum()
        result: NDArray[np.float64] = chances / chances.sum()
        return result

    def loss(self, network: nn.Module, epoch: int, rng: np.random.Generator) -> Tensor:
        size = self.sizes[epoch]
        chosen = [self.train[i] for i in rng.choice(len(self.train), self.batch, p=self.chances)]
        planes = move(torch.stack([_planes(e) for e in chosen]), size, rng, self.strength)
        films = repaint(planes[:, :1], rng, self.strength)
        targets = functional.avg_pool2d(planes[:, 1:], STRIDE)
        truth = torch.tensor([e.truth for e in chosen])
        weight = torch.tensor([e.weight for e in chosen])
        logit, opacity, lung = network(films.contiguous(memory_format=torch.channels_last))
        inside = 0.05 + 0.95 * torch.sigmoid(lung.detach())
        smooth = map_evidence(opacity, inside)[:, 0]
        return (
            _weighted_bce(logit[:, 0], truth, weight)
            + 0.3 * _weighted_bce(smooth, truth, weight)
            + map_loss(opacity, targets[:, OPACITY], targets[:, OPACITY_KNOWN])
            + 0.5 * map_loss(lung, targets[:, LUNG], targets[:, LUNG_KNOWN])
        )

    def evaluate(self, network: nn.Module, epoch: int) -> Mapping[str, float]:
        scores = predict(network, self.held_out, self.sizes[epoch])
        return within_source_auc(self.held_out, scores)


def freeze_stem(encoder: MobileNetEncoder) -> None:
    """Keep the first layers (edges, strides 2 and 4) as ImageNet taught them; saves a third."""
    stem = encoder.features[:4]
    for parameter in stem.parameters():
        parameter.requires_grad = False
    for module in stem.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.0  # running statistics stay as they are, also in training mode


def map_loss(logits: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice over the cells whose truth is known; 0 if there are none."""
    target, known = target[:, None], (known[:, None] > 0.99).float()
    if not bool(known.any()):
        return logits.sum() * 0.0
    raw = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    entropy = (raw * known * (1 + 2 * target)).sum() / known.sum()
    probability = torch.sigmoid(logits) * known
    shared = 2 * (probability * target).sum((1, 2, 3)) + 1
    both = probability.sum((1, 2, 3)) + (target * known).sum((1, 2, 3)) + 1
    has_target = ((target * known).sum((1, 2, 3)) > 0).float()
    dice = ((1 - shared / both) * has_target).sum() / has_target.sum().clamp(min=1)
    return entropy + 0.3 * dice


def _weighted_bce(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    raw = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (raw * weight).sum() / weight.sum().clamp(min=1e-6)


def _planes(example: Example) -> Tensor:
    film = torch.from_numpy(example.film.astype(np.float32) / 255)[None]
    return torch.cat([film, torch.from_numpy(example.targets.astype(np.float32))])


def predict(network: nn.Module, examples: Sequence[Example], size: int) -> NDArray[np.float64]:
    """Image-level logits, without augmentation, of films scaled to `size`."""
    network.eval()
    scores = []
    with torch.no_grad():
        for start in range(0, len(examples), 16):
            films = [e.film.astype(np.float32) / 255 for e in examples[start : start + 16]]
            batch = torch.from_numpy(np.stack(films))[:, None]
            if batch.shape[2] != size:
                batch = functional.interpolate(
                    batch, size=(size, size), mode="bilinear", align_corners=False, antialias=True
                )
            scores.append(network(batch.contiguous(memory_format=torch.channels_last))[0][:, 0])
    return torch.cat(scores).double().numpy()


def within_source_auc(examples: Sequence[Example], scores: NDArray[np.float64]) -> dict[str, float]:
    """AUC of positives against normals inside the sources that have both, all films and read ones.

    The read ones count: report-mined labels of the held-out films are as wrong as those of the
    training films, and a network that follows them looks better than it is.
    """
    figures = {}
    positive = np.array([e.positive for e in examples], bool)
    counted = np.array([e.positive or e.row.label == "normal" for e in examples], bool)
    for source in ("NIH", "Kermany"):
        inside = np.array([source_name(e.row) == source for e in examples], bool)
        read = np.array([trusted(e.row) for e in examples], bool)
        for name, use in ((source, inside & counted), (f"{source}_read", inside & counted & read)):
            area = auc(positive[use], scores[use])
            figures[f"auc_{name}"] = 0.5 if np.isnan(area) else area
    return figures
