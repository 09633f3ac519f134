"""Volumes of a series: which slices belong together, and their values on one grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import IncompleteSeries, LimitExceeded
from mediassist.core.geometry import Volume
from mediassist.core.messages import Message, say
from mediassist.core.study import Instance, Series
from mediassist.dicom.colour import is_colour, to_rgb
from mediassist.dicom.header import read_header
from mediassist.dicom.modality import Rescale, apply_modality, modality_transform
from mediassist.dicom.phases import one_per_place, without_copies
from mediassist.dicom.pixels import StoredPixels, read_pixels
from mediassist.dicom.slices import Slice, is_localizer, is_mosaic, placed_slices
from mediassist.dicom.stack import Stack, fit_stack
from mediassist.dicom.tilt import straightened

_VOLUME_LIMIT_BYTES = 16 * 1024**3


@dataclass(frozen=True, slots=True)
class VolumePlan:
    """The volumes of a series before any pixel is read: one stack per time point, echo or phase.

    `warnings` say what was set aside.
    """

    stacks: tuple[Stack, ...]
    warnings: tuple[Message, ...] = ()


def load_volume(series: Series, *, straight: bool = False) -> Volume:
    """The volume of a series; of a 4-D series the first time point or phase, with a warning.

    Values are rescaled (HU for CT): int16 where they are whole numbers that fit, else float32;
    colour gives uint8 with a last axis of 3. Slices ascend along their normal (feet to head for
    an axial series). A tilted gantry gives a sheared grid, exact for every voxel, and a warning;
    with `straight` it is resampled to right angles (`tilt.straightened`).

    Raises
    ------
    IncompleteSeries
        The series is no regular stack; the message names numbers and files.
    LimitExceeded
        The volume would not fit in 16 GiB.
    """
    plan = plan_volumes(series)
    warnings = list(plan.warnings)
    if len(plan.stacks) > 1:
        warnings.append(
            say(
                "several_volumes",
                "The series holds {count} volumes of the same place; the first is used.",
                count=len(plan.stacks),
            )
        )
    volume = load_stack(plan.stacks[0], tuple(warnings))
    return straightened(volume) if straight else volume


def load_volumes(series: Series) -> Iterator[Volume]:
    """All volumes of a series in turn: time points, echoes, diffusion weights."""
    plan = plan_volumes(series)
    for stack in plan.stacks:
        yield load_stack(stack, plan.warnings)


def plan_volumes(series: Series) -> VolumePlan:
    """Which frames of a series make which volume; reads headers of multi-frame and 4-D only."""
    placed, unplaced = placed_slices(series)
    localizers = [each for each in placed if is_localizer(each.instance)]
    warnings: list[Message] = []
    if localizers and len(localizers) < len(placed):
        placed = [each for each in placed if not is_localizer(each.instance)]
        warnings.append(
            say(
                "localizers_set_aside",
                "Localizer images were set aside ({count}), for example {file}.",
                count=len(localizers),
                file=localizers[0].label,
            )
        )
    if unplaced and placed:
        warnings.append(
            say(
                "unplaced_set_aside",
                "Images without position or scale were set aside ({count}), for example {file}.",
                count=len(unplaced),
                file=unplaced[0].source,
            )
        )
    if not placed and any(is_mosaic(instance) for instance in unplaced):
        raise IncompleteSeries(
            say(
                "mosaic",
                "{file} is a mosaic: its slices stand side by side in one picture, and its"
                " private header does not say where they lie.",
                file=unplaced[0].source,
            )
        )
    if not placed:
        raise IncompleteSeries(
            say(
                "no_positions",
                "The series {series} is no volume: its images state no position in the patient.",
                series=series.description or series.series_uid,
            )
        )
    placed, copies = without_copies(placed)
    if copies:
        warnings.append(copies_set_aside(copies))
    stacks = tuple(fit_stack(group) for group in one_per_place(placed))
    return VolumePlan(stacks, tuple(warnings))


def copies_set_aside(copies: Sequence[Slice]) -> Message:
    """What is told where pictures were sent twice under two SOP Instance UIDs."""
    return say(
        "copies_set_aside",
        "Pictures that are in the series twice were set aside ({count}), for example {file}.",
        count=len(copies),
        file=copies[0].label,
    )


def load_stack(stack: Stack, warnings: tuple[Message, ...] = ()) -> Volume:
    """Values of slices that have been placed; see `load_volume`."""
    first = stack.slices[0]
    needed = len(stack.slices) * first.rows * first.columns * 4
    if needed > _VOLUME_LIMIT_BYTES:
        raise LimitExceeded(
            say(
                "volume_too_large",
                "The volume needs {gigabytes} GB; the limit is {limit} GB.",
                gigabytes=round(needed / 1e9, 1),
                limit=round(_VOLUME_LIMIT_BYTES / 1e9, 1),
            )
        )
    array: NDArray[Any] | None = None
    for index, whole in _slice_values(stack):
        tile = stack.slices[index].tile
        values_of_slice = whole
        if tile is not None:
            values_of_slice = whole[tile.top :, tile.left :][: tile.rows, : tile.columns]
        if array is None:
            array = np.empty((len(stack.slices), *values_of_slice.shape), values_of_slice.dtype)
        elif array.dtype != values_of_slice.dtype:
            # Rescale may change from slice to slice (PET): whole numbers until one is not.
            array = array.astype(np.float32)
        if array.shape[1:] != values_of_slice.shape:
            raise IncompleteSeries(
                say(
                    "slice_shape_differs",
                    "{file} is not of the same size as the other slices.",
                    file=stack.slices[index].label,
                )
            )
        array[index] = values_of_slice
    assert array is not None  # noqa: S101  (a stack has slices)
    return Volume(
        array=array,
        affine_lps=stack.affine_lps,
        spacing_mm=stack.spacing_mm,
        sop_instance_uids=tuple(each.instance.sop_instance_uid for each in stack.slices),
        warnings=(*warnings, *stack.warnings),
    )


def _slice_values(stack: Stack) -> Iterator[tuple[int, NDArray[Any]]]:
    """(index in the stack, rescaled values); frames of one file are decoded together."""
    numbered = sorted(
        enumerate(stack.slices), key=lambda item: (str(item[1].instance.path), item[1].frame)
    )
    for _, group in groupby(numbered, key=lambda item: item[1].instance.path):
        members = list(group)
        instance: Instance = members[0][1].instance
        header = read_header(instance.path)
        first, last = members[0][1].frame, members[-1][1].frame
        pixels = read_pixels(header, first, last - first + 1, lowered=True)
        for index, one in members:
            stored = pixels.values[one.frame - first]
            if is_colour(pixels.photometric, pixels.layout.samples, header.dataset):
                yield index, to_rgb(stored, pixels.photometric, pixels.layout, header.dataset)
                continue
            transform = modality_transform(header.dataset, one.frame, pixels.layout.signed)
            if isinstance(transform, Rescale) and _stays_whole(transform, pixels):
                yield index, _rescaled_whole(stored, transform)
            else:
                yield index, apply_modality(stored, transform)


def _rescaled_whole(stored: NDArray[Any], transform: Rescale) -> NDArray[np.int16]:
    """Rescale in 16 bits: sums and products that wrap round come out right, because the result
    is known to fit (`_stays_whole`)."""
    whole = stored.astype(np.int16)
    slope, intercept = (
        np.array(int(value) & 0xFFFF, np.uint16).view(np.int16)
        for value in (transform.slope, transform.intercept)
    )
    if slope != 1:
        whole *= slope
    whole += intercept
    return whole


def _stays_whole(transform: Rescale, pixels: StoredPixels) -> bool:
    """Whether every possible rescaled value is a whole number that fits 16 bits."""
    layout = pixels.layout
    if layout.is_float or layout.bits_stored > 16:
        return False
    if transform.slope != int(transform.slope) or transform.intercept != int(transform.intercept):
        return False
    low = -(2 ** (layout.bits_stored - 1)) if layout.signed else 0
    high = low + 2**layout.bits_stored - 1
    ends = [value * transform.slope + transform.intercept for value in (low, high)]
    if min(ends) < -32768 or max(ends) > 32767:
        # 16 stored bits with an intercept: the values that are really there decide.
        actual = (int(pixels.values.min()), int(pixels.values.max()))
        ends = [value * transform.slope + transform.intercept for value in actual]
    return min(ends) >= -32768 and max(ends) <= 32767
