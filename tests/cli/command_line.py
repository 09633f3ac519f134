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

from tests.dicom.builder import chest_radiograph, ultrasound
from tests.models.bundle_builder import build_bundle

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


def tiny_bundle(root: Path) -> Path:
    """A bundle folder that works, with seeded weights that know nothing."""
    return build_bundle(root)
