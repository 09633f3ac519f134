"""Fit the head CT model: one averaged brain-window slice for every 5 mm level of the head.

Bloodless slices of CT-ICH (train split) are turned upright and scaled by the moments of each
patient's head; their heights are brought together by sliding every patient along the running
average; then the slices of a level are averaged by groupwise registration.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage as ndi

from tools.samples.fitting.pictures import Row, training_rows
from tools.samples.fitting.registration import Round, average_group

Array = NDArray[np.float64]
Slices = list[tuple[int, Array]]

SIDE = 192
TOP = 26.0  # level that the highest slice of a patient starts from
LEVELS = range(2, 28)
LEAST = 14
ROUNDS = (
    Round((2.5, 2.0, 2.0), (30, 0, 0)),
    Round((2.0, 2.0, 2.0), (40, 20, 0)),
    Round((1.8, 1.6, 1.6), (40, 30, 10)),
    Round((1.6, 1.4, 1.3), (40, 30, 20)),
)


def _wanted(row: Row) -> bool:
    return bool(
        row["slice"] and row["label"] == "no_hemorrhage" and row["patient"].startswith("ctich")
    )


def _read(folder: Path) -> dict[str, Slices]:
    patients: dict[str, Slices] = defaultdict(list)
    for row in training_rows(folder, _wanted):
        picture = Image.open(folder / row["file"]).convert("L")
        array = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS), np.float64)
        patients[row["patient"]].append((int(row["slice"]), array / 255.0))
    return {
        key: sorted(slices, key=lambda pair: pair[0])
        for key, slices in patients.items()
        if len(slices) >= 5
    }


def _upright(slices: Slices) -> Slices | None:
    """Slices turned and scaled so that the upper head has a standard ellipse; None if tilted."""
    upper = slices[len(slices) // 2 :]
    mask = np.mean([ndi.gaussian_filter(a, 2.0) > 0.15 for _, a in upper], 0) > 0.5
    parts, count = ndi.label(mask)
    if count > 1:
        mask = parts == 1 + int(np.argmax(ndi.sum(mask, parts, range(1, count + 1))))
    rows, columns = np.nonzero(ndi.binary_fill_holes(mask))
    centre = np.array([rows.mean(), columns.mean()])
    values, vectors = np.linalg.eigh(np.cov(np.vstack([rows, columns])))
    axis = vectors[:, 1] if vectors[0, 1] >= 0 else -vectors[:, 1]
    angle = np.arctan2(axis[1], axis[0])
    if abs(angle) > 0.6:
        return None
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = (np.sqrt(values[1]) / (SIDE * 0.215), np.sqrt(values[0]) / (SIDE * 0.17))
    matrix = turn @ np.diag(scale)
    offset = centre - matrix @ np.array([SIDE / 2, SIDE / 2])
    return [(k, ndi.affine_transform(a, matrix, offset, order=1)) for k, a in slices]


def _heights(patients: dict[str, Slices]) -> dict[str, float]:
    """Offset of every patient: level = slice number - offset."""
    small = {
        key: [(k, ndi.gaussian_filter(a, 3.0)[::6, ::6]) for k, a in slices]
        for key, slices in patients.items()
    }
    offsets = {key: slices[-1][0] - TOP for key, slices in patients.items()}
    count = 34
    for step in range(8):
        width = 1.5 if step < 4 else 0.8
        total = np.zeros((count, *next(iter(small.values()))[0][1].shape))
        weight = np.zeros(count)
        for key, slices in small.items():
            for number, picture in slices:
                level = number - offsets[key]
                for near in range(max(0, int(level) - 1), min(count, int(level) + 3)):
                    share = np.exp(-0.5 * ((level - near) / width) ** 2)
                    total[near] += share * picture
                    weight[near] += share
        template = total / np.maximum(weight, 1e-3)[:, None, None]
        known = weight > 1
        for key, slices in small.items():
            best: tuple[float, float] | None = None
            for offset in np.arange(offsets[key] - 4, offsets[key] + 4.1, 0.5):
                fits = []
                for number, picture in slices:
                    level = number - offset
                    low = int(level)
                    if 0 <= level < count - 1 and known[low] and known[low + 1]:
                        there = template[low] * (1 - level % 1) + template[low + 1] * (level % 1)
                        fits.append(np.corrcoef(there.ravel(), picture.ravel())[0, 1])
                if len(fits) >= len(slices) - 2:
                    score = float(np.mean(fits))
                    if best is None or score > best[0]:
                        best = (score, float(offset))
            if best is not None:
                offsets[key] = best[1]
    return offsets


def fit_head_ct(datasets: Path, out: Path) -> None:
    """Write `out`/head_ct.npz: uint8 (levels, rows, columns), foot to head, window -20..100 HU."""
    patients = {
        key: upright
        for key, slices in _read(datasets / "brain" / "ct_hemorrhage").items()
        if (upright := _upright(slices)) is not None
    }
    offsets = _heights(patients)
    placed = [(k - offsets[key], a) for key, slices in patients.items() for k, a in slices]
    heights = np.array([height for height, _ in placed])
    averages = []
    for level in LEVELS:
        width = 0.8
        while (np.abs(heights - level) <= width).sum() < LEAST:
            width += 0.25
        group = np.array([placed[i][1] for i in np.nonzero(np.abs(heights - level) <= width)[0]])
        rough = ndi.gaussian_filter(group.mean(0), 2.0).ravel()
        fits = np.array(
            [np.corrcoef(rough, ndi.gaussian_filter(a, 2.0).ravel())[0, 1] for a in group]
        )
        group = group[fits >= np.quantile(fits, 0.15)]
        print(f"level {level}: {len(group)} slices within {width * 5:.0f} mm", flush=True)
        averages.append(average_group(group, ROUNDS).average)
    stored = np.rint(np.clip(np.stack(averages), 0, 1) * 255).astype(np.uint8)
    np.savez_compressed(out / "head_ct.npz", average=stored)
