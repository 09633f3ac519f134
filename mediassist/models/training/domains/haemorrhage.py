"""brain_intracranial_haemorrhage_ct: slices of head CT in the brain window, judged as scans."""

from __future__ import annotations

from collections.abc import Iterator

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.haemorrhage_set import (
    CHINA,
    IRAQ,
    SET,
    SIZE,
    WINDOW_LEVEL_HU,
    WINDOW_WIDTH_HU,
    load,
)
from mediassist.models.training.domains.haemorrhage_texts import TEXTS
from mediassist.models.training.fit import with_held_fold
from mediassist.models.training.loop import Schedule
from mediassist.models.training.measurement_errors import outline_errors
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample
from mediassist.models.training.scan_judge import UnitJudge
from mediassist.models.training.supervised import Losses, Plan

_PLAN = Plan(
    Schedule(epochs=24, steps=60, batch=16, seed=11, bfloat16=True, restarts=(12,)), SIZE, 8, 160
)
# How often a batch draws each fifth of a scan (from the neck up); within it blood and no blood
# come equally often in each source, so that neither level nor hospital tells one from the other.
_LEVELS = {IRAQ: (0.5, 0.6, 1.0, 1.0, 0.7), CHINA: (0.3, 0.6, 0.8, 0.6, 0.15)}


def _shares() -> dict[str, float]:
    shares = {}
    for source, levels in _LEVELS.items():
        for level, share in enumerate(levels):
            shares[f"{source} level {level} free"] = share
            if level > 0:  # below the skull base nothing bleeds inside the skull
                shares[f"{source} level {level} blood"] = share
    return shares


def groups(sample: Sample) -> Iterator[str]:
    yield f"source {sample.source}"
    yield "whole scans" if sample.row["whole_scan"] == "1" else "chosen slices"
    for name in sample.row["types"].split("+"):
        if name:
            yield f"type {name}"


def _slices_behind(sample: Sample) -> int:
    """Of Iraqi scans that are not whole, every third slice without blood was kept."""
    thinned = sample.source == IRAQ and sample.row["whole_scan"] != "1"
    return 3 if thinned and not sample.positive[0] else 1


TRAINING = Training(
    name="haemorrhage",
    load=load,
    network={"answers": 1, "maps": 1, "stride": 4, "evidence": [0], "peak": 8},
    preprocessing=[{"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE}],
    plan=_PLAN,
    short_plan=Plan(Schedule(epochs=10, steps=45, batch=16, seed=11, bfloat16=True), SIZE, 10, 160),
    losses=Losses(maps=(2.0,), evidence=0.0),
    strength=Strength(
        rotate=25.0, zoom=0.2, gamma=0.12, grey_end=0.05, noise=0.06, borrow=0.15, words=0.1
    ),
    cell_shares=_shares(),
    sources=(IRAQ, CHINA),
    bundles=(
        BundleSpec(
            id="brain_intracranial_haemorrhage_ct",
            finding="intracranial_haemorrhage",
            domain="brain",
            texts=TEXTS,
            gate_kind="head_ct",
            sets=(SET,),
            maps=(0,),
            task="classify_slices",
            task_fields={
                "window_hu": [WINDOW_LEVEL_HU, WINDOW_WIDTH_HU],
                "series": {
                    "planes": ["axial"],
                    "contrast": False,
                    "thickness_mm": [0.3, 10.0],
                    "slab_mm": 5.0,
                    "head_crop": True,
                },
                "measure": "slice_volume",
            },
            groups=groups,
            aggregate="mean_of_top_3",
            judge=UnitJudge(unit=lambda sample: sample.row.patient, copies=_slices_behind),
            load=with_held_fold(load, _PLAN.schedule.seed),
            thresholds_on="calib split and a fold of train that taught nothing",
            measured=outline_errors,
            age_years=(15.0, 95.0),
            baseline={
                "AUC": 0.930,
                "Sensitivity at 5 % false positives": 0.66,
                "False positives at 95 % sensitivity": 0.29,
            },
        ),
    ),
)
