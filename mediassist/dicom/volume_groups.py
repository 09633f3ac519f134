"""What a series really holds: its volumes, single pictures, localisers and the rest.

One Series Instance UID may hold several planes, echoes, diffusion weights and time points, a
scout and a dose sheet. `load_volume` refuses such a mixture; here it is taken apart, so that each
part can be shown, and analysed where it is sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mediassist.core.errors import IncompleteSeries
from mediassist.core.geometry import Volume
from mediassist.core.messages import Message, say
from mediassist.core.study import Instance, Series
from mediassist.dicom.phases import one_per_place, without_copies
from mediassist.dicom.slices import Slice, is_localizer, placed_slices
from mediassist.dicom.stack import Stack, fit_stack
from mediassist.dicom.volume import copies_set_aside, load_stack

_COSINE_TOLERANCE = 2e-3


class PartKind(StrEnum):
    VOLUME = "volume"  # a regular stack
    IRREGULAR = "irregular"  # slices of one plane with gaps, copies or uneven steps
    SLICE = "slice"  # a single slice of its plane
    LOCALIZER = "localizer"
    COPY = "copy"  # pictures that other slices show already
    PICTURE = "picture"  # no position in the patient: screenshot, dose sheet, radiograph, cine


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """One part of a series.

    `stack` is set for volumes and single slices; `problem` says why slices are irregular.
    """

    kind: PartKind
    instances: tuple[Instance, ...]
    stack: Stack | None = None
    problem: Message | None = None

    def load(self) -> Volume:
        """The values of a part that has a stack; raises `IncompleteSeries` for others."""
        if self.stack is None:
            raise IncompleteSeries(self.problem or _NOT_A_VOLUME)
        return load_stack(self.stack)


_NOT_A_VOLUME = say("no_volume", "These images are no volume.")


def series_parts(series: Series) -> tuple[SeriesPart, ...]:
    """Take a series apart: volumes first, then what was set aside."""
    placed, unplaced = placed_slices(series)
    scouts = [each for each in placed if is_localizer(each.instance)]
    parts: list[SeriesPart] = []
    for plane in _planes([each for each in placed if not is_localizer(each.instance)]):
        parts.extend(_plane_parts(plane))
    parts.extend(SeriesPart(PartKind.LOCALIZER, _instances(plane)) for plane in _planes(scouts))
    parts.extend(SeriesPart(PartKind.PICTURE, (instance,)) for instance in unplaced)
    order = list(PartKind)
    return tuple(sorted(parts, key=lambda part: (order.index(part.kind), -len(part.instances))))


def _planes(placed: Sequence[Slice]) -> list[list[Slice]]:
    """Slices of one size, pixel spacing and orientation each."""
    planes: list[list[Slice]] = []
    for each in placed:
        for plane in planes:
            if _is_same_plane(plane[0], each):
                plane.append(each)
                break
        else:
            planes.append([each])
    return planes


def _is_same_plane(first: Slice, second: Slice) -> bool:
    return (
        (first.rows, first.columns) == (second.rows, second.columns)
        and bool(np.allclose(first.spacing_mm, second.spacing_mm, rtol=1e-3))
        and float(np.abs(np.subtract(first.cosines, second.cosines)).max()) <= _COSINE_TOLERANCE
    )


def _plane_parts(plane: Sequence[Slice]) -> list[SeriesPart]:
    parts = []
    plane, copies = without_copies(plane)
    if copies:
        told = copies_set_aside(copies)
        parts.append(SeriesPart(PartKind.COPY, _instances(copies), problem=told))
    try:
        groups = one_per_place(plane)
    except IncompleteSeries as error:
        irregular = SeriesPart(PartKind.IRREGULAR, _instances(plane), problem=error.message)
        return [*parts, irregular]
    for group in groups:
        try:
            stack = fit_stack(group)
        except IncompleteSeries as error:
            parts.append(SeriesPart(PartKind.IRREGULAR, _instances(group), problem=error.message))
            continue
        kind = PartKind.VOLUME if len(group) > 1 else PartKind.SLICE
        parts.append(SeriesPart(kind, _instances(stack.slices), stack))
    return parts


def _instances(slices: Sequence[Slice]) -> tuple[Instance, ...]:
    """Each instance once, in order; the frames of a multi-frame object share one."""
    return tuple(dict.fromkeys(each.instance for each in slices))
