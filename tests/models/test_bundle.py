"""A bundle is used only as it was sealed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.errors import BundleDamaged, BundleMissing
from mediassist.models import find_bundle, list_bundles, load_bundle, verify_bundle
from mediassist.models.bundle import INFERENCE, METADATA, WEIGHTS, seal, write_metadata
from tests.models.bundle_builder import BUNDLE_ID, SIZE, build_bundle

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_a_seal_survives_writing_and_reading(block: dict[str, object]) -> None:
    sealed = seal({"version": "1", "mediassist": block})
    again = seal(json.loads(json.dumps(sealed)))
    assert again == sealed


def test_a_sound_bundle_is_listed_loaded_and_predicts(chinese_path: Path) -> None:
    build_bundle(chinese_path)
    (listed,) = list_bundles(chinese_path)
    assert not isinstance(listed, BundleDamaged)
    assert listed.identity().bundle_id == BUNDLE_ID
    verify_bundle(BUNDLE_ID, chinese_path)
    bundle = load_bundle(BUNDLE_ID, chinese_path)
    batch = bundle.prepare(np.linspace(0, 1, 90 * 70, dtype=np.float32).reshape(90, 70))
    assert batch.shape == (1, 1, SIZE, SIZE)
    logit, maps = bundle.runtime.predict(batch)
    assert logit.shape == (1, 1)
    assert maps.shape == (1, 2, SIZE // 8, SIZE // 8)


def test_openvino_agrees_with_torch_and_keeps_its_graph(chinese_path: Path) -> None:
    from mediassist.models.runtime import OpenVinoRuntime, TorchRuntime

    folder = build_bundle(chinese_path)
    graphs = chinese_path / "图 graphs"
    batch = np.random.default_rng(1).random((2, 1, SIZE, SIZE), dtype=np.float32)
    expected = TorchRuntime(folder).predict(batch)
    made = OpenVinoRuntime(folder, graphs).predict(batch)
    kept = OpenVinoRuntime(folder, graphs).predict(batch)
    assert len(list(graphs.glob("*.xml"))) == 1
    for torch_output, first, second in zip(expected, made, kept, strict=True):
        np.testing.assert_allclose(first, torch_output, atol=1e-3)
        np.testing.assert_allclose(second, first, atol=1e-6)


@pytest.mark.parametrize("name", [WEIGHTS, INFERENCE])
def test_an_altered_file_is_refused_by_name(tmp_path: Path, name: Path) -> None:
    folder = build_bundle(tmp_path)
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleDamaged, match=name.name):
        load_bundle(BUNDLE_ID, tmp_path)


def test_a_missing_weights_file_is_refused_by_name(tmp_path: Path) -> None:
    folder = build_bundle(tmp_path)
    (folder / WEIGHTS).unlink()
    with pytest.raises(BundleDamaged, match="model.safetensors"):
        verify_bundle(BUNDLE_ID, tmp_path)


def test_an_altered_threshold_breaks_the_seal(tmp_path: Path) -> None:
    folder = build_bundle(tmp_path)
    path = folder / METADATA
    path.write_text(path.read_text("utf-8").replace('"t_high": 1.0', '"t_high": 0.1'), "utf-8")
    (listed,) = list_bundles(tmp_path)
    assert isinstance(listed, BundleDamaged)
    assert "was altered" in str(listed)


def test_an_unknown_schema_version_is_refused(tmp_path: Path) -> None:
    build_bundle(tmp_path, schema_version=99)
    with pytest.raises(BundleDamaged, match="schema_version"):
        find_bundle(BUNDLE_ID, tmp_path)


def test_an_id_that_says_another_modality_than_the_contract_is_refused(tmp_path: Path) -> None:
    build_bundle(tmp_path, "lung_opacity_mr")
    with pytest.raises(BundleDamaged, match="only the modalities MR"):
        find_bundle("lung_opacity_mr", tmp_path)


def test_a_renamed_folder_is_refused(tmp_path: Path) -> None:
    build_bundle(tmp_path).rename(tmp_path / "lung_other_xray")
    with pytest.raises(BundleDamaged, match="folder and id must agree"):
        find_bundle("lung_other_xray", tmp_path)


def test_an_unknown_bundle_suggests_the_near_name(tmp_path: Path) -> None:
    build_bundle(tmp_path)
    with pytest.raises(BundleMissing, match="Did you mean lung_opacity_xray"):
        find_bundle("lung_opacity_xrays", tmp_path)


@pytest.mark.parametrize(
    "entry",
    [
        {"_target_": "os.system", "command": "true"},
        {"_target_": "monai.transforms.Lambda", "func": "$print"},
        {"_target_": "monai.transforms.Resize", "spatial_size": "$__import__('os')"},
        {"_target_": "mediassist.models.preprocess.np"},
        {},
    ],
)
def test_a_bundle_that_asks_for_foreign_code_is_refused(
    tmp_path: Path, entry: dict[str, object]
) -> None:
    from mediassist.models.transforms_config import build_transforms

    with pytest.raises(BundleDamaged, match="not part of MediAssist"):
        build_transforms([entry], tmp_path)


def test_weights_that_do_not_fit_the_network_are_refused(tmp_path: Path) -> None:
    from mediassist.models.bundle import file_sha256
    from mediassist.models.runtime import load_network

    folder = build_bundle(tmp_path)
    config = json.loads((folder / INFERENCE).read_text("utf-8"))
    config["network"] = {"name": "unheard-of"}
    (folder / INFERENCE).write_text(json.dumps(config), "utf-8")
    document = json.loads((folder / METADATA).read_text("utf-8"))
    document["mediassist"]["files"][INFERENCE.as_posix()] = file_sha256(folder / INFERENCE)
    write_metadata(folder, document)
    verify_bundle(BUNDLE_ID, tmp_path)
    with pytest.raises(BundleDamaged, match="do not fit the network"):
        load_network(folder)
