"""Training one network for the answers and maps of a domain, from samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mediassist.models.networks.finding import FindingNetwork, map_evidence
from mediassist.models.networks.mobilenet import MobileNetEncoder
from mediassist.models.training.augment import Strength, move, repaint
from mediassist.models.training.loop import Schedule
from mediassist.models.training.sample import Sample
from mediassist.statistics.roc import auc


@dataclass(frozen=True, slots=True)
class Plan:
    """Small pictures first, full size for the rest (progressive resolution).

    `window`: for small lesions on large pictures a step sees a window of that many pixels, placed
    by `window_of`; `size` stays that of the whole picture, as the product sees it.
    """

    schedule: Schedule
    size: int
    small_epochs: int = 0
    small_size: int = 192
    window: int | None = None

    @property
    def sizes(self) -> list[int]:
        """Side of a step's pictures in each epoch."""
        if self.window is not None:
            return [self.window] * self.schedule.epochs
        large = self.schedule.epochs - self.small_epochs
        return [self.small_size] * self.small_epochs + [self.size] * large


@dataclass(frozen=True, slots=True)
class Losses:
    """Weights of the parts of a step's loss; `maps` has one for each map."""

    maps: tuple[float, ...] = ()
    evidence: float = 0.3


class SupervisedRecipe:
    """Balanced batches, one loss an answer and a map, within-source AUC on the held-out fold."""

    def __init__(
        self,
        train: Sequence[Sample],
        held_out: Sequence[Sample],
        plan: Plan,
        losses: Losses,
        strength: Strength,
        cell_shares: Mapping[str, float] | None = None,
        later_strength: Strength | None = None,
    ) -> None:
        """`cell_shares` says how often a batch draws from each cell (default: all equally);
        samples of cells that it does not name are left out. `later_strength` holds from the first
        restart of the schedule on."""
        cells = {sample.cell for sample in train}
        self.shares = dict(cell_shares or dict.fromkeys(sorted(cells), 1.0))
        self.train = [sample for sample in train if sample.cell in self.shares]
        self.held_out = list(held_out)
        self.plan, self.losses, self.strength = plan, losses, strength
        self.later_strength = later_strength or strength
        self.chances = self._chances()

    def _chances(self) -> NDArray[np.float64]:
        """Within a cell, pictures that a person read come four times as often as others."""
        weight = np.array([4.0 if sample.trusted else 1.0 for sample in self.train])
        cells = np.array([sample.cell for sample in self.train])
        chances = np.zeros(len(self.train))
        for cell in np.unique(cells):
            here = cells == cell
            chances[here] = self.shares[cell] * weight[here] / weight[here].sum()
        result: NDArray[np.float64] = chances / chances.sum()
        return result

    def strength_at(self, epoch: int) -> Strength:
        restarts = self.plan.schedule.restarts
        return self.later_strength if restarts and epoch >= restarts[0] else self.strength

    def loss(self, network: nn.Module, epoch: int, rng: np.random.Generator) -> Tensor:
        assert isinstance(network, FindingNetwork)  # noqa: S101
        drawn = rng.choice(len(self.train), self.plan.schedule.batch, p=self.chances)
        chosen = [self.train[index] for index in drawn]
        if self.plan.window is not None:
            chosen = [window_of(sample, self.plan.window, rng) for sample in chosen]
        channels, maps = len(chosen[0].picture), len(chosen[0].targets)
        planes = torch.stack([_planes(sample) for sample in chosen])
        strength = self.strength_at(epoch)
        planes = move(planes, self.plan.sizes[epoch], rng, strength)
        pictures = repaint(planes[:, :channels], rng, strength)
        # Half the time where the processor has bfloat16; losses and geometry stay in float32.
        with torch.autocast("cpu", torch.bfloat16, enabled=self.plan.schedule.bfloat16):
            answered = network(pictures.contiguous(memory_format=torch.channels_last))
        outputs = tuple(output.float() for output in answered)
        truths = torch.from_numpy(np.stack([sample.truths for sample in chosen]))
        weights = torch.from_numpy(np.stack([sample.weights for sample in chosen]))
        total = answer_loss(outputs[0], truths, weights)
        if maps == 0:
            return total
        stride = planes.shape[2] // outputs[1].shape[2]
        targets = functional.avg_pool2d(planes[:, channels:], stride)
        for index, share in enumerate(self.losses.maps):
            total = total + share * map_loss(
                outputs[1][:, index], targets[:, index], targets[:, maps + index]
            )
        return total + self.losses.evidence * self._evidence_loss(
            network, outputs[1], truths, weights
        )

    @staticmethod
    def _evidence_loss(
        network: FindingNetwork, maps: Tensor, truths: Tensor, weights: Tensor
    ) -> Tensor:
        """A map's smooth maximum must answer alone: it then points where there is no mask."""
        columns = [(a, m) for a, m in enumerate(network.evidence) if m is not None]
        if not columns:
            return maps.sum() * 0.0
        smooth = []
        for _, index in columns:
            shown = maps[:, index : index + 1]
            inside = torch.ones_like(shown)
            if network.inside is not None:
                organ = maps[:, network.inside : network.inside + 1]
                inside = 0.05 + 0.95 * torch.sigmoid(organ.detach())
            smooth.append(map_evidence(shown, inside)[:, :1])
        answers = [a for a, _ in columns]
        return answer_loss(torch.cat(smooth, 1), truths[:, answers], weights[:, answers])

    def evaluate(self, network: nn.Module, epoch: int) -> Mapping[str, float]:
        whole = self.plan.window is not None
        size = self.plan.size if whole else self.plan.sizes[epoch]
        logits = predict(network, self.held_out, size)
        return within_source_auc(self.held_out, logits)


