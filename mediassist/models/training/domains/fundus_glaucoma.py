"""eye_glaucoma_fundus: glaucomatous discs, with outlines of disc and cup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mediassist.models.networks.disc import CUP, DISC, FIRST_LOOK
from mediassist.models.training.augment import Strength
from mediassist.models.training.cup_disc_errors import cup_disc_errors
from mediassist.models.training.domains.fundus_set import (
    CUP_BIT,
    DISC_BIT,
    DR,
    DR_DISC_BIT,
    GLAUCOMA,
    LENS_MYOPIA,
    on_canvas,
    preprocessing,
    read_fundus,
    read_mask,
    rows_of,
    source_name,
)
from mediassist.models.training.domains.fundus_texts import GLAUCOMA_TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.manifest import Row
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample, as_bytes, blank_targets
from mediassist.models.training.supervised import Losses, Plan

SIZE = 384
# How often a label of that source is wrong: graders at a photograph, a clinic.
_SOFT = {"AIROGS": 0.05, "ODIR": 0.05, "Drishti-GS": 0.03}
_MACULA_DISC = "IDRiD disc"


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """The glaucoma set; in training also outlined discs of IDRiD and ODIR's normal eyes."""
    samples = [_sample(row, data, GLAUCOMA) for row in rows_of(data, GLAUCOMA, splits)]
    if splits == ("train",):
        samples += [_sample(row, data, DR) for row in rows_of(data, DR, splits) if row["mask"]]
        samples += [
            _sample(row, data, LENS_MYOPIA)
            for row in rows_of(data, LENS_MYOPIA, splits)
            if row["group"] == "odir" and row.label == "normal"
        ]
    return samples


def _sample(row: Row, data: Path, folder: str) -> Sample:
    targets, known = blank_targets(3, SIZE)
    if row["mask"]:
        bits = read_mask(row, data, folder, SIZE)
        outlined = {DISC: DISC_BIT, CUP: CUP_BIT, FIRST_LOOK: DISC_BIT}
        if folder == DR:
            outlined = {DISC: DR_DISC_BIT, FIRST_LOOK: DR_DISC_BIT}
        for index, bit in outlined.items():
            targets[index] = on_canvas(bits, bit, SIZE)
            known[index] = True
    positive = {GLAUCOMA: row["glaucoma"] == "1", LENS_MYOPIA: False}.get(folder)
    source = source_name(row)
    soft = _SOFT.get(source, 0.5)
    return Sample(
        row=row,
        picture=as_bytes(read_fundus(row, SIZE, local_contrast=False)),
        targets=targets,
        known=known,
        truths=np.array([1 - soft if positive else soft], np.float32),
        weights=np.array([0.0 if positive is None else 1.0], np.float32),
        positive=(positive,),
        cell=_cell(source, folder, positive),
        source=source,
    )


def _cell(source: str, folder: str, positive: bool | None) -> str:
    if positive is None:
        return _MACULA_DISC
    if folder == LENS_MYOPIA:
        return f"{source} normal, 256 px"
    return f"{source} {'glaucoma' if positive else 'normal'}"


def groups(sample: Sample) -> Iterator[str]:
    yield f"source {sample.source}"
    yield "disc centred" if sample.row["view"] == "disc centred" else "macula centred"
    yield {"L": "left eyes", "R": "right eyes"}.get(sample.row["view"], "eye not stated")
    if sample.row["diabetes"] == "1" or sample.row["others"] == "1":
        yield "with another finding"


TRAINING = Training(
    name="fundus_glaucoma",
    load=load,
    network={"name": "disc", "answers": 1, "stride": 2, "window": 160},
    preprocessing=preprocessing(SIZE, local_contrast=False),
    plan=Plan(Schedule(24, 40, 16, bfloat16=True), SIZE),
    short_plan=Plan(Schedule(8, 30, 16, averaging=0.99, bfloat16=True), SIZE, 8, 256),
    losses=Losses(maps=(4.0, 4.0, 4.0), evidence=0.0),
    strength=Strength(
        rotate=180.0,
        zoom=0.2,
        shift=0.05,
        gamma=0.25,
        grey_end=0.1,
        noise=0.03,
        borrow=0.3,
        words=0.1,
        colour=0.2,
    ),
    cell_shares={
        "Drishti-GS glaucoma": 0.13,
        "Drishti-GS normal": 0.13,
        "AIROGS glaucoma": 0.15,
        "AIROGS normal": 0.15,
        "ODIR glaucoma": 0.15,
        "ODIR normal": 0.15,
        "ODIR normal, 256 px": 0.04,
        _MACULA_DISC: 0.10,
    },
    sources=("AIROGS", "ODIR", "Drishti-GS"),
    bundles=(
        BundleSpec(
            id="eye_glaucoma_fundus",
            finding="glaucoma",
            domain="eye",
            texts=GLAUCOMA_TEXTS,
            gate_kind="fundus",
            sets=(GLAUCOMA, DR, LENS_MYOPIA),
            maps=(DISC, CUP, FIRST_LOOK),
            evidence_map=False,
            task_fields={"measure": "cup_disc"},
            counts=lambda sample: sample.row["glaucoma"] != "",
            groups=groups,
            measured=cup_disc_errors,
            baseline={
                "AUC": 0.866,
                "Sensitivity at 5 % false positives": 0.51,
                "False positives at 95 % sensitivity": 0.54,
            },
        ),
    ),
)
