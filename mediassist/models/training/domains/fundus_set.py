"""Reading the eye sets: pictures cut to the field of view, masks on the same canvas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mediassist.models.fundus_view import FieldOfView, LocalContrast, field_of_view
from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare
from mediassist.models.training.manifest import Row, read_manifest, read_rgb

DR, GLAUCOMA, LENS_MYOPIA = "eye/dr", "eye/glaucoma", "eye/cataract_myopia_amd"
LESION_BITS, EXUDATE_BITS, DR_DISC_BIT = 1 | 2 | 4 | 8, 4 | 8, 16
DISC_BIT, CUP_BIT = 1, 2

# How a source is called in figures; the group of the manifest says which it is.
SOURCES = {
    "idrid": "IDRiD",
    "eyepacs": "EyePACS",
    "drishti": "Drishti-GS",
    "airogs": "AIROGS",
    "odir": "ODIR",
    "palm": "PALM",
}


def source_name(row: Row) -> str:
    return SOURCES[row["group"].partition("_")[0]]


def rows_of(data: Path, folder: str, splits: Sequence[str]) -> list[Row]:
    return [row for row in read_manifest(data / folder) if row.split in splits]


def preprocessing(size: int, local_contrast: bool) -> list[dict[str, Any]]:
    """The steps of `read_fundus`, as inference.json names them."""
    own = "mediassist.models.preprocess."
    steps: list[dict[str, Any]] = [
        {"_target_": f"{own}FieldOfView"},
        {"_target_": f"{own}FitSquare", "size": size},
    ]
    return [*steps, {"_target_": f"{own}LocalContrast"}] if local_contrast else steps


def read_fundus(row: Row, size: int, local_contrast: bool) -> NDArray[np.float32]:
    """(3, size, size) float32 in 0..1, as the product prepares the same photograph."""
    fitted = FitSquare(size)(FieldOfView()(read_rgb(row.path)))
    return LocalContrast()(fitted) if local_contrast else fitted


def read_mask(row: Row, data: Path, folder: str, size: int) -> NDArray[np.int64]:
    """Bit-coded mask cut to the field of view of its photograph, (rows, columns) as stored."""
    view = field_of_view(read_rgb(row.path))
    with Image.open(data / folder / row["mask"]) as image:
        bits = np.asarray(image).astype(np.int64)
    return bits[view.top : view.top + view.rows, view.left : view.left + view.columns]


def on_canvas(
    bits: NDArray[np.int64], wanted: int, size: int, least: float = 0.5
) -> NDArray[np.bool_]:
    """Pixels with one of the `wanted` bits on the square: marked where `least` of it is covered.

    A microaneurysm covers a quarter of a pixel of the square; at one half it would vanish.
    """
    box = Letterbox(bits.shape[0], bits.shape[1], size)
    (rows, columns), (top, left) = box.inner, box.margin
    marked = Image.fromarray(((bits & wanted) > 0).astype(np.float32))
    share = np.asarray(marked.resize((columns, rows), Image.Resampling.BOX))
    plane = np.zeros((size, size), bool)
    plane[top : top + rows, left : left + columns] = share >= least
    return plane
