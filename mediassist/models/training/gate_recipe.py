"""Training the picture gate: pictures turned, inverted and repainted, then three questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mediassist.models.networks.gate import GateNetwork
from mediassist.models.preprocess import SquashSquare, StretchGrey
from mediassist.models.training.augment import Strength, move, repaint
from mediassist.models.training.gate_set import FOREIGN, KINDS, RADIOGRAPHS, UPRIGHT_KINDS, Sample

SIZE = 128
CANVAS = 160
STRENGTH = Strength(rotate=12, zoom=0.2, aspect=0.25, shift=0.06, noise=0.05, borrow=0.0)
CENTRE_KINDS = len(KINDS) - 1  # foreign has no centre: it is everything else
_STRETCH = StretchGrey(0.5, 99.5, 1.0)


def prepared(pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
    """(N, 3, SIZE, SIZE): squashed pictures as inference.json of the gate prepares them."""
    squash = SquashSquare(SIZE)
    planes = [
        _STRETCH(squash(np.asarray(picture, np.float32) / np.float32(255))) for picture in pictures
    ]
    return torch.from_numpy(np.stack(planes))


def turned(pictures: Tensor, quarters: NDArray[np.int64], invert: NDArray[np.bool_]) -> Tensor:
    """Turn each picture clockwise by quarters of a circle and invert some grey scales."""
    result = []
    for picture, quarter, inverse in zip(pictures, quarters, invert, strict=True):
        moved = torch.rot90(picture, -int(quarter), (1, 2))
        result.append(1 - moved if inverse else moved)
    return torch.stack(result)


def augmented(
    samples: Sequence[Sample], rng: np.random.Generator, turn: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pictures with kind, orientation and inversion targets; `turn` turns and inverts some.

    Every kind is turned and inverted now and then, so that a turned chest film is still called a
    chest film; but only kinds with a proper way up are *told* that they are turned, and only
    radiographs that they are inverted. Everything else counts as upright.
    """
    kinds = np.array([KINDS.index(sample.kind) for sample in samples])
    quarters = np.where(rng.random(len(samples)) < 0.4, rng.integers(1, 4, len(samples)), 0)
    invert = rng.random(len(samples)) < 0.2
    if not turn:
        quarters, invert = np.zeros_like(quarters), np.zeros_like(invert)
    pictures = torch.from_numpy(np.stack([s.picture for s in samples]).astype(np.float32) / 255)
    pictures = repaint(move(pictures, SIZE, rng, STRENGTH), rng, STRENGTH)
    pictures = turned(pictures, quarters, invert)
    stretched = torch.from_numpy(np.stack([_STRETCH(picture.numpy()) for picture in pictures]))
    upright = np.isin(kinds, [KINDS.index(kind) for kind in UPRIGHT_KINDS])
    film = np.isin(kinds, [KINDS.index(kind) for kind in RADIOGRAPHS])
    return (
        stretched,
        torch.from_numpy(kinds),
        torch.from_numpy(np.where(upright, quarters, 0)),
        torch.from_numpy((invert & film).astype(np.float32)),
    )


def gate_loss(
    answers: tuple[Tensor, ...], kinds: Tensor, quarters: Tensor, inverted: Tensor
) -> Tensor:
    return (
        functional.cross_entropy(answers[0], kinds, label_smoothing=0.02)
        + functional.cross_entropy(answers[1], quarters)
        + functional.binary_cross_entropy_with_logits(answers[2][:, 0], inverted)
    )


class GateRecipe:
    """Fine-tuning: batches with every kind equally often, chest films and foreign ones twice."""

    def __init__(self, train: Sequence[Sample], held_out: Sequence[Sample], batch: int) -> None:
        self.train, self.batch = list(train), batch
        self.held_out = list(held_out)
        self.chances = chances(self.train)

    def loss(self, network: nn.Module, epoch: int, rng: np.random.Generator) -> Tensor:
        chosen = [self.train[i] for i in rng.choice(len(self.train), self.batch, p=self.chances)]
        pictures, kinds, quarters, inverted = augmented(chosen, rng)
        answers = network(pictures.contiguous(memory_format=torch.channels_last))
        return gate_loss(answers, kinds, quarters, inverted)

    def evaluate(self, network: nn.Module, epoch: int) -> Mapping[str, float]:
        rng = np.random.default_rng(5)
        right = np.zeros(3)
        for start in range(0, len(self.held_out), 32):
            some = self.held_out[start : start + 32]
            pictures, kinds, quarters, inverted = augmented(some, rng)
            answers = network(pictures)
            right[0] += float((answers[0].argmax(1) == kinds).sum())
            right[1] += float((answers[1].argmax(1) == quarters).sum())
            right[2] += float(((answers[2][:, 0] > 0) == (inverted > 0.5)).sum())
        kind, turn, inverse = right / max(1, len(self.held_out))
        return {"kind": float(kind), "orientation": float(turn), "inverted": float(inverse)}


