"""Percentile bootstrap with the patient as the unit.

Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; drawing whole
clusters: Field & Welsh, J. R. Stat. Soc. B 69 (2007) 369.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from mediassist.statistics.estimate import Estimate, IndexArray, group_numbers

Statistic = Callable[[IndexArray], float]


def cluster_bootstrap(
    statistic: Statistic,
    patients: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Interval of any figure, drawing patients (with all their rows) with replacement.

    Parameters
    ----------
    statistic : takes row numbers (with repeats), gives the figure; NaN where undefined.
    patients : (n,) who each row belongs to.
    strata : (n,) optional label; patients are drawn within their stratum (a patient's stratum is
        the largest of its rows), which keeps positives in every draw.

    Returns
    -------
    Estimate of the figure on all rows; draws where it is undefined are left out. The value is
    None where it is undefined on all rows.

    >>> values = np.arange(100.0)
    >>> mean = cluster_bootstrap(lambda rows: float(values[rows].mean()), np.arange(100))
    >>> mean.value, 42 < mean.low < 46, 53 < mean.high < 57
    (49.5, True, True)
    """
    numbers, count = group_numbers(patients)
    everything = np.arange(len(numbers), dtype=np.intp)
    value = statistic(everything)
    if np.isnan(value):
        return Estimate(None, 0.0, 1.0)
    order = np.argsort(numbers, kind="stable").astype(np.intp)
    sizes = np.bincount(numbers, minlength=count)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    pools = _pools(numbers, count, strata)
    random = np.random.default_rng(seed)
    draws: list[float] = []
    for _ in range(resamples):
        drawn = np.concatenate([random.choice(pool, size=len(pool)) for pool in pools])
        draws.append(statistic(_rows_of(drawn, order, starts, sizes)))
    known = np.asarray(draws)[~np.isnan(draws)]
    if len(known) == 0:
        return Estimate(value, 0.0, 1.0)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return Estimate(value, float(low), float(high))


def _pools(numbers: IndexArray, count: int, strata: ArrayLike | None) -> list[IndexArray]:
    if strata is None:
        return [np.arange(count, dtype=np.intp)]
    kinds, kind_of_row = np.unique(np.asarray(strata), return_inverse=True)
    kind_of_patient = np.zeros(count, dtype=np.intp)
    np.maximum.at(kind_of_patient, numbers, kind_of_row.reshape(-1))
    pools = [np.flatnonzero(kind_of_patient == kind) for kind in range(len(kinds))]
    return [pool for pool in pools if len(pool)]


def _rows_of(
    drawn: IndexArray, order: IndexArray, starts: IndexArray, sizes: IndexArray
) -> IndexArray:
    """Row numbers of the drawn patients, each patient's rows as often as it was drawn."""
    lengths = sizes[drawn]
    ends = np.cumsum(lengths)
    within = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    return np.asarray(order[np.repeat(starts[drawn], lengths) + within], dtype=np.intp)
