"""The patient bootstrap covers, and whole patients are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.folds import patient_folds


def test_patients_are_drawn_whole() -> None:
    patients = np.array(["a", "b", "a", "c", "b", "a"])
    sizes = {"a": 3, "b": 2, "c": 1}
    seen: list[np.ndarray] = []

    def keep(rows: np.ndarray) -> float:
        seen.append(rows)
        return 0.0

    cluster_bootstrap(keep, patients, resamples=50)
    for rows in seen:
        for patient, size in sizes.items():
            own = np.bincount(rows, minlength=6)[patients == patient]
            assert len(set(own.tolist())) == 1, "every row of a patient is drawn equally often"
            assert own.sum() % size == 0


def test_rows_of_one_patient_widen_the_interval() -> None:
    random = np.random.default_rng(0)
    patients = np.repeat(np.arange(40), 5)
    values = np.repeat(random.normal(size=40), 5)

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    clustered = cluster_bootstrap(mean, patients, resamples=400)
    naive = cluster_bootstrap(mean, np.arange(200), resamples=400)
    assert clustered.high - clustered.low > 1.7 * (naive.high - naive.low)


def test_the_interval_of_a_mean_is_near_the_normal_one() -> None:
    values = np.random.default_rng(1).normal(size=400)
    found = cluster_bootstrap(lambda rows: float(values[rows].mean()), range(400), resamples=2000)
    half = 1.96 * values.std(ddof=1) / 20
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.015
    )


def test_strata_keep_their_number_of_patients() -> None:
    labels = np.repeat([1, 0], (2, 50))

    def positives(rows: np.ndarray) -> float:
        return float(labels[rows].sum())

    found = cluster_bootstrap(positives, np.arange(52), strata=labels, resamples=100)
    assert (found.low, found.high) == (2.0, 2.0)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(30.0)
    draws = [
        cluster_bootstrap(lambda rows: float(values[rows].mean()), range(30), resamples=50, seed=s)
        for s in (3, 3, 4)
    ]
    assert draws[0] == draws[1] != draws[2]


def test_an_undefined_figure_stays_undefined() -> None:
    found = cluster_bootstrap(lambda rows: float("nan"), range(5), resamples=10)
    assert (found.value, found.low, found.high) == (None, 0.0, 1.0)


def test_folds_part_no_patient_and_spread_the_positives() -> None:
    patients = np.repeat(np.arange(50), 3)
    labels = patients < 10
    fold = patient_folds(labels, patients, folds=5, seed=1)
    for patient in range(50):
        assert len(set(fold[patients == patient].tolist())) == 1
    assert [len(set(patients[(fold == f) & labels].tolist())) for f in range(5)] == [2] * 5
    assert [len(set(patients[fold == f].tolist())) for f in range(5)] == [10] * 5


def test_folds_do_not_depend_on_the_order_of_rows() -> None:
    patients = np.array([f"p{i % 20}" for i in range(60)])
    labels = np.array([i % 20 < 6 for i in range(60)])
    fold = patient_folds(labels, patients, folds=4)
    assert patient_folds(labels[::-1], patients[::-1], folds=4)[::-1].tolist() == fold.tolist()
    with pytest.raises(ValueError, match="folds"):
        patient_folds([1, 0], ["a", "b"], folds=3)
