"""Fit the chest models: adult PA (NIH normal films) and child AP (Kermany normal films)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage as ndi

from tools.samples.fitting.appearance import compact, model_arrays
from tools.samples.fitting.pictures import Row, grey, training_rows
from tools.samples.fitting.registration import (
    Round,
    agreement,
    average_group,
    register,
    warp,
)

MASK_BITS = {"right_lung": 1, "left_lung": 2, "heart": 4}
MASK_ROUND = Round((2.5, 2.0, 1.6), (40, 30, 15))


def _adult(row: Row) -> bool:
    return (
        row["label"] == "normal"
        and row["dataset"].startswith("NIH")
        and row["group"] == "adult"
        and row["view"] == "PA"
    )


def _child(row: Row) -> bool:
    return row["label"] == "normal" and row["dataset"].startswith("Kermany")


def _child_masks(
    average: NDArray[np.float64], adult: dict[str, NDArray[np.generic]]
) -> NDArray[np.float64]:
    """Lungs and heart of the adult model carried over to the child's average.

    No outlines of children's films are at hand; average to average fits well (about 0.8).
    """
    size = average.shape[0]
    shrink = size / adult["average"].shape[0]
    moving = ndi.zoom(adult["average"].astype(np.float64), shrink, order=1)
    field = register(average, moving, Round((2.5, 2.0, 1.6), (60, 40, 20)))
    print(f"adult average on the child's: agreement {agreement(average, warp(moving, field)):.2f}")
    masks = [ndi.zoom(mask.astype(np.float64), shrink, order=1) for mask in adult["masks"]]
    return np.stack([warp(mask, field) for mask in masks])


def _masks(average: NDArray[np.float64], hearts: Path, count: int) -> NDArray[np.float64]:
    """Lungs and heart on the average: hand-drawn JSRT outlines carried over and averaged."""
    size = average.shape[0]
    total = np.zeros((len(MASK_BITS), size, size))
    used = 0
    rows = list(training_rows(hearts, lambda row: row["dataset"] == "JSRT"))[:count]
    for row in rows:
        raw = np.asarray(Image.open(hearts / row["file"]).convert("L"))
        # black identification fields would pull the registration; make them the median
        clean = Image.fromarray(np.where(raw < 8, np.median(raw), raw).astype(np.uint8))
        array = np.asarray(clean.resize((size, size), Image.Resampling.LANCZOS), np.float64)
        low, high = np.percentile(array, [2, 98])
        picture = np.clip((array - low) / (high - low), -0.1, 1.1)
        bits = np.asarray(
            Image.open(hearts / row["mask"]).resize((size, size), Image.Resampling.NEAREST)
        )
        field = register(average, picture, MASK_ROUND)
        if agreement(average, warp(picture, field)) < 0.7:
            continue
        total += np.stack(
            [warp(((bits & bit) > 0).astype(float), field) for bit in MASK_BITS.values()]
        )
        used += 1
    print(f"masks carried over from {used} films")
    return total / used


def tidied(average: NDArray[np.float64]) -> NDArray[np.float64]:
    """The average with its rim smoothed: few films reach there, and side markers lie there."""
    size = average.shape[0]
    rows, columns = np.mgrid[:size, :size] / size
    side = np.minimum(columns, 1 - columns)
    rim = np.maximum.reduce(
        [
            (0.085 - side) / 0.04,
            (rows - 0.90) / 0.04,
            np.minimum((0.17 - rows) / 0.03, (0.24 - side) / 0.04),
            (0.04 - rows) / 0.03,
        ]
    )
    share = np.clip(rim, 0, 1)
    smooth = ndi.gaussian_filter(ndi.median_filter(average, max(3, size // 13)), size / 60)
    return average * (1 - share) + smooth * share


def fit_chest(datasets: Path, out: Path, kind: str) -> None:
    """Write `out`/chest_<kind>.npz for kind `adult` or `child` (the child's needs the adult's)."""
    folder = datasets / "lung" / "cxr"
    size = 384 if kind == "adult" else 288
    rows = list(training_rows(folder, _adult if kind == "adult" else _child))
    print(f"{kind}: {len(rows)} films")
    group = average_group(np.array([grey(folder / row["file"], size) for row in rows]))
    arrays = model_arrays(group, kept_share=0.6)
    arrays["average"] = tidied(arrays["average"])
    if kind == "adult":
        arrays["masks"] = _masks(group.average, datasets / "cardio" / "cxr_heart_lungs", 60)
    else:
        with np.load(out / "chest_adult.npz", allow_pickle=False) as adult:
            arrays["masks"] = _child_masks(group.average, dict(adult))
    np.savez_compressed(out / f"chest_{kind}.npz", **compact(arrays))  # type: ignore[arg-type]
