"""An ensemble answers with the mean of its members."""

from __future__ import annotations

import pytest
import torch

from mediassist.models.networks import Ensemble, FindingNetwork, build_network


def member(seed: int) -> FindingNetwork:
    torch.manual_seed(seed)
    return FindingNetwork(answers=2, maps=2, inside=1, evidence=[0, None]).eval()


def test_it_answers_with_the_mean_of_its_members_and_ships_with_some_answers_alone() -> None:
    members = [member(1), member(2)]
    own = Ensemble(members).only(answers=(1,), maps=(0, 1)).eval()
    pictures = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        logits, maps = own(pictures)
        apart = [each(pictures) for each in members]
    assert torch.allclose(logits, (apart[0][0] + apart[1][0])[:, 1:] / 2, atol=1e-6)
    assert torch.allclose(maps, (apart[0][1] + apart[1][1]) / 2, atol=1e-6)


def test_its_config_builds_an_ensemble_that_takes_its_weights() -> None:
    ensemble = Ensemble([member(1), member(2)]).eval()
    again = build_network({**ensemble.config, "flip_average": False}).eval()
    again.load_state_dict(ensemble.state_dict())
    pictures = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        assert torch.equal(again(pictures)[0], ensemble(pictures)[0])


def test_only_networks_of_findings_can_be_members() -> None:
    with pytest.raises(TypeError, match="GateNetwork"):
        build_network({"name": "ensemble", "members": [{"name": "gate", "kinds": 2, "centres": 1}]})
