"""A source left out of training is what another hospital would see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mediassist.core.errors import WrongUsage
from mediassist.models.training import left_out
from mediassist.models.training.baseline import baseline_scores
from mediassist.models.training.classifier_bundle import Judged, judge
from mediassist.models.training.domains.chest_opacity import TRAINING
from mediassist.models.training.loop import Schedule
from mediassist.models.training.recipe import BundleSpec
from mediassist.models.training.sample import Sample
from mediassist.models.training.supervised import Plan
from tests.models.training.tiny_set import make_tiny_set

SHORT = Plan(Schedule(epochs=1, steps=1, batch=2), 256, small_epochs=1, small_size=64)


def test_the_source_is_judged_whole_at_the_size_of_the_training_that_missed_it(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path_factory.mktemp("留出")
    data = make_tiny_set(root)
    judged: list[Sample] = []
    trained_on: list[Sample] = []

    def spy(spec: BundleSpec, network: torch.nn.Module, samples: Sequence[Sample]) -> Judged:
        judged.extend(samples)
        return judge(spec, network, samples)

    def baseline_on(outside: Sequence[Sample], *rest: Any) -> NDArray[np.float64]:
        trained_on.extend(outside)
        return baseline_scores(outside, *rest)

    monkeypatch.setattr(left_out, "judge", spy)
    monkeypatch.setattr(left_out, "baseline_scores", baseline_on)
    training = replace(TRAINING, short_plan=SHORT, members=2)
    path = left_out.leave_out(training, "children", data, root, False, lambda _: None)
    children = json.loads(path.read_text("utf-8"))["lung_opacity_xray"]["children"]
    assert {s.source for s in judged} == {"children"}
    films = TRAINING.load(data, ("train", "calib", "test"))
    assert len(judged) == sum(film.source == "children" for film in films)
    assert {s.picture.shape for s in judged} == {(1, 64, 64)}
    assert "children" not in {s.source for s in trained_on}
    assert "test" not in {s.row.split for s in trained_on}
    assert children["positive_pictures"] + children["negative_pictures"] == len(judged)
    assert children["schedule"] == "1 epochs of 1 steps at 64 px"
    assert children["comparison"]["here"] == pytest.approx(children["auc"]["value"])


def test_a_source_that_cannot_be_left_out_is_named_with_those_that_can(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="children"):
        left_out.leave_out(TRAINING, "Mars", tmp_path, tmp_path, False, lambda _: None)
