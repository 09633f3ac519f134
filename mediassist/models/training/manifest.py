"""Rows of the picture sets' manifests, as plain values."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One picture of a manifest; `columns` keeps every field as it was written."""

    path: Path
    file: str
    patient: str
    label: str
    split: str
    columns: dict[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.columns.get(name, "")


def read_manifest(folder: Path) -> list[Row]:
    """Read `manifest.csv` of a picture set.

    Raises
    ------
    WrongUsage
        If the folder holds no manifest.
    """
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        raise WrongUsage(
            say(
                "train_no_manifest",
                "There is no manifest.csv in {folder}; --data must name the folder of the sets.",
                folder=str(folder),
            )
        )
    with manifest.open(encoding="utf-8", newline="") as stream:
        return [
            Row(
                path=folder / record["file"],
                file=record["file"],
                patient=record["patient"],
                label=record["label"],
                split=record["split"],
                columns=dict(record),
            )
            for record in csv.DictReader(stream)
        ]


def manifest_sha256(folder: Path) -> str:
    return hashlib.sha256((folder / "manifest.csv").read_bytes()).hexdigest()


def read_grey(path: Path) -> NDArray[np.float32]:
    """A picture as (1, rows, columns) float32 in 0..1."""
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), np.float32) / np.float32(255)
    return grey[None]


def read_rgb(path: Path) -> NDArray[np.float32]:
    """A picture as (3, rows, columns) float32 in 0..1; grey is given three times."""
    with Image.open(path) as image:
        colour = np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
    planes: NDArray[np.float32] = np.ascontiguousarray(colour.transpose(2, 0, 1), np.float32)
    return planes


def fold_of(patient: str, folds: int, seed: int) -> int:
    """Which fold of train a patient belongs to: by hash, so it never depends on the order."""
    digest = hashlib.sha256(f"{seed}:{patient}".encode()).digest()
    return int.from_bytes(digest[:4], "little") % folds
