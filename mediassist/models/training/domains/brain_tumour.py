"""brain_tumour_mr: tumours on FLAIR and contrast-enhanced T1 slices, told by the map alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.brain_tumour_boxed import boxed_figures
from mediassist.models.training.domains.brain_tumour_set import (
    CHENG,
    SCLEROSIS,
    SETS,
    SIZE,
    VOLUNTEER,
    load,
)
from mediassist.models.training.domains.brain_tumour_texts import TEXTS
from mediassist.models.training.fit import with_held_fold
from mediassist.models.training.loop import Schedule
from mediassist.models.training.measurement_errors import outline_errors
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample
from mediassist.models.training.scan_judge import UnitJudge
from mediassist.models.training.supervised import Losses, Plan

_PLAN = Plan(
    Schedule(epochs=30, steps=60, batch=16, seed=11, bfloat16=True, restarts=(20,)), SIZE, 10, 128
)
# Within an institution and a third of the volume, tumour and no tumour come equally often.
_GROUPS = {
    "TCGA DU": {"flair low": 0.4, "flair mid": 1.0, "flair high": 0.7, "t1ce": 0.5},
    "TCGA HT": {"flair low": 0.4, "flair mid": 1.0, "flair high": 0.7, "t1ce": 0.5},
    "TCGA others": {"flair low": 0.2, "flair mid": 0.4, "flair high": 0.2, "t1ce": 0.2},
}
_OTHERS = {
    f"{CHENG} glioma": 1.2,
    f"{CHENG} meningioma": 1.2,
    f"{CHENG} pituitary": 1.2,
    SCLEROSIS: 1.0,
    VOLUNTEER: 0.3,
}


def _shares() -> dict[str, float]:
    shares = dict(_OTHERS)
    for group, places in _GROUPS.items():
        for place, share in places.items():
            shares[f"{group} {place} tumour"] = shares[f"{group} {place} free"] = share
    return shares


def groups(sample: Sample) -> Iterator[str]:
    yield f"source {sample.source}"
    yield f"sequence {sample.row['sequence']}"


def _unit(sample: Sample) -> str:
    """The tumour slices of a patient, or the tumour-free ones: nobody here is without a tumour."""
    return f"{sample.row.patient} {'tumour' if sample.positive[0] else 'free'}"


_STRENGTH = Strength(rotate=20.0, zoom=0.25, gamma=0.3, noise=0.05, borrow=0.3, words=0.1, turn=0.2)
TRAINING = Training(
    name="brain_tumour",
    load=load,
    network={"answers": 1, "maps": 1, "stride": 4, "evidence": [0], "peak": 8},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=_PLAN,
    short_plan=Plan(Schedule(epochs=9, steps=45, batch=16, seed=11, bfloat16=True), SIZE, 8, 128),
    losses=Losses(maps=(2.0,), evidence=0.0),
    strength=_STRENGTH,
    later_strength=replace(_STRENGTH, turn=0.5),
    snapshots=True,
    cell_shares=_shares(),
    sources=("TCGA DU", "TCGA HT"),
    bundles=(
        BundleSpec(
            id="brain_tumour_mr",
            finding="brain_tumour",
            domain="brain",
            texts=TEXTS,
            gate_kind="head_mr",
            sets=SETS,
            maps=(0,),
            task="classify_slices",
            task_fields={
                "series": {
                    "planes": ["axial"],
                    "sequences": ["FLAIR", "T1 after contrast"],
                    "thickness_mm": [0.5, 10.0],
                    "slab_mm": 4.0,
                },
                "measure": "slice_extent",
            },
            groups=groups,
            aggregate="mean_of_top_3",
            judge=UnitJudge(unit=_unit, copies=lambda sample: 1 if sample.positive[0] else 3),
            load=with_held_fold(load, _PLAN.schedule.seed),
            thresholds_on="calib split and a fold of train that taught nothing",
            measured=outline_errors,
            volumes=boxed_figures,
        ),
    ),
)
