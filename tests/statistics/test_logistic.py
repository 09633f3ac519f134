"""The small logistic regression is scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mediassist.statistics.logistic import logistic_scores, logistic_weights


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_weights_and_scores_are_scikit_learns(share: float) -> None:
    source = np.random.default_rng(0)
    table = source.normal(size=(400, 6))
    truth = source.random(400) < share * (1 + np.tanh(table[:, 0]))
    weights = logistic_weights(table, truth)
    other = LogisticRegression(class_weight="balanced", tol=1e-8).fit(table, truth)
    assert weights == pytest.approx(np.append(other.intercept_, other.coef_), abs=2e-3)
    assert logistic_scores(table, weights) == pytest.approx(
        other.decision_function(table), abs=5e-3
    )


def test_a_fact_that_tells_all_and_one_that_never_changes_are_survived() -> None:
    truth = np.arange(40) % 2 == 0
    table = np.stack([truth * 2.0 - 1.0, np.zeros(40)], axis=1)
    weights = logistic_weights(table, truth)
    assert weights[1] > 1.0
    assert weights[2] == pytest.approx(0.0)
