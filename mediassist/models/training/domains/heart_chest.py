"""heart_cardiomegaly_xray: heart and lungs outlined, the cardiothoracic ratio measured."""

from __future__ import annotations

from dataclasses import replace

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.heart_chest_finish import finish, judge
from mediassist.models.training.domains.heart_chest_set import (
    HEART,
    LUNGS,
    SIZE,
    groups,
    load,
    load_judged,
)
from mediassist.models.training.domains.heart_chest_texts import TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.supervised import Losses, Plan

_STRENGTH = Strength(rotate=12.0, zoom=0.25, gamma=0.35, grey_end=0.18)
TRAINING = Training(
    name="heart_chest",
    load=load,
    # Lungs are one map and told apart by their place: a mirrored film is then just another film.
    network={"answers": 1, "maps": 2, "stride": 4},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=Plan(
        Schedule(epochs=20, steps=45, batch=12, seed=11, restarts=(12,)), SIZE, small_epochs=8
    ),
    losses=Losses(maps=(1.0, 1.0), evidence=0.0),
    strength=_STRENGTH,
    later_strength=replace(_STRENGTH, noise=0.1),
    snapshots=True,
    cell_shares={"JSRT": 0.75, "outlined elsewhere": 0.25},
    bundles=(
        BundleSpec(
            id="heart_cardiomegaly_xray",
            finding="cardiomegaly",
            domain="heart",
            texts=TEXTS,
            gate_kind="chest_frontal",
            sets=("cardio/cxr_heart_lungs", "lung/cxr"),
            maps=(HEART, LUNGS),
            evidence_map=False,
            task="measure2d",
            task_fields={"measure": "cardiothoracic_ratio"},
            groups=groups,
            load=load_judged,
            judge=judge,
            label_free=True,
            thresholds_on="train and calib splits (no label taught the network)",
            finish=finish,
            age_years=(18.0, 90.0),
            baseline={
                "AUC": 0.636,
                "Sensitivity at 5 % false positives": 0.27,
                "False positives at 95 % sensitivity": 1.0,
            },
        ),
    ),
)
