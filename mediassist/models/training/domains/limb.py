"""bone_fracture_xray: fractures of the lower leg, abnormal upper limbs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.limb_texts import TEXTS
from mediassist.models.training.loop import Schedule
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.measurement_errors import box_errors
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Box, Sample, as_bytes, blank_targets, draw_box
from mediassist.models.training.supervised import Losses, Plan

SIZE = 288
LESION = 0
LEG, ARM = "lower leg", "upper limb"
_LOOSE = 0.15  # of its side: how far a weak outline of an upper limb may miss the lesion


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Cut-outs of lower legs, matched in size and scale, and upper limbs.

    Whole normal legs (`variant=full`) are left out: no fractured leg is whole, so that a network
    would learn knee and ankle as signs of health.
    """
    samples = []
    for folder, source in (("fracture", LEG), ("upper_limb", ARM)):
        place = data / "bone" / folder
        boxes = corners_of(place / "boxes.csv")
        samples += [
            _sample(row, source, boxes.get(row.file, []))
            for row in read_manifest(place)
            if row.split in splits and row["variant"] != "full"
        ]
    return samples


def corners_of(path: Path) -> dict[str, list[Box]]:
    """file -> corners x0, y0, x1, y1 in pixels of the stored picture."""
    found: dict[str, list[Box]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for record in csv.DictReader(stream):
            x0, y0, x1, y1 = (float(record[name]) for name in ("x0", "y0", "x1", "y1"))
            found.setdefault(record["file"], []).append((x0, y0, x1, y1))
    return found


def _sample(row: Row, source: str, boxes: list[Box]) -> Sample:
    grey = read_grey(row.path)
    box = Letterbox(grey.shape[1], grey.shape[2], SIZE)
    positive = row.label in ("fracture", "abnormal")
    targets, known = blank_targets(1, SIZE)
    known[:] = bool(boxes) or not positive
    for corners in boxes if positive else []:
        if source == ARM:
            _forget(known[LESION], loosened(corners), box)
        draw_box(targets[LESION], known[LESION], corners, box)
    # Outlined hardware and unmarked old lesions: the upper limb's labels err more often.
    truth = (0.93 if positive else 0.08) if source == ARM else (0.97 if positive else 0.03)
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(SIZE)(grey))),
        targets=targets,
        known=known,
        truths=np.array([truth], np.float32),
        weights=np.ones(1, np.float32),
        positive=(positive,),
        cell=f"{source} {'abnormal' if positive else 'normal'}",
        source=source,
    )


def loosened(corners: Box) -> Box:
    """The box with the rim within which a coarse outline may be wrong."""
    x0, y0, x1, y1 = corners
    across, down = _LOOSE * (x1 - x0), _LOOSE * (y1 - y0)
    return x0 - across, y0 - down, x1 + across, y1 + down


def _forget(known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], c: Box, box: Letterbox) -> None:
    ends = np.clip(box.to_network(np.array([c[:2], c[2:]])), 0, box.size - 1).astype(int)
    (left, top), (right, bottom) = ends
    known[top : bottom + 1, left : right + 1] = False


def groups(sample: Sample) -> Iterator[str]:
    row = sample.row
    yield f"source {sample.source}"
    if sample.source == ARM:
        yield "upper limb, untouched originals" if row["augmented"] == "0" else "upper limb, tilted"
        part = row["source_class"].rpartition(" ")[0]
        if part:
            yield f"upper limb, abnormal: {part}"


_STRENGTH = Strength(rotate=30.0, zoom=0.2, aspect=0.1, shift=0.05, gamma=0.3, turn=0.5, words=0.3)
TRAINING = Training(
    name="limb",
    load=load,
    network={"answers": 1, "maps": 1, "evidence": [0]},
    preprocessing=[
        {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
        {"_target_": "mediassist.models.preprocess.StretchGrey"},
    ],
    plan=Plan(
        Schedule(epochs=34, steps=60, batch=16, seed=11, bfloat16=True, restarts=(24,)),
        SIZE,
        small_epochs=15,
        small_size=192,
    ),
    short_plan=Plan(
        Schedule(epochs=7, steps=45, batch=16, seed=11, bfloat16=True),
        SIZE,
        small_epochs=7,
        small_size=224,
    ),
    losses=Losses(maps=(1.0,), evidence=0.4),
    strength=_STRENGTH,
    later_strength=replace(_STRENGTH, noise=0.1),
    snapshots=True,
    cell_shares={
        f"{LEG} abnormal": 0.15,
        f"{LEG} normal": 0.2,
        f"{ARM} abnormal": 0.33,
        f"{ARM} normal": 0.32,
    },
    sources=(LEG, ARM),
    bundles=(
        BundleSpec(
            id="bone_fracture_xray",
            finding="fracture",
            domain="bone",
            texts=TEXTS,
            gate_kind="limb",
            sets=("bone/fracture", "bone/upper_limb"),
            maps=(LESION,),
            task_fields={"regions": "box"},
            measured=box_errors,
            groups=groups,
        ),
    ),
)
