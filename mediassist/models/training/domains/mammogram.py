"""breast_malignancy_mg: experimental; 32 cancers on digitised film teach little."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.mammogram_texts import TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample, as_bytes, blank_targets, mask_plane
from mediassist.models.training.supervised import Losses, Plan

SIZE = 640
MALIGNANT, ABNORMAL = 0, 1


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Both breasts of a woman, one oblique film each."""
    folder = data / "breast" / "mg_cancer"
    return [_sample(row, folder) for row in read_manifest(folder) if row.split in splits]


def _sample(row: Row, folder: Path) -> Sample:
    grey = read_grey(row.path)
    targets, known = blank_targets(2, SIZE)
    malignant = row.label == "malignant"
    placed = bool(row["mask"])
    if placed:
        disc = mask_plane(folder / row["mask"], Letterbox(grey.shape[1], grey.shape[2], SIZE))
        targets[ABNORMAL] = disc
        if malignant:
            targets[MALIGNANT] = disc
    known[ABNORMAL] = placed or row.label == "normal"
    known[MALIGNANT] = placed or not malignant
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(SIZE)(grey))),
        targets=targets,
        known=known,
        truths=np.array([0.95 if malignant else 0.03], np.float32),
        # A window of a film whose cancer has no disc may not hold it.
        weights=np.array([1.0 if placed or not malignant else 0.0], np.float32),
        positive=(malignant,),
        cell=row.label,
        source="mini-MIAS",
    )


def groups(sample: Sample) -> Iterator[str]:
    row = sample.row
    density = {"F": "fatty", "G": "fatty-glandular", "D": "dense"}.get(row["density_fgd"])
    if density:
        yield f"{density} breast"
    yield {"L": "left breast", "R": "right breast"}.get(row["laterality"], "side not stated")
    if row.label != "benign":
        yield "malignant against normal only"


TRAINING = Training(
    name="mammogram",
    load=load,
    network={"answers": 1, "maps": 2, "evidence": [MALIGNANT], "peak": 12},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=Plan(Schedule(epochs=20, steps=45, batch=16, seed=11, bfloat16=True), SIZE, window=224),
    losses=Losses(maps=(1.0, 1.0), evidence=0.0),
    strength=Strength(rotate=15.0, zoom=0.2, aspect=0.08, shift=0.03, gamma=0.3, words=0.1),
    cell_shares={"malignant": 0.4, "benign": 0.28, "normal": 0.32},
    flip_average=False,  # 640 pixels twice would take longer than a picture may
    bundles=(
        BundleSpec(
            id="breast_malignancy_mg",
            finding="breast_malignancy",
            domain="breast",
            texts=TEXTS,
            gate_kind="mammogram",
            sets=("breast/mg_cancer",),
            maps=(MALIGNANT, ABNORMAL),
            experimental=True,
            groups=groups,
            baseline={
                "AUC": 0.392,
                "Sensitivity at 5 % false positives": 0.20,
                "False positives at 95 % sensitivity": 0.96,
            },
        ),
    ),
)
