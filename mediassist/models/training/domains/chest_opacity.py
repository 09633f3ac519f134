"""lung_opacity_xray: opacities of the lungs on frontal chest films."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mediassist.models.training.domains.chest_opacity_texts import TEXTS
from mediassist.models.training.domains.chest_set import load_films, source_name
from mediassist.models.training.loop import Schedule
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample
from mediassist.models.training.supervised import Losses, Plan

SIZE = 256
# Source and label are made independent as far as the set allows: Kermany and NIH give both
# classes equally, the one-class sources stay rare.
CELL_SHARES = {
    "Kermany normal": 0.13,
    "Kermany opacity": 0.13,
    "NIH PA normal": 0.11,
    "NIH PA opacity": 0.11,
    "NIH AP normal": 0.09,
    "NIH AP opacity": 0.09,
    "NIH PA other_abnormal": 0.06,
    "NIH AP other_abnormal": 0.06,
    "ieee8023 covid": 0.08,
    "ieee8023 opacity": 0.02,
    "ieee8023 normal": 0.01,
    "Hannover covid": 0.03,
    "JSRT normal": 0.05,
    "JSRT nodule_mass": 0.03,
}


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    return load_films(data, SIZE, splits)


def groups(sample: Sample) -> Iterator[str]:
    row = sample.row
    yield "children" if row["group"] == "child" else "adults"
    yield f"view {row['view'][:2] or 'not stated'}"
    yield {"F": "women", "M": "men"}.get(row["sex"], "sex not stated")
    yield f"source {source_name(row)}"
    if row.label == "other_abnormal":
        yield "other findings (all negative)"
    if source_name(row) == "NIH":
        yield "NIH, read by a radiologist" if sample.trusted else "NIH, label mined from reports"
    if sample.positive[0] or row.label == "normal":
        yield "against normal films only"
        if source_name(row) == "NIH":
            yield "against normal films only, NIH"


# A run of 55 epochs learned the mined labels of its own films by heart: on the held-out fold the
# films that a person read stayed where they were after six epochs, the mined ones fell.
TRAINING = Training(
    name="chest_opacity",
    load=load,
    network={"answers": 1, "maps": 2, "inside": 1, "evidence": [0]},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=Plan(
        Schedule(epochs=18, steps=60, batch=16, seed=11, bfloat16=True), SIZE, small_epochs=10
    ),
    # Leave-one-source-out is run on small pictures and for half the time.
    short_plan=Plan(
        Schedule(epochs=9, steps=45, batch=16, seed=11, bfloat16=True), SIZE, small_epochs=9
    ),
    losses=Losses(maps=(1.0, 0.5)),
    cell_shares=CELL_SHARES,
    sources=("children", "NIH"),
    members=2,
    bundles=(
        BundleSpec(
            id="lung_opacity_xray",
            finding="lung_opacity",
            domain="lung",
            texts=TEXTS,
            gate_kind="chest_frontal",
            sets=("lung/cxr",),
            maps=(0, 1),
            groups=groups,
            # Kermany's children are 1 to 5 years old by the paper, without single ages.
            age_years=(1.0, 86.0),
            baseline_on=lambda sample: bool(sample.positive[0]) or sample.row.label == "normal",
            baseline={
                "AUC": 0.914,
                "Sensitivity at 5 % false positives": 0.64,
                "False positives at 95 % sensitivity": 0.36,
            },
        ),
    ),
)
