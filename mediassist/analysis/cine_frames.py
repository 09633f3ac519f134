"""Values of a cine stack as one array; slices of which a phase can't be read are left out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.images import StudyImages
from mediassist.core.errors import MediAssistError
from mediassist.core.study import Instance, Rejected
from mediassist.dicom.cine import CinePlace, CineStack
from mediassist.dicom.display import Frame, display_grey, load_frame, load_frames
from mediassist.dicom.slices import Slice

Grey = NDArray[np.float32]
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CineFrames:
    """`values` (places, phases, rows, columns) in the order of `places` and their phases."""

    places: tuple[CinePlace, ...]
    values: Grey


def read_frames(stack: CineStack, images: StudyImages) -> CineFrames | None:
    """Decode every frame once; failures are told to `images`. None where no slice is complete."""
    images.looked = True
    wanted: dict[Instance, set[int]] = defaultdict(set)
    for place in stack.places:
        for one in place.phases:
            wanted[one.instance].add(one.frame)
    values: dict[Key, Grey] = {}
    for instance, frames in wanted.items():
        try:
            for frame in _decoded(instance):
                if frame.index in frames:
                    values[instance.sop_instance_uid, frame.index] = _values(frame)
        except MediAssistError as error:
            images.tell_failure(instance.sop_instance_uid, Rejected(instance.source, error))
    whole = [place for place in stack.places if all(_key(one) in values for one in place.phases)]
    if not whole:
        return None
    array = np.stack([np.stack([values[_key(one)] for one in p.phases]) for p in whole])
    return CineFrames(tuple(whole), array)


def _decoded(instance: Instance) -> list[Frame]:
    if instance.frames == 1:
        return [load_frame(instance.path)]
    return list(load_frames(instance.path))


def _key(one: Slice) -> Key:
    return one.instance.sop_instance_uid, one.frame


def _values(frame: Frame) -> Grey:
    """Values before any window: a window made for eyes cuts the bright blood off."""
    if frame.modality_values is None:
        return display_grey(frame)
    values = frame.modality_values.astype(np.float32)
    if frame.inverted:
        values = values.max() - values
    if frame.hidden is not None:
        values[frame.hidden] = values.min()
    return values
