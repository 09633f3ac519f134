"""Averaging over networks that were trained alike from different random starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mediassist.models.networks.finding import FindingNetwork


class Ensemble(nn.Module):
    """Mean of the members' logits, of answers and maps alike.

    What one training holds on to by chance, another does not; what both see stays.

    Input and output are those of a member.
    """

    def __init__(self, members: Sequence[FindingNetwork]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        answered = [member(x) for member in self.members]
        return tuple(torch.stack(outputs).mean(0) for outputs in zip(*answered, strict=True))

    def only(self, answers: Sequence[int], maps: Sequence[int]) -> Ensemble:
        """Members with some of their answers and maps; see `FindingNetwork.only`."""
        return Ensemble([member.only(answers, maps) for member in self.networks])

    @property
    def config(self) -> dict[str, Any]:
        """What `build_network` makes the same ensemble of."""
        return {"name": "ensemble", "members": [member.config for member in self.networks]}

    @property
    def networks(self) -> list[FindingNetwork]:
        """The members."""
        return [member for member in self.members if isinstance(member, FindingNetwork)]
