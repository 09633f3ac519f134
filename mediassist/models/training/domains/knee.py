"""bone_knee_osteoarthritis_xray: Kellgren-Lawrence grade 2 and above on cut-outs of one knee."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.knee_texts import TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.measurement_errors import grade_errors
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample, as_bytes, blank_targets
from mediassist.models.training.supervised import Plan

SIZE = 224
# The finding first, then the rest of the ordinal scale: KL >= 2, 1, 3, 4.
STEPS = (2, 1, 3, 4)
# What a second reader would say of "KL >= step", by how far the read grade stands above `step`:
# readers disagree about neighbours (most at 1 against 2), hardly ever about two grades.
_SURE = {-1: 0.15, 0: 0.87}


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """One knee a participant, as cut out by the publisher."""
    folder = data / "bone" / "knee_oa"
    return [_sample(row) for row in read_manifest(folder) if row.split in splits]


def _sample(row: Row) -> Sample:
    grade = int(row["kl"])
    targets, known = blank_targets(0, SIZE)
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(SIZE)(read_grey(row.path)))),
        targets=targets,
        known=known,
        truths=np.array([softened(grade, step) for step in STEPS], np.float32),
        weights=np.ones(len(STEPS), np.float32),
        positive=tuple(grade >= step for step in STEPS),
        cell=f"KL{grade}",
        source="OAI",
    )


def softened(grade: int, step: int) -> float:
    """Chance that a reader calls a knee of `grade` at least `step`."""
    above = grade - step
    return _SURE.get(above, 0.98 if above > 0 else 0.02)


def groups(sample: Sample) -> Iterator[str]:
    grade = int(sample.row["kl"])
    yield f"KL {grade}"
    yield {"L": "left knee", "R": "right knee"}.get(sample.row["side"], "side not stated")
    if grade in (0, 3, 4):
        yield "KL 0 against 3 and 4"
    if grade in (1, 2):
        yield "KL 1 against 2"
    if grade != 1:
        yield "without KL 1"


TRAINING = Training(
    name="knee",
    load=load,
    network={"answers": len(STEPS), "maps": 0},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=Plan(
        Schedule(epochs=14, steps=60, batch=16, seed=11, bfloat16=True),
        SIZE,
        small_epochs=9,
        small_size=160,
    ),
    strength=Strength(
        rotate=12.0, zoom=0.14, aspect=0.08, shift=0.05, gamma=0.3, noise=0.04, words=0.15
    ),
    # A longer training of one network learned its own knees by heart.
    members=2,
    cell_shares={"KL0": 0.22, "KL1": 0.2, "KL2": 0.24, "KL3": 0.18, "KL4": 0.16},
    bundles=(
        BundleSpec(
            id="bone_knee_osteoarthritis_xray",
            finding="knee_osteoarthritis",
            domain="bone",
            texts=TEXTS,
            gate_kind="knee",
            sets=("bone/knee_oa",),
            answer=0,
            extra_answers=(1, 2, 3),
            evidence_map=False,
            task_fields={"measure": "kl_grade"},
            measured=grade_errors,
            groups=groups,
            baseline={
                "AUC": 0.847,
                "Sensitivity at 5 % false positives": 0.56,
                "False positives at 95 % sensitivity": 0.77,
            },
        ),
    ),
)
