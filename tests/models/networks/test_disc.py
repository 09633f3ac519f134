"""The glaucoma network looks where the disc is, and puts what it sees back to its place."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mediassist.models.networks import build_network
from mediassist.models.networks.disc import DiscNetwork, place_of


def blob(x: float, y: float, diameter: float, side: int = 48) -> torch.Tensor:
    """(1, 1, side, side) with a disc; all in sides of the picture."""
    cells = (torch.arange(side) + 0.5) / side
    far = torch.hypot(cells[None, :] - x, cells[:, None] - y)
    return torch.sigmoid((diameter / 2 - far) * side * 3)[None, None]


@given(x=st.floats(0.15, 0.85), y=st.floats(0.15, 0.85), diameter=st.floats(0.08, 0.19))
@settings(max_examples=30)
def test_the_window_is_three_disc_diameters_round_the_disc(
    x: float, y: float, diameter: float
) -> None:
    centre, side = place_of(blob(x, y, diameter))
    assert (centre[0] + 1) / 2 == pytest.approx(torch.tensor([x, y]), abs=0.02)
    assert float(side) == pytest.approx(3 * diameter, rel=0.15)


def test_a_second_smaller_bright_place_does_not_draw_the_window_away() -> None:
    both = torch.maximum(blob(0.3, 0.5, 0.14), blob(0.85, 0.5, 0.04))
    centre, _ = place_of(both)
    assert (centre[0] + 1) / 2 == pytest.approx(torch.tensor([0.3, 0.5]), abs=0.02)


def test_without_any_disc_the_window_has_its_smallest_size_and_nothing_is_undefined() -> None:
    centre, side = place_of(torch.zeros(1, 1, 48, 48))
    assert torch.isfinite(centre).all()
    assert float(side) == pytest.approx(0.2)


def test_what_the_second_look_sees_is_put_back_where_it_was() -> None:
    """A network whose maps are the picture itself must give the picture back, inside the window."""
    network = DiscNetwork().eval()
    picture = blob(0.6, 0.4, 0.15, 384).expand(1, 3, 384, 384) * 4
    looks: list[torch.Tensor] = []

    def first_look(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(x[:, :1], 4) * 6 - 12

    network.first.map_logits = first_look  # type: ignore[method-assign]
    network.maps.register_forward_hook(  # type: ignore[union-attr]
        lambda module, given, result: looks[0].repeat(1, 2, 1, 1)
    )
    original = network.encoder.maps

    def remembered(x: torch.Tensor) -> dict[int, torch.Tensor]:
        looks.append(torch.nn.functional.avg_pool2d((x[:, :1] + 1) / 2, 4))
        return original(x)

    network.encoder.maps = remembered  # type: ignore[method-assign]
    with torch.no_grad():
        _, maps = network(picture)
    assert maps.shape == (1, 3, 192, 192)
    placed = maps[0, 0]
    truth = torch.nn.functional.avg_pool2d(picture[:, :1], 2)[0, 0]
    hot = truth > 2
    assert (placed[hot] - truth[hot]).abs().mean() < 0.3
    assert float(placed[:20, :20].max()) == pytest.approx(-8.0)


def test_it_is_built_by_name_and_refuses_to_lose_a_map() -> None:
    network = build_network({"name": "disc", "answers": 1, "window": 96})
    assert isinstance(network, DiscNetwork)
    again = build_network(network.config)
    assert again.state_dict().keys() == network.state_dict().keys()
    with pytest.raises(ValueError, match="three maps"):
        network.only((0,), (0, 1))
