"""heart_cardiomyopathy_mr: both ventricles outlined on cine MR, volumes and ejection measured."""

from __future__ import annotations

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.cine_finish import finish
from mediassist.models.training.domains.cine_set import CAVITY, OUTER, RIGHT, SIZE, groups, load
from mediassist.models.training.domains.cine_texts import TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.supervised import Losses, Plan

TRAINING = Training(
    name="cine",
    load=load,
    network={"answers": 1, "maps": 3, "stride": 2},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=Plan(
        Schedule(epochs=32, steps=60, batch=16, seed=11, bfloat16=True, restarts=(20,)),
        SIZE,
        small_epochs=8,
        small_size=128,
    ),
    losses=Losses(maps=(1.0, 1.0, 1.0), evidence=0.0),
    # The set's crops follow the outlines: wide shifts and zooms take that help away.
    strength=Strength(rotate=30.0, zoom=0.28, shift=0.15, flip=0.3, words=0.1, turn=0.15),
    snapshots=True,
    bundles=(
        BundleSpec(
            id="heart_cardiomyopathy_mr",
            finding="cardiomyopathy",
            domain="heart",
            texts=TEXTS,
            gate_kind="cardiac_mr",
            sets=("cardio/mr_cine",),
            maps=(RIGHT, OUTER, CAVITY),
            evidence_map=False,
            task="segment_cine",
            groups=groups,
            finish=finish,
        ),
    ),
    flip_average=False,
)
