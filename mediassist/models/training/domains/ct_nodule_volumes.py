"""The whole chain, finder and network, on the whole chest volumes of lung/ct_nodule."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.core.geometry import Volume
from mediassist.models.loaded import channels_first
from mediassist.models.nodule_candidates import lung_mask
from mediassist.models.preprocess import FitSquare
from mediassist.models.tasks.detect_volume import Mark, score_candidates
from mediassist.models.training.domains.ct_nodule_set import (
    PATCH_PX,
    SET,
    SIZE,
    WINDOW_LEVEL_HU,
    WINDOW_WIDTH_HU,
)
from mediassist.statistics.froc import MarkedImage, detection_rate_at, froc_curve

PATCH_MM = 0.7 * PATCH_PX
FALSE_MARKS = (1, 2, 4, 8)


class _Model:
    """The network of a bundle that is not written yet, in the clothes of a `LoadedBundle`."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.runtime = _TorchRuntime(network)
        self._fit = FitSquare(SIZE)

    def prepare(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        return self._fit(channels_first(picture))[None]


class _TorchRuntime:
    name = "torch"

    def __init__(self, network: torch.nn.Module) -> None:
        self._network = network.eval()

    def predict(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        with torch.inference_mode():
            outputs = self._network(torch.from_numpy(batch))
        return tuple(output.numpy() for output in outputs)


def volume_figures(network: torch.nn.Module, data: Path) -> Mapping[str, Any]:
    """Detection against false marks a volume, and how far diameters are off; n is said first.

    Small marks of single readers and places without an outline count neither way.
    """
    folder = data / SET
    images, offs = [], []
    with (folder / "volumes.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "whole_chest_crop"]
    for row in rows:
        nodules = _nodules(folder, row["file"])
        volume = _volume(folder / row["file"])
        lungs = lung_mask(volume.array, volume.spacing_mm)
        if lungs is None:
            continue
        window = (WINDOW_LEVEL_HU, WINDOW_WIDTH_HU)
        marks = score_candidates(_Model(network), volume, lungs, window, PATCH_MM)
        marked, off = _matched(marks, nodules, volume.spacing_mm)
        images.append(marked)
        offs += off
    curve = froc_curve(images)
    found: dict[str, Any] = {
        "Whole chest volumes": len(images),
        "Nodules with an outline in them": curve.lesions,
    }
    for allowed in FALSE_MARKS:
        hit = detection_rate_at(curve, float(allowed))
        found[f"Nodules marked at {allowed} false marks a volume"] = (
            f"{hit.numerator} of {hit.denominator}"
        )
    if offs:
        found["Mean error of the diameter against the readers', mm"] = round(
            float(np.mean(np.abs(offs))), 1
        )
    return found


def _volume(path: Path) -> Volume:
    with np.load(path) as stored:
        spacing = tuple(float(value) for value in stored["spacing_zyx"])
        array = 8 * stored["hu8"].astype(np.int16) - 1024
    return Volume(array, np.eye(4), (spacing[0], spacing[1], spacing[2]))


def _nodules(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / "nodules.csv").open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["file"] == file]


def _matched(
    marks: list[Mark], nodules: list[dict[str, str]], spacing: tuple[float, float, float]
) -> tuple[MarkedImage, list[float]]:
    """A mark hits a nodule whose middle lies within its radius (at least 5 mm)."""
    outlined = [row for row in nodules if row["diameter_mm"]]
    scores: list[float] = []
    lesions: list[int] = []
    offs: dict[int, float] = {}
    for mark in marks:
        hit, ignored = -1, False
        for row in nodules:
            place = np.array([float(row[name]) for name in ("z", "y", "x")])
            away = float(
                np.linalg.norm((np.array(mark.candidate.index) - place) * np.array(spacing))
            )
            if row["diameter_mm"] and away <= max(5.0, float(row["diameter_mm"]) / 2):
                hit = outlined.index(row)
                offs.setdefault(hit, mark.size_mm[0] - float(row["diameter_mm"]))
            elif not row["diameter_mm"] and away <= 5.0:
                ignored = True
        if hit >= 0 or not ignored:
            scores.append(mark.logit)
            lesions.append(hit)
    return MarkedImage(len(outlined), tuple(scores), tuple(lesions)), list(offs.values())
