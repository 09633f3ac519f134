"""heart_coronary_stenosis_xa: places on coronary angiograms that may be narrowed."""

from __future__ import annotations

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.coronary_set import SIZE, load
from mediassist.models.training.domains.coronary_texts import TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.marks_bundle import finish
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.supervised import Losses, Plan

TRAINING = Training(
    name="coronary",
    load=load,
    network={"answers": 1, "maps": 1, "stride": 4, "evidence": [0], "peak": 8},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    # Whole frames: whether a thin place is a narrowing shows by the vessel before and behind it.
    plan=Plan(
        Schedule(epochs=18, steps=60, batch=8, seed=11, bfloat16=True),
        SIZE,
        small_epochs=12,
        small_size=256,
    ),
    losses=Losses(maps=(1.0,), evidence=0.0),
    strength=Strength(rotate=35.0, zoom=0.28, shift=0.02, words=0.1),
    flip_average=False,
    bundles=(
        BundleSpec(
            id="heart_coronary_stenosis_xa",
            finding="coronary_stenosis",
            domain="heart",
            texts=TEXTS,
            gate_kind="angiogram",
            sets=("cardio/vessel_coronary",),
            maps=(0,),
            task="detect2d",
            marks_only=True,
            finish=finish,
        ),
    ),
)
