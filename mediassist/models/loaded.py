"""A bundle ready to look at pictures: verified, with its preprocessing and runtime."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.models.bundle import BundleInfo, verify_files
from mediassist.models.fundus_view import FieldOfView
from mediassist.models.letterbox import Letterbox
from mediassist.models.runtime import Runtime, inference_config, make_runtime
from mediassist.models.transforms_config import build_transforms


@dataclass(slots=True)
class LoadedBundle:
    """`prepare` turns a display picture into the network's input, `runtime` answers."""

    info: BundleInfo
    transforms: Any
    runtime: Runtime

    @classmethod
    def load(cls, info: BundleInfo, graphs_dir: Path) -> LoadedBundle:
        """Verify every hash, then build; raises `BundleDamaged`."""
        verify_files(info.folder, info.block.files)
        transforms = build_transforms(inference_config(info.folder)["preprocessing"], info.folder)
        return cls(info, transforms, make_runtime(info.folder, graphs_dir))

    def prepare(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        """(1, C, S, S) float32 of a display picture, see `channels_first`."""
        return np.asarray(self.transforms(channels_first(picture)), dtype=np.float32)[None]

    def letterbox(self, picture: NDArray[Any], size: int) -> Letterbox:
        """Where the display picture lies on the network's square of `size`.

        A first step that keeps only a window of the picture says which (`FieldOfView`).
        """
        rows, columns = picture.shape[:2]
        first = self.transforms.transforms[0]
        if not isinstance(first, FieldOfView):
            return Letterbox(rows, columns, size)
        top, left, height, width = first.window(channels_first(picture))
        return Letterbox(height, width, size, top, left, (rows, columns))


def channels_first(picture: NDArray[Any]) -> NDArray[np.float32]:
    """Display picture as preprocessing takes it: float32 in 0..1, channels first.

    Parameters
    ----------
    picture : (rows, columns) float in 0..1 (grey after modality LUT, VOI and polarity: air dark,
        bone bright) or (rows, columns, 3) uint8 RGB.
    """
    if picture.ndim == 2:
        return np.ascontiguousarray(picture[None], dtype=np.float32)
    return np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32) / np.float32(255)
