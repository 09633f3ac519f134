"""Where a finding can be looked at: its marks on one picture, or the marked pictures of a series.

Thirty slices with an outline each are not thirty lesions: there a place is a picture. Named
structures (heart, ventricles) are no places; they are what was measured, and are seen at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.core.finding import BundleResult, Region
from mediassist.core.study import PixelSpacing
from mediassist.reading.display_set import DisplaySet
from mediassist.report.structures import is_structure, label_moment

FEWEST_SCORES = 3


@dataclass(frozen=True, slots=True)
class MarkedPlace:
    """One place to go to.

    Attributes
    ----------
    region : index into the bundle's regions where the place is one mark, else None.
    marks : how many marks the picture has.
    score : probability of the picture, or score of the mark; None where nothing was given.
    size_mm : (longest, across) of the mark; None for a picture with several.
    spacing : where those millimetres come from.
    moment : of a picture with structures, what their labels say beside the structure
        ("end-diastole").
    """

    sop_instance_uid: str
    frame: int
    region: int | None = None
    marks: int = 0
    score: float | None = None
    size_mm: tuple[float, float] | None = None
    spacing: PixelSpacing | None = None
    moment: str = ""


def marked_places(result: BundleResult) -> tuple[MarkedPlace, ...]:
    """The places of a finding, strongest first; none where it marks nothing."""
    marks = [
        (number, region)
        for number, region in enumerate(result.regions)
        if not is_structure(region) and region.points_px
    ]
    pictures: dict[tuple[str, int], list[tuple[int, Region]]] = {}
    for number, region in marks:
        pictures.setdefault((region.sop_instance_uid, region.frame), []).append((number, region))
    if len(pictures) > 1:
        chances = {
            (score.sop_instance_uid, score.frame): score.probability
            for score in result.image_scores
        }
        found = [_picture(place, here, chances.get(place)) for place, here in pictures.items()]
    else:
        found = [_mark(number, region, len(marks)) for number, region in marks]
    return tuple(sorted(found, key=lambda place: -(place.score or 0.0)))


def structure_places(result: BundleResult) -> tuple[MarkedPlace, ...]:
    """The pictures on which structures are outlined, in the bundle's order; none for a single
    one, which is shown anyway."""
    pictures: dict[tuple[str, int], list[Region]] = {}
    for region in result.regions:
        if is_structure(region):
            pictures.setdefault((region.sop_instance_uid, region.frame), []).append(region)
    if len(pictures) < 2:
        return ()
    return tuple(
        MarkedPlace(*place, marks=len(here), moment=label_moment(here[0].label))
        for place, here in pictures.items()
    )


def _picture(
    place: tuple[str, int], marks: list[tuple[int, Region]], chance: float | None
) -> MarkedPlace:
    scores = [region.score for _, region in marks if region.score is not None]
    alone = marks[0] if len(marks) == 1 else None
    return MarkedPlace(
        *place,
        region=alone[0] if alone else None,
        marks=len(marks),
        score=chance if chance is not None else max(scores, default=None),
        size_mm=alone[1].size_mm if alone else None,
        spacing=alone[1].spacing if alone else None,
    )


def _mark(number: int, region: Region, marks: int) -> MarkedPlace:
    return MarkedPlace(
        region.sop_instance_uid,
        region.frame,
        number,
        marks,
        region.score,
        region.size_mm,
        region.spacing,
    )


@dataclass(frozen=True, slots=True)
class PictureScore:
    """The score of the picture at a place of a series, and whether something is marked on it."""

    position: int
    sop_instance_uid: str
    frame: int
    score: float
    marked: bool


@dataclass(frozen=True, slots=True)
class SeriesScores:
    """The scores along one series of the study; `positions` is how many pictures it has."""

    series_index: int
    positions: int
    scores: tuple[PictureScore, ...]


def series_scores(result: BundleResult, shown: DisplaySet) -> tuple[SeriesScores, ...]:
    """The scores of each series that has several, in the order of its pictures."""
    marked = {
        (region.sop_instance_uid, region.frame)
        for region in result.regions
        if not is_structure(region)
    }
    found: dict[int, list[PictureScore]] = {}
    for score in result.image_scores:
        place = (score.sop_instance_uid, score.frame)
        where = shown.find(*place)
        if where is not None:
            series, position = where
            made = PictureScore(position, *place, score.probability, place in marked)
            found.setdefault(series, []).append(made)
    return tuple(
        SeriesScores(
            series,
            len(shown.series[series].positions),
            tuple(sorted(scores, key=lambda each: each.position)),
        )
        for series, scores in sorted(found.items())
        if len(scores) >= FEWEST_SCORES
    )
