"""lung/ct_nodule as training material: axial patches around candidates of LUNA16's detectors.

Patches lie on sheets that mix splits, so they are cut by the rectangle in the manifest.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediassist.models.preprocess import FitSquare
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import Sample, as_bytes, blank_targets

SET = "lung/ct_nodule"
SIZE = 64
PATCH_PX = 50  # of the stored slices, about 0.7 mm each
WINDOW_LEVEL_HU, WINDOW_WIDTH_HU = -300.0, 1400.0  # -1000 to 400 HU


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Patches with one answer (a nodule in the middle) and no map."""
    rows = [row for row in read_manifest(data / SET) if row.split in splits]
    return [_sample(row, patch_of(row)) for row in rows]


def patch_of(row: Row) -> NDArray[np.float32]:
    """The row's patch (1, 50, 50) in 0..1, cut from its sheet."""
    x, y, width, height = (int(row[name]) for name in ("x", "y", "width", "height"))
    return _sheet(row.path)[:, y : y + height, x : x + width]


def patch_name(sample: Sample) -> str:
    """A patch is a unit of its own: a block of the candidate list is no patient."""
    return f"{sample.row.file} {sample.row['x']},{sample.row['y']}"


@lru_cache(maxsize=16)
def _sheet(path: Path) -> NDArray[np.float32]:
    return read_grey(path)


def _sample(row: Row, patch: NDArray[np.float32]) -> Sample:
    targets, known = blank_targets(0, SIZE)
    positive = row.label == "nodule"
    return Sample(
        row=row,
        picture=as_bytes(FitSquare(SIZE)(patch)),
        targets=targets,
        known=known,
        truths=np.array([0.96 if positive else 0.03], np.float32),
        weights=np.ones(1, np.float32),
        positive=(positive,),
        cell=row.label,
        source="LUNA16",
    )
