"""The networks that bundles may ask for by name; nothing outside this table is ever built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from mediassist.models.networks.disc import DiscNetwork
from mediassist.models.networks.ensemble import Ensemble
from mediassist.models.networks.finding import FindingNetwork
from mediassist.models.networks.flip import FlipAveraged
from mediassist.models.networks.gate import GateNetwork


def _ensemble(members: Sequence[Mapping[str, Any]]) -> Ensemble:
    return Ensemble([_of_finding(build_network(member)) for member in members])


def _of_finding(network: nn.Module) -> FindingNetwork:
    if not isinstance(network, FindingNetwork):
        raise TypeError(f"a {type(network).__name__} cannot be a member of an ensemble")
    return network


NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "disc": DiscNetwork,
    "ensemble": _ensemble,
    "finding": FindingNetwork,
    "gate": GateNetwork,
}

__all__ = [
    "NETWORKS",
    "DiscNetwork",
    "Ensemble",
    "FindingNetwork",
    "FlipAveraged",
    "GateNetwork",
    "build_network",
]


def build_network(config: Mapping[str, Any]) -> nn.Module:
    """Build a network with random weights from `{"name": ..., <constructor arguments>}`.

    `flip_average` (default False) wraps the network so that it averages the picture and
    its mirror image; weights are then loaded into `.network`.

    Raises
    ------
    KeyError
        If the name is not in `NETWORKS`: bundles carry data, never code.
    """
    arguments = dict(config)
    name = arguments.pop("name")
    flip_average = arguments.pop("flip_average", False)
    if name not in NETWORKS:
        raise KeyError(f"unknown network {name!r}; known: {', '.join(sorted(NETWORKS))}")
    network = NETWORKS[name](**arguments)
    return FlipAveraged(network) if flip_average else network
