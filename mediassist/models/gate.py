"""The picture gate: one small model, shared by all bundles, that says what a picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.models.applicability import PictureFacts
from mediassist.models.bundle import read_gate_block, verify_files
from mediassist.models.loaded import channels_first
from mediassist.models.runtime import Runtime, inference_config, make_runtime
from mediassist.models.transforms_config import build_transforms

_INVERTED_FROM = 0.5  # probability
_TURNED_FROM = 0.5  # probability of all turned positions together


@dataclass(slots=True)
class PictureGate:
    """Looks at a display picture and gives `PictureFacts`."""

    kinds: tuple[str, ...]
    transforms: Any
    runtime: Runtime

    @classmethod
    def load(cls, folder: Path, graphs_dir: Path) -> PictureGate:
        """Verify and build the gate in `folder`; raises `BundleDamaged`."""
        block = read_gate_block(folder)
        verify_files(folder, block.files)
        transforms = build_transforms(inference_config(folder)["preprocessing"], folder)
        return cls(block.picture_kinds, transforms, make_runtime(folder, graphs_dir))

    def look(self, picture: NDArray[Any]) -> PictureFacts:
        """Facts of one picture: (rows, columns) in 0..1 or (rows, columns, 3) uint8."""
        batch = np.asarray(self.transforms(channels_first(picture)), dtype=np.float32)[None]
        kinds, orientations, inverted, distance = self.runtime.predict(batch)
        probabilities = _softmax(kinds[0])
        turns = _softmax(orientations[0])
        turned = 1.0 - float(turns[0]) >= _TURNED_FROM
        return PictureFacts(
            kind_probabilities=dict(
                zip(self.kinds, (float(p) for p in probabilities), strict=True)
            ),
            ood=float(distance[0, 0]),
            orientation=90 * (1 + int(turns[1:].argmax())) if turned else 0,
            inverted=float(1.0 / (1.0 + np.exp(-inverted[0, 0]))) >= _INVERTED_FROM,
        )


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = np.exp(logits.astype(np.float64) - float(logits.max()))
    return np.asarray(shifted / shifted.sum())
