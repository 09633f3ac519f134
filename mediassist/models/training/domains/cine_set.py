"""Short-axis cine slices at end-diastole and end-systole with outlines of both ventricles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import Planes, Sample, as_bytes

SIZE = 160
# The muscle is what lies between the second and the third: a ring that can't break open.
RIGHT, OUTER, CAVITY = 0, 1, 2
NORMAL = "NOR"
_RIGHT_VALUE, _MUSCLE_VALUE, _CAVITY_VALUE = 1, 2, 3


def load(data: Path, splits: tuple[str, ...]) -> list[Sample]:
    """Every slice of both phases as a sample; a patient's slices share the patient's group."""
    folder = data / "cardio" / "mr_cine"
    return [
        sample
        for row in read_manifest(folder)
        if row.split in splits
        for sample in _slices(row, folder)
    ]


def _slices(row: Row, folder: Path) -> Iterator[Sample]:
    strip = read_grey(row.path)
    with Image.open(folder / row["mask"]) as image:
        classes = np.asarray(image)
    tile = int(row["tile"])
    for index in range(int(row["slices"])):
        columns = slice(tile * index, tile * (index + 1))
        picture = strip[:, :, columns]
        targets = planes(classes[:, columns])
        yield Sample(
            row=row,
            picture=as_bytes(StretchGrey()(FitSquare(SIZE)(picture))),
            targets=targets,
            known=np.ones_like(targets),
            truths=np.array([float(row.label != NORMAL)], np.float32),
            # Groups are told by volumes of the whole heart, never by the look of a slice.
            weights=np.zeros(1, np.float32),
            positive=(row.label != NORMAL,),
            cell=row.label,
            source="Dijon",
        )


def planes(classes: np.ndarray) -> Planes:
    """Class picture (rows, columns) to targets (3, S, S): right ventricle, outer border, cavity."""
    box = Letterbox(classes.shape[0], classes.shape[1], SIZE)
    left = (classes == _MUSCLE_VALUE) | (classes == _CAVITY_VALUE)
    marked = (classes == _RIGHT_VALUE, left, classes == _CAVITY_VALUE)
    return np.stack([_fitted(each, box) for each in marked])


def _fitted(marked: np.ndarray, box: Letterbox) -> np.ndarray:
    (rows, columns), (top, left) = box.inner, box.margin
    scaled = Image.fromarray((marked * 255).astype(np.uint8)).resize(
        (columns, rows), Image.Resampling.BILINEAR
    )
    plane = np.zeros((box.size, box.size), bool)
    plane[top : top + rows, left : left + columns] = np.asarray(scaled) >= 128
    return plane


def groups(sample: Sample) -> Iterator[str]:
    names = {
        "NOR": "normal",
        "DCM": "dilated cardiomyopathy",
        "HCM": "hypertrophic cardiomyopathy",
        "MINF": "reduced function after infarction",
        "RV": "abnormal right ventricle",
    }
    yield names[sample.row.label]
