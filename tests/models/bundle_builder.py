"""A tiny bundle with seeded weights, so that loading, refusing and judging can be tested."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mediassist.models.bundle import INFERENCE, WEIGHTS, file_sha256, write_metadata

BUNDLE_ID = "lung_opacity_xray"
SIZE = 64


def build_bundle(root: Path, bundle_id: str = BUNDLE_ID, **changes: Any) -> Path:
    """Write a complete bundle below `root`; `changes` replace entries of the metadata block."""
    import torch
    from safetensors.torch import save_file

    from mediassist.models.networks import build_network

    folder = root / bundle_id
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    network = {"name": "finding", "answers": 1, "maps": 2, "inside": 1, "evidence": [0]}
    torch.manual_seed(7)
    save_file(build_network(network).state_dict(), folder / WEIGHTS)
    config = {
        "preprocessing": [
            {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
            {"_target_": "mediassist.models.preprocess.StretchGrey"},
        ],
        "network": network,
    }
    (folder / INFERENCE).write_text(json.dumps(config), encoding="utf-8")
    write_metadata(folder, {"version": "0.0.1", "mediassist": _block(bundle_id, folder) | changes})
    return folder


def _block(bundle_id: str, folder: Path) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "id": bundle_id,
        "task": "classify2d",
        "finding": "lung_opacity",
        "domain": "lung",
        "title": "Lung opacity on chest radiographs",
        "input": {
            "modalities": ["CR", "DX"],
            "body_parts": ["CHEST"],
            "views": ["PA", "AP"],
            "age_years": [1, 100],
            "photometric": ["MONOCHROME1", "MONOCHROME2"],
            "presentation_intent": ["FOR PRESENTATION"],
        },
        "preprocess": {"size": SIZE},
        "probability_map": {"kind": "temperature", "parameters": {"temperature": [1.0]}},
        "operating_point": {
            "t_low": 0.0,
            "t_high": 1.0,
            "promise": {"kind": "marginal", "alpha": 0.01, "delta": None, "n": 134},
        },
        "heat_map": {"show": True, "threshold": 0.05},
        "files": {
            WEIGHTS.as_posix(): file_sha256(folder / WEIGHTS),
            INFERENCE.as_posix(): file_sha256(folder / INFERENCE),
        },
    }
