"""Marks against lesions, by hand and by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, jaccard_score

from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.estimate import IndexArray
from mediassist.statistics.froc import (
    MarkedImage,
    box_iou,
    detection_rate_at,
    dice,
    froc_curve,
    froc_intervals,
    mask_iou,
    match_marks,
    mean_detection,
    pointing_hit,
)

LESION = (10.0, 10.0, 20.0, 20.0)
IMAGE = st.integers(0, 3).flatmap(
    lambda lesions: st.lists(
        st.tuples(st.integers(0, 5), st.integers(-1, lesions - 1)), max_size=6
    ).map(
        lambda marks: MarkedImage(
            lesions, tuple(float(m[0]) for m in marks), tuple(m[1] for m in marks)
        )
    )
)


def test_a_mark_hits_with_its_centre_in_the_box_or_by_overlap() -> None:
    far, near, wide = (100, 100, 110, 110), (14, 14, 18, 18), (0, 0, 22, 22)
    assert match_marks([far, near, wide], [0.1, 0.2, 0.3], [LESION]).mark_lesions == (-1, 0, 0)
    by_overlap = match_marks([far, near, wide], [0.1, 0.2, 0.3], [LESION], least_iou=0.2)
    assert by_overlap.mark_lesions == (-1, -1, 0)
    assert match_marks([near], [0.5], []).mark_lesions == (-1,)
    assert match_marks([], [], [LESION]) == MarkedImage(1)


def test_the_nearest_of_two_overlapping_lesions_is_hit() -> None:
    assert match_marks([(14, 14, 24, 24)], [0.9], [LESION, (12, 12, 26, 26)]).mark_lesions == (1,)


def test_the_curve_counts_by_hand() -> None:
    images = [
        MarkedImage(2, (0.9, 0.7, 0.6, 0.3), (0, -1, 0, 1)),
        MarkedImage(0, (0.8,), (-1,)),
    ]
    curve = froc_curve(images)
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.8, 0.7, 0.3]
    assert curve.false_marks_per_image.tolist() == [0, 0, 0.5, 1.0, 1.0]
    assert curve.lesions_hit.tolist() == [0, 1, 1, 1, 2]
    assert detection_rate_at(curve, 0.5).value == 0.5
    assert detection_rate_at(curve, 1.0).value == 1.0


@given(st.lists(IMAGE, max_size=8), st.randoms(use_true_random=False))
def test_the_curve_rises_and_does_not_depend_on_the_order(
    images: list[MarkedImage], random: object
) -> None:
    curve = froc_curve(images)
    assert np.all(np.diff(curve.lesions_hit) >= 0)
    assert np.all(np.diff(curve.false_marks_per_image) >= 0)
    assert curve.lesions_hit[-1] <= curve.lesions
    shuffled = list(images)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = froc_curve(shuffled)
    assert again.lesions_hit.tolist() == curve.lesions_hit.tolist()
    assert again.false_marks_per_image.tolist() == curve.false_marks_per_image.tolist()


def test_without_lesions_there_is_no_detection_rate() -> None:
    assert detection_rate_at(froc_curve([]), 1.0).value is None


def test_a_flat_heat_map_points_nowhere() -> None:
    mask = np.zeros((4, 4), bool)
    mask[0, 0] = True
    assert not pointing_hit(np.zeros((4, 4)), mask)
    heat = np.zeros((4, 4))
    heat[0, 0] = 1
    assert pointing_hit(heat, mask)
    with pytest.raises(ValueError, match="shape"):
        pointing_hit(heat, mask[:2])


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_overlaps_agree_with_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    first, second = zip(*pairs, strict=True)
    options = {"zero_division": 1.0}
    assert mask_iou(first, second) == pytest.approx(jaccard_score(first, second, **options))
    assert dice(first, second) == pytest.approx(f1_score(first, second, **options))


def test_boxes_that_do_not_meet_overlap_by_nothing() -> None:
    assert box_iou(LESION, (30, 30, 40, 40)) == 0.0
    assert box_iou(LESION, LESION) == 1.0
    assert box_iou((1, 1, 1, 1), (1, 1, 1, 1)) == 0.0


def test_the_mean_over_false_mark_rates_is_counted_by_hand() -> None:
    # Two lesions on four images; the second is found only with three false marks (0.75 an image).
    images = [
        MarkedImage(1, (0.9,), (0,)),
        MarkedImage(1, (0.1,), (0,)),
        MarkedImage(0, (0.8, 0.7, 0.6), (-1, -1, -1)),
        MarkedImage(0),
    ]
    # 1/8, 1/4, 1/2: one of two; 1, 2, 4, 8: both.
    assert mean_detection(froc_curve(images)) == pytest.approx((3 * 0.5 + 4 * 1.0) / 7)


@settings(max_examples=25)
@given(st.lists(IMAGE, min_size=1, max_size=8), st.integers(0, 5))
def test_drawn_patients_give_what_the_plain_bootstrap_gives(
    images: list[MarkedImage], seed: int
) -> None:
    patients = [str(place // 2) for place in range(len(images))]

    def plain(rows: IndexArray) -> float:
        rate = detection_rate_at(froc_curve([images[row] for row in rows]), 1.0)
        return float("nan") if rate.value is None else rate.value

    (found,), mean = froc_intervals(images, patients, (1.0,), resamples=40, seed=seed)
    slow = cluster_bootstrap(plain, patients, resamples=40, seed=seed)
    assert found.value == slow.value
    if found.value is not None:
        assert 0.0 <= found.low <= found.high <= 1.0
        assert mean.value is not None and mean.low <= mean.high


def test_lesions_of_one_patient_widen_the_interval() -> None:
    hits = [MarkedImage(1, (0.9,), (0,)) for _ in range(30)]
    misses = [MarkedImage(1) for _ in range(30)]
    alone, _ = froc_intervals([*hits, *misses], [str(i) for i in range(60)], (1.0,))
    together, _ = froc_intervals([*hits, *misses], [str(i // 10) for i in range(60)], (1.0,))
    assert together[0].high - together[0].low > 1.5 * (alone[0].high - alone[0].low)


def test_without_lesions_there_is_no_interval() -> None:
    found, mean = froc_intervals([MarkedImage(0, (0.5,), (-1,))], ["a"], (0.5, 1.0))
    assert [each.value for each in (*found, mean)] == [None, None, None]