def window_of(sample: Sample, side: int, rng: np.random.Generator) -> Sample:
    """A square window of a large picture; half of those of a marked picture hold the lesion.

    The first map's target decides the first answer: a window that cuts a lesion is neither
    positive nor negative, one without any is negative where the picture is known throughout.
    """
    target, canvas = sample.targets[0], sample.picture.shape[1]
    places = np.argwhere(target)
    if len(places) and rng.random() < 0.5:
        centre = places[rng.integers(len(places))] + rng.integers(-side // 3, side // 3 + 1, 2)
    else:
        centre = rng.integers(side // 2, canvas - side // 2 + 1, 2)
    top, left = (int(np.clip(c - side // 2, 0, canvas - side)) for c in centre)
    cut = (slice(None), slice(top, top + side), slice(left, left + side))
    inside = int(sample.targets[cut][0].sum())
    truths, weights = sample.truths.copy(), sample.weights.copy()
    if len(places):
        truths[0] = sample.truths[0] if 2 * inside >= len(places) else 0.0
        weights[0] = weights[0] if inside == 0 or 2 * inside >= len(places) else 0.0
    return replace(
        sample,
        picture=sample.picture[cut],
        targets=sample.targets[cut],
        known=sample.known[cut],
        truths=truths,
        weights=weights,
    )


def freeze_stem(encoder: MobileNetEncoder) -> None:
    """Keep the first layers (edges, strides 2 and 4) as ImageNet taught them; saves a third."""
    stem = encoder.features[:4]
    for parameter in stem.parameters():
        parameter.requires_grad = False
    for module in stem.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.0  # running statistics stay as they are, also in training mode


def answer_loss(logits: Tensor, truths: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy, each answer (column) averaged over the pictures whose truth is known."""
    raw = functional.binary_cross_entropy_with_logits(logits, truths, reduction="none")
    known = weights.sum(0)
    each = (raw * weights).sum(0) / known.clamp(min=1e-6)
    return (each * (known > 0)).sum() / (known > 0).sum().clamp(min=1)


def map_loss(logits: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice over the cells (N, h, w) whose truth is known; 0 if none is."""
    known = (known > 0.99).float()
    if not bool(known.any()):
        return logits.sum() * 0.0
    raw = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    entropy = (raw * known * (1 + 2 * target)).sum() / known.sum()
    probability = torch.sigmoid(logits) * known
    shared = 2 * (probability * target).sum((1, 2)) + 1
    both = probability.sum((1, 2)) + (target * known).sum((1, 2)) + 1
    has_target = ((target * known).sum((1, 2)) > 0).float()
    dice = ((1 - shared / both) * has_target).sum() / has_target.sum().clamp(min=1)
    return entropy + 0.3 * dice


def _planes(sample: Sample) -> Tensor:
    picture = torch.from_numpy(sample.picture.astype(np.float32) / 255)
    truth = np.concatenate([sample.targets, sample.known]).astype(np.float32)
    return torch.cat([picture, torch.from_numpy(truth)])


def predict(network: nn.Module, samples: Sequence[Sample], size: int) -> NDArray[np.float64]:
    """Logits (n, answers), without augmentation, of pictures scaled to `size`."""
    network.eval()
    logits = []
    with torch.no_grad():
        for start in range(0, len(samples), 16):
            some = [s.picture.astype(np.float32) / 255 for s in samples[start : start + 16]]
            batch = torch.from_numpy(np.stack(some))
            if batch.shape[2] != size:
                batch = functional.interpolate(
                    batch, size=(size, size), mode="bilinear", align_corners=False, antialias=True
                )
            logits.append(network(batch.contiguous(memory_format=torch.channels_last))[0])
    return torch.cat(logits).double().numpy()


def within_source_auc(samples: Sequence[Sample], logits: NDArray[np.float64]) -> dict[str, float]:
    """AUC of each answer inside the sources that have both classes, read pictures only.

    Pooled over sources it would praise a network for telling hospitals apart.
    """
    figures = {}
    for source in sorted({sample.source for sample in samples}):
        for answer in range(logits.shape[1]):
            use = [
                index
                for index, sample in enumerate(samples)
                if sample.source == source
                and sample.trusted
                and sample.positive[answer] is not None
            ]
            truth = [bool(samples[index].positive[answer]) for index in use]
            if 0 < sum(truth) < len(truth):
                figures[f"auc_{answer}_{source}"] = auc(truth, logits[use, answer])
    return figures
