"""N and P visit every region that awaits a decision, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from mediassist.core.finding import ImageScore
from mediassist.core.vocabulary import Verdict
from mediassist.reading.finding_stops import FindingStop, finding_stops, stops_of
from tests.reading.results import OPACITY, result_of, study_of


def test_the_strongest_region_comes_first() -> None:
    stops = finding_stops(result_of(study_of()))
    assert [stop.region for stop in stops] == [0, 1]
    assert {stop.bundle_id for stop in stops} == {OPACITY}


def test_cleared_and_unassessed_findings_are_no_stops() -> None:
    assert finding_stops(result_of(study_of(), Verdict.CLEARED)) == ()
    assert finding_stops(result_of(study_of(), Verdict.NOT_APPLICABLE)) == ()


def test_a_finding_without_region_stops_at_its_strongest_picture() -> None:
    opacity = result_of(study_of(images=3)).results[2]
    scores = tuple(ImageScore(f"1.2.3.1.{n}", 0, p, p) for n, p in ((1, 0.2), (2, 0.9), (3, 0.4)))
    plain = replace(opacity, regions=(), image_scores=scores)
    assert stops_of(plain) == (FindingStop(OPACITY, "1.2.3.1.2", 0),)
    assert stops_of(replace(plain, image_scores=(), heat_maps=())) == (FindingStop(OPACITY),)
