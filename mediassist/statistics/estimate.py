"""A figure with its interval, for everything that is not a plain proportion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
IndexArray: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` is None where the figure is undefined (no positives, no negatives)."""

    value: float | None
    low: float
    high: float


UNDEFINED = Estimate(None, 0.0, 1.0)


def labels_and_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[BoolArray, FloatArray]:
    """The two columns every figure starts from, checked once.

    Parameters
    ----------
    labels : (n,) 0 or 1, True or False; 1 means that the finding is present.
    scores : (n,) finite numbers, higher means more likely present.
    """
    truth = np.asarray(labels)
    values = np.asarray(scores, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != values.shape:
        raise ValueError(f"labels {truth.shape} and scores {values.shape} must be equal columns")
    if not np.all((truth == 0) | (truth == 1)):
        raise ValueError("labels must be 0 or 1")
    if not np.all(np.isfinite(values)):
        raise ValueError("scores must be finite")
    return truth.astype(np.bool_), values


def group_numbers(groups: ArrayLike) -> tuple[IndexArray, int]:
    """Number groups (patients) from 0: ``(number of each row, how many groups)``."""
    names, numbers = np.unique(np.asarray(groups), return_inverse=True)
    return numbers.astype(np.intp).reshape(-1), len(names)
