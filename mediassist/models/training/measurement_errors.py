"""How far boxes, sizes and grades that bundles give are off the truth, on held-back samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.core.finding import HeatMap
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.models.measures.kl_grade import expected_grade
from mediassist.models.regions import extent_mm, outlines
from mediassist.models.training.box_marks import (
    PLAIN,
    Drawn,
    Seen,
    marked_images,
    on_canvas,
    seen_in,
    side_shares,
)
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import Outputs
from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.froc import detection_rate_at, dice, froc_curve, pointing_hit
from mediassist.statistics.intervals import rate

_PIXELS = PixelSpacing(1.0, 1.0, SpacingSource.PATIENT)


def grade_errors(samples: Sequence[Sample], outputs: Outputs, level: float) -> Mapping[str, Any]:
    """Expected against read Kellgren-Lawrence grade; `level` is not used."""
    found = expected_grade(outputs.logits)
    read = np.array([int(sample.row["kl"]) for sample in samples])
    whole = np.round(found).astype(int)
    patients = np.array([sample.row.patient for sample in samples])

    def resampled(statistic: Any) -> dict[str, Any]:
        return asdict(cluster_bootstrap(statistic, patients, strata=read))

    return {
        "Mean absolute error of the expected grade": resampled(
            lambda rows: float(np.abs(found[rows] - read[rows]).mean())
        ),
        "Quadratic weighted kappa of the rounded grade": resampled(
            lambda rows: quadratic_kappa(read[rows], whole[rows], 5)
        ),
        "Rounded grade is the one read": asdict(rate(int((whole == read).sum()), len(read))),
        "Rounded grade is off by one at most": asdict(
            rate(int((np.abs(whole - read) <= 1).sum()), len(read))
        ),
    }


def quadratic_kappa(first: NDArray[Any], second: NDArray[Any], classes: int) -> float:
    """Agreement beyond chance, errors weighted by their square (Cohen, Psychol. Bull. 70, 1968)."""
    table = np.zeros((classes, classes))
    np.add.at(table, (first, second), 1)
    steps = np.arange(classes)
    weights = (steps[:, None] - steps[None, :]) ** 2
    expected = np.outer(table.sum(1), table.sum(0)) / max(1.0, table.sum())
    by_chance = float((weights * expected).sum())
    return 1.0 - float((weights * table).sum()) / by_chance if by_chance else float("nan")


def outline_errors(samples: Sequence[Sample], outputs: Outputs, level: float) -> Mapping[str, Any]:
    """Outline of the first map against the drawn lesion: overlap, and error of the longest extent.

    Both are taken on the network's square, so that the share is that of any resolution.
    """
    overlaps, shares, missed, marked = [], [], 0, 0
    for sample, maps in zip(samples, outputs.maps, strict=True):
        truth = sample.targets[0]
        if not truth.any():
            continue
        marked += 1
        heat = on_canvas(maps[0], truth.shape[0])
        overlaps.append(dice(heat >= level, truth))
        lines = outlines(HeatMap("", 0, heat), level, _PIXELS)
        sizes = [region.size_mm[0] for region in lines if region.size_mm]
        if not sizes:
            missed += 1
            continue
        # The rim of the drawn lesion: its farthest points are all that counts.
        rim = np.argwhere(truth & ~ndimage.binary_erosion(truth))[:, ::-1].astype(np.float64)
        longest = extent_mm(rim, _PIXELS)[0]
        shares.append((max(sizes) - longest) / max(longest, 1.0))
    if not shares:
        return {}
    low, middle, high = np.quantile(np.abs(shares), (0.25, 0.5, 0.75))
    return {
        "Dice of the outline with drawn lesions, mean": round(float(np.mean(overlaps)), 3),
        "Dice of the outline, a tenth of lesions below": round(
            float(np.quantile(overlaps, 0.1)), 3
        ),
        "Error of the longest extent, share of the true one (median; middle half)": (
            f"{middle:.3f} ({low:.3f}-{high:.3f})"
        ),
        "Longest extent off by a quarter or more": asdict(
            rate(int((np.abs(shares) >= 0.25).sum()), len(shares))
        ),
        "Lesions without any outline": asdict(rate(missed, marked)),
    }


def box_errors(
    samples: Sequence[Sample], outputs: Outputs, level: float, drawn: Drawn = PLAIN
) -> Mapping[str, Any]:
    """Boxes of the first map against boxes drawn: pointing and FROC, for each source."""
    figures: dict[str, Any] = {}
    seen = seen_in(samples, outputs)
    for source in sorted({sample.source for sample in samples}):
        some = [each for each in seen if each.sample.source == source]
        figures |= {
            f"{source}: {name}": value
            for name, value in _boxes_of_source(some, level, drawn).items()
        }
    return figures


def _boxes_of_source(seen: Sequence[Seen], level: float, drawn: Drawn) -> dict[str, Any]:
    images = marked_images(seen, level, None, drawn)
    marked = [each for each in seen if each.sample.targets[0].any()]
    normal = [image for image in images if image.lesions == 0]
    hits = sum(pointing_hit(each.heat, each.sample.targets[0]) for each in marked)
    false = sum(len(image.mark_lesions) for image in normal)
    found: dict[str, Any] = {
        "false boxes a normal picture": round(false / len(normal), 2) if normal else "-"
    }
    if not marked:
        return found
    curve = froc_curve(images)
    if drawn.sized:
        found |= _side_errors(side_shares(seen, level, drawn))
    return {
        "pointing game, hottest point inside a box": asdict(rate(hits, len(marked))),
        "places found with at most half a false box a picture": asdict(
            detection_rate_at(curve, 0.5)
        ),
        "places found with at most one false box a picture": asdict(detection_rate_at(curve, 1.0)),
        **found,
    }


def _side_errors(shares: NDArray[np.float64]) -> dict[str, Any]:
    if len(shares) == 0:
        return {}
    low, middle, high = np.quantile(shares, (0.25, 0.5, 0.75))
    return {
        "longer side of a box that hits, share of the true one (median; middle half)": (
            f"{middle:.2f} ({low:.2f}-{high:.2f}; {len(shares)} places)"
        )
    }
