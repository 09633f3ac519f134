"""lung_nodule_ct: is the middle of an axial patch a nodule; the product finds the candidates."""

from __future__ import annotations

from mediassist.models.preprocess import ThreeChannels
from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.ct_nodule_set import (
    PATCH_PX,
    SET,
    SIZE,
    WINDOW_LEVEL_HU,
    WINDOW_WIDTH_HU,
    load,
    patch_name,
    patch_of,
)
from mediassist.models.training.domains.ct_nodule_texts import TEXTS
from mediassist.models.training.domains.ct_nodule_volumes import volume_figures
from mediassist.models.training.loop import Schedule
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.scan_judge import UnitJudge
from mediassist.models.training.supervised import Plan

TRAINING = Training(
    name="ct_nodule",
    load=load,
    network={"answers": 1, "maps": 0},
    preprocessing=[{"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE}],
    plan=Plan(Schedule(epochs=16, steps=60, batch=64, seed=11), SIZE),
    strength=Strength(
        rotate=180.0, zoom=0.2, shift=0.03, gamma=0.1, grey_end=0.04, noise=0.05, words=0.0
    ),
    cell_shares={"nodule": 0.4, "non_nodule": 0.6},
    bundles=(
        BundleSpec(
            id="lung_nodule_ct",
            finding="lung_nodule",
            domain="lung",
            texts=TEXTS,
            gate_kind="",
            sets=(SET,),
            task="detect_volume",
            task_fields={
                "window_hu": [WINDOW_LEVEL_HU, WINDOW_WIDTH_HU],
                "patch_mm": 0.7 * PATCH_PX,
                "series": {"planes": ["axial"], "thickness_mm": [0.0, 5.0]},
            },
            judge=UnitJudge(unit=patch_name, gated=False),
            volumes=volume_figures,
            picture=lambda sample: ThreeChannels()(patch_of(sample.row)),
            age_years=(18.0, 100.0),
            marks_only=True,
        ),
    ),
)
