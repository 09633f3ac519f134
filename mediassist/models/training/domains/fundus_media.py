"""eye_cataract_fundus and eye_pathologic_myopia_fundus: one network, two answers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.models.training.augment import Strength
from mediassist.models.training.domains.fundus_set import (
    DR,
    GLAUCOMA,
    LENS_MYOPIA,
    preprocessing,
    read_fundus,
    rows_of,
    source_name,
)
from mediassist.models.training.domains.fundus_texts import CATARACT_TEXTS, MYOPIA_TEXTS
from mediassist.models.training.fit import with_held_fold
from mediassist.models.training.loop import Schedule
from mediassist.models.training.manifest import Row
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample, as_bytes, blank_targets
from mediassist.models.training.supervised import Losses, Plan

SIZE = 224
CATARACT, MYOPIA = 0, 1
_POOR = "poor photograph"
# (truth, weight) of an answer; nobody looked for these findings in eyes of the other sets, where
# they are rare, and "myopia: 0" of ODIR is no statement on pathologic myopia alone.
_YES, _NO, _LIKELY_NOT, _UNKNOWN = (0.97, 1.0), (0.03, 1.0), (0.04, 0.3), (0.5, 0.0)


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """The cataract and myopia set; in training also other eyes, and bad photographs of healthy
    ones, which a haze detector would otherwise call cataract."""
    rows = rows_of(data, LENS_MYOPIA, splits)
    samples = [_sample(row, *_stated(row)) for row in rows]
    if splits == ("train",):
        healthy = [row for row in rows if row.label == "normal"]
        samples += [_sample(row, *_stated(row), poor=True) for row in healthy]
        for folder in (DR, GLAUCOMA):
            samples += [
                _sample(row, *_presumed(row))
                for row in rows_of(data, folder, splits)
                if row["group"] != "odir"
            ]
    return samples


def _stated(row: Row) -> tuple[tuple[float, float], tuple[float, float]]:
    if row["group"] == "odir":
        if row["cataract"] == "1":
            return _YES, _LIKELY_NOT
        return _NO, _NO
    return (_UNKNOWN, _YES) if row["pathologic_myopia"] == "1" else (_LIKELY_NOT, _NO)


def _presumed(row: Row) -> tuple[tuple[float, float], tuple[float, float]]:
    """EyePACS pictures were not chosen for their quality: some of that haze is cataract."""
    return _UNKNOWN if source_name(row) == "EyePACS" else _LIKELY_NOT, _LIKELY_NOT


def _sample(
    row: Row, cataract: tuple[float, float], myopia: tuple[float, float], poor: bool = False
) -> Sample:
    targets, known = blank_targets(0, SIZE)
    picture = read_fundus(row, SIZE, local_contrast=False)
    if poor:
        picture = poor_photograph(picture, zlib.crc32(row.file.encode()))
    source = source_name(row)
    answers = (cataract, myopia)
    return Sample(
        row=row,
        picture=as_bytes(picture),
        targets=targets,
        known=known,
        truths=np.array([truth for truth, _ in answers], np.float32),
        weights=np.array([weight for _, weight in answers], np.float32),
        positive=tuple(truth > 0.5 if weight == 1.0 else None for truth, weight in answers),
        cell=_POOR if poor else f"{source} {row.label or 'other'}" if _own(row) else source,
        source=source,
    )


def _own(row: Row) -> bool:
    return row["group"].partition("_")[0] in ("odir", "palm")


def poor_photograph(picture: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """A photograph (3, S, S) as a hurried one would be: out of focus, dark at one side, veiled by
    a crescent of stray light at the rim."""
    rng = np.random.default_rng(seed)
    inside = (picture.max(axis=0) > 0).astype(np.float32)
    size = picture.shape[1]
    sigma = float(rng.uniform(0.8, 2.6)) * size / 224
    blurred = ndimage.gaussian_filter(picture, (0, sigma, sigma))
    around = np.maximum(ndimage.gaussian_filter(inside, sigma), 1e-3)
    rows, columns = np.mgrid[0:size, 0:size] / (size - 1) * 2 - 1
    angle = float(rng.uniform(0, 2 * np.pi))
    along = np.cos(angle) * columns + np.sin(angle) * rows
    light = 1 - float(rng.uniform(0, 0.6)) * np.clip(0.5 + along, 0, 1)
    result = blurred / around * light
    if rng.random() < 0.5:
        far = np.hypot(columns + 1.1 * np.cos(angle), rows + 1.1 * np.sin(angle))
        result = result + float(rng.uniform(0.1, 0.4)) * np.clip(1 - far / 0.9, 0, 1)
    poor: NDArray[np.float32] = (np.clip(result, 0, 1) * inside).astype(np.float32)
    return poor


def counts(sample: Sample) -> bool:
    """Made pictures and eyes of other sets take no part in thresholds and figures."""
    return sample.cell != _POOR and _own(sample.row)


def groups(sample: Sample) -> Iterator[str]:
    yield f"source {sample.source}"
    yield {"L": "left eyes", "R": "right eyes"}.get(sample.row["view"], "eye not stated")
    if sample.row["group"] == "palm_highmyopia":
        yield "high myopia without degeneration"


_PLAN = Plan(Schedule(20, 40, 16, bfloat16=True), SIZE, 12, 192)
_THRESHOLDS_ON = "calib split and a fold of train that taught nothing"

TRAINING = Training(
    name="fundus_media",
    load=load,
    network={"answers": 2, "maps": 0},
    preprocessing=preprocessing(SIZE, local_contrast=False),
    plan=_PLAN,
    losses=Losses(),
    strength=Strength(
        rotate=180.0,
        zoom=0.2,
        shift=0.05,
        gamma=0.25,
        grey_end=0.08,
        noise=0.03,
        borrow=0.3,
        words=0.1,
        colour=0.3,
    ),
    cell_shares={
        "ODIR cataract": 0.22,
        "ODIR normal": 0.14,
        _POOR: 0.10,
        "PALM pathologic_myopia": 0.16,
        "PALM non_myopia": 0.14,
        "IDRiD": 0.06,
        "EyePACS": 0.07,
        "AIROGS": 0.06,
        "Drishti-GS": 0.05,
    },
    bundles=(
        BundleSpec(
            id="eye_cataract_fundus",
            finding="cataract",
            domain="eye",
            texts=CATARACT_TEXTS,
            gate_kind="fundus",
            sets=(LENS_MYOPIA, DR, GLAUCOMA),
            answer=CATARACT,
            load=with_held_fold(load, _PLAN.schedule.seed),
            thresholds_on=_THRESHOLDS_ON,
            counts=counts,
            groups=groups,
            baseline={
                "AUC": 0.980,
                "Sensitivity at 5 % false positives": 0.89,
                "False positives at 95 % sensitivity": 0.16,
            },
        ),
        BundleSpec(
            id="eye_pathologic_myopia_fundus",
            finding="pathologic_myopia",
            domain="eye",
            texts=MYOPIA_TEXTS,
            gate_kind="fundus",
            sets=(LENS_MYOPIA, DR, GLAUCOMA),
            answer=MYOPIA,
            load=with_held_fold(load, _PLAN.schedule.seed),
            thresholds_on=_THRESHOLDS_ON,
            counts=counts,
            groups=groups,
        ),
    ),
)
