"""lung_nodule_xray: nodules on frontal chest films, found on windows of large pictures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.augment import Strength
from mediassist.models.training.box_marks import Drawn
from mediassist.models.training.domains.chest_nodule_texts import TEXTS
from mediassist.models.training.domains.chest_set import source_name, trusted
from mediassist.models.training.loop import Schedule
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.measurement_errors import box_errors
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import (
    Box,
    Sample,
    as_bytes,
    blank_targets,
    draw_box,
    mask_plane,
    read_boxes,
)
from mediassist.models.training.supervised import Losses, Plan

SIZE = 512
NODULE, LUNG = 0, 1
# A nodule of 10 mm covers 0.0006 of a film. The boxes of JSRT are as large as their nodules.
_DRAWN = Drawn(least_share=0.0003, most=3, sized=True)
BOXES_OF_NODULES = ("nodule", "Nodule", "Mass")
_LUNG_BITS = {"JSRT": 1 | 2, "both": 1, "V7": 1 | 2 | 32 | 64 | 128}


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Adults' films; only films with a nodule, without any finding, or with another read one.

    Films with an opacity are left out: nobody looked there for a nodule behind it.
    """
    folder = data / "lung" / "cxr"
    boxes = read_boxes(folder / "boxes" / "boxes.csv")
    return [
        _sample(
            row,
            folder,
            [
                corners
                for record, corners in boxes.get(row.file, [])
                if record["finding"] in BOXES_OF_NODULES
            ],
        )
        for row in read_manifest(folder)
        if row.split in splits
        and row["group"] != "child"
        and source_name(row) in ("JSRT", "NIH")
        and row.label in ("nodule_mass", "normal")
    ]


def _sample(row: Row, folder: Path, boxes: list[Box]) -> Sample:
    picture = read_grey(row.path)
    box = Letterbox(picture.shape[1], picture.shape[2], SIZE)
    targets, known = blank_targets(2, SIZE)
    source, positive = source_name(row), row.label == "nodule_mass"
    # A CT-confirmed film holds the one nodule that is boxed; a mined "Nodule" says no place.
    if not positive or (boxes and source == "JSRT"):
        known[NODULE] = True
    for corners in boxes if positive else []:
        draw_box(targets[NODULE], known[NODULE], corners, box)
    if row["mask"]:
        kind = row["mask_kind"]
        key = "both" if "both_lungs" in kind else "V7" if "ground_glass" in kind else "JSRT"
        targets[LUNG] = mask_plane(folder / row["mask"], box, _LUNG_BITS[key])
        known[LUNG] = True
    placed = not positive or bool(targets[NODULE].any())
    sure = trusted(row) or source == "JSRT"
    truth = (0.95 if sure else 0.8) if positive else (0.03 if sure else 0.06)
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(SIZE)(picture))),
        targets=targets,
        known=known,
        truths=np.array([truth], np.float32),
        # Without a place, a window of the film may not hold the nodule.
        weights=np.array([(1.0 if sure else 0.5) if placed else 0.0], np.float32),
        positive=(positive,),
        cell=f"{source} {row.label}" + ("" if placed else " unplaced"),
        source=source,
        trusted=sure,
    )


def groups(sample: Sample) -> Iterator[str]:
    row = sample.row
    yield f"source {sample.source}"
    yield f"view {row['view'][:2] or 'not stated'}"
    yield {"F": "women", "M": "men"}.get(row["sex"], "sex not stated")
    if sample.source == "JSRT" and "subtlety" in row["findings"]:
        grade = int(row["findings"].partition("subtlety")[2][:1])
        yield "JSRT, subtle (1 or 2)" if grade <= 2 else "JSRT, obvious (3 to 5)"


TRAINING = Training(
    name="chest_nodule",
    load=load,
    network={"answers": 1, "maps": 2, "inside": 1, "evidence": [0], "peak": 4},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=Plan(Schedule(epochs=32, steps=60, batch=16, seed=11, bfloat16=True), SIZE, window=224),
    short_plan=Plan(
        Schedule(epochs=8, steps=60, batch=16, seed=11, bfloat16=True), SIZE, window=224
    ),
    losses=Losses(maps=(1.5, 0.4), evidence=0.0),
    strength=Strength(rotate=20.0, zoom=0.25, shift=0.02, words=0.15),
    cell_shares={
        "JSRT nodule_mass": 0.5,
        "JSRT normal": 0.25,
        "NIH nodule_mass": 0.05,
        "NIH normal": 0.2,
    },
    sources=("JSRT", "NIH"),
    flip_average=False,
    bundles=(
        BundleSpec(
            id="lung_nodule_xray",
            finding="lung_nodule",
            domain="lung",
            texts=TEXTS,
            gate_kind="chest_frontal",
            sets=("lung/cxr",),
            maps=(NODULE, LUNG),
            # Too few nodules (154) to say of a film that it holds none.
            marks_only=True,
            task_fields=_DRAWN.task_fields,
            measured=partial(box_errors, drawn=_DRAWN),
            groups=groups,
            baseline={
                "AUC": 0.871,
                "Sensitivity at 5 % false positives": 0.46,
                "False positives at 95 % sensitivity": 0.40,
            },
        ),
    ),
)
