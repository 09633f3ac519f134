"""Splitting by patient: no patient is ever on both sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mediassist.statistics.estimate import IndexArray, group_numbers


def patient_folds(
    labels: ArrayLike, patients: ArrayLike, folds: int = 5, seed: int = 0
) -> IndexArray:
    """Number of the fold, 0..folds-1, of every row; positives spread evenly over the folds.

    A patient counts as positive if any row is. The split depends on the patients' names and the
    seed, not on the order of the rows.

    >>> patient_folds([1, 1, 0, 0], ["a", "a", "b", "c"], folds=2).tolist()[:2] in ([0, 0], [1, 1])
    True
    """
    truth = np.asarray(labels).astype(np.bool_)
    numbers, count = group_numbers(patients)
    if count < folds:
        raise ValueError(f"{count} patients cannot make {folds} folds")
    positive = np.zeros(count, dtype=np.bool_)
    np.logical_or.at(positive, numbers, truth)
    random = np.random.default_rng(seed)
    fold_of_patient = np.zeros(count, dtype=np.intp)
    # One run through positives, then negatives: neighbours in the run get different folds, so
    # that both kinds and the total are even.
    run = np.concatenate(
        [
            random.permutation(np.flatnonzero(positive)),
            random.permutation(np.flatnonzero(~positive)),
        ]
    )
    fold_of_patient[run] = np.arange(count) % folds
    return fold_of_patient[numbers]
