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

# Of suspicious places on pictures in colour: warm verdict colours drown in an orange fundus.
ON_COLOUR = (64, 224, 255)


def is_structure(region: Region) -> bool:
    """Whether a region shows a named structure rather than a suspicious place (or a box on one)."""
    return bool(region.label) and region.kind is not RegionKind.BOX


def is_line(region: Region) -> bool:
    """Whether a region is a measured length: two points, drawn with end marks."""
    return is_structure(region) and len(region.points_px) == 2


def structure_name(label: str) -> str:
    """The structure alone of a label such as "Left ventricle, end-diastole"."""
    return label.split(",", 1)[0].strip()


def label_moment(label: str) -> str:
    """What a label says beside the structure; empty for most."""
    return label.partition(",")[2].strip()


def label_words(label: str, words: Words) -> str:
    """A label in the reader's language, part by part."""
    separator = "，" if words.lang == "zh_CN" else ", "
    return separator.join(words.term(part.strip()) for part in label.split(","))


def structure_looks(results: Iterable[BundleResult]) -> dict[str, StructureLook]:
    """The look of each label of a study; a structure has the same at all times and on all
    pictures."""
    labels = dict.fromkeys(
        region.label for result in results for region in result.regions if is_structure(region)
    )
    names = {name: number for number, name in enumerate(dict.fromkeys(map(structure_name, labels)))}
    return {label: LOOKS[names[structure_name(label)] % len(LOOKS)] for label in labels}


def legend_entries(
    regions: Iterable[Region],
    measurements: Iterable[Measurement],
    looks: dict[str, StructureLook],
    words: Words,
) -> tuple[LegendEntry, ...]:
    """The structures among the regions of one picture, each once, with the value of its name."""
    # A label is English, a measurement's name may be a key: they meet in the reader's language.
    values = {words.term(measured.name): value_words(measured) for measured in measurements}
    names = {
        region.label: label_words(region.label, words) for region in regions if is_structure(region)
    }
    return tuple(
        LegendEntry("  ".join(part for part in (name, values.get(name, "")) if part), looks[label])
        for label, name in names.items()
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
    value = measurement.value
    if abs(value) >= 1000:
        digits = f"{value:.0f}"
    else:
        # 19.0 mm beside 18.7 mm: a missing digit would look like another precision.
        digits = f"{value:.1f}" if shown in _TENTHS else f"{value:.4g}"
    return f"{digits} {shown}".rstrip()


_TENTHS = ("mm", "mL", "g")
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
