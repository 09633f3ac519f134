"""One network for every two-dimensional bundle: outlines first, then answers that lean on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mediassist.models.networks.mobilenet import TAPS, MobileNetEncoder

_DEEP = TAPS[32][1]


class FindingNetwork(nn.Module):
    """MobileNetV2 with a pyramid decoder for maps and a row of image-level answers.

    Masks and boxes carry over between hospitals better than labels alone, so an answer sees the
    maps too: its `evidence` map as three numbers, and features pooled inside the organ.

    Parameters
    ----------
    answers : number of image-level logits; the first is the bundle's finding.
    maps : number of maps; 0 leaves the decoder out.
    stride : of the maps, 2, 4 or 8 pixels of the input.
    inside : index of a map of the organ; features are pooled only there (the map is detached, the
        answer can't bend the outline). What lies outside tells the hospital, not the disease.
    evidence : for each answer the index of the map that shows it, or None.
    peak : if not 0, an answer is the mean logit of so many hottest cells of its evidence map
        inside the organ and nothing else: what small lesions need, and right at every size.

    Input
        (N, 1 or 3, S, S) float32 in 0..1, S divisible by 32.
    Output, a tuple
        logits (N, answers); where there are maps, their logits (N, maps, S/stride, S/stride).
    """

    def __init__(
        self,
        answers: int,
        maps: int,
        stride: int = 8,
        inside: int | None = None,
        evidence: Sequence[int | None] = (),
        peak: int = 0,
        width: int = 64,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        self.inside, self.stride, self.width, self.peak = inside, stride, width, peak
        self.evidence = tuple(evidence) or (None,) * answers
        self.encoder = MobileNetEncoder()
        self.dropout = nn.Dropout(dropout)
        strides = [each for each in (32, 16, 8, 4, 2) if each >= stride] if maps else []
        self.lateral = nn.ModuleDict({str(s): nn.Conv2d(TAPS[s][1], width, 1) for s in strides})
        self.refine = nn.ModuleDict({str(s): refine_layer(width) for s in strides[1:]})
        self.maps = nn.Conv2d(width, maps, 1) if maps else None
        if self.maps is not None:
            nn.init.constant_(self.maps.bias, -2.0)  # type: ignore[arg-type]
        seen = 2 * _DEEP + (2 * width if maps else 0)
        self.answers = nn.ModuleList(
            nn.Identity() if peak else nn.Linear(seen + (0 if index is None else 3), 1)
            for index in self.evidence
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        found = self.encoder.maps((x * 2 - 1).expand(-1, 3, -1, -1))
        deep = found[32]
        if self.maps is None:
            return (self._answers(self._pooled(deep, None), None, None),)
        fine = self._fine(found)
        maps = self.maps(fine)
        inside = None if self.inside is None else _organ(maps[:, self.inside : self.inside + 1])
        features = torch.cat([self._pooled(deep, inside), self._pooled(fine, inside)], 1)
        return self._answers(features, maps, inside), maps

    def encoders(self) -> tuple[MobileNetEncoder, ...]:
        """Every part that starts from ImageNet weights."""
        return (self.encoder,)

    def map_logits(self, x: Tensor) -> Tensor:
        """The maps alone, without the answers."""
        assert self.maps is not None  # noqa: S101
        logits: Tensor = self.maps(self._fine(self.encoder.maps((x * 2 - 1).expand(-1, 3, -1, -1))))
        return logits

    def _fine(self, found: dict[int, Tensor]) -> Tensor:
        fine: Tensor = self.lateral["32"](found[32])
        for stride, layer in self.refine.items():
            fine = layer(_double(fine) + self.lateral[stride](found[int(stride)]))
        return fine

    @property
    def config(self) -> dict[str, Any]:
        """Constructor arguments, as inference.json keeps them."""
        return {
            "name": "finding",
            "answers": len(self.answers),
            "maps": 0 if self.maps is None else self.maps.out_channels,
            "stride": self.stride,
            "inside": self.inside,
            "evidence": list(self.evidence),
            "peak": self.peak,
            "width": self.width,
        }

    def _answers(self, features: Tensor, maps: Tensor | None, inside: Tensor | None) -> Tensor:
        kept = self.dropout(features)
        logits = []
        for layer, index in zip(self.answers, self.evidence, strict=True):
            if index is None or maps is None:
                logits.append(layer(kept))
                continue
            shown = maps[:, index : index + 1]
            region = torch.ones_like(shown) if inside is None else inside
            if self.peak:
                pushed = (shown + torch.log(region)).flatten(1)
                logits.append(pushed.topk(self.peak, 1).values.mean(1, keepdim=True))
                continue
            logits.append(layer(torch.cat([kept, map_evidence(shown, region)], 1)))
        return torch.cat(logits, 1)

    @staticmethod
    def _pooled(features: Tensor, inside: Tensor | None) -> Tensor:
        """Mean and maximum (N, 2 C), both weighted by how surely a cell lies inside."""
        if inside is None:
            return torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)
        factor = inside.shape[2] // features.shape[2]
        weight = functional.avg_pool2d(inside, factor) if factor > 1 else inside
        weighted = features * weight
        mean = weighted.sum((2, 3)) / weight.sum((2, 3))
        return torch.cat([mean, weighted.amax((2, 3))], 1)

    def only(self, answers: Sequence[int], maps: Sequence[int]) -> FindingNetwork:
        """The same network with some of its answers and maps, in the order asked for.

        Several bundles are trained as one network; each ships with its own answer alone.
        """
        order = list(maps)
        evidence = [self.evidence[answer] for answer in answers]
        reduced = FindingNetwork(
            answers=len(answers),
            maps=len(order),
            stride=self.stride,
            inside=None if self.inside is None else order.index(self.inside),
            evidence=[None if index is None else order.index(index) for index in evidence],
            peak=self.peak,
            width=self.width,
        )
        state = dict(self.state_dict())
        heads = {k: state.pop(k) for k in list(state) if k.startswith("answers.")}
        for place, answer in enumerate(answers if not self.peak else ()):
            for part in ("weight", "bias"):
                state[f"answers.{place}.{part}"] = heads[f"answers.{answer}.{part}"]
        if self.maps is not None:
            state |= {f"maps.{part}": state[f"maps.{part}"][order] for part in ("weight", "bias")}
        reduced.load_state_dict(state)
        return reduced


def refine_layer(channels: int) -> nn.Sequential:
    """Depthwise 3x3 and pointwise 1x1: the cheapest layer that still sees its neighbours."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )


def map_evidence(logits: Tensor, inside: Tensor) -> Tensor:
    """Three numbers (N, 3) that sum up a map (N, 1, h, w) within the organ.

    Smooth maximum (log-mean-exp) of the logits, mean probability, and the share of the organ above
    one half (soft). Logits outside are pushed down, not cut off, to stay smooth.
    """
    pushed = logits + torch.log(inside)
    count = float(math.log(logits.shape[2] * logits.shape[3]))
    smooth = (torch.logsumexp(3 * pushed, (2, 3)) - count) / 3
    area = inside.sum((2, 3))
    mean = (torch.sigmoid(logits) * inside).sum((2, 3)) / area
    share = (torch.sigmoid(4 * logits) * inside).sum((2, 3)) / area
    return torch.cat([smooth, 4 * mean, 4 * share], 1)


def _organ(logits: Tensor) -> Tensor:
    """Where the organ is, slightly dilated; never quite zero, so that every mean exists."""
    grown = functional.max_pool2d(torch.sigmoid(logits.detach()), 5, stride=1, padding=2)
    return 0.05 + 0.95 * grown


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
