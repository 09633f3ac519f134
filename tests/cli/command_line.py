"""Runs `mediassist` inside the test process and gives back what a shell would see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediassist.models.bundle import INFERENCE, WEIGHTS, file_sha256, write_metadata
from tests.dicom.builder import chest_radiograph, ultrasound

BUNDLE_ID = "lung_opacity_xa"

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def run_process(*arguments: object, environment: dict[str, str] | None = None) -> Ran:
    """The same in a process of its own, as a user starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "mediassist", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **(environment or {})},
        check=False,
        timeout=240,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def a_ward(folder: Path) -> Path:
    """Three studies in a folder with a Chinese name: two chest films and an ultrasound."""
    chest_radiograph(folder / "胸片 甲" / "IM0001", seed="one")
    chest_radiograph(folder / "胸片 乙" / "IM0001", seed="two")
    ultrasound(folder / "超声" / "IM0001", seed="three")
    return folder


def silent_bundle(root: Path, modality: str = "XA", bundle_id: str = BUNDLE_ID) -> Path:
    """A sealed bundle that applies to angiograms only: no model runs, so tests are quick."""
    folder = root / bundle_id
    for part in ("configs", "models"):
        (folder / part).mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"weights that nothing loads")
    (folder / INFERENCE).write_text("{}", encoding="utf-8")
    block = {
        "schema_version": 1,
        "id": bundle_id,
        "task": "classify2d",
        "finding": "lung_opacity",
        "domain": "lung",
        "title": "Lung opacity",
        "input": {"modalities": [modality]},
        "preprocess": {"size": 64},
        "probability_map": {"kind": "temperature", "parameters": {"temperature": [1.0]}},
        "operating_point": {
            "t_low": 0.1,
            "t_high": 0.9,
            "promise": {"kind": "marginal", "alpha": 0.01, "delta": None, "n": 134},
        },
        "files": {name.as_posix(): file_sha256(folder / name) for name in (WEIGHTS, INFERENCE)},
    }
    write_metadata(folder, {"version": "0.0.1", "mediassist": block})
    return folder
