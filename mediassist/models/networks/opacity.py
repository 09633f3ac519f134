"""Where in the lungs is the film too white, and is there an opacity at all."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from mediassist.models.networks.mobilenet import TAPS, MobileNetEncoder


class _Refine(nn.Module):
    """Depthwise 3x3 and pointwise 1x1: the cheapest layer that still sees its neighbours."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return y


class OpacityNetwork(nn.Module):
    """MobileNetV2 with a small pyramid decoder at stride 8 and an image-level answer.

    The image-level answer looks only at the lungs that the network itself has found (dilated),
    because what lies outside them (burned-in words, collimator, shoulders) tells the hospital
    and not the disease. The lung map is detached there: the answer can't bend the outline.

    Input
        (N, 1, S, S) float32 in 0..1, S divisible by 32.
    Output, a tuple
        logit (N, 1): image-level; opacity (N, 1, S/8, S/8): logits of the opacity map;
        lung (N, 1, S/8, S/8): logits of the lung mask.
    """

    def __init__(self, width: int = 64, dropout: float = 0.3) -> None:
        super().__init__()
        self.encoder = MobileNetEncoder()
        self.lateral = nn.ModuleDict(
            {
                str(stride): nn.Conv2d(channels, width, 1)
                for stride, (_, channels) in TAPS.items()
                if stride >= 8
            }
        )
        self.refine = nn.ModuleDict({"16": _Refine(width), "8": _Refine(width)})
        self.opacity = nn.Conv2d(width, 1, 1)
        self.lung = nn.Conv2d(width, 1, 1)
        self.dropout = nn.Dropout(dropout)
        self.answer = nn.Linear(1280 + width + 3, 1)
        nn.init.constant_(self.opacity.bias, -2.0)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        eighth, sixteenth, deep = self.encoder((x * 2 - 1).expand(-1, 3, -1, -1))
        y = self._double(self.lateral["32"](deep))
        y = self.refine["16"](y + self.lateral["16"](sixteenth))
        y = self.refine["8"](self._double(y) + self.lateral["8"](eighth))
        opacity, lung = self.opacity(y), self.lung(y)
        return self._answer(y, deep, opacity, lung), opacity, lung

    @staticmethod
    def _double(x: Tensor) -> Tensor:
        return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)

    def _answer(self, fine: Tensor, deep: Tensor, opacity: Tensor, lung: Tensor) -> Tensor:
        inside = functional.max_pool2d(torch.sigmoid(lung.detach()), 5, stride=1, padding=2)
        inside = 0.05 + 0.95 * inside
        coarse = functional.avg_pool2d(inside, 4)
        pooled_deep = (deep * coarse).sum((2, 3)) / coarse.sum((2, 3))
        pooled_fine = (fine * inside).sum((2, 3)) / inside.sum((2, 3))
        evidence = map_evidence(opacity, inside)
        seen = torch.cat([self.dropout(pooled_deep), self.dropout(pooled_fine), evidence], 1)
        answer: Tensor = self.answer(seen)
        return answer


def map_evidence(opacity: Tensor, inside: Tensor) -> Tensor:
    """Three numbers (N, 3) that sum up an opacity map within the lungs.

    Smooth maximum (log-mean-exp) of the logits, mean probability, and the share of lung above
    one half (soft). Logits outside the lungs are pushed down, not cut off, to stay smooth.
    """
    logits = opacity + torch.log(inside)
    count = float(math.log(opacity.shape[2] * opacity.shape[3]))
    smooth = (torch.logsumexp(3 * logits, (2, 3)) - count) / 3
    probability = torch.sigmoid(opacity) * inside
    area = inside.sum((2, 3))
    mean = probability.sum((2, 3)) / area
    share = (torch.sigmoid(4 * opacity) * inside).sum((2, 3)) / area
    return torch.cat([smooth, 4 * mean, 4 * share], 1)
