"""Coronary angiogram frames with outlined stenoses; every frame has one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import Sample, as_bytes, blank_targets, mask_plane

SIZE = 384
FOLDER = Path("cardio") / "vessel_coronary"


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    folder = data / FOLDER
    return [_sample(row, folder) for row in read_manifest(folder) if row.split in splits]


def _sample(row: Row, folder: Path) -> Sample:
    picture = read_grey(row.path)
    box = Letterbox(picture.shape[1], picture.shape[2], SIZE)
    targets, known = blank_targets(1, SIZE)
    targets[0] = mask_plane(folder / row["mask"], box)
    known[:] = True
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(SIZE)(picture))),
        targets=targets,
        known=known,
        truths=np.ones(1, np.float32),
        # No frame without a stenosis: there is nothing that an answer could tell apart.
        weights=np.zeros(1, np.float32),
        positive=(True,),
        cell="stenosis",
        source="ARCADE",
    )
