"""Which CT or MR series of a study a bundle reads, the best first, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediassist.analysis.series_choice import HeaderChoice
from mediassist.analysis.series_facts import SeriesFacts, series_facts
from mediassist.core.finding import Refusal
from mediassist.core.messages import say
from mediassist.core.study import Instance, Series
from mediassist.dicom.slices import is_localizer
from mediassist.models.metadata import SeriesRule


@dataclass(frozen=True, slots=True)
class SliceSeries:
    """A series that fits, with the images of it that may be read."""

    series: Series
    facts: SeriesFacts
    instances: tuple[Instance, ...]

    @property
    def frames(self) -> int:
        return sum(instance.frames for instance in self.instances)


@dataclass(frozen=True, slots=True)
class SliceChoice:
    """`groups`: one for each sequence that is read, its series in order of preference."""

    groups: tuple[tuple[SliceSeries, ...], ...]
    refusals: tuple[tuple[str, Refusal], ...]


def choose_slice_series(choice: HeaderChoice, rule: SeriesRule) -> SliceChoice:
    """Sort what the header contract lets through by sequence and preference."""
    by_series: dict[str, tuple[Series, list[Instance]]] = {}
    for candidate in choice.candidates:
        entry = by_series.setdefault(candidate.series.series_uid, (candidate.series, []))
        entry[1].append(candidate.instance)
    fitting: list[SliceSeries] = []
    refusals: list[tuple[str, Refusal]] = []
    for uid, (series, instances) in by_series.items():
        facts = series_facts(series)
        pictures = tuple(each for each in instances if not is_localizer(each))
        refusal = _refusal(facts, pictures, rule)
        if refusal is None:
            fitting.append(SliceSeries(series, facts, pictures))
        else:
            refusals.append((uid, refusal))
    return SliceChoice(_groups(fitting, rule), tuple(refusals))


def not_preferred(chosen: SliceSeries, read: SliceSeries) -> Refusal:
    """Why a series that fits was not read: another one was."""
    kernel = chosen.facts.bone_kernel and not read.facts.bone_kernel
    return Refusal(
        say(
            "series_not_preferred",
            "Another series suits this model better: {series}.",
            series=read.series.description or str(read.series.number or read.series.series_uid),
        ),
        measured="bone kernel" if kernel else chosen.series.description,
    )


def _refusal(facts: SeriesFacts, pictures: Sequence[Instance], rule: SeriesRule) -> Refusal | None:
    if not pictures:
        return Refusal(say("series_localizer", "The series is a localizer."), "LOCALIZER", "")
    if facts.made_over:
        return Refusal(
            say("series_made_over", "The series was computed from another one."),
            measured=facts.made_over,
            allowed="ORIGINAL",
        )
    if facts.plane and facts.plane not in rule.planes:
        return Refusal(
            say("series_plane", "The plane of the slices is not one that this model reads."),
            measured=facts.plane,
            allowed=", ".join(rule.planes),
        )
    if rule.sequences and facts.sequence and facts.sequence not in rule.sequences:
        return Refusal(
            say("series_sequence", "The MR sequence is not one that this model reads."),
            measured=facts.sequence,
            allowed=", ".join(rule.sequences),
        )
    if rule.contrast is False and facts.contrast:
        return Refusal(
            say("series_contrast", "The series was made with contrast agent."),
            measured=facts.words or "contrast agent",
            allowed="no contrast agent",
        )
    return _thickness_refusal(facts, rule)


def _thickness_refusal(facts: SeriesFacts, rule: SeriesRule) -> Refusal | None:
    thinnest, thickest = rule.thickness_mm
    if facts.thickness_mm is None or thinnest <= facts.thickness_mm <= thickest:
        return None
    return Refusal(
        say("series_thickness", "The slices are too thick or too thin for this model."),
        measured=f"{facts.thickness_mm:g} mm",
        allowed=f"{thinnest:g}-{thickest:g} mm",
    )


def _groups(
    fitting: Sequence[SliceSeries], rule: SeriesRule
) -> tuple[tuple[SliceSeries, ...], ...]:
    """Of each sequence (CT: one group) the best series first.

    A series whose sequence is not known is only read where no other is.
    """
    groups: dict[str, list[SliceSeries]] = {}
    for each in fitting:
        groups.setdefault(each.facts.sequence if rule.sequences else "", []).append(each)
    if len(groups) > 1 and "" in groups:
        unknown = groups.pop("")
        groups[next(iter(groups))].extend(unknown)
    wanted = rule.slab_mm or rule.thickness_mm[0]
    return tuple(
        tuple(sorted(group, key=lambda each: _preference(each, wanted)))
        for group in groups.values()
    )


def _preference(each: SliceSeries, wanted_mm: float) -> tuple[bool, bool, float, int]:
    """Known sequence, soft kernel, a thickness near that of training, then the longest."""
    thickness = each.facts.thickness_mm or wanted_mm
    return (
        each.series.modality == "MR" and not each.facts.sequence,
        each.facts.bone_kernel,
        round(abs(thickness - wanted_mm) / 2),
        -each.frames,
    )
