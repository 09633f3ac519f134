"""The places that "next finding" and "previous finding" visit, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import BundleResult
from mediassist.reading.decisions import awaits_decision
from mediassist.reading.places import marked_places
from mediassist.reading.worklist import findings_in_order


@dataclass(frozen=True, slots=True)
class FindingStop:
    """One finding at one place. `sop_instance_uid` is empty where the finding names no picture;
    `region` is an index into the bundle's regions, or None."""

    bundle_id: str
    sop_instance_uid: str = ""
    frame: int = 0
    region: int | None = None


def finding_stops(result: StudyResult) -> tuple[FindingStop, ...]:
    """Every place of every finding that awaits a decision; a finding without one stops once."""
    return tuple(
        stop for one in findings_in_order(result) if awaits_decision(one) for stop in stops_of(one)
    )


def stops_of(result: BundleResult) -> tuple[FindingStop, ...]:
    """The places of one finding, strongest first; else its structures, its strongest picture, or
    itself."""
    bundle_id = result.bundle.bundle_id
    places = marked_places(result)
    if places:
        return tuple(
            FindingStop(bundle_id, place.sop_instance_uid, place.frame, region=place.region)
            for place in places
        )
    if result.regions:
        first = result.regions[0]
        return (FindingStop(bundle_id, first.sop_instance_uid, first.frame),)
    if result.image_scores:
        best = max(result.image_scores, key=lambda score: score.probability)
        return (FindingStop(bundle_id, best.sop_instance_uid, best.frame),)
    if result.heat_maps:
        heat = result.heat_maps[0]
        return (FindingStop(bundle_id, heat.sop_instance_uid, heat.frame),)
    return (FindingStop(bundle_id),)
