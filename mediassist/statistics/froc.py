"""Are marks where the lesions are? FROC, pointing game, overlap.

Sources: Chakraborty & Berbaum, Med. Phys. 31 (2004) 2313 (FROC); Zhang et al., IJCV 126 (2018)
1084 (pointing game); Jaccard, New Phytol. 11 (1912) 37; Dice, Ecology 26 (1945) 297. Boxes are
(x0, y0, x1, y1) in pixels, upper left and lower right corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mediassist.core.operating_point import Rate
from mediassist.statistics.estimate import UNDEFINED, Estimate, FloatArray, group_numbers
from mediassist.statistics.intervals import rate

# False marks an image over which the challenges of the field average (CPM).
CPM_RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class MarkedImage:
    """One image: for each mark its score and the lesion that it hits (-1: none)."""

    lesions: int
    mark_scores: tuple[float, ...] = field(default=())
    mark_lesions: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class FrocCurve:
    """One point per distinct mark score, most certain first, starting without any mark."""

    thresholds: FloatArray
    false_marks_per_image: FloatArray
    lesions_hit: NDArray[np.intp]
    lesions: int
    images: int


def match_marks(
    marks: ArrayLike, scores: ArrayLike, lesions: ArrayLike, least_iou: float | None = None
) -> MarkedImage:
    """Which mark hits which lesion.

    Parameters
    ----------
    marks : (m, 4) boxes; lesions : (k, 4) boxes.
    least_iou : a mark hits the lesion that it overlaps best, by at least this intersection over
        union; None: its centre must lie inside the lesion's box (the nearest centre wins).

    >>> match_marks([(0, 0, 4, 4), (50, 50, 60, 60)], [0.9, 0.2], [(1, 1, 5, 5)]).mark_lesions
    (0, -1)
    """
    boxes = np.asarray(marks, dtype=np.float64).reshape(-1, 4)
    truth = np.asarray(lesions, dtype=np.float64).reshape(-1, 4)
    certainty = tuple(float(score) for score in np.asarray(scores, dtype=np.float64).reshape(-1))
    if len(certainty) != len(boxes):
        raise ValueError("every mark needs one score")
    hits: list[int] = []
    for box in boxes:
        if len(truth) == 0:
            hits.append(-1)
        elif least_iou is None:
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            inside = (
                (x >= truth[:, 0]) & (x <= truth[:, 2]) & (y >= truth[:, 1]) & (y <= truth[:, 3])
            )
            centres_x, centres_y = truth[:, [0, 2]].mean(axis=1), truth[:, [1, 3]].mean(axis=1)
            distance = np.where(inside, np.hypot(centres_x - x, centres_y - y), np.inf)
            hits.append(int(distance.argmin()) if inside.any() else -1)
        else:
            overlaps = np.array([box_iou(box, lesion) for lesion in truth])
            best = int(overlaps.argmax())
            hits.append(best if overlaps[best] >= least_iou else -1)
    return MarkedImage(len(truth), certainty, tuple(hits))


def froc_curve(images: Sequence[MarkedImage]) -> FrocCurve:
    """Lesions hit against false marks an image (over all images, with and without lesions).

    A second mark on a lesion that is hit already is neither hit nor false mark.

    >>> curve = froc_curve([MarkedImage(1, (0.9, 0.4), (0, -1)), MarkedImage(1, (0.8,), (-1,))])
    >>> curve.false_marks_per_image.tolist(), curve.lesions_hit.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0, 1, 1, 1])
    """
    scores, hit, _ = _events(images, np.zeros(len(images), dtype=np.intp))
    ends = _ends_of_ties(scores)
    return FrocCurve(
        thresholds=np.concatenate([[np.inf], scores[ends]]),
        false_marks_per_image=np.concatenate(
            [[0.0], np.cumsum(1 - hit)[ends] / max(1, len(images))]
        ),
        lesions_hit=np.concatenate([[0], np.cumsum(hit)[ends]]).astype(np.intp),
        lesions=sum(image.lesions for image in images),
        images=len(images),
    )


def detection_rate_at(curve: FrocCurve, false_marks_per_image: float) -> Rate:
    """Share of lesions hit with at most so many false marks an image (lesions as if independent).

    >>> curve = froc_curve([MarkedImage(1, (0.9, 0.4), (0, -1)), MarkedImage(1, (0.8,), (-1,))])
    >>> detection_rate_at(curve, 0.5).value
    0.5
    """
    allowed = curve.false_marks_per_image <= false_marks_per_image + 1e-12
    return rate(int(curve.lesions_hit[allowed].max()), curve.lesions)


def mean_detection(curve: FrocCurve) -> float:
    """Mean detection rate over 1/8, 1/4, 1/2, 1, 2, 4 and 8 false marks an image; NaN without any
    lesion (CPM: Setio et al., Med. Image Anal. 42 (2017) 1).

    >>> mean_detection(froc_curve([MarkedImage(1, (0.9,), (0,)), MarkedImage(1)]))
    0.5
    """
    if not curve.lesions:
        return float("nan")
    rates = [detection_rate_at(curve, each).value or 0.0 for each in CPM_RATES]
    return sum(rates) / len(rates)


def froc_intervals(
    images: Sequence[MarkedImage],
    patients: Sequence[str],
    rates: Sequence[float],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> tuple[tuple[Estimate, ...], Estimate]:
    """Detection rates at so many false marks an image, and their mean over `CPM_RATES`.

    Lesions of one patient, and marks of one image, depend on each other: whole patients are drawn
    with replacement (Samuelson & Petrick, IEEE ISBI 2006, 1312), and each draw finds its own
    threshold.

    Returns
    -------
    One estimate for each of `rates`, and that of the mean.
    """
    numbers, count = group_numbers(patients)
    curve = froc_curve(images)
    if curve.lesions == 0:
        return tuple(UNDEFINED for _ in rates), UNDEFINED
    score, hit, owner = _events(images, numbers)
    asked = [*rates, *CPM_RATES]
    lesions = np.bincount(numbers, [image.lesions for image in images], count)
    of_patient = np.bincount(numbers, minlength=count)
    ends = _ends_of_ties(score)
    random = np.random.default_rng(seed)
    drawn: list[FloatArray] = []
    for _ in range(resamples):
        times = np.bincount(random.integers(count, size=count), minlength=count)
        total = float(times @ lesions)
        if total == 0:
            continue
        weight = times[owner]
        false = np.concatenate([[0.0], np.cumsum(weight * (1 - hit))[ends]])
        found = np.concatenate([[0.0], np.cumsum(weight * hit)[ends]]) / total
        # Both rise together: the last point with few enough false marks is the best one.
        allowed = np.asarray(asked) * float(times @ of_patient) + 1e-9
        drawn.append(found[np.searchsorted(false, allowed, side="right") - 1])
    values = np.array([detection_rate_at(curve, each).value or 0.0 for each in asked])
    table = np.array(drawn) if drawn else values[None, :]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(table, [tail, 1.0 - tail], axis=0)
    mean_low, mean_high = np.quantile(table[:, len(rates) :].mean(axis=1), [tail, 1.0 - tail])
    estimates = tuple(
        Estimate(float(values[place]), float(low[place]), float(high[place]))
        for place in range(len(rates))
    )
    return estimates, Estimate(mean_detection(curve), float(mean_low), float(mean_high))


def _events(
    images: Sequence[MarkedImage], groups: NDArray[np.intp]
) -> tuple[FloatArray, NDArray[np.intp], NDArray[np.intp]]:
    """Score, 1 for a new lesion or 0 for a false mark, and group; the most certain first."""
    events: list[tuple[float, int, int]] = []
    for image, group in zip(images, groups.tolist(), strict=True):
        best: dict[int, float] = {}
        for score, lesion in zip(image.mark_scores, image.mark_lesions, strict=True):
            if lesion < 0:
                events.append((score, 0, group))
            else:
                best[lesion] = max(score, best.get(lesion, -np.inf))
        events.extend((score, 1, group) for score in best.values())
    events.sort(key=lambda event: -event[0])
    return (
        np.array([event[0] for event in events], dtype=np.float64),
        np.array([event[1] for event in events], dtype=np.intp),
        np.array([event[2] for event in events], dtype=np.intp),
    )


def _ends_of_ties(scores: FloatArray) -> NDArray[np.intp]:
    """Places of the last of each run of equal scores."""
    if len(scores) == 0:
        return np.zeros(0, dtype=np.intp)
    return np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1).astype(np.intp)


def pointing_hit(heat_map: ArrayLike, truth: ArrayLike) -> bool:
    """Does the hottest pixel lie on the truth mask? A flat map points nowhere and misses.

    >>> pointing_hit([[0.1, 0.9], [0.2, 0.3]], [[0, 1], [0, 0]])
    True
    """
    heat, mask = np.asarray(heat_map, dtype=np.float64), np.asarray(truth).astype(np.bool_)
    if heat.shape != mask.shape:
        raise ValueError(f"heat map {heat.shape} and truth {mask.shape} differ in shape")
    if heat.size == 0 or heat.max() == heat.min():
        return False
    return bool(mask.reshape(-1)[int(heat.argmax())])


def box_iou(first: ArrayLike, second: ArrayLike) -> float:
    """Intersection over union of two boxes.

    >>> round(box_iou((0, 0, 2, 2), (1, 0, 3, 2)), 4)
    0.3333
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    common = width * height
    together = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return float(common / together) if together > 0 else 0.0


def mask_iou(first: ArrayLike, second: ArrayLike) -> float:
    """Intersection over union of two masks; 1 where both are empty.

    >>> mask_iou([1, 1, 0], [0, 1, 1])
    0.3333333333333333
    """
    a, b = np.asarray(first).astype(np.bool_), np.asarray(second).astype(np.bool_)
    together = int((a | b).sum())
    return int((a & b).sum()) / together if together else 1.0


def dice(first: ArrayLike, second: ArrayLike) -> float:
    """Dice coefficient of two masks; 1 where both are empty.

    >>> dice([1, 1, 0], [0, 1, 1])
    0.5
    """
    a, b = np.asarray(first).astype(np.bool_), np.asarray(second).astype(np.bool_)
    total = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / total if total else 1.0
