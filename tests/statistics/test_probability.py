"""Probability maps against scikit-learn, statsmodels and brute force."""

from __future__ import annotations

import json

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from mediassist.statistics.probability import (
    ORDER_SHARE,
    MapKind,
    ProbabilityMap,
    choose_map,
    fit_map,
    logits,
)

ROWS = st.lists(st.tuples(st.booleans(), st.floats(-40, 40)), min_size=2, max_size=60).filter(
    lambda rows: {label for label, _ in rows} == {True, False}
)


def overconfident(seed: int, cases: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Scores that are twice the true logit."""
    random = np.random.default_rng(seed)
    true = random.normal(scale=1.5, size=cases)
    return random.random(cases) < expit(true), 2.0 * true


def smoothed(labels: np.ndarray) -> np.ndarray:
    positives, negatives = labels.sum(), (~labels).sum()
    return np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))


@pytest.mark.parametrize("kind", list(MapKind))
@settings(max_examples=40)
@given(rows=ROWS)
def test_every_map_rises_and_stays_in_0_to_1(kind: MapKind, rows: list[tuple[bool, float]]) -> None:
    labels, scores = [r[0] for r in rows], [r[1] for r in rows]
    fitted = fit_map(kind, labels, scores)
    found = fitted.apply(np.linspace(-60, 60, 500))
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(np.diff(found) >= -1e-15)
    stored = json.loads(json.dumps(fitted.to_dict()))
    assert ProbabilityMap.from_dict(stored).apply(scores).tolist() == fitted.apply(scores).tolist()


def test_the_logistic_map_is_the_binomial_regression_of_statsmodels() -> None:
    labels, scores = overconfident(1)
    found = fit_map(MapKind.LOGISTIC, labels, scores).parameters
    model = sm.GLM(smoothed(labels), sm.add_constant(scores), family=sm.families.Binomial()).fit()
    assert (found["offset"][0], found["slope"][0]) == pytest.approx(model.params, abs=1e-4)


def test_the_beta_map_is_the_binomial_regression_on_both_logarithms() -> None:
    labels, scores = overconfident(2)
    p = expit(scores)
    columns = np.stack([np.log(p), -np.log1p(-p), np.ones_like(p)], axis=1)
    found = fit_map(MapKind.BETA, labels, scores).parameters
    model = sm.GLM(smoothed(labels), columns, family=sm.families.Binomial()).fit()
    assert (found["a"][0], found["b"][0], found["c"][0]) == pytest.approx(model.params, abs=2e-3)


def test_the_temperature_undoes_the_overconfidence() -> None:
    labels, scores = overconfident(3, cases=20_000)
    fitted = fit_map(MapKind.TEMPERATURE, labels, scores)
    assert fitted.parameters["temperature"][0] == pytest.approx(2.0, abs=0.1)


def test_the_isotonic_map_is_scikit_learns_but_for_its_share_of_order() -> None:
    labels, scores = overconfident(4)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, labels)
    where = np.linspace(-8, 8, 400)
    ours = fit_map(MapKind.ISOTONIC, labels, scores).apply(where)
    expected = (1 - ORDER_SHARE) * theirs.predict(where) + ORDER_SHARE * expit(where)
    assert ours == pytest.approx(expected, abs=1e-9)


def test_the_isotonic_map_ties_no_two_scores() -> None:
    labels, scores = overconfident(5)
    distinct = np.unique(scores)
    assert len(np.unique(fit_map(MapKind.ISOTONIC, labels, scores).apply(distinct))) == len(
        distinct
    )


def test_the_choice_is_made_on_patients_left_out() -> None:
    labels, scores = overconfident(6, cases=2000)
    patients = np.repeat(np.arange(1000), 2)
    chosen, found = choose_map(labels, scores, patients)
    assert set(found) == {kind.value for kind in MapKind}
    assert chosen.kind.value == min(found, key=found.__getitem__)
    assert found["identity"] > found["temperature"]
    again, _ = choose_map(labels[::-1], scores[::-1], patients[::-1])
    assert again.kind == chosen.kind


def test_separated_classes_still_give_finite_maps() -> None:
    fitted = fit_map(MapKind.LOGISTIC, [0] * 20 + [1] * 20, np.arange(40.0))
    assert 0 < fitted.apply([0.0])[0] < 0.1
    assert 0.9 < fitted.apply([39.0])[0] < 1


def test_one_class_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="positives and negatives"):
        fit_map(MapKind.BETA, [1, 1], [0.1, 0.2])


def test_logits_of_certain_probabilities_are_finite() -> None:
    assert np.all(np.isfinite(logits([0.0, 1.0])))
    assert expit(logits([0.3]))[0] == pytest.approx(0.3)
