"""Chest films with outlines of heart and lungs, and films of which a report spoke."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import (
    Planes,
    Sample,
    as_bytes,
    blank_targets,
    mask_plane,
)

SIZE = 256
HEART, LUNGS = 0, 1
ADULT_YEARS = 18.0
_LUNG_BITS, _HEART_BIT = 1 | 2, 4
_CASES = "outlined elsewhere"


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """JSRT with outlines, NIH with labels, and films of other hospitals with outlined lungs.

    JSRT stands in `lung/cxr` too, under other names and the same split: it is taken from here.
    """
    own = data / "cardio" / "cxr_heart_lungs"
    other = data / "lung" / "cxr"
    return [
        *(_sample(row, own) for row in read_manifest(own) if row.split in splits),
        *(
            _lungs_only(row, other)
            for row in read_manifest(other)
            if row.split in splits and row["mask_kind"] == "bits:1=both_lungs"
        ),
    ]


def load_judged(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Adults' PA films of NIH: those of the set, and those of `lung/cxr` labelled cardiomegaly.

    Films of `lung/cxr` without the label are not taken for negatives: an enlarged heart is often
    left unsaid beside pneumonia and effusion, and nobody looked again. Those of the set were drawn
    to match the positives in view, sex and age.
    """
    own, other = data / "cardio" / "cxr_heart_lungs", data / "lung" / "cxr"
    rows = [row for row in read_manifest(own) if row.label]
    seen = {_nih_number(row) for row in rows}
    more = [
        row
        for row in read_manifest(other)
        if "Cardiomegaly" in row["findings"]
        and row.label != "normal"  # a radiologist read it as normal: the label contradicts
        and _nih_number(row) not in seen
    ]
    labelled = [
        *((row, row.label == "cardiomegaly") for row in rows),
        *((row, True) for row in more),
    ]
    return [
        _judged(row, positive)
        for row, positive in labelled
        if row.split in splits and row["view"] == "PA" and _is_adult(row)
    ]


def load_unlabelled(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Adults' PA films of NIH in `lung/cxr` whose report does not speak of the heart."""
    rows = [row for row in read_manifest(data / "cardio" / "cxr_heart_lungs") if row.label]
    seen = {_nih_number(row) for row in rows}
    return [
        _judged(row, None)
        for row in read_manifest(data / "lung" / "cxr")
        if row["dataset"].startswith("NIH")
        and "Cardiomegaly" not in row["findings"]
        and _nih_number(row) not in seen
        and row.split in splits
        and row["view"] == "PA"
        and _is_adult(row)
    ]


def _judged(row: Row, positive: bool | None) -> Sample:
    targets, known = blank_targets(2, SIZE)
    sample = _made(row, read_grey(row.path), targets, known, positive, "NIH")
    return replace(sample, row=replace(row, patient=f"nih{_nih_number(row)}"))


def _nih_number(row: Row) -> str:
    return row.patient.removeprefix("nih").lstrip("_")


def _sample(row: Row, folder: Path) -> Sample:
    picture = read_grey(row.path)
    box = Letterbox(picture.shape[1], picture.shape[2], SIZE)
    targets, known = blank_targets(2, SIZE)
    if row["mask"]:
        targets[HEART] = mask_plane(folder / row["mask"], box, _HEART_BIT)
        targets[LUNGS] = mask_plane(folder / row["mask"], box, _LUNG_BITS)
        known[:] = True
    return _made(row, picture, targets, known, None, "JSRT" if row["mask"] else "NIH")


def _lungs_only(row: Row, folder: Path) -> Sample:
    picture = read_grey(row.path)
    box = Letterbox(picture.shape[1], picture.shape[2], SIZE)
    targets, known = blank_targets(2, SIZE)
    targets[LUNGS] = mask_plane(folder / row["mask"], box, 1)
    known[LUNGS] = ~behind_heart(targets[LUNGS])
    return _made(row, picture, targets, known, None, _CASES)


def _made(
    row: Row,
    picture: NDArray[np.float32],
    targets: Planes,
    known: Planes,
    positive: bool | None,
    source: str,
) -> Sample:
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(SIZE)(picture))),
        targets=targets,
        known=known,
        truths=np.array([float(bool(positive))], np.float32),
        # The verdict comes of a measurement: no label ever moves the network.
        weights=np.zeros(1, np.float32),
        positive=(positive,),
        cell=source,
        source=source,
    )


def behind_heart(lungs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The inner half of each lung, row by row.

    These outlines run behind the heart, JSRT's stop at its border: what the two habits disagree
    on teaches nothing. The outer half, which gives the width of the chest, is the same in both.
    """
    doubtful = np.zeros_like(lungs)
    columns = np.flatnonzero(lungs.any(0))
    if columns.size == 0:
        return doubtful
    middle = (columns[0] + columns[-1]) // 2
    for side in (slice(0, middle), slice(middle, lungs.shape[1])):
        here = lungs[:, side]
        for line in np.flatnonzero(here.any(1)):
            marked = np.flatnonzero(here[line])
            halfway = (marked[0] + marked[-1]) // 2
            inner = marked[marked >= halfway] if side.start == 0 else marked[marked <= halfway]
            doubtful[line, inner + side.start] = True
    return doubtful


def _is_adult(row: Row) -> bool:
    return not row["age"] or float(row["age"]) >= ADULT_YEARS


def groups(sample: Sample) -> Iterator[str]:
    row = sample.row
    yield {"F": "women", "M": "men"}.get(row["sex"], "sex not stated")
    if row["age"]:
        yield "60 years and older" if float(row["age"]) >= 60 else "under 60 years"
    if sample.positive[0] or row.label == "normal":
        yield "against films without any finding"
    if sample.positive[0] or row.label == "other finding":
        yield "against films with another finding"
