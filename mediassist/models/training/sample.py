"""One training picture with everything that is known of it, the same shape for every domain."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mediassist.models.letterbox import Letterbox
from mediassist.models.training.manifest import Row

Planes = NDArray[np.bool_]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A picture on its square canvas.

    Attributes
    ----------
    picture : (C, S, S) uint8 after the bundle's preprocessing, C = 1 (grey) or 3 (RGB).
    targets, known : (M, S, S) bool; truth of each map, and where that truth is known at all.
    truths : (K,) float32 in 0..1, softened by how often that kind of label errs.
    weights : (K,) float32, 0 where an answer's truth is unknown.
    positive : hard truth of each answer; None where unknown. Figures and thresholds use these.
    cell : sampling cell; a batch draws every cell at the share its recipe gives.
    trusted : whether a person (or biopsy, PCR, CT) made the label; only such pictures fix
        probability map and thresholds.
    """

    row: Row
    picture: NDArray[np.uint8]
    targets: Planes
    known: Planes
    truths: NDArray[np.float32]
    weights: NDArray[np.float32]
    positive: tuple[bool | None, ...]
    cell: str
    source: str
    trusted: bool = True


def blank_targets(maps: int, canvas: int) -> tuple[Planes, Planes]:
    """Targets and known planes with nothing marked and nothing known."""
    return np.zeros((maps, canvas, canvas), bool), np.zeros((maps, canvas, canvas), bool)


def mask_plane(path: Path, box: Letterbox, bits: int | None = None) -> NDArray[np.bool_]:
    """A mask picture on the canvas: pixels > 0, or those with one of `bits` set."""
    with Image.open(path) as image:
        values = np.asarray(image if image.mode in ("L", "P", "1") else image.convert("L"))
    marked = values > 0 if bits is None else (values.astype(np.int64) & bits) > 0
    (rows, columns), (top, left) = box.inner, box.margin
    # Area filter and one half: a thin structure neither vanishes nor swells as with nearest.
    fitted = Image.fromarray((marked * 255).astype(np.uint8)).resize(
        (columns, rows), Image.Resampling.BOX
    )
    plane = np.zeros((box.size, box.size), bool)
    plane[top : top + rows, left : left + columns] = np.asarray(fitted) >= 128
    return plane


def draw_box(
    target: NDArray[np.bool_], known: NDArray[np.bool_], corners: Box, box: Letterbox
) -> None:
    """A box as truth, in place: its inscribed ellipse is lesion, its corners are unknown.

    `corners` are x0, y0, x1, y1 in pixels of the stored picture.
    """
    ends = box.to_network(np.array([corners[:2], corners[2:]]))
    (left, top), (right, bottom) = np.clip(ends, 0, box.size - 1)
    rows = slice(int(top), int(np.ceil(bottom)) + 1)
    columns = slice(int(left), int(np.ceil(right)) + 1)
    ellipse = Image.new("1", (box.size, box.size))
    ImageDraw.Draw(ellipse).ellipse((left, top, max(right, left + 1), max(bottom, top + 1)), fill=1)
    lesion = np.asarray(ellipse)
    free = ~target[rows, columns]
    known[rows, columns] &= ~free
    target |= lesion
    known |= lesion


def read_boxes(path: Path) -> dict[str, list[tuple[dict[str, str], Box]]]:
    """file -> its rows of `boxes.csv` with corners x0, y0, x1, y1 in stored pixels."""
    found: dict[str, list[tuple[dict[str, str], Box]]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for record in csv.DictReader(stream):
            x, y, w, h = (float(record[name]) for name in ("x", "y", "w", "h"))
            found.setdefault(record["file"], []).append((record, (x, y, x + w, y + h)))
    return found


def as_bytes(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Prepared picture in 0..1 as uint8, the form in which samples are kept."""
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
