"""Sections of a series, prepared as a slice network saw them in training.

Thin slices are averaged to slabs: a network taught on slices of 5 mm meets four times the noise on
slices of 0.6 mm, and ten times as many chances to be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.images import StudyImages
from mediassist.core.errors import MediAssistError
from mediassist.core.study import Instance, PixelSpacing, Rejected, Series, SpacingSource
from mediassist.dicom.display import Frame, display_grey, load_frame
from mediassist.dicom.slices import Slice
from mediassist.dicom.volume_groups import PartKind, SeriesPart, series_parts
from mediassist.models.head_crop import Square, head_mask, head_square
from mediassist.models.metadata import SeriesRule

Grey = NDArray[np.float32]

_AIR_BELOW = 0.08  # of the grey scale; what is brighter may be head
_MR_BRIGHTEST = 99.5  # percentile of the whole series that becomes white
_AVERAGED_BELOW = 0.6  # of the slab: thicker slices stay as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One picture to judge: a slice, or a slab of thin ones named by its middle slice.

    Attributes
    ----------
    grey : (rows, columns) float32 in 0..1 on the stored grid, patient's front up.
    upside_down : whether `grey` is the stored picture with its rows reversed.
    place : where the (middle) slice lies; None where the header does not say.
    step_mm : distance to the next section; None where the sections are no regular stack.
    """

    instance: Instance
    frame: int
    grey: Grey
    upside_down: bool = False
    place: Slice | None = None
    step_mm: float | None = None

    @property
    def spacing(self) -> PixelSpacing | None:
        """Patient-plane spacing, also of a multi-frame object whose spacing stands per frame."""
        if self.place is not None:
            return PixelSpacing(*self.place.spacing_mm, SpacingSource.PATIENT)
        return self.instance.spacing


@dataclass(frozen=True, slots=True)
class Scan:
    """Sections from feet to head with the square that the network sees of each."""

    sections: tuple[Section, ...]
    square: Square
    slab_slices: int


def read_scan(
    series: Series,
    instances: Sequence[Instance],
    rule: SeriesRule,
    window_hu: tuple[float, float] | None,
    images: StudyImages,
) -> Scan | None:
    """The sections of a series' largest part; None where nothing of it can be read.

    `window_hu` is (centre, width) for CT; None scales by the series' own brightness (MR).
    Images that can't be read are told to `images` and left out.
    """
    images.looked = True
    places, step = _places(series_parts(replace(series, instances=tuple(instances))))
    group = _slab_slices(step, rule.slab_mm)
    sections: list[Section] = []
    for start in range(0, len(places), group):
        section = _section(places[start : start + group], window_hu, step, images)
        if section is not None and (not sections or section.grey.shape == sections[0].grey.shape):
            sections.append(section)
    if not sections:
        return None
    if window_hu is None:
        sections = _scaled(sections)
    square = whole_square(*sections[0].grey.shape)
    if rule.head_crop:
        sections, square = _cropped(sections, square)
    return Scan(tuple(sections), square, group)


def whole_square(rows: int, columns: int) -> Square:
    """The smallest square round a whole picture."""
    side = max(rows, columns)
    return Square((rows - side) // 2, (columns - side) // 2, side)


Place = tuple[Instance, int, Slice | None]


def _places(parts: Sequence[SeriesPart]) -> tuple[list[Place], float | None]:
    """Frames of the largest stack with its step in mm; else all pictures of the series."""
    largest = max(parts, key=lambda part: len(part.instances))
    if largest.kind is PartKind.VOLUME and largest.stack is not None:
        slices = largest.stack.slices
        if slices[0].tile is None:
            places: list[Place] = [(each.instance, each.frame, each) for each in slices]
            return places, largest.stack.spacing_mm[0]
    singles = {
        part.stack.slices[0].instance.sop_instance_uid: part.stack.slices[0]
        for part in parts
        if part.kind is PartKind.SLICE and part.stack is not None
    }
    instances = dict.fromkeys(instance for part in parts for instance in part.instances)
    return [
        (each, frame, singles.get(each.sop_instance_uid))
        for each in instances
        for frame in range(each.frames)
    ], None


def _slab_slices(step_mm: float | None, slab_mm: float) -> int:
    if step_mm is None or step_mm <= 0 or step_mm >= _AVERAGED_BELOW * slab_mm:
        return 1
    return max(1, round(slab_mm / step_mm))


def _section(
    members: Sequence[Place],
    window_hu: tuple[float, float] | None,
    step: float | None,
    images: StudyImages,
) -> Section | None:
    """Mean of the members' values, windowed; members that can't be read are told and left out."""
    total: Grey | None = None
    count = 0
    for instance, frame_number, _ in members:
        try:
            frame = load_frame(instance.path, frame_number)
        except MediAssistError as error:
            images.tell_failure(instance.sop_instance_uid, Rejected(instance.source, error))
            continue
        values = _values(frame, instance, window_hu)
        if total is None:
            total = values.copy()
        elif total.shape == values.shape:
            total += values
        else:
            continue
        count += 1
    if total is None:
        return None
    instance, frame_number, place = members[len(members) // 2]
    turned = place is not None and place.cosines[4] < 0
    grey = total / np.float32(count)
    return Section(
        instance=instance,
        frame=frame_number,
        grey=np.ascontiguousarray(grey[::-1]) if turned else grey,
        upside_down=turned,
        place=place,
        step_mm=None if step is None else step * len(members),
    )


def _values(frame: Frame, instance: Instance, window_hu: tuple[float, float] | None) -> Grey:
    """CT: grey of the bundle's own window; MR: values, black at zero.

    The header's window is made for eyes and differs from hospital to hospital, so it is not used
    where there are Hounsfield units. A picture of 8 bits has none: it was windowed already.
    """
    if frame.modality_values is None or (window_hu is not None and instance.bits_stored <= 8):
        return display_grey(frame)
    values = frame.modality_values
    if window_hu is None:
        grey = values - min(0.0, float(values.min()))
        if frame.inverted:
            grey = float(grey.max()) - grey
    else:
        centre, width = window_hu
        grey = np.clip((values - (centre - width / 2)) / width, 0, 1)
    if frame.hidden is not None:
        grey[frame.hidden] = 0.0
    return grey.astype(np.float32)


def _scaled(sections: Sequence[Section]) -> list[Section]:
    """MR has no unit: white is the brightest half percent of the whole series."""
    sample = np.concatenate([section.grey[::4, ::4].ravel() for section in sections])
    white = float(np.percentile(sample, _MR_BRIGHTEST)) or 1.0
    return [replace(each, grey=np.clip(each.grey / white, 0, 1)) for each in sections]


def _cropped(sections: list[Section], whole: Square) -> tuple[list[Section], Square]:
    """Sections that hold head, and the square round it; everything where no head is found."""
    masks = [section.grey > _AIR_BELOW for section in sections]
    spacing = sections[0].spacing
    square = head_square(masks, None if spacing is None else spacing.row_mm)
    if square is None:
        return sections, whole
    step = max(1, max(masks[0].shape) // 128)
    held = [
        section
        for section, mask in zip(sections, masks, strict=True)
        if len(sections) == 1 or head_mask(mask[::step, ::step]).any()
    ]
    return held or sections, square
