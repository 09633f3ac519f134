"""A small logistic regression: enough to ask whether a label gives itself away.

scikit-learn has one, whose import alone takes a hundred megabytes of the audit's memory.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from mediassist.statistics.estimate import BoolArray, FloatArray


def logistic_weights(table: FloatArray, truth: BoolArray) -> FloatArray:
    """Intercept and weights; both classes weigh alike, and weights are held small (ridge, C = 1).

    The same model as scikit-learn's `LogisticRegression(class_weight="balanced")`.

    Parameters
    ----------
    table : (n, k) facts, each of about the size of one.
    truth : (n,) with both classes.

    Returns
    -------
    (k + 1,) the intercept first.

    >>> weights = logistic_weights(np.array([[-1.0], [1.0]]), np.array([False, True]))
    >>> round(float(weights[0]), 3), bool(weights[1] > 0)
    (0.0, True)
    """
    positives = int(truth.sum())
    share = np.where(truth, 0.5 / positives, 0.5 / (len(truth) - positives)) * len(truth)
    signs = np.where(truth, 1.0, -1.0)
    design = np.concatenate([np.ones((len(table), 1)), table], axis=1)

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        margins = signs * (design @ weights)
        value = share @ np.logaddexp(0.0, -margins) + 0.5 * weights[1:] @ weights[1:]
        slope = design.T @ (-share * signs * expit(-margins))
        slope[1:] += weights[1:]
        return float(value), slope

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, dtype=np.float64)


def logistic_scores(table: FloatArray, weights: FloatArray) -> FloatArray:
    """(n,) log odds of each row."""
    return np.asarray(weights[0] + table @ weights[1:])
