"""From slices to one grid: order, gaps, tilt, and the affine that places every voxel.

Refusals name numbers and files, because "non-uniform sampling" helps nobody (wishes.md, rows 16
and 17). Nothing is interpolated here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import IncompleteSeries
from mediassist.core.messages import Message, say
from mediassist.dicom.slices import Slice

# Positions are written with as few as two decimals; scanners' steps agree within a few percent.
_STEP_TOLERANCE = 0.03
_STEP_TOLERANCE_MM = 0.015
_SAME_PLACE_MM = 1e-3
_COSINE_TOLERANCE = 2e-3
_TILT_DEGREES = 0.1


@dataclass(frozen=True, slots=True)
class Stack:
    """Slices in ascending order along their normal, on one grid.

    `affine_lps` maps (slice, row, column, 1) to LPS mm; with a tilted gantry it is sheared, so
    that it is exact for every voxel. `tilt_degrees` is the angle between the stacking direction
    and the normal of the slices.
    """

    slices: tuple[Slice, ...]
    affine_lps: NDArray[np.float64]
    spacing_mm: tuple[float, float, float]
    tilt_degrees: float = 0.0
    warnings: tuple[Message, ...] = ()


def fit_stack(slices: Sequence[Slice]) -> Stack:
    """Order slices and fit the grid on which they lie.

    Raises
    ------
    IncompleteSeries
        Mixed sizes, spacings or orientations; two slices at one place; a gap; steps that differ
        by more than 3 % of their median; positions that do not lie on a line.
    """
    _check_same_plane(slices)
    cosines = _unit_cosines(slices[0])
    normal = np.cross(cosines[0], cosines[1])
    positions = np.array([each.position_mm for each in slices], dtype=np.float64)
    order = np.argsort(positions @ normal, kind="stable")
    ordered = [slices[index] for index in order]
    positions = positions[order]
    step, tilt, warnings = _step(ordered, positions, normal)
    row_mm, column_mm = ordered[0].spacing_mm
    affine = np.eye(4)
    affine[:3, 0] = step
    affine[:3, 1] = cosines[1] * row_mm
    affine[:3, 2] = cosines[0] * column_mm
    affine[:3, 3] = positions[0]
    spacing = (float(np.linalg.norm(step)), row_mm, column_mm)
    return Stack(tuple(ordered), affine, spacing, tilt, tuple(warnings))


def _check_same_plane(slices: Sequence[Slice]) -> None:
    first = slices[0]
    for other in slices[1:]:
        sizes = (first.rows, first.columns)
        if sizes != (other.rows, other.columns):
            raise IncompleteSeries(
                say(
                    "sizes_mixed",
                    "The series mixes picture sizes: {first} is {first_size}, {other} is"
                    " {other_size}.",
                    first=first.label,
                    first_size=f"{sizes[0]} x {sizes[1]}",
                    other=other.label,
                    other_size=f"{other.rows} x {other.columns}",
                )
            )
        if not np.allclose(first.spacing_mm, other.spacing_mm, rtol=1e-3):
            raise IncompleteSeries(
                say(
                    "spacings_mixed",
                    "The series mixes pixel spacings: {first} has {first_mm} mm, {other} has"
                    " {other_mm} mm.",
                    first=first.label,
                    first_mm=_pair(first.spacing_mm),
                    other=other.label,
                    other_mm=_pair(other.spacing_mm),
                )
            )
        if np.abs(np.subtract(first.cosines, other.cosines)).max() > _COSINE_TOLERANCE:
            raise IncompleteSeries(
                say(
                    "orientations_mixed",
                    "The series mixes orientations: {first} and {other} are turned by {degrees}"
                    " degrees against each other.",
                    first=first.label,
                    other=other.label,
                    degrees=round(_angle_between(first, other), 1),
                )
            )


def _unit_cosines(one: Slice) -> NDArray[np.float64]:
    """Row and column direction; rounded cosines are made unit length, wrong ones refused."""
    cosines = np.array(one.cosines, dtype=np.float64).reshape(2, 3)
    lengths = np.linalg.norm(cosines, axis=1)
    if np.abs(lengths - 1).max() > 0.01 or abs(cosines[0] @ cosines[1]) > 0.01:
        raise IncompleteSeries(
            say(
                "orientation_impossible",
                "{file}: the orientation {cosines} is not a pair of perpendicular unit vectors.",
                file=one.label,
                cosines="\\".join(f"{value:g}" for value in one.cosines),
            )
        )
    unit: NDArray[np.float64] = cosines / lengths[:, None]
    return unit


def _step(
    slices: Sequence[Slice], positions: NDArray[np.float64], normal: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, list[Message]]:
    """Vector from one slice to the next, tilt in degrees, and what to tell."""
    if len(slices) == 1:
        thickness = slices[0].thickness_mm
        warning = say(
            "single_slice", "The series has a single slice; its thickness is taken as the step."
        )
        return normal * (thickness if thickness and thickness > 0 else 1.0), 0.0, [warning]
    along = positions @ normal
    steps = np.diff(along)
    _check_steps(slices, steps)
    step = (positions[-1] - positions[0]) / (len(slices) - 1)
    residual = positions - (positions[0] + np.arange(len(slices))[:, None] * step)
    off_line = residual - (residual @ normal)[:, None] * normal
    worst = int(np.argmax(np.linalg.norm(off_line, axis=1)))
    off_mm = float(np.linalg.norm(off_line[worst]))
    if off_mm > max(_STEP_TOLERANCE * float(np.linalg.norm(step)), 0.05):
        raise IncompleteSeries(
            say(
                "positions_off_line",
                "{file} lies {distance} mm beside the line of the other slices.",
                file=slices[worst].label,
                distance=round(off_mm, 2),
            )
        )
    cosine = min(1.0, float(step @ normal / np.linalg.norm(step)))
    tilt = math.degrees(math.acos(cosine))
    if tilt < _TILT_DEGREES:
        return step, 0.0, []
    warning = say(
        "gantry_tilt",
        "The slices from {first} to {last} are tilted by {degrees} degrees against the direction"
        " of the table; the volume is sheared.",
        first=slices[0].label,
        last=slices[-1].label,
        degrees=round(tilt, 1),
    )
    return step, tilt, [warning]


def _check_steps(slices: Sequence[Slice], steps: NDArray[np.float64]) -> None:
    nearest = int(np.argmin(steps))
    if steps[nearest] < _SAME_PLACE_MM:
        raise IncompleteSeries(
            say(
                "slices_at_one_place",
                "{first} and {second} lie at the same place.",
                first=slices[nearest].label,
                second=slices[nearest + 1].label,
            )
        )
    # The lower median: of two steps, the longer one holds the gap.
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    deviation = np.abs(steps - usual)
    worst = int(np.argmax(deviation))
    if deviation[worst] <= max(_STEP_TOLERANCE * usual, _STEP_TOLERANCE_MM):
        return
    found = float(steps[worst])
    missing = round(found / usual) - 1
    is_gap = missing >= 1 and abs(found - (missing + 1) * usual) <= 0.1 * usual
    if is_gap:
        raise IncompleteSeries(
            say(
                "slices_missing",
                "Slices are missing ({count}) between {first} and {second}: expected a step of"
                " {expected} mm, found {found} mm.",
                count=missing,
                first=slices[worst].label,
                second=slices[worst + 1].label,
                expected=round(usual, 3),
                found=round(found, 3),
            )
        )
    raise IncompleteSeries(
        say(
            "spacing_irregular",
            "The slice spacing is irregular: expected {expected} mm, found {found} mm between"
            " {first} and {second}.",
            expected=round(usual, 3),
            found=round(found, 3),
            first=slices[worst].label,
            second=slices[worst + 1].label,
        )
    )


def _angle_between(first: Slice, second: Slice) -> float:
    """Angle of the rotation that turns one slice into the other."""
    turn = _frame_of(first).T @ _frame_of(second)
    return math.degrees(math.acos(float(np.clip((np.trace(turn) - 1) / 2, -1, 1))))


def _frame_of(one: Slice) -> NDArray[np.float64]:
    row, column = np.array(one.cosines, dtype=np.float64).reshape(2, 3)
    return np.stack((row, column, np.cross(row, column)), axis=1)


def _pair(spacing_mm: tuple[float, float]) -> str:
    return f"{spacing_mm[0]:g} x {spacing_mm[1]:g}"
