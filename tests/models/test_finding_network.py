"""The network that every two-dimensional bundle is built from."""

from __future__ import annotations

import pytest
import torch

from mediassist.models.networks import FindingNetwork, build_network
from mediassist.models.networks.finding import map_evidence


def network(**arguments: object) -> FindingNetwork:
    torch.manual_seed(5)
    config = {"answers": 3, "maps": 2, "inside": 1, "evidence": [0, None, 0], **arguments}
    return FindingNetwork(**config).eval()  # type: ignore[arg-type]


@pytest.mark.parametrize("stride", [2, 4, 8])
def test_maps_have_the_stride_asked_for(stride: int) -> None:
    logits, maps = network(stride=stride)(torch.rand(2, 1, 64, 64))
    assert logits.shape == (2, 3)
    assert maps.shape == (2, 2, 64 // stride, 64 // stride)


def test_without_maps_there_is_no_decoder_and_one_output() -> None:
    plain = network(maps=0, inside=None, evidence=[None] * 3)
    assert [output.shape for output in plain(torch.rand(1, 3, 64, 64))] == [(1, 3)]
    assert not any(name.startswith("lateral") for name, _ in plain.named_parameters())


def test_a_bundle_gets_its_own_answer_and_map_unchanged() -> None:
    whole = network()
    pictures = torch.rand(2, 1, 64, 64)
    own = whole.only(answers=(2, 0), maps=(0, 1)).eval()
    with torch.no_grad():
        logits, maps = whole(pictures)
        fewer, same = own(pictures)
    assert torch.allclose(fewer, logits[:, [2, 0]], atol=1e-6)
    assert torch.allclose(same, maps, atol=1e-6)


def test_its_config_builds_a_network_that_takes_its_weights() -> None:
    own = network().only(answers=(1,), maps=(0, 1))
    again = build_network(own.config)
    again.load_state_dict(own.state_dict())
    pictures = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        assert torch.equal(again.eval()(pictures)[0], own.eval()(pictures)[0])


def test_a_peak_answer_is_the_mean_of_the_hottest_cells_inside_the_organ() -> None:
    peak = network(answers=1, evidence=[0], inside=None, peak=4)
    with torch.no_grad():
        logits, maps = peak(torch.rand(1, 1, 64, 64))
    assert float(logits[0, 0]) == pytest.approx(float(maps[0, 0].flatten().topk(4).values.mean()))
    assert not list(peak.answers.parameters())


def test_a_brighter_spot_is_more_evidence_and_one_outside_the_organ_is_less() -> None:
    cold = torch.full((1, 1, 8, 8), -4.0)
    hot = cold.clone()
    hot[0, 0, 2, 2] = 4.0
    inside = torch.ones(1, 1, 8, 8)
    outside = inside.clone()
    outside[0, 0, 2, 2] = 0.05
    assert (map_evidence(hot, inside) > map_evidence(cold, inside)).all()
    assert (map_evidence(hot, outside) < map_evidence(hot, inside)).all()
