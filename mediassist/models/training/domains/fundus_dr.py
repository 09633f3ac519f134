"""eye_diabetic_retinopathy_fundus: referable retinopathy, with a map of its lesions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.fundus_set import (
    DR,
    DR_DISC_BIT,
    EXUDATE_BITS,
    GLAUCOMA,
    LESION_BITS,
    on_canvas,
    preprocessing,
    read_fundus,
    read_mask,
    rows_of,
    source_name,
)
from mediassist.models.training.domains.fundus_texts import DR_TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.manifest import Row
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample, as_bytes, blank_targets
from mediassist.models.training.supervised import Losses, Plan

SIZE = 352
LESION, EXUDATE, DISC = 0, 1, 2
_GRADES = (2, 1, 3)  # answers: referable first, then any retinopathy, then severe
# How often a grade of that source is wrong; one grader a picture at EyePACS.
_SOFT = {"IDRiD": 0.03, "EyePACS": 0.07, "ODIR": 0.07}


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """The retinopathy set, and in training the eyes of ODIR without any finding.

    Healthy eyes of a third source are free of lesions, whatever their camera.
    """
    samples = [_sample(row, data) for row in rows_of(data, DR, splits)]
    if splits == ("train",):
        samples += [
            _sample(row, data)
            for row in rows_of(data, GLAUCOMA, splits)
            if row["group"] == "odir" and row["glaucoma"] == "0" and row["diabetes"] == "0"
        ]
    return samples


def _sample(row: Row, data: Path) -> Sample:
    targets, known = blank_targets(3, SIZE)
    source = source_name(row)
    grade = 0 if source == "ODIR" else int(row["grade"]) if row["grade"] else None
    if grade == 0:
        known[LESION] = known[EXUDATE] = True
    if row["mask"] and source == "IDRiD":
        bits = read_mask(row, data, DR, SIZE)
        for index, wanted, least in (
            (LESION, LESION_BITS, 0.1),
            (EXUDATE, EXUDATE_BITS, 0.1),
            (DISC, DR_DISC_BIT, 0.5),
        ):
            plane = on_canvas(bits, wanted, SIZE, least)
            # One pixel wider: a microaneurysm must outlive the map's stride of four.
            targets[index] = plane if index == DISC else ndimage.binary_dilation(plane)
            known[index] = True
    soft = _SOFT[source]
    truths = [0.5 if grade is None else 1 - soft if grade >= g else soft for g in _GRADES]
    return Sample(
        row=row,
        picture=as_bytes(read_fundus(row, SIZE, local_contrast=True)),
        targets=targets,
        known=known,
        truths=np.array(truths, np.float32),
        weights=np.full(3, 0.0 if grade is None else 1.0, np.float32),
        positive=tuple(None if grade is None else grade >= g for g in _GRADES),
        cell=_cell(source, grade, bool(row["mask"])),
        source=source,
    )


def _cell(source: str, grade: int | None, masked: bool) -> str:
    if source == "IDRiD" and masked:
        return "IDRiD outlined"
    return f"{source} {'3-4' if grade in (3, 4) else grade}"


def groups(sample: Sample) -> Iterator[str]:
    yield f"source {sample.source}"
    if sample.row["grade"]:
        yield f"grade {sample.row['grade']}"
    yield {"L": "left eyes", "R": "right eyes"}.get(sample.row["view"], "eye not stated")


TRAINING = Training(
    name="fundus_dr",
    load=load,
    network={"answers": 3, "maps": 3, "stride": 4, "evidence": [LESION, LESION, LESION]},
    preprocessing=preprocessing(SIZE, local_contrast=True),
    plan=Plan(Schedule(24, 40, 16, bfloat16=True), SIZE, 12, 224),
    short_plan=Plan(Schedule(10, 30, 16, averaging=0.99, bfloat16=True), SIZE, 10, 224),
    losses=Losses(maps=(1.5, 0.8, 0.4), evidence=0.3),
    strength=Strength(
        rotate=180.0,
        zoom=0.18,
        shift=0.04,
        gamma=0.15,
        grey_end=0.08,
        noise=0.04,
        borrow=0.15,
        words=0.1,
        colour=0.12,
    ),
    cell_shares={
        "IDRiD 0": 0.19,
        "IDRiD 1": 0.05,
        "IDRiD 2": 0.08,
        "IDRiD 3-4": 0.07,
        "IDRiD outlined": 0.14,
        "EyePACS 0": 0.15,
        "EyePACS 1": 0.06,
        "EyePACS 2": 0.13,
        "EyePACS 3-4": 0.09,
        "ODIR 0": 0.04,
    },
    sources=("IDRiD", "EyePACS"),
    bundles=(
        BundleSpec(
            id="eye_diabetic_retinopathy_fundus",
            finding="diabetic_retinopathy",
            domain="eye",
            texts=DR_TEXTS,
            gate_kind="fundus",
            sets=(DR, GLAUCOMA),
            maps=(LESION,),
            # Two cells of the map: a haemorrhage is small, and there are many.
            task_fields={"least_region": 0.0003, "most_regions": 12},
            counts=lambda sample: sample.source != "ODIR",
            groups=groups,
            baseline={
                "AUC": 0.845,
                "Sensitivity at 5 % false positives": 0.38,
                "False positives at 95 % sensitivity": 0.64,
            },
        ),
    ),
)
