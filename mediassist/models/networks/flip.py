"""Averaging over a picture and its mirror image."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FlipAveraged(nn.Module):
    """Average of a network's answer to the picture and to its mirror image (maps mirrored back)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        both = self.network(torch.cat([x, torch.flip(x, [3])], 0))
        averaged = []
        for output in both:
            plain, mirrored = torch.chunk(output, 2, 0)
            if output.dim() == 4:
                mirrored = torch.flip(mirrored, [3])
            averaged.append((plain + mirrored) / 2)
        return tuple(averaged)
