"""Brain MR as training material: glioma with masks, tumours with boxes, other lesions as decoys.

The mixed set tells tumour from no tumour by its source alone, so its pictures teach only the map
(inside the box, outside it); yes or no is learned between slices of the same glioma patients, and
from multiple sclerosis, which is bright on FLAIR and no tumour.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.domains.haemorrhage_set import read_corners
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import (
    Box,
    Sample,
    as_bytes,
    blank_targets,
    draw_box,
    mask_plane,
)

GLIOMA, MIXED, OTHER = "brain/mr_glioma", "brain/mr_tumour_mixed", "brain/mr_other"
SETS = (GLIOMA, MIXED, OTHER)
SIZE = 192
CHENG, SCLEROSIS, VOLUNTEER = "Cheng", "MS", "volunteers"
_INSTITUTION = re.compile(r"TCGA_([A-Z]{2})_")


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Slices of the three sets; MR only (the other set also holds CT)."""
    samples = []
    for name in SETS:
        folder = data / name
        boxes = read_corners(folder) if name == MIXED else {}
        samples += [
            _sample(row, folder, boxes.get(row.file, []))
            for row in read_manifest(folder)
            if row.split in splits and row["sequence"] != "ct"
        ]
    return samples


def _sample(row: Row, folder: Path, boxes: list[Box]) -> Sample:
    picture = read_grey(row.path)
    box = Letterbox(picture.shape[1], picture.shape[2], SIZE)
    targets, known = blank_targets(1, SIZE)
    known[0] = True
    source = source_of(row)
    decided = source.startswith("TCGA") or source == SCLEROSIS
    positive = row.label in ("glioma", "meningioma", "pituitary")
    if row["mask"] and row.label == "glioma":
        targets[0] = mask_plane(folder / row["mask"], box)
    for corners in boxes:
        draw_box(targets[0], known[0], corners, box)
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(SIZE)(picture))),
        targets=targets,
        known=known,
        truths=np.array([0.97 if positive else 0.04], np.float32),
        weights=np.array([1.0 if decided else 0.0], np.float32),
        positive=(positive if decided else None,),
        cell=_cell(row, source),
        source=source,
    )


def source_of(row: Row) -> str:
    """Institution of TCGA, or the group of the other sets."""
    found = _INSTITUTION.match(row.patient)
    if found:
        return f"TCGA {found.group(1)}"
    if row.patient.startswith("cheng"):
        return CHENG
    return SCLEROSIS if row.label.startswith("ms") else VOLUNTEER


def position_of(row: Row) -> str:
    """Third of the volume in which the slice lies, counted from the neck."""
    share = (int(row["slice"]) + 0.5) / max(1, int(row["n_slices"]))
    return "low" if share < 0.4 else "mid" if share < 0.65 else "high"


def _cell(row: Row, source: str) -> str:
    if not source.startswith("TCGA"):
        return f"{source} {row.label}" if source == CHENG else source
    group = source if source in ("TCGA DU", "TCGA HT") else "TCGA others"
    label = "tumour" if row.label == "glioma" else "free"
    if row["sequence"] == "t1ce":
        return f"{group} t1ce {label}"
    return f"{group} flair {position_of(row)} {label}"
