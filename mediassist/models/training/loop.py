"""One training loop for every recipe: seeded by epoch and step, averaged, resumable.

Resuming gives the same weights as never having stopped, because nothing random outlives an epoch:
every step seeds its own generators from (seed, epoch, step), and the checkpoint holds network,
optimizer and averaged weights.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

Progress = Callable[[str], None]
State = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast; the learning rate warms up for one epoch, then falls as a cosine.

    `restarts` names epochs before which both begin anew (warm restarts, Loshchilov and Hutter,
    2017), so that a finished training can go on learning from its checkpoint.
    """

    epochs: int
    steps: int
    batch: int
    encoder_rate: float = 4e-4
    head_rate: float = 1e-3
    weight_decay: float = 2e-2
    averaging: float = 0.995
    threads: int = 1
    seed: int = 11
    bfloat16: bool = False
    restarts: tuple[int, ...] = ()

    def rate(self, epoch: int, step: int) -> float:
        """Share of the peak learning rate at a step."""
        ends = (0, *self.restarts, self.epochs)
        begin = max(end for end in ends if end <= epoch)
        until = min(end for end in ends if end > epoch)
        done = ((epoch - begin) * self.steps + step) / ((until - begin) * self.steps)
        warm = min(1.0, ((epoch - begin) * self.steps + step + 1) / self.steps)
        return warm * (0.02 + 0.98 * 0.5 * (1 + float(np.cos(np.pi * done))))


class Recipe(Protocol):
    """What differs between trainings: the loss of a step and the figures of an epoch."""

    def loss(self, network: nn.Module, epoch: int, rng: np.random.Generator) -> Tensor: ...

    def evaluate(self, network: nn.Module, epoch: int) -> Mapping[str, float]: ...


class Averaged:
    """Exponential moving average of parameters and buffers."""

    def __init__(self, network: nn.Module, share: float) -> None:
        self.share = share
        self.state = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        self.updates += 1
        keep = min(self.share, self.updates / (self.updates + 9))
        for name, value in network.state_dict().items():
            kept = self.state[name]
            if kept.is_floating_point():
                kept.mul_(keep).add_(value, alpha=1 - keep)
            else:
                kept.copy_(value)


def run(
    network: nn.Module,
    recipe: Recipe,
    schedule: Schedule,
    out: Path,
    resume: bool,
    progress: Progress,
    stop_after: int | None = None,
) -> list[State]:
    """Train and give the averaged weights at the end of each leg, those of the last epoch last.

    There is no early stop: the learning rate ends near zero, and choosing an epoch on one fold of
    a small, noisily labelled set would choose noise. The fold's figures stand in the curve, to
    see a training go wrong. `out/curve.csv` gets a line an epoch, `out/checkpoint.pt` (tensors
    and numbers only) is replaced after each.
    """
    torch.set_num_threads(schedule.threads)
    torch.use_deterministic_algorithms(True)
    out.mkdir(parents=True, exist_ok=True)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = _optimizer(network, schedule)
    average = Averaged(network, schedule.averaging)
    curve: list[dict[str, float]] = []
    legs: list[State] = []
    start = 0
    checkpoint = out / "checkpoint.pt"
    if resume and checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        average.state, average.updates = state["average"], state["updates"]
        curve, start = state["curve"], state["epoch"] + 1
        legs = state["legs"]
        progress(f"resumed after epoch {start}")
    for epoch in range(start, schedule.epochs):
        if epoch in schedule.restarts:
            legs.append({name: value.clone() for name, value in average.state.items()})
        began = time.monotonic()
        train_loss = _one_epoch(network, recipe, schedule, optimizer, average, epoch)
        figures = _evaluate_average(network, average, recipe, epoch)
        line = {"epoch": float(epoch), "loss": train_loss, **figures}
        curve.append(line)
        _save(checkpoint, network, optimizer, average, curve, legs, epoch)
        write_curve(out / "curve.csv", curve)
        told = ", ".join(f"{name} {value:.4f}" for name, value in line.items() if name != "epoch")
        progress(f"epoch {epoch + 1}/{schedule.epochs}: {told} ({time.monotonic() - began:.0f} s)")
        if stop_after is not None and epoch + 1 >= stop_after:
            break
    return [*legs, average.state]


def _optimizer(network: nn.Module, schedule: Schedule) -> torch.optim.AdamW:
    encoder = [p for n, p in network.named_parameters() if "encoder." in n and p.requires_grad]
    heads = [p for n, p in network.named_parameters() if "encoder." not in n]
    groups = [
        {"params": encoder, "peak": schedule.encoder_rate},
        {"params": heads, "peak": schedule.head_rate},
    ]
    return torch.optim.AdamW(groups, lr=schedule.head_rate, weight_decay=schedule.weight_decay)


def _one_epoch(
    network: nn.Module,
    recipe: Recipe,
    schedule: Schedule,
    optimizer: torch.optim.AdamW,
    average: Averaged,
    epoch: int,
) -> float:
    network.train()
    total = 0.0
    for step in range(schedule.steps):
        torch.manual_seed((schedule.seed * 1_000 + epoch) * 100_000 + step)
        rng = np.random.default_rng([schedule.seed, epoch, step])
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * schedule.rate(epoch, step)
        optimizer.zero_grad(set_to_none=True)
        loss = recipe.loss(network, epoch, rng)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        average.update(network)
        total += loss.item()
    return total / schedule.steps


def _evaluate_average(
    network: nn.Module, average: Averaged, recipe: Recipe, epoch: int
) -> dict[str, float]:
    kept = {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(average.state)
    network.eval()
    with torch.no_grad():
        figures = dict(recipe.evaluate(network, epoch))
    network.load_state_dict(kept)
    return figures


def _save(
    path: Path,
    network: nn.Module,
    optimizer: torch.optim.AdamW,
    average: Averaged,
    curve: list[dict[str, float]],
    legs: list[State],
    epoch: int,
) -> None:
    state: dict[str, Any] = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "average": average.state,
        "updates": average.updates,
        "curve": curve,
        "legs": legs,
        "epoch": epoch,
    }
    fresh = path.with_suffix(".new")
    torch.save(state, fresh)
    fresh.replace(path)


def write_curve(path: Path, curve: list[dict[str, float]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(curve[0]))
        writer.writeheader()
        writer.writerows(curve)
