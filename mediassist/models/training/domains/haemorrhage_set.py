"""brain/ct_hemorrhage as training material: slices of head CT, where blood is, how sure a label is.

Every rule answers a trap of the set's README: slice position and source predict the label, boxes
of the trauma set reach into the scalp, masks outline oedema and not blood, some slices have no box.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import (
    Box,
    Sample,
    as_bytes,
    blank_targets,
    draw_box,
    mask_plane,
)

SET = "brain/ct_hemorrhage"
SIZE = 256
IRAQ, CHINA = "Iraq", "China"
WINDOW_LEVEL_HU, WINDOW_WIDTH_HU = 40.0, 120.0

# Blood is denser than brain (about 35 HU) and thinner than bone; grey of the window above.
_BLOOD_FROM, _FAINT_FROM, _BLOOD_TO = 0.545, 0.505, 0.93
_BONE_FROM = 0.97
_LEAST_SHARE = 0.06  # of a box; with less bright tissue than that its ellipse is the lesion


def read_corners(folder: Path) -> dict[str, list[Box]]:
    """file -> corners x0, y0, x1, y1 of its boxes, in stored pixels."""
    found: dict[str, list[Box]] = {}
    with (folder / "boxes.csv").open(encoding="utf-8", newline="") as stream:
        for record in csv.DictReader(stream):
            x0, y0, x1, y1 = (float(record[name]) for name in ("x0", "y0", "x1", "y1"))
            found.setdefault(record["file"], []).append((x0, y0, x1, y1))
    return found


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Slices of the set, each with one answer (blood) and one map (where)."""
    folder = data / SET
    boxes = read_corners(folder)
    return [
        _sample(row, folder, boxes.get(row.file, []))
        for row in read_manifest(folder)
        if row.split in splits
    ]


def _sample(row: Row, folder: Path, boxes: list[Box]) -> Sample:
    picture = FitSquare(SIZE)(read_grey(row.path))
    box = Letterbox(int(row["height"]), int(row["width"]), SIZE)
    targets, known = blank_targets(1, SIZE)
    positive = row.label == "hemorrhage"
    rim = mask_plane(folder / row["mask"], box) if row["mask"] else None
    if not positive or boxes or rim is not None:
        known[0] = True
    for corners in boxes if positive else []:
        draw_lesion(targets[0], known[0], corners, box, picture[0])
    if rim is not None:
        _draw_rim(targets[0], known[0], rim, picture[0])
    source = source_of(row)
    return Sample(
        row=row,
        picture=as_bytes(picture),
        targets=targets,
        known=known,
        truths=np.array([_truth(row, source, positive, bool(boxes))], np.float32),
        weights=np.ones(1, np.float32),
        positive=(positive,),
        cell=f"{source} {position_of(row)} {'blood' if positive else 'free'}",
        source=source,
    )


def source_of(row: Row) -> str:
    """Unit of leave-one-source-out: the boxed copy of the Iraqi set is the same hospital."""
    return CHINA if row.patient.startswith("phesich") else IRAQ


def position_of(row: Row) -> str:
    """Fifth of the scan in which the slice lies, counted from the neck."""
    share = (int(row["slice"]) + 0.5) / max(1, int(row["n_slices"]))
    return f"level {min(4, int(5 * share))}"


def _truth(row: Row, source: str, positive: bool, boxed: bool) -> float:
    """Softened: unboxed slices of the trauma set hold faint or old blood; the Chinese negatives
    are only "no box", and the nearest of them touch the lesion."""
    if positive:
        return 0.97 if boxed else 0.88
    if source == CHINA:
        return 0.1 if row["near_lesion"] == "1" else 0.05
    return 0.02


def draw_lesion(
    target: NDArray[np.bool_],
    known: NDArray[np.bool_],
    corners: Box,
    box: Letterbox,
    grey: NDArray[np.float32],
) -> None:
    """The dense tissue inside a box is blood, the rest of the box unknown, in place.

    An ellipse would teach brain as blood beside a crescent under the skull, and a volume in mL
    would come out far too large. Where hardly anything in the box is dense, the ellipse stays.
    """
    ends = box.to_network(np.array([corners[:2], corners[2:]]))
    (left, top), (right, bottom) = np.clip(np.round(ends).astype(int), 0, box.size - 1)
    inside = np.zeros_like(target)
    inside[top : bottom + 1, left : right + 1] = True
    least = max(12.0, _LEAST_SHARE * float(inside.sum()))
    blood = dense_tissue(grey) & inside
    if blood.sum() < least:
        blood = dense_tissue(grey, _FAINT_FROM) & inside
    if blood.sum() < least:
        draw_box(target, known, corners, box)
        target[grey >= _BONE_FROM] = False
        return
    known[inside & ~target] = False
    target |= blood
    known |= blood


def dense_tissue(grey: NDArray[np.float32], least: float = _BLOOD_FROM) -> NDArray[np.bool_]:
    """Smoothed pixels with the density of clotted blood, without bone and its blurred edge."""
    bone = ndimage.binary_dilation(grey >= _BONE_FROM, iterations=2)
    smooth = ndimage.gaussian_filter(np.where(bone, 0.45, grey), 1.5)
    dense = (smooth >= least) & (smooth <= _BLOOD_TO) & ~bone
    opened: NDArray[np.bool_] = ndimage.binary_opening(dense, iterations=1)
    return opened


def _draw_rim(
    target: NDArray[np.bool_],
    known: NDArray[np.bool_],
    rim: NDArray[np.bool_],
    grey: NDArray[np.float32],
) -> None:
    """The oedema rim is not blood, and what it encloses is where that is dense, in place."""
    enclosed = ndimage.binary_fill_holes(ndimage.binary_closing(rim, iterations=6))
    blood = dense_tissue(grey) & enclosed
    unknown = ndimage.binary_dilation(rim, iterations=2) & ~target
    known[unknown | (enclosed & ~target)] = False
    target |= blood
    known |= blood
