"""A picture set of a few drawn films, laid out like lung/cxr, with random weights beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

COLUMNS = (
    *("file", "patient", "source", "dataset", "label", "label_source", "findings", "split"),
    *("group", "age", "sex", "view", "mask", "mask_kind"),
)


def make_tiny_set(root: Path, films: int = 24) -> Path:
    """Write `root/datasets/lung/cxr` and `root/weights`; gives the folder of the sets."""
    folder = root / "datasets" / "lung" / "cxr"
    for part in ("images", "masks", "boxes"):
        (folder / part).mkdir(parents=True)
    rng = np.random.default_rng(4)
    rows, boxes = [], []
    for number in range(films):
        sick = number % 2 == 1
        child = number % 4 < 2
        name = f"images/{number:04d}.webp"
        picture, lungs = _film(rng, sick)
        Image.fromarray(picture).save(folder / name, lossless=True)
        mask = ""
        if number % 3 == 0:
            mask = f"masks/{number:04d}.png"
            Image.fromarray(lungs.astype(np.uint8)).save(folder / mask)
        elif sick and not child:
            boxes.append([name, 20, 40, 30, 30, "lung_opacity", "RSNA"])
        rows.append(
            {
                "file": name,
                "patient": f"p{number:03d}",
                "dataset": "Kermany paediatric CXR" if child else "NIH ChestX-ray14",
                "label": "opacity" if sick else "normal",
                "label_source": "two-physicians" if child else "radiologist-RSNA",
                "split": ("train", "train", "calib", "test")[number // 2 % 4],
                "group": "child" if child else "adult",
                "age": "" if child else str(30 + number),
                "sex": "FM"[number // 4 % 2],
                "view": "AP" if child else "PA",
                "mask": mask,
                "mask_kind": "bits:1=both_lungs" if mask else "",
            }
        )
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    with (folder / "boxes" / "boxes.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["file", "x", "y", "w", "h", "finding", "author"], *boxes])
    _weights(root / "weights")
    return root / "datasets"


def _film(rng: np.random.Generator, sick: bool) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:1:96j, 0:1:88j]
    lungs = sum(((x - c) / 0.16) ** 2 + ((y - 0.45) / 0.3) ** 2 < 1 for c in (0.28, 0.72)) > 0
    picture = np.where(lungs, 60.0, 170.0) + rng.normal(0, 6, x.shape)
    if sick:
        picture += 90 * np.exp(-(((x - 0.3) / 0.1) ** 2 + ((y - 0.55) / 0.12) ** 2))
    return np.clip(picture, 1, 255).astype(np.uint8), lungs


def _weights(folder: Path) -> None:
    """Random weights in the layout of imagenet_mobilenet_v2.npz."""
    import torch

    from mediassist.models.networks.mobilenet import MobileNetEncoder

    torch.manual_seed(2)
    arrays: dict[str, np.ndarray] = {}
    for name, value in MobileNetEncoder().state_dict().items():
        array = value.numpy()
        if array.ndim == 4:
            scale = np.abs(array).max(axis=(1, 2, 3)) / 127 + 1e-9
            arrays[f"{name}_int8"] = np.round(array / scale[:, None, None, None]).astype(np.int8)
            arrays[f"{name}_scale"] = scale.astype(np.float32)
        else:
            arrays[name] = array
    folder.mkdir()
    np.savez(folder / "imagenet_mobilenet_v2.npz", **arrays)
