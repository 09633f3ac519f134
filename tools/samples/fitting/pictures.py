"""Reading the training pictures that the statistical models are fitted to (train split only)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Row = dict[str, str]


def training_rows(folder: Path, wanted: Callable[[Row], bool]) -> Iterator[Row]:
    """Manifest rows of the train split that `wanted` accepts, in the manifest's order."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["split"] == "train" and wanted(row):
                yield row


def grey(path: Path, size: int) -> NDArray[np.float64]:
    """A picture as a `size` x `size` grey array; 2nd and 98th percentile become 0 and 1."""
    picture = Image.open(path).convert("L").resize((size, size), Image.Resampling.LANCZOS)
    array = np.asarray(picture, np.float64)
    low, high = np.percentile(array, [2, 98])
    return np.clip((array - low) / (high - low), -0.1, 1.1)
