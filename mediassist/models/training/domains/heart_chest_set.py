"""Chest films with outlines of heart and lungs, and films of which a report spoke."""

from __future__ import annotations

from collections.abc import Iterator
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


def _sample(row: Row, folder: Path) -> Sample:
    picture = read_grey(row.path)
    box = Letterbox(picture.shape[1], picture.shape[2], SIZE)
    targets, known = blank_targets(2, SIZE)
    if row["mask"]:
        targets[HEART] = mask_plane(folder / row["mask"], box, _HEART_BIT)
        targets[LUNGS] = mask_plane(folder / row["mask"], box, _LUNG_BITS)
        known[:] = True
    judged = bool(row.label) and _is_adult(row) and row["view"] == "PA"
    return _made(
        row,
        picture,
        targets,
        known,
        row.label == "cardiomegaly" if judged else None,
        "JSRT" if row["mask"] else "NIH",
    )


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
        # Report-mined throughout; the comparison of sources makes no difference here.
        trusted=True,
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
    if row.label in ("cardiomegaly", "normal"):
        yield "against films without any finding"
    if row.label in ("cardiomegaly", "other finding"):
        yield "against films with another finding"
