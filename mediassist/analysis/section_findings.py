"""Regions and measurements on the sections of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.sections import Scan, Section
from mediassist.core.finding import HeatMap, Measurement, Region
from mediassist.core.study import SpacingSource
from mediassist.core.vocabulary import Code
from mediassist.dicom.slices import Slice
from mediassist.models.measures.lesion_size import ACROSS, LONGEST
from mediassist.models.regions import outlines
from mediassist.models.tasks.classify_slices import SectionAnswer, evidence_on_section

MOST_HEAT_MAPS = 12  # of one scan; each takes a megabyte, and a reader opens the first few

VOLUME = Code("SCT", "118565006", "Volume")
AREA = Code("SCT", "42798000", "Area")


@dataclass(frozen=True, slots=True)
class ShownSection:
    """Evidence on one section, in pixels of the stored image; `area_mm2` above the threshold."""

    section: Section
    answer: SectionAnswer
    heat: HeatMap
    regions: tuple[Region, ...]
    area_mm2: float | None


def show_sections(
    scan: Scan, answers: Sequence[tuple[Section, SectionAnswer]], threshold: float, size: int
) -> list[ShownSection]:
    """Outline the evidence of chosen sections, the surest first; `size` is the network's input."""
    shown = []
    for section, answer in sorted(answers, key=lambda pair: -pair[1].logit):
        if answer.evidence is None:
            continue
        values = evidence_on_section(answer.evidence, scan.square, section.grey.shape, size)
        if section.upside_down:
            values = np.ascontiguousarray(values[::-1])
        heat = HeatMap(section.instance.sop_instance_uid, section.frame, values)
        spacing = section.spacing
        regions = tuple(
            replace(region, points_mm=points_mm(region.points_px, section.place))
            for region in outlines(heat, threshold, spacing)
        )
        area = None
        if spacing is not None and spacing.source is SpacingSource.PATIENT:
            pixels = int((values >= threshold).sum())
            area = pixels * spacing.row_mm * spacing.column_mm
        shown.append(ShownSection(section, answer, heat, regions, area))
        if len(shown) > MOST_HEAT_MAPS:
            # Outlines and area stay; only the picture of the evidence is let go.
            shown[-1] = replace(shown[-1], heat=replace(heat, values=_NOTHING))
    return shown


_NOTHING: NDArray[np.float32] = np.zeros((0, 0), np.float32)


def heat_maps(shown: Sequence[ShownSection]) -> tuple[HeatMap, ...]:
    return tuple(each.heat for each in shown if each.heat.values.size)


def points_mm(
    points_px: Sequence[tuple[float, float]], place: Slice | None
) -> tuple[tuple[float, float, float], ...]:
    """LPS mm of (x, y) pixels of a placed slice (PS3.3 C.7.6.2.1.1); () where it has no place."""
    if place is None:
        return ()
    row_mm, column_mm = place.spacing_mm
    along_row, along_column = np.array(place.cosines[:3]), np.array(place.cosines[3:])
    origin = np.array(place.position_mm)
    found = []
    for x, y in points_px:
        a, b, c = origin + x * column_mm * along_row + y * row_mm * along_column
        found.append((round(float(a), 2), round(float(b), 2), round(float(c), 2)))
    return tuple(found)


def volume_of(shown: Sequence[ShownSection]) -> tuple[Measurement, ...]:
    """Volume in mL: area times distance, summed over the shown sections of a regular stack."""
    if not shown or any(each.section.step_mm is None or each.area_mm2 is None for each in shown):
        return ()
    cubic_mm = sum((each.area_mm2 or 0.0) * (each.section.step_mm or 0.0) for each in shown)
    if cubic_mm <= 0:
        return ()
    method = "sum over slices of outlined area times slice distance"
    return (
        Measurement(
            "Volume of the outlined finding", VOLUME, round(cubic_mm / 1000, 1), "mL", method
        ),
    )


def extent_of(shown: Sequence[ShownSection]) -> tuple[Measurement, ...]:
    """Largest area on one section, and both extents of the largest outline."""
    with_area = [each for each in shown if each.area_mm2]
    if not with_area:
        return ()
    largest = max(with_area, key=lambda each: each.area_mm2 or 0.0)
    found = [
        Measurement(
            "Largest area on one slice",
            AREA,
            round(largest.area_mm2 or 0.0, 0),
            "mm2",
            "area of the model's outlines on the slice where it is largest",
        )
    ]
    sizes = [region.size_mm for region in largest.regions if region.size_mm is not None]
    if sizes:
        longest, across = max(sizes)
        method = "extent of the model's outline on that slice"
        found += [
            Measurement("Longest extent of the lesion", LONGEST, longest, "mm", method),
            Measurement("Extent across it", ACROSS, across, "mm", method),
        ]
    return tuple(found)
