"""Breast ultrasound: samples with lesion outlines, and lesion-free cut-outs beside lesions.

Normal pictures come from one hospital only, so "no lesion" would be learned as "that hospital".
Cut-outs beside a lesion give both hospitals a class without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import Sample, as_bytes, blank_targets, mask_plane

SIZE = 192
LESION, MALIGNANT = 0, 1
_LEAST_CUT = 0.4  # of the picture's shorter side; a smaller cut-out is mostly blur
_AWAY = 0.03  # of the longer side between lesion and cut-out


@dataclass(frozen=True, slots=True)
class Cut:
    """Part of a stored picture: rows top to bottom, columns left to right (ends excluded)."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def side(self) -> int:
        return min(self.bottom - self.top, self.right - self.left)


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Every picture; for training also the lesion-free part of those that have a large one."""
    folder = data / "breast" / "us_lesion"
    rows = [row for row in read_manifest(folder) if row.split in splits]
    samples = [_sample(row, folder) for row in rows]
    for row in rows:
        if row.split == "train" and row["box_xyxy"]:
            cut = free_part(row)
            if cut is not None:
                samples.append(_cut_out(row, cut))
    return samples


def free_part(row: Row) -> Cut | None:
    """The largest of the four strips beside the lesion's box, if it is large enough."""
    x0, y0, x1, y1 = (int(float(value)) for value in row["box_xyxy"].split())
    width, height = int(row["width"]), int(row["height"])
    gap = round(_AWAY * max(width, height))
    strips = (
        Cut(0, height, 0, x0 - gap),
        Cut(0, height, x1 + gap, width),
        Cut(0, y0 - gap, 0, width),
        Cut(y1 + gap, height, 0, width),
    )
    largest = max(strips, key=lambda cut: cut.side)
    return largest if largest.side >= _LEAST_CUT * min(width, height) else None


def _sample(row: Row, folder: Path) -> Sample:
    grey = read_grey(row.path)
    targets, known = blank_targets(2, SIZE)
    if row["mask"]:
        box = Letterbox(grey.shape[1], grey.shape[2], SIZE)
        targets[LESION] = mask_plane(folder / row["mask"], box)
    known[:] = True
    lesion, malignant = row.label != "normal", row.label == "malignant"
    if malignant:
        targets[MALIGNANT] = targets[LESION]
    source = row["dataset"]
    # BUS-BRA has no normal picture: its "lesion" would say nothing but the name of the hospital.
    return Sample(
        row=row,
        picture=prepared(grey),
        targets=targets,
        known=known,
        truths=np.array([0.97 if lesion else 0.03, 0.95 if malignant else 0.05], np.float32),
        weights=np.array([1.0 if source == "BUSI" else 0.3, 1.0], np.float32),
        positive=(lesion, malignant),
        cell=f"{source} {row.label}",
        source=source,
    )


def _cut_out(row: Row, cut: Cut) -> Sample:
    """Shadow and halo of the lesion may reach into it, so it counts as normal only softly."""
    grey = read_grey(row.path)[:, cut.top : cut.bottom, cut.left : cut.right]
    targets, known = blank_targets(2, SIZE)
    known[:] = True
    return Sample(
        row=row,
        picture=prepared(grey),
        targets=targets,
        known=known,
        truths=np.array([0.08, 0.05], np.float32),
        weights=np.array([1.0, 0.0], np.float32),
        positive=(None, None),
        cell=f"{row['dataset']} cut-out",
        source=row["dataset"],
        trusted=False,
    )


def prepared(grey: NDArray[np.float32]) -> NDArray[np.uint8]:
    """As inference.json prepares a picture that is grey already."""
    return as_bytes(StretchGrey()(FitSquare(SIZE)(grey)))


def groups(sample: Sample) -> Iterator[str]:
    row = sample.row
    yield f"source {sample.source}"
    if row["device"]:
        yield f"device {row['device']}"
    if row["lesion_fraction"]:
        share = float(row["lesion_fraction"])
        yield "lesion under 5 % of the picture" if share < 0.05 else "lesion of 5 % or more"
    marks = float(row["overlay_marks"] or 0)
    yield "4 or more burned-in marks" if marks >= 4 else "fewer burned-in marks"
    if row["birads"]:
        yield f"BI-RADS {row['birads']}"
