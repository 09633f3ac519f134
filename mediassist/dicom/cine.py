"""Cine MR stacks: frames sorted by slice and by phase of the heart beat.

Makers write one series for a stack, one series for each slice, or one enhanced object; trigger
times differ a little from slice to slice, as the heart does not beat like a clock. So frames are
first sorted by place and then, at each place, by their own time.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.core.study import Series
from mediassist.dicom import values
from mediassist.dicom.functional_groups import functional_group
from mediassist.dicom.header import read_header
from mediassist.dicom.slices import Slice, cross, is_localizer, placed_slices

_COSINE_TOLERANCE = 5e-3
_SAME_PLACE_MM = 0.5
_SHORT_AXIS_WORDS = re.compile(
    r"(?<![a-z])(sa|sax|sa[xo]?[_ -]?cine|short|kurz|petit[_ -]?axe)(?![a-z])|short.?axis|短轴",
    re.IGNORECASE,
)
_OTHER_WORDS = re.compile(
    r"(?<![a-z0-9])([234][_ -]?ch(amber)?|hla|vla|lvot|rvot|la|lax|long|radial|tra|axial|cor|sag)"
    r"(?![a-z])|long.?axis|长轴|四腔|两腔|三腔",
    re.IGNORECASE,
)
# From base to apex in a usual chest: left, front, down (LPS).
_USUAL_AXIS = np.array([0.64, -0.60, -0.48])
_LARGEST_TURN_DEGREES = 45.0


@dataclass(frozen=True, slots=True)
class CinePlace:
    """One slice position: its frames in the order of the heart beat."""

    along_mm: float
    phases: tuple[Slice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CineStack:
    """Parallel slice positions, each with the same number of phases.

    `step_mm` is the distance from slice to slice (thickness and gap), `spacing_mm` (row, column).
    `set_aside` counts positions whose number of phases differs from the rest.
    """

    series: tuple[Series, ...]
    places: tuple[CinePlace, ...]
    step_mm: float
    spacing_mm: tuple[float, float]
    normal: tuple[float, float, float]
    set_aside: int = 0

    @property
    def phases(self) -> int:
        return len(self.places[0].phases)

    @property
    def words(self) -> str:
        return " ".join(f"{each.description} {each.protocol}" for each in self.series)

    @property
    def short_axis(self) -> bool | None:
        """Whether the slices cut the ventricle across: by the technologist's words, else by their
        direction. None where neither says: no words, and slices straight to the table, as in
        files that were made of pictures.
        """
        if _SHORT_AXIS_WORDS.search(self.words):
            return True
        if _OTHER_WORDS.search(self.words):
            return False
        normal = np.array(self.normal)
        if np.abs(normal).max() > 0.999:
            return None
        turn = np.degrees(np.arccos(min(1.0, abs(float(normal @ _unit(_USUAL_AXIS))))))
        return bool(turn <= _LARGEST_TURN_DEGREES)


def cine_stacks(series: Sequence[Series]) -> tuple[CineStack, ...]:
    """Every stack in these series, the one with most slices first; localizers are left out.

    Slice positions of one series stay together; series that hold one position each are put
    together where their planes are parallel. A stack may have one slice or one phase: whoever
    reads it says why that is not enough.
    """
    found: list[CineStack] = []
    single: list[tuple[Series, list[Slice]]] = []
    for each in series:
        placed = [s for s in placed_slices(each)[0] if not is_localizer(s.instance)]
        for plane in _planes(placed):
            if len(_by_place(plane)) == 1:
                single.append((each, plane))
            else:
                found.append(_stack((each,), plane))
    found.extend(_joined(single))
    return tuple(sorted(found, key=lambda stack: (-len(stack.places), -stack.phases)))


def _joined(single: Sequence[tuple[Series, list[Slice]]]) -> list[CineStack]:
    """Series of one position each whose planes are parallel, as one stack."""
    groups: list[list[tuple[Series, list[Slice]]]] = []
    for one in single:
        for group in groups:
            if _is_parallel(group[0][1][0], one[1][0]):
                group.append(one)
                break
        else:
            groups.append([one])
    stacks = []
    for group in groups:
        # A position that was taken again counts once: the later series replaces it.
        latest = {round(_along(plane[0])): (member, plane) for member, plane in group}
        members = list(latest.values())
        slices = [each for _, plane in members for each in plane]
        stacks.append(_stack(tuple(dict.fromkeys(member for member, _ in members)), slices))
    return stacks


def _stack(series: tuple[Series, ...], slices: Sequence[Slice]) -> CineStack:
    # An enhanced object holds every frame: its long header is read once.
    headers = {path: read_header(path).dataset for path in {s.instance.path for s in slices}}
    places = [
        CinePlace(along, tuple(_in_time(members, headers)))
        for along, members in _by_place(slices).items()
    ]
    usual = Counter(len(place.phases) for place in places).most_common(1)[0][0]
    kept = sorted(
        (place for place in places if len(place.phases) == usual), key=lambda each: each.along_mm
    )
    steps = np.diff([place.along_mm for place in kept])
    first = kept[0].phases[0]
    normal = _unit(np.array(cross(first.cosines)))
    return CineStack(
        series=series,
        places=tuple(kept),
        step_mm=float(np.median(steps)) if len(steps) else first.thickness_mm or 0.0,
        spacing_mm=first.spacing_mm,
        normal=(float(normal[0]), float(normal[1]), float(normal[2])),
        set_aside=len(places) - len(kept),
    )


def _planes(placed: Sequence[Slice]) -> list[list[Slice]]:
    planes: list[list[Slice]] = []
    for each in placed:
        for plane in planes:
            if _is_parallel(plane[0], each):
                plane.append(each)
                break
        else:
            planes.append([each])
    return planes


def _is_parallel(first: Slice, second: Slice) -> bool:
    return (
        (first.rows, first.columns) == (second.rows, second.columns)
        and bool(np.allclose(first.spacing_mm, second.spacing_mm, rtol=1e-3))
        and float(np.abs(np.subtract(first.cosines, second.cosines)).max()) <= _COSINE_TOLERANCE
    )


def _by_place(slices: Sequence[Slice]) -> dict[float, list[Slice]]:
    """Slices at one distance along their normal; positions are written with few decimals."""
    places: dict[float, list[Slice]] = {}
    for each in sorted(slices, key=_along):
        along = _along(each)
        near = next((one for one in places if abs(one - along) <= _SAME_PLACE_MM), None)
        places.setdefault(along if near is None else near, []).append(each)
    return places


def _along(one: Slice) -> float:
    return float(np.dot(one.position_mm, _unit(np.array(cross(one.cosines)))))


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return result


def _in_time(members: Sequence[Slice], headers: Mapping[Path, Dataset]) -> list[Slice]:
    """Frames of one place by time in the heart beat, else by number of the image.

    A place that was taken twice in one series (another average, phase pictures of flow) repeats
    every time: the first of each is kept.
    """
    times = [_time(headers[each.instance.path], each.frame) for each in members]
    if any(time is None for time in times) or len(set(times)) < 2:
        return sorted(members, key=_number)
    by_time: dict[float, list[Slice]] = defaultdict(list)
    for each, time in zip(members, times, strict=True):
        by_time[time or 0.0].append(each)
    return [min(by_time[time], key=_number) for time in sorted(by_time)]


def _time(dataset: Dataset, frame: int) -> float | None:
    """Time after the R wave, else index in time; None where the header states neither."""
    cardiac = functional_group(dataset, frame, "CardiacSynchronizationSequence")
    content = functional_group(dataset, frame, "FrameContentSequence")
    for source, keyword in (
        (cardiac, "NominalCardiacTriggerDelayTime"),
        (content, "TemporalPositionIndex"),
        (dataset, "TriggerTime"),
        (dataset, "TemporalPositionIdentifier"),
    ):
        if source is not None:
            number = values.number(source, keyword)
            if number is not None:
                return number
    return None


def _number(one: Slice) -> tuple[int, str, int]:
    return one.instance.instance_number or 0, one.instance.source, one.frame
