"""Glaucoma: find the optic disc on the whole photograph, then look at it again from near by."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mediassist.models.networks.finding import FindingNetwork
from mediassist.models.networks.mobilenet import MobileNetEncoder

DISC, CUP, FIRST_LOOK = 0, 1, 2
_DIAMETERS = 3.0  # side of the window in disc diameters
_SIDES = (0.2, 0.6)  # smallest and largest side of the window, in sides of the photograph
_FAR = 0.18  # in sides of the photograph: what is further from the hottest cell is another thing
_OUTSIDE = -8.0  # logit of both maps outside the window


class DiscNetwork(FindingNetwork):
    """Two looks in one network; the second sees every disc at the same scale and place.

    A disc is a seventh of a macula-centred photograph wide and a quarter of a disc-centred one:
    in the photograph as it is, size and place of the disc tell the camera. The window around the
    disc takes both away, and gives the cup three times as many pixels.

    Parameters
    ----------
    answers : number of image-level logits; the first is glaucoma. They see the window alone.
    stride : of the maps given, in pixels of the photograph.
    window : side in pixels of the second look, divisible by 32.

    Input
        (N, 3, S, S) float32 in 0..1, S divisible by 64.
    Output, a tuple
        logits (N, answers); logits (N, 3, S/stride, S/stride) of disc and cup as the second
        look sees them, put back to their place, and of the disc as the first look sees it.
    """

    def __init__(
        self,
        answers: int = 1,
        stride: int = 2,
        window: int = 160,
        width: int = 64,
        dropout: float = 0.3,
    ) -> None:
        super().__init__(
            answers, 2, stride=4, evidence=[CUP] * answers, width=width, dropout=dropout
        )
        self.window, self.stride = window, stride
        self.first = FindingNetwork(1, 1, stride=4, width=32)
        # Only its map is used.
        self.first.answers = nn.ModuleList([nn.Identity()])

    def encoders(self) -> tuple[MobileNetEncoder, ...]:
        return self.encoder, self.first.encoder

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        first = self.first.map_logits(functional.avg_pool2d(x, 2)).float()
        centre, side = place_of(torch.sigmoid(first.detach()))
        if self.training:
            # The second look must not rely on a disc that is exactly in the middle.
            centre = centre + side * (torch.rand_like(centre) - 0.5) * 0.3
            side = side * torch.exp((torch.rand_like(side) - 0.5) * 0.4)
        seen = functional.grid_sample(x, _grid(centre, side, self.window), align_corners=False)
        logits, near = super().forward(seen)
        size = x.shape[2] // self.stride
        back = _grid(-centre / side, 1 / side, size)
        placed = (
            functional.grid_sample(near.float() - _OUTSIDE, back, align_corners=False) + _OUTSIDE
        )
        whole = functional.interpolate(
            first, size=(size, size), mode="bilinear", align_corners=False
        )
        return logits, torch.cat([placed, whole], 1)

    @property
    def config(self) -> dict[str, Any]:
        return {
            "name": "disc",
            "answers": len(self.answers),
            "stride": self.stride,
            "window": self.window,
            "width": self.width,
        }

    def only(self, answers: Sequence[int], maps: Sequence[int]) -> DiscNetwork:
        """A copy: both looks need all their maps."""
        if list(answers) != list(range(len(self.answers))) or len(maps) != 3:
            raise ValueError("a disc network keeps its answers and its three maps")
        return copy.deepcopy(self)


def place_of(probability: Tensor) -> tuple[Tensor, Tensor]:
    """Centre (N, 2) as x, y and side (N, 1) of the window, in the coordinates of grid_sample.

    `probability` (N, 1, h, h) of the disc. The hottest neighbourhood decides which blob is meant;
    its centre of mass and its area give place and size. Sides are halves of the window in units
    of half the photograph, so a side of 1 is the entire photograph.
    """
    height = probability.shape[2]
    cells = (torch.arange(height, device=probability.device).float() + 0.5) / height * 2 - 1
    smooth = functional.avg_pool2d(probability, 5, stride=1, padding=2)
    hottest = smooth.flatten(1).argmax(1)
    column, row = hottest % height, torch.div(hottest, height, rounding_mode="floor")
    x, y = cells[column].view(-1, 1, 1), cells[row].view(-1, 1, 1)
    across, down = cells.view(1, 1, -1), cells.view(1, -1, 1)
    near = ((across - x) ** 2 + (down - y) ** 2 < (2 * _FAR) ** 2).float()
    weight = probability[:, 0] * near + 1e-6 * near
    mass = weight.sum((1, 2))
    centre = torch.stack(
        [(weight * across).sum((1, 2)) / mass, (weight * down).sum((1, 2)) / mass], 1
    )
    diameter = 2 * torch.sqrt(mass / math.pi) / height
    side = (_DIAMETERS * diameter).clamp(_SIDES[0], _SIDES[1])
    return centre, side.view(-1, 1)


def _grid(centre: Tensor, side: Tensor, size: int) -> Tensor:
    """Sampling grid (N, size, size, 2) of a window; written out, since not every runtime knows
    torch's own."""
    cells = (torch.arange(size, device=centre.device).float() + 0.5) / size * 2 - 1
    x = cells.view(1, 1, size) * side.view(-1, 1, 1) + centre[:, 0].view(-1, 1, 1)
    y = cells.view(1, size, 1) * side.view(-1, 1, 1) + centre[:, 1].view(-1, 1, 1)
    count = centre.shape[0]
    return torch.stack([x.expand(count, size, size), y.expand(count, size, size)], 3)
