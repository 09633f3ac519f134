"""What of the results is drawn on one picture: outlines, structures and their legend."""

from __future__ import annotations

from collections.abc import Sequence

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import BundleResult, Region
from mediassist.reading.finding_stops import FindingStop
from mediassist.report.structures import (
    LegendEntry,
    is_structure,
    legend_entries,
    structure_looks,
)
from mediassist.text import Words
from mediassist.ui.viewport_painting import Marks, Outline


def marks_at(
    result: StudyResult, place: tuple[str, int], stop: FindingStop | None, words: Words
) -> Marks:
    """What is marked on the frame `place` of a study: every suspicious place, and the structures
    of the finding that is looked at (of all where none is). The outline of a heart would lie over
    the lung that the reader was led to."""
    looks = structure_looks(result.results)
    outlines: list[Outline] = []
    legend: dict[str, LegendEntry] = {}
    for one in result.results:
        here = [
            (number, region)
            for number, region in enumerate(one.regions)
            if (region.sop_instance_uid, region.frame) == place
        ]
        looked_at = stop is None or stop.bundle_id == one.bundle.bundle_id
        structures = [region for _, region in here if looked_at and is_structure(region)]
        places = [(number, region) for number, region in here if not is_structure(region)]
        outlines += [
            Outline(region, one.verdict, "", False, looks[region.label]) for region in structures
        ]
        outlines += [
            Outline(
                region,
                one.verdict,
                str(order) if len(places) > 1 else "",
                _is_current(one, number, stop),
            )
            for order, (number, region) in enumerate(_strongest_first(places), start=1)
        ]
        for entry in legend_entries(structures, one.measurements, looks, words):
            legend.setdefault(entry.text, entry)
    return Marks(tuple(outlines), tuple(legend.values()))


def _strongest_first(places: Sequence[tuple[int, Region]]) -> list[tuple[int, Region]]:
    """The order in which report and panel number them."""
    return sorted(places, key=lambda entry: -(entry[1].score or 0.0))


def _is_current(result: BundleResult, number: int, stop: FindingStop | None) -> bool:
    return (
        stop is not None
        and stop.bundle_id == result.bundle.bundle_id
        and stop.region in (None, number)
    )
