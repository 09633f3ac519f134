"""The networks that find and read text; README.md of this folder names their origin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from mediassist.core.errors import BundleDamaged
from mediassist.core.messages import say


@dataclass(frozen=True, slots=True)
class Network:
    """A file of this folder and what its bytes must be."""

    file: str
    sha256: str


DETECTOR = Network(
    "text_detector.onnx", "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9"
)
READER = Network(
    "text_reader.onnx", "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b"
)


@lru_cache(maxsize=2)
def network(which: Network) -> Any:
    """The compiled network: call it with a (1, 3, rows, columns) float32 array.

    Raises
    ------
    BundleDamaged
        The file is not the one that was measured.
    """
    import openvino

    path = files("mediassist.dicom.burned_in").joinpath(which.file)
    weights = path.read_bytes()
    if hashlib.sha256(weights).hexdigest() != which.sha256:
        raise BundleDamaged(
            say("detector_damaged", "The text detector {path} is altered.", path=str(path))
        )
    core = openvino.Core()
    return core.compile_model(core.read_model(weights, b""), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
