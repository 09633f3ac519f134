"""What a study holds: views, sides, sequences, planes, projections."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from pydicom.dataset import Dataset

from mediassist.dicom import values
from mediassist.dicom.acquisition.header_measures import holder
from mediassist.dicom.acquisition.subject import ImageSubject, SeriesSubject

# (value, where): the place is a side, a body part or a series, for the reader.
Reading = tuple[float | str | tuple[str, ...] | None, str]

_APART_DEGREES = 20.0


def _images(group: Sequence[SeriesSubject]) -> Iterator[ImageSubject]:
    for series in group:
        yield from series.images


def sides(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    """Which sides were imaged; B counts for both."""
    found: set[str] = set()
    for image in _images(group):
        found |= set("LR") if image.instance.laterality == "B" else {image.instance.laterality}
    yield tuple(sorted(found & {"L", "R"})) or None, ""


def views_per_side(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    """The views of each side that was imaged at all."""
    found: dict[str, set[str]] = defaultdict(set)
    for image in _images(group):
        found[image.instance.laterality].add(image.instance.view_position)
    for side, views in sorted(found.items()):
        yield tuple(sorted(views - {""})) or None, side


def view_count(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    """How many different views there are of each part and side."""
    found: dict[str, set[str]] = defaultdict(set)
    for image in _images(group):
        place = f"{image.series.body_part} {image.instance.laterality}".strip()
        name = image.instance.view_position or image.series.description.upper()
        found[place].add(name or image.instance.source)
    for place, views in sorted(found.items()):
        yield float(len(views)), place


def images_per_side(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    found: dict[str, int] = defaultdict(int)
    for image in _images(group):
        found[image.instance.laterality] += 1
    for side, count in sorted(found.items()):
        yield float(count), side


def frontal_views(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    """The views of the study; a frontal one among them is what models of the chest need."""
    views = {image.instance.view_position for image in _images(group)} - {""}
    yield tuple(sorted(views)) or None, ""


_SEQUENCES = (
    ("FLAIR", r"flair|dark[ _-]?fluid|水抑制"),
    ("ADC", r"\badc\b|apparent diff"),
    ("DWI", r"dwi|diff|trace|弥散|扩散"),
    ("SWI", r"swi|swan|venous bold|\bt2\*"),
    ("T1C", r"t1.*(\+ ?c\b|gad|\bgd\b|post|contrast|增强|\bce\b)|增强.*t1"),
    ("T1", r"t1|mprage|bravo|spgr|\btfl"),
    ("T2", r"t2"),
)


def mr_sequences(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    """Which weightings the study holds, by words, else by echo, repetition and inversion time."""
    found = {sequence_of(series) for series in group} - {""}
    if "T1C" in found:
        found.add("T1")
    yield tuple(sorted(found)) or None, ""


def sequence_of(series: SeriesSubject) -> str:
    """FLAIR, ADC, DWI, SWI, T1, T1C or T2; empty where neither words nor times tell."""
    dataset = series.images[0].dataset
    said = f"{series.series.description} {series.series.protocol}".lower()
    agent = holder(dataset, "ContrastBolusAgent")
    has_agent = agent is not None and bool(values.text(agent, "ContrastBolusAgent"))
    for name, pattern in _SEQUENCES:
        if re.search(pattern, said):
            return "T1C" if name == "T1" and has_agent else name
    echo, repetition, inversion = (
        _time_ms(dataset, keyword) for keyword in ("EchoTime", "RepetitionTime", "InversionTime")
    )
    if echo is None or repetition is None:
        return ""
    if inversion and inversion > 1500 and echo > 60:
        return "FLAIR"
    if echo > 60 and repetition > 2000:
        return "T2"
    if echo < 35 and (repetition < 1500 or (inversion and 600 < inversion < 1300)):
        return "T1C" if has_agent else "T1"
    return ""


def _time_ms(dataset: Dataset, keyword: str) -> float | None:
    found = holder(dataset, keyword)
    return values.number(found, keyword) if found is not None else None


_PLANES = (
    ("SAX", r"\bsax?\b|short|短轴"),
    ("2CH", r"2[ _-]?ch|two[ _-]?chamber|vla|两腔|二腔"),
    ("4CH", r"4[ _-]?ch|four[ _-]?chamber|hla|四腔"),
    ("3CH", r"3[ _-]?ch|three[ _-]?chamber|lvot|三腔"),
)


def cardiac_planes(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    """Which planes of the heart the descriptions name; a stack of many places is the short axis."""
    found = set()
    for series in group:
        said = f"{series.series.description} {series.series.protocol}".lower()
        found |= {name for name, pattern in _PLANES if re.search(pattern, said)}
        if series.geometry is not None and len(series.geometry.levels) >= 6:
            found.add("SAX")
    yield tuple(sorted(found)) or None, ""


def projections(group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    """How many projections lie at least 20 degrees apart; None where angles are not stated."""
    angles: list[tuple[float, float]] = []
    for image in _images(group):
        primary = values.number(image.dataset, "PositionerPrimaryAngle")
        secondary = values.number(image.dataset, "PositionerSecondaryAngle")
        if primary is None or secondary is None:
            continue
        if all(np.hypot(primary - a, secondary - b) >= _APART_DEGREES for a, b in angles):
            angles.append((primary, secondary))
    yield (float(len(angles)) if angles else None), ""
