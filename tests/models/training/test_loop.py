"""The same seed gives the same weights, however often a training was interrupted."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mediassist.models.networks import Ensemble
from mediassist.models.training.augment import Strength
from mediassist.models.training.domains import chest_opacity
from mediassist.models.training.fit import fit, new_network, split_folds
from mediassist.models.training.loop import Schedule, State, run
from mediassist.models.training.supervised import Plan, SupervisedRecipe
from tests.models.training.tiny_set import make_tiny_set

TRAINING = replace(chest_opacity.TRAINING, members=1)
PLAN = Plan(Schedule(epochs=2, steps=1, batch=2), 64, small_epochs=2, small_size=64)


@pytest.fixture(scope="module")
def tiny_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_set(tmp_path_factory.mktemp("训练 数据"))


def weights_hash(state: dict[str, torch.Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].contiguous().numpy().tobytes())
    return digest.hexdigest()


def nothing(_: str) -> None:
    return None


def test_two_runs_with_one_seed_give_the_same_weights_and_another_seed_does_not(
    tiny_set: Path, chinese_path: Path
) -> None:
    def trained(name: str, seed: int) -> str:
        plan = replace(PLAN, schedule=Schedule(epochs=1, steps=1, batch=2, seed=seed))
        network = fit(TRAINING, tiny_set, chinese_path / name, False, nothing, plan=plan)
        return weights_hash(network.state_dict())

    assert trained("a", 11) == trained("b", 11) != trained("c", 12)


def test_members_of_an_ensemble_start_and_go_differently(
    tiny_set: Path, chinese_path: Path
) -> None:
    plan = replace(PLAN, schedule=Schedule(epochs=1, steps=1, batch=2))
    two = replace(TRAINING, members=2)
    network = fit(two, tiny_set, chinese_path / "two", False, nothing, plan=plan)
    assert isinstance(network, Ensemble)
    first, second = (weights_hash(each.state_dict()) for each in network.members)
    alone = fit(TRAINING, tiny_set, chinese_path / "one", False, nothing, plan=plan)
    assert first == weights_hash(alone.state_dict()) != second


def test_networks_kept_at_the_end_of_every_leg_answer_together(
    tiny_set: Path, chinese_path: Path
) -> None:
    def trained(name: str, schedule: Schedule, snapshots: bool) -> torch.nn.Module:
        training = replace(TRAINING, snapshots=snapshots)
        plan = replace(PLAN, schedule=schedule)
        return fit(training, tiny_set, chinese_path / name, False, nothing, plan=plan)

    two_legs = Schedule(epochs=2, steps=1, batch=2, restarts=(1,))
    both = trained("both", two_legs, snapshots=True)
    assert isinstance(both, Ensemble)
    first, last = (weights_hash(member.state_dict()) for member in both.members)
    one_leg = trained("one", replace(two_legs, epochs=1, restarts=()), snapshots=True)
    assert first == weights_hash(one_leg.state_dict())
    assert last == weights_hash(trained("end", two_legs, snapshots=False).state_dict())


def test_pictures_change_more_from_the_first_restart_on(tiny_set: Path) -> None:
    kept, held = split_folds(TRAINING.load(tiny_set, ("train",)), 11)
    plan = replace(PLAN, schedule=Schedule(epochs=4, steps=1, batch=2, restarts=(2,)))
    mild, strong = Strength(noise=0.01), Strength(noise=0.2)
    recipe = SupervisedRecipe(kept, held, plan, TRAINING.losses, mild, None, strong)
    assert [recipe.strength_at(epoch) for epoch in range(4)] == [mild, mild, strong, strong]
    alike = SupervisedRecipe(kept, held, plan, TRAINING.losses, mild)
    assert {alike.strength_at(epoch) for epoch in range(4)} == {mild}


def test_a_restart_warms_up_and_falls_again() -> None:
    schedule = Schedule(epochs=10, steps=20, batch=2, restarts=(4,))
    first = [schedule.rate(epoch, 19) for epoch in range(4)]
    second = [schedule.rate(epoch, 19) for epoch in range(4, 10)]
    assert first == sorted(first, reverse=True) and second == sorted(second, reverse=True)
    assert max(first[-1], second[-1]) < 0.1 < 0.8 < min(first[0], second[0])
    assert schedule.rate(4, 0) < 0.1, "the optimizer's averages are of the end before"
    assert [Schedule(4, 20, 2).rate(epoch, 19) for epoch in range(4)] == first


@pytest.mark.parametrize("stop_after", [1, 2])
def test_a_resumed_training_ends_like_an_uninterrupted_one(
    tiny_set: Path, chinese_path: Path, stop_after: int
) -> None:
    schedule = Schedule(epochs=3, steps=1, batch=2, restarts=(1,))
    plan = replace(PLAN, schedule=schedule, small_epochs=3)

    def trained(out: Path, resume: bool, stop_after: int | None) -> list[State]:
        kept, held = split_folds(TRAINING.load(tiny_set, ("train",)), 11)
        network = new_network(TRAINING, tiny_set, 11)
        recipe = SupervisedRecipe(
            kept, held, plan, TRAINING.losses, TRAINING.strength, TRAINING.cell_shares
        )
        return run(network, recipe, schedule, out, resume, nothing, stop_after)

    whole = trained(chinese_path / "whole", False, None)
    trained(chinese_path / "broken", False, stop_after)
    resumed = trained(chinese_path / "broken", True, None)
    assert list(map(weights_hash, whole)) == list(map(weights_hash, resumed))
    curve = (chinese_path / "broken" / "curve.csv").read_text("utf-8").splitlines()
    assert len(curve) == 4 and curve[0].startswith("epoch,loss")


def test_a_source_that_is_left_out_is_never_drawn(
    tiny_set: Path, chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()
    plain = SupervisedRecipe.__init__

    def watched(self: SupervisedRecipe, train: object, *rest: object) -> None:
        seen.update(sample.source for sample in train)  # type: ignore[attr-defined]
        plain(self, train, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(SupervisedRecipe, "__init__", watched)
    plan = replace(PLAN, schedule=Schedule(epochs=1, steps=1, batch=2))
    fit(TRAINING, tiny_set, chinese_path / "d", False, nothing, left_out="children", plan=plan)
    assert seen == {"NIH"}
