"""ROC figures against scikit-learn, Stata's published output and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import metrics

from mediassist.statistics.roc import (
    auc,
    auc_bootstrap,
    auc_interval,
    delong_test,
    delong_variance,
    fpr_at_sensitivity,
    fpr_at_sensitivity_interval,
    roc_curve,
    sensitivity_at_fpr,
    sensitivity_at_fpr_interval,
)

ROWS = st.lists(st.tuples(st.booleans(), st.integers(-6, 6)), min_size=1, max_size=60)
BOTH = ROWS.filter(lambda rows: {label for label, _ in rows} == {True, False})


def columns(rows: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows], dtype=float)


def hanley() -> tuple[np.ndarray, np.ndarray]:
    """Hanley & McNeil 1982: 109 CT images rated 1..5."""
    ratings = np.arange(1, 6)
    normal, abnormal = np.repeat(ratings, (33, 6, 6, 11, 2)), np.repeat(ratings, (3, 2, 2, 11, 33))
    return np.repeat([0, 1], (58, 51)), np.concatenate([normal, abnormal]).astype(float)


def binormal(seed: int, cases: int = 120, shift: float = 1.2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(cases) % 3 == 0)
    return labels, random.normal(size=cases) + shift * labels


def test_hanleys_data_give_the_area_and_interval_that_stata_prints() -> None:
    # Stata, roctab: area 0.8932, standard error 0.0307, interval 0.83295 to 0.95339.
    labels, scores = hanley()
    interval = auc_interval(labels, scores, transform=False)
    assert interval.value == pytest.approx(0.8932, abs=5e-5)
    assert delong_variance(labels, scores) ** 0.5 == pytest.approx(0.0307, abs=5e-5)
    assert (interval.low, interval.high) == pytest.approx((0.83295, 0.95339), abs=5e-5)


@given(BOTH)
def test_area_and_curve_agree_with_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    labels, scores = columns(rows)
    assert auc(labels, scores) == pytest.approx(metrics.roc_auc_score(labels, scores), abs=1e-12)
    curve = roc_curve(labels, scores)
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    assert curve.false_positive_rate == pytest.approx(fpr)
    assert curve.sensitivity == pytest.approx(tpr)
    assert curve.thresholds[1:] == pytest.approx(thresholds[1:])


@given(BOTH, st.randoms(use_true_random=False))
def test_the_order_of_cases_changes_nothing(rows: list[tuple[bool, int]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = columns(rows), columns(shuffled)
    assert auc(*first) == pytest.approx(auc(*second))
    assert sensitivity_at_fpr(*first, 0.2) == sensitivity_at_fpr(*second, 0.2)
    assert fpr_at_sensitivity(*first, 0.8) == fpr_at_sensitivity(*second, 0.8)


@given(BOTH)
def test_swapping_labels_and_turning_scores_gives_the_same_area(
    rows: list[tuple[bool, int]],
) -> None:
    labels, scores = columns(rows)
    assert auc(~labels, -scores) == pytest.approx(auc(labels, scores))
    assert auc(labels, -scores) == pytest.approx(1.0 - auc(labels, scores))


@given(BOTH)
def test_delong_variance_equals_the_sum_over_all_pairs(rows: list[tuple[bool, int]]) -> None:
    labels, scores = columns(rows)
    positive, negative = scores[labels], scores[~labels]
    assume(len(positive) > 1 and len(negative) > 1)
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    by_hand = wins.mean(axis=1).var(ddof=1) / len(positive)
    by_hand += wins.mean(axis=0).var(ddof=1) / len(negative)
    assert delong_variance(labels, scores) == pytest.approx(by_hand, abs=1e-12)


def test_one_row_a_patient_makes_the_clustered_variance_delongs() -> None:
    labels, scores = binormal(1)
    plain = auc_interval(labels, scores)
    clustered = auc_interval(labels, scores, patients=np.arange(len(labels)))
    assert (clustered.low, clustered.high) == pytest.approx((plain.low, plain.high))


def test_rows_written_twice_do_not_narrow_the_clustered_interval() -> None:
    labels, scores = binormal(2)
    patients = np.arange(len(labels))
    once = auc_interval(labels, scores, patients=patients)
    twice = auc_interval(np.tile(labels, 2), np.tile(scores, 2), patients=np.tile(patients, 2))
    naive = auc_interval(np.tile(labels, 2), np.tile(scores, 2))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), abs=1e-9)
    assert naive.high - naive.low < 0.8 * (once.high - once.low)


def test_delong_and_bootstrap_intervals_are_alike() -> None:
    labels, scores = binormal(3, cases=300)
    delong = auc_interval(labels, scores, transform=False)
    drawn = auc_bootstrap(labels, scores, np.arange(len(labels)), resamples=500)
    assert (drawn.low, drawn.high) == pytest.approx((delong.low, delong.high), abs=0.015)


def test_the_logit_interval_stays_inside_0_and_1() -> None:
    labels, scores = [0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6]
    plain, logit = auc_interval(labels, scores, transform=False), auc_interval(labels, scores)
    assert plain.high == 1.0
    assert logit.high < 1.0


def test_a_perfect_area_of_few_cases_has_a_wide_interval() -> None:
    interval = auc_interval([0] * 5 + [1] * 5, range(10))
    assert interval.value == 1.0
    assert interval.low == pytest.approx(1 - (1 - 0.025 ** (1 / 5)))
    assert interval.high == 1.0


def test_paired_delong_equals_the_variance_of_the_paired_placements() -> None:
    labels, first = binormal(4)
    second = first + np.random.default_rng(5).normal(scale=0.8, size=len(first))
    test = delong_test(labels, first, second)
    placed = []
    for scores in (first, second):
        wins = (scores[labels][:, None] > scores[~labels]).astype(float)
        placed.append((wins.mean(axis=1), wins.mean(axis=0)))
    variance = (placed[1][0] - placed[0][0]).var(ddof=1) / labels.sum()
    variance += (placed[1][1] - placed[0][1]).var(ddof=1) / (~labels).sum()
    assert test.z == pytest.approx((test.second - test.first) / variance**0.5)
    assert 0.0 < test.p_value < 1.0


def test_paired_delong_under_the_null_rejects_about_as_often_as_it_says() -> None:
    rejected = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        labels = np.arange(80) % 2 == 0
        common = random.normal(size=80) + labels
        pair = [common + random.normal(scale=0.7, size=80) for _ in range(2)]
        rejected += delong_test(labels, *pair).p_value < 0.05
    assert 8 <= rejected <= 36  # 5 % of 400 is 20; 0.1 % tails of the binomial


def test_a_score_compared_with_itself_differs_by_nothing() -> None:
    labels, scores = binormal(6)
    test = delong_test(labels, scores, scores)
    assert (test.difference.value, test.p_value) == (0.0, 1.0)


@pytest.mark.parametrize("labels", [[1], [0, 0], [1, 1, 1]])
def test_without_positives_or_negatives_the_area_is_undefined(labels: list[int]) -> None:
    scores = np.arange(len(labels))
    assert np.isnan(auc(labels, scores))
    assert auc_interval(labels, scores).value is None
    assert delong_test(labels, scores, scores).p_value == 1.0
    assert auc_bootstrap(labels, scores, scores, resamples=5).value is None


def test_all_tied_scores_say_nothing() -> None:
    labels = [0, 1, 0, 1]
    assert auc(labels, [3.0] * 4) == 0.5
    assert sensitivity_at_fpr(labels, [3.0] * 4, 0.05) == 0.0
    assert fpr_at_sensitivity(labels, [3.0] * 4, 0.95) == 1.0


def test_bootstrap_intervals_hold_their_figures() -> None:
    labels, scores = binormal(7, cases=240, shift=2.0)
    patients = np.repeat(np.arange(120), 2)
    found = sensitivity_at_fpr_interval(labels, scores, patients, 0.1, resamples=200)
    assert found.value is not None
    assert found.low <= found.value <= found.high
    other = fpr_at_sensitivity_interval(labels, scores, patients, 0.9, resamples=200)
    assert other.value is not None
    assert other.low <= other.value <= other.high
    again = fpr_at_sensitivity_interval(labels, scores, patients, 0.9, resamples=200)
    assert other == again


def test_wrong_labels_and_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        auc([0, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match="finite"):
        auc([0, 1], [0.1, float("nan")])
    with pytest.raises(ValueError, match="equal columns"):
        auc([0, 1], [0.1])
