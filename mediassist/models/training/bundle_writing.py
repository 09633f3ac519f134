"""A bundle folder, written beside its place and moved there in one step."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mediassist import __version__
from mediassist.models.bundle import WEIGHTS, file_sha256, write_metadata

TRAIN = Path("configs/train.json")
CARD = Path("docs/README.md")
HASHES = Path("configs/training_pictures.json")
# Sums over thousands of values: rounding these to float16 would move every answer.
_FULL_PRECISION = ("running_", "projection", "offset", "centres", "whitening", "num_batches")


def write_bundle(
    folder: Path,
    state: Mapping[str, Tensor],
    documents: Mapping[Path, Any],
    metadata: dict[str, Any],
    card: str,
) -> None:
    """Write weights (float16), JSON documents, card and sealed metadata, then swap folders.

    Parameters
    ----------
    folder : the bundle's final place; an older bundle there is replaced only when all is written.
    documents : path below the folder -> content, at least `configs/inference.json`.
    metadata : the whole document; `mediassist.files` is filled in here.
    """
    from safetensors.torch import save

    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in ("configs", "models", "docs"):
        (fresh / part).mkdir(parents=True)
    weights = {name: _rounded(name, value) for name, value in state.items()}
    (fresh / WEIGHTS).write_bytes(save(weights))
    for path, content in documents.items():
        _write_json(fresh / path, content)
    (fresh / CARD).write_text(card, encoding="utf-8", newline="\n")
    names = [WEIGHTS, CARD, *documents]
    files = {path.as_posix(): file_sha256(fresh / path) for path in sorted(names)}
    write_metadata(fresh, {**metadata, "mediassist": {**metadata["mediassist"], "files": files}})
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def rounded_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights as a bundle will give them back: figures are measured with these."""
    return {name: _rounded(name, value).to(value.dtype) for name, value in state.items()}


def _rounded(name: str, value: Tensor) -> Tensor:
    keep = not value.is_floating_point() or any(part in name for part in _FULL_PRECISION)
    return value.detach().contiguous().clone() if keep else value.detach().half().contiguous()


def monai_fields(
    title: str, bundle_version: str, task: str, intended_use: str, data_source: str
) -> dict[str, Any]:
    """The MONAI metadata around the mediassist block."""
    return {
        "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json",
        "version": bundle_version,
        "changelog": {bundle_version: "First version."},
        "monai_version": version("monai"),
        "pytorch_version": torch.__version__.split("+")[0],
        "numpy_version": version("numpy"),
        "required_packages_version": {"safetensors": version("safetensors")},
        "name": title,
        "task": task,
        "description": title,
        "authors": "MediAssist contributors",
        "copyright": "MediAssist contributors; see mediassist.licence for weights and data",
        "data_source": data_source,
        "intended_use": intended_use,
    }


def training_environment(seed: int) -> dict[str, Any]:
    """What made the weights: code, libraries, seed. No host names, no paths."""
    return {
        "mediassist": __version__,
        "commit": _commit(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "threads": torch.get_num_threads(),
        "seed": seed,
    }


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    found = subprocess.run(  # noqa: S603
        [git, "rev-parse", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip()


def _write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