def chances(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Kinds equally often, sources within a kind by the root of their size."""
    shares = dict.fromkeys(KINDS, 1.0) | {"chest_frontal": 3.0, "foreign": 2.0}
    sizes: dict[tuple[str, str], int] = {}
    for sample in samples:
        key = (sample.kind, sample.source)
        sizes[key] = sizes.get(key, 0) + 1
    roots: dict[str, float] = {}
    for (kind, _), size in sizes.items():
        roots[kind] = roots.get(kind, 0.0) + size**0.5
    weight = np.array(
        [shares[s.kind] / roots[s.kind] / sizes[s.kind, s.source] ** 0.5 for s in samples]
    )
    result: NDArray[np.float64] = weight / weight.sum()
    return result


def pooled_features(network: GateNetwork, pictures: Tensor, batch: int = 32) -> NDArray[np.float32]:
    network.eval()
    with torch.no_grad():
        parts = [
            network.pooled(pictures[i : i + batch].contiguous(memory_format=torch.channels_last))
            for i in range(0, len(pictures), batch)
        ]
    return torch.cat(parts).numpy()


def set_distance(
    network: GateNetwork, features: NDArray[np.float32], kinds: NDArray[np.int64]
) -> None:
    """Fill projection, centres and whitening from the features of the training pictures.

    Principal components first, because 2560 dimensions of a few thousand pictures have no
    covariance worth inverting; then one shared covariance around the centres of the kinds.
    """
    known = kinds != FOREIGN
    inside = features[known].astype(np.float64)
    offset = inside.mean(0)
    dimensions = network.projection.shape[1]
    _, _, axes = np.linalg.svd(inside - offset, full_matrices=False)
    projection = axes[:dimensions].T
    places = (inside - offset) @ projection
    centres = np.stack([places[kinds[known] == k].mean(0) for k in range(CENTRE_KINDS)])
    rest = places - centres[kinds[known]]
    covariance = rest.T @ rest / len(rest) + 1e-6 * np.eye(dimensions)
    values, vectors = np.linalg.eigh(covariance)
    whitening = vectors / np.sqrt(values)
    for name, array in (
        ("projection", projection),
        ("offset", offset),
        ("centres", centres),
        ("whitening", whitening),
    ):
        getattr(network, name).copy_(torch.from_numpy(array.astype(np.float32)))


def fit_heads(
    network: GateNetwork,
    features: NDArray[np.float32],
    targets: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]],
    weight: NDArray[np.float64],
    steps: int = 120,
) -> None:
    """Logistic regressions on fixed features, written into the three linear layers.

    Full-batch L-BFGS with weight decay on standardised features: deterministic, seconds long.
    """
    mean, spread = features.mean(0), features.std(0) + 1e-3
    inputs = torch.from_numpy((features - mean) / spread)
    share = torch.from_numpy((weight / weight.sum()).astype(np.float32))
    kinds, quarters = torch.from_numpy(targets[0]), torch.from_numpy(targets[1])
    inverted = torch.from_numpy(targets[2])
    layers = [nn.Linear(features.shape[1], layer.out_features) for layer in _heads(network)]
    for layer in layers:
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    parameters = [p for layer in layers for p in layer.parameters()]
    optimizer = torch.optim.LBFGS(parameters, max_iter=steps, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        kind, turn, inverse = (layer(inputs) for layer in layers)
        loss = (
            (functional.cross_entropy(kind, kinds, reduction="none") * share).sum()
            + (functional.cross_entropy(turn, quarters, reduction="none") * share).sum()
            + (
                functional.binary_cross_entropy_with_logits(
                    inverse[:, 0], inverted, reduction="none"
                )
                * share
            ).sum()
            + 3e-4 * sum(layer.weight.square().sum() for layer in layers)
        )
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        for target, layer in zip(_heads(network), layers, strict=True):
            scaled = layer.weight / torch.from_numpy(spread)
            target.weight.copy_(scaled)
            target.bias.copy_(layer.bias - scaled @ torch.from_numpy(mean))


def _heads(network: GateNetwork) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
    return network.kind, network.orientation, network.inverted
