"""Outlined structures (heart, lungs, disc, ventricles): how they are told apart, what is legend.

A region with a label shows something that was measured, one without is a suspicious place. The
verdict's colour belongs to the latter; structures get colours that no verdict has, each with a line
of its own, so that neither a colour-blind reader nor grey paper mixes them up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mediassist.core.finding import BundleResult, Measurement, Region, RegionKind
from mediassist.text import Words


@dataclass(frozen=True, slots=True)
class StructureLook:
    """`dashes` are lengths on and off in line widths; empty for an unbroken line."""

    rgb: tuple[int, int, int]
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a picture's legend: the structure's name and what was measured on it."""

    text: str
    look: StructureLook


# Lightened from Okabe and Ito, without the hues of the verdicts (orange, yellow, green).
LOOKS: tuple[StructureLook, ...] = (
    StructureLook((96, 200, 255)),
    StructureLook((240, 140, 220), (5, 2.5)),
    StructureLook((236, 236, 240), (1.5, 2.0)),
    StructureLook((200, 235, 95), (7, 2, 1.5, 2)),
    StructureLook((150, 165, 255), (3, 1.5)),
    StructureLook((110, 235, 225), (9, 2.5)),
)


def is_structure(region: Region) -> bool:
    """Whether a region shows a named structure rather than a suspicious place (or a box on one)."""
    return bool(region.label) and region.kind is not RegionKind.BOX


def is_line(region: Region) -> bool:
    """Whether a region is a measured length: two points, drawn with end marks."""
    return is_structure(region) and len(region.points_px) == 2


def structure_looks(results: Iterable[BundleResult]) -> dict[str, StructureLook]:
    """The look of each label of a study, the same on all of its pictures."""
    labels = dict.fromkeys(
        region.label for result in results for region in result.regions if is_structure(region)
    )
    return {label: LOOKS[number % len(LOOKS)] for number, label in enumerate(labels)}


def legend_entries(
    regions: Iterable[Region],
    measurements: Iterable[Measurement],
    looks: dict[str, StructureLook],
    words: Words,
) -> tuple[LegendEntry, ...]:
    """The structures among the regions of one picture, each once, with the value of its name."""
    values = {measured.name: value_words(measured) for measured in measurements}
    labels = dict.fromkeys(region.label for region in regions if is_structure(region))
    return tuple(
        LegendEntry(
            "  ".join(part for part in (words.term(label), values.get(label, "")) if part),
            looks[label],
        )
        for label in labels
    )


Point = tuple[float, float]


def end_marks(first: Point, second: Point, half: float) -> list[list[Point]]:
    """Short strokes across a measured length at both of its ends, `half` to either side."""
    dx, dy = second[0] - first[0], second[1] - first[1]
    length = math.hypot(dx, dy) or 1.0
    across = (-dy * half / length, dx * half / length)
    return [
        [(x - across[0], y - across[1]), (x + across[0], y + across[1])] for x, y in (first, second)
    ]


def value_words(measurement: Measurement) -> str:
    """A measured value with its unit (UCUM `1` and `{...}` are no units to print)."""
    unit = measurement.unit
    shown = "" if unit in ("", "1") or unit.startswith("{") else _PRINTED.get(unit, unit)
    if shown in ("%", "°"):
        return f"{measurement.value:.3g}{shown}"
    return f"{measurement.value:.4g} {shown}".rstrip()


_PRINTED = {
    "mm2": "mm²",
    "mm3": "mm³",
    "cm2": "cm²",
    "cm3": "cm³",
    "deg": "°",
    "[hnsf'U]": "HU",
    "mL/m2": "mL/m²",
    "g/m2": "g/m²",
}
