"""The places that "next finding" and "previous finding" visit, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import BundleResult
from mediassist.reading.decisions import awaits_decision
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
    """Every region of every finding that awaits a decision; a finding without one stops once."""
    return tuple(
        stop for one in findings_in_order(result) if awaits_decision(one) for stop in stops_of(one)
    )


def stops_of(result: BundleResult) -> tuple[FindingStop, ...]:
    """The regions of one finding, strongest first; else its strongest picture; else itself."""
    bundle_id = result.bundle.bundle_id
    if result.regions:
        order = sorted(
            range(len(result.regions)), key=lambda index: -(result.regions[index].score or 0.0)
        )
        return tuple(
            FindingStop(
                bundle_id, result.regions[i].sop_instance_uid, result.regions[i].frame, region=i
            )
            for i in order
        )
    if result.image_scores:
        best = max(result.image_scores, key=lambda score: score.probability)
        return (FindingStop(bundle_id, best.sop_instance_uid, best.frame),)
    if result.heat_maps:
        heat = result.heat_maps[0]
        return (FindingStop(bundle_id, heat.sop_instance_uid, heat.frame),)
    return (FindingStop(bundle_id),)
