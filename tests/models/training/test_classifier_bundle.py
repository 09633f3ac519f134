"""A trained network becomes a bundle that the product loads, with an honest card."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from mediassist.core.errors import BundleDamaged, WrongUsage
from mediassist.models.bundle import INFERENCE, WEIGHTS, read_bundle, verify_files
from mediassist.models.networks import build_network
from mediassist.models.runtime import OpenVinoRuntime, TorchRuntime
from mediassist.models.training import train
from mediassist.models.training.bundle_writing import CARD, HASHES, write_bundle
from mediassist.models.training.classifier_bundle import finish
from mediassist.models.training.domains.chest_opacity import TRAINING
from mediassist.models.training.fit import new_network
from mediassist.models.training.gate import NETWORK, PREPROCESSING
from mediassist.models.training.gate_set import KINDS
from tests.models.training.tiny_set import make_tiny_set


def write_untrained_gate(bundles: Path) -> None:
    torch.manual_seed(1)
    network = build_network(NETWORK)
    with torch.no_grad():  # everything is upright and not inverted
        for layer, bias in ((network.orientation, [9.0, 0, 0, 0]), (network.inverted, [-9.0])):
            layer.weight.zero_()
            layer.bias.copy_(torch.tensor(bias))
    figures = {"min_probability": 0.0, "max_ood": dict.fromkeys(KINDS, 1e9)}
    block = {
        "schema_version": 1,
        "id": "gate",
        "task": "gate",
        "picture_kinds": list(KINDS),
        "figures": figures,
    }
    write_bundle(
        bundles / "gate",
        network.state_dict(),
        {INFERENCE: {"preprocessing": PREPROCESSING, "network": NETWORK}},
        {"version": "0", "mediassist": block},
        "# gate\n",
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("模型 包")
    data = make_tiny_set(root, films=96)
    write_untrained_gate(root / "out")
    network = new_network(TRAINING, data, seed=3)
    spec = TRAINING.spec("lung_opacity_xray")
    return finish(TRAINING, spec, network, data, root / "out", lambda _: None, resamples=20)


def test_the_bundle_is_accepted_as_sealed_and_refused_when_a_file_changes(bundle: Path) -> None:
    info = read_bundle(bundle)
    verify_files(bundle, info.block.files)
    assert info.block.operating_point.promise.n == len(_patients(bundle, "calib", positive=True))
    card = bundle / CARD
    text = card.read_text("utf-8")
    card.write_text(text + "better than it is\n", encoding="utf-8")
    with pytest.raises(BundleDamaged, match="altered"):
        verify_files(bundle, info.block.files)
    card.write_text(text, encoding="utf-8", newline="\n")
    verify_files(bundle, info.block.files)


def test_the_card_opens_with_the_figure_that_misses_its_goal_most(bundle: Path) -> None:
    figures = read_bundle(bundle).block.figures
    times = [entry["times"] for entry in figures["weakest"]]
    assert times == sorted(times, reverse=True)
    card = (bundle / CARD).read_text("utf-8")
    headings = re.findall(r"^## (.*)$", card, re.M)
    assert headings[0] == "Weakest figures first"
    first = figures["weakest"][0]
    line = next(text for text in card.splitlines() if text.startswith("- "))
    assert f"({first['numerator']}/{first['denominator']};" in line
    assert {"Intended use", "Training data", "Subgroups", "Known failures", "Licence"} <= set(
        headings
    )


def test_every_rate_has_counts_and_an_interval_that_holds_it(bundle: Path) -> None:
    for name, rate in read_bundle(bundle).block.figures["rates"].items():
        assert 0 <= rate["numerator"] <= rate["denominator"], name
        if rate["value"] is not None:
            assert rate["low"] <= rate["value"] <= rate["high"], name


def test_openvino_answers_as_torch_does(bundle: Path, chinese_path: Path) -> None:
    batch = np.random.default_rng(0).random((1, 1, 256, 256)).astype(np.float32)
    graph = OpenVinoRuntime(bundle, chinese_path).predict(batch)
    eager = TorchRuntime(bundle).predict(batch)
    assert [output.shape for output in eager] == [(1, 1), (1, 2, 32, 32)]
    for ours, theirs in zip(graph, eager, strict=True):
        assert np.abs(ours - theirs).max() < 1e-3


def test_the_answer_to_a_film_and_to_its_mirror_image_is_the_same(bundle: Path) -> None:
    runtime = TorchRuntime(bundle)
    batch = np.random.default_rng(1).random((1, 1, 64, 64)).astype(np.float32)
    plain, mirrored = runtime.predict(batch), runtime.predict(batch[..., ::-1].copy())
    assert abs(float(plain[0][0, 0] - mirrored[0][0, 0])) < 1e-5
    assert np.abs(plain[1] - mirrored[1][..., ::-1]).max() < 1e-5


def test_the_fingerprints_of_training_pictures_are_there_and_no_path_of_this_machine(
    bundle: Path,
) -> None:
    hashes = json.loads((bundle / HASHES).read_text("utf-8"))
    assert len(hashes["content"]["hashes"]) == len(hashes["perceptual"]["hashes"]) > 0
    for path in bundle.rglob("*.json"):
        assert str(bundle.parent) not in path.read_text("utf-8")
    assert (bundle / WEIGHTS).stat().st_size < 8_000_000


def test_the_baseline_is_measured_on_the_same_pictures(bundle: Path) -> None:
    comparison = read_bundle(bundle).block.figures["comparison"]
    assert 0 <= comparison["p_value"] <= 1
    difference = comparison["here"] - comparison["baseline"]
    assert abs(comparison["difference"]["value"] - difference) < 1e-9
    assert "paired DeLong" in (bundle / CARD).read_text("utf-8")


def test_an_unknown_bundle_is_told(bundle: Path, chinese_path: Path) -> None:
    with pytest.raises(WrongUsage, match="cannot be trained"):
        train("lung_opactiy_xray", bundle, chinese_path)


def test_a_missing_gate_is_said_before_the_training_and_not_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(tmp_path / "none"))
    with pytest.raises(WrongUsage, match="no picture gate"):
        train("lung_opacity_xray", tmp_path / "no data", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def _patients(bundle: Path, split: str, positive: bool) -> set[str]:
    manifest = bundle.parent.parent / "datasets" / "lung" / "cxr" / "manifest.csv"
    lines = [line.split(",") for line in manifest.read_text("utf-8").splitlines()[1:]]
    wanted = "opacity" if positive else "normal"
    return {line[1] for line in lines if line[7] == split and line[4] == wanted}
