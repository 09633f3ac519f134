"""Where a finding can be looked at, and the scores along a series."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mediassist.reading.display_set import display_set
from mediassist.reading.finding_stops import stops_of
from mediassist.reading.places import marked_places, series_scores, structure_places
from tests.reading.kinds import (
    cine_result,
    disc_result,
    heart_result,
    marks_result,
    vessel_result,
    volume_result,
)
from tests.reading.results import study_of

CT = study_of(modality="CT", images=9)
XA = study_of(modality="XA", frames=12)


def test_in_a_volume_a_place_is_a_slice_the_likeliest_first() -> None:
    places = marked_places(volume_result(CT, strongest=4))
    assert [place.sop_instance_uid for place in places] == ["1.2.3.1.5", "1.2.3.1.4", "1.2.3.1.6"]
    assert places[0].score == pytest.approx(0.93)
    assert places[0].size_mm == pytest.approx((27.9, 18.6))


def test_several_marks_on_one_slice_are_one_place_of_a_volume() -> None:
    result = volume_result(CT)
    doubled = replace(result, regions=result.regions + result.regions)
    assert {place.marks for place in marked_places(doubled)} == {2}
    assert {place.region for place in marked_places(doubled)} == {None}


def test_on_one_picture_a_place_is_a_mark_the_strongest_first() -> None:
    places = marked_places(marks_result(study_of()))
    assert [place.region for place in places] == [1, 0, 2]
    assert [place.score for place in places] == [0.41, 0.22, 0.13]
    assert {place.marks for place in places} == {3}


@pytest.mark.parametrize("make", [heart_result, disc_result, cine_result])
def test_measured_structures_are_no_places_and_one_stop(make) -> None:  # type: ignore[no-untyped-def]
    result = make(study_of(frames=8))
    assert marked_places(result) == ()
    (stop,) = stops_of(result)
    assert (stop.sop_instance_uid, stop.frame, stop.region) == ("1.2.3.1.1", 0, None)


def test_pictures_with_measured_structures_are_listed_with_their_moment() -> None:
    places = structure_places(cine_result(study_of(frames=8)))
    assert [place.frame for place in places] == list(range(8))
    assert [(place.frame, place.moment) for place in places if place.moment] == [
        (0, "end-diastole"),
        (4, "end-systole"),
    ]
    assert {place.marks for place in places} == {3}
    assert structure_places(heart_result(study_of())) == ()


def test_scores_stand_in_the_order_of_the_pictures_and_know_which_are_marked() -> None:
    (scores,) = series_scores(volume_result(CT, strongest=4), display_set(CT))
    assert (scores.series_index, scores.positions) == (0, 9)
    assert [each.position for each in scores.scores] == list(range(9))
    assert [each.position for each in scores.scores if each.marked] == [3, 4, 5]


def test_frames_of_one_object_have_scores_too() -> None:
    (scores,) = series_scores(vessel_result(XA), display_set(XA))
    assert scores.positions == 12
    assert [each.frame for each in scores.scores if each.marked] == [5, 6, 7]


def test_a_few_films_of_one_study_are_no_series_of_scores() -> None:
    pair = study_of(images=2)
    result = replace(volume_result(pair), image_scores=volume_result(pair).image_scores[:2])
    assert series_scores(result, display_set(pair)) == ()
    assert series_scores(volume_result(CT), display_set(study_of(uid="9.9"))) == ()
