"""breast_lesion_us and breast_malignancy_us: one network, outlines first."""

from __future__ import annotations

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.breast_us_set import LESION, MALIGNANT, SIZE, groups, load
from mediassist.models.training.domains.breast_us_texts import LESION_TEXTS, MALIGNANCY_TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.measurement_errors import outline_errors
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.supervised import Losses, Plan

_MEASURE = {"measure": "lesion_size"}

TRAINING = Training(
    name="breast_us",
    load=load,
    # Features are pooled inside the lesion map: what lies around it tells the hospital.
    network={"answers": 2, "maps": 2, "stride": 4, "inside": LESION, "evidence": [0, 1]},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.OneChannel"},
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    # 256 pixels after these 192 were no better on the held-out fold.
    plan=Plan(Schedule(epochs=12, steps=60, batch=16, seed=11, bfloat16=True), SIZE),
    short_plan=Plan(Schedule(epochs=8, steps=45, batch=16, seed=11, bfloat16=True), SIZE),
    members=3,
    losses=Losses(maps=(1.2, 0.8)),
    strength=Strength(
        rotate=10.0,
        zoom=0.25,
        aspect=0.14,
        shift=0.06,
        gamma=0.35,
        grey_end=0.15,
        noise=0.06,
        words=0.35,
        calipers=0.4,
    ),
    cell_shares={
        "BUSI normal": 0.12,
        "BUSI benign": 0.15,
        "BUSI malignant": 0.16,
        "BUSI cut-out": 0.07,
        "BUS-BRA benign": 0.2,
        "BUS-BRA malignant": 0.2,
        "BUS-BRA cut-out": 0.1,
    },
    sources=("BUS-BRA", "BUSI"),
    bundles=(
        BundleSpec(
            id="breast_malignancy_us",
            finding="breast_malignancy",
            domain="breast",
            texts=MALIGNANCY_TEXTS,
            gate_kind="breast_us",
            sets=("breast/us_lesion",),
            answer=1,
            maps=(LESION, MALIGNANT),
            task_fields=_MEASURE,
            measured=outline_errors,
            counts=lambda sample: sample.row.label != "normal",
            groups=groups,
            baseline={
                "AUC": 0.841,
                "Sensitivity at 5 % false positives": 0.42,
                "False positives at 95 % sensitivity": 0.67,
            },
        ),
        BundleSpec(
            id="breast_lesion_us",
            finding="breast_lesion",
            domain="breast",
            texts=LESION_TEXTS,
            gate_kind="breast_us",
            sets=("breast/us_lesion",),
            answer=0,
            maps=(LESION,),
            task_fields=_MEASURE,
            measured=outline_errors,
            # Normal pictures come from BUSI alone: pooled, the hospital would be the answer.
            counts=lambda sample: sample.source == "BUSI",
            groups=groups,
        ),
    ),
)
