"""What kind of picture is this, which way up, inverted or not, and how strange."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mediassist.models.networks.mobilenet import MobileNetEncoder

ORIENTATIONS = ("upright", "rot90", "rot180", "rot270")


class GateNetwork(nn.Module):
    """MobileNetV2 features with four answers.

    Input
        (N, 3, S, S) float32 in 0..1; grey pictures are given three times.
    Output, a tuple
        kind (N, kinds) logits; orientation (N, 4) logits in the order of `ORIENTATIONS`, the
        clockwise turn that the picture has undergone; inverted (N, 1) logit; distance (N, 1):
        smallest Mahalanobis distance (root of the mean square over dimensions, about 1 for
        pictures like those of training) to a kind that is not foreign.

    The distance is taken in a fixed projection of the features (`projection`, `centres`,
    `whitening`: filled in after training from the training pictures).
    """

    projection: Tensor
    offset: Tensor
    centres: Tensor
    whitening: Tensor

    def __init__(
        self, kinds: int, centres: int, dimensions: int = 64, dropout: float = 0.2
    ) -> None:
        super().__init__()
        self.encoder = MobileNetEncoder()
        width = 2 * 1280
        self.dropout = nn.Dropout(dropout)
        self.kind = nn.Linear(width, kinds)
        self.orientation = nn.Linear(width, len(ORIENTATIONS))
        self.inverted = nn.Linear(width, 1)
        self.register_buffer("projection", torch.zeros(width, dimensions))
        self.register_buffer("offset", torch.zeros(width))
        self.register_buffer("centres", torch.zeros(centres, dimensions))
        self.register_buffer("whitening", torch.eye(dimensions))

    def pooled(self, x: Tensor) -> Tensor:
        """Mean and maximum of the last map, (N, 2560)."""
        deep = self.encoder(x * 2 - 1)[2]
        return torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)

    def answers(self, pooled: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        kept = self.dropout(pooled)
        return (
            self.kind(kept),
            self.orientation(kept),
            self.inverted(kept),
            self.distance(pooled),
        )

    def distance(self, pooled: Tensor) -> Tensor:
        place = (pooled - self.offset) @ self.projection
        steps = (place[:, None, :] - self.centres[None]) @ self.whitening
        return steps.square().mean(2).sqrt().amin(1, keepdim=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.answers(self.pooled(x))
