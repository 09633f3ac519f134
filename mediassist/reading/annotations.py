"""What is written over a picture: corner texts, orientation letters, scale bar; no Qt.

IHE Basic Image Review asks for identity, laterality, orientation and scale on every viewport.
Values are given as plain lines; the sentences among them are worded by the caller's `Words`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mediassist.core.study import Instance, PixelSpacing, Series, SpacingSource, Study
from mediassist.dicom.windows import Voi, Window
from mediassist.text import Words


class AnnotationLevel(StrEnum):
    """One key cycles through these: all, without the patient (for teaching and showing), none."""

    ALL = "all"
    ANONYMOUS = "anonymous"
    NONE = "none"

    def next(self) -> AnnotationLevel:
        order = tuple(AnnotationLevel)
        return order[(order.index(self) + 1) % len(order)]


@dataclass(frozen=True, slots=True)
class Corners:
    """Lines for the four corners of a viewport, from the top down."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A bar of a round length. `remark` says what its millimetres are worth, empty if in full."""

    length_view_px: float
    text: str
    remark: str


def corner_texts(
    study: Study,
    series: Series,
    instance: Instance,
    *,
    frame: int,
    position: int,
    positions: int,
    voi: Voi | None,
    zoom: float | None,
    level: AnnotationLevel,
    words: Words,
) -> Corners:
    """The four corners: patient, study, series with picture number, window with zoom."""
    if level is AnnotationLevel.NONE:
        return Corners()
    patient = study.patient
    who: list[str] = []
    if level is AnnotationLevel.ALL:
        who = [patient.name or words.sentence("Name unknown"), patient.patient_id]
        born = patient.birth_date.isoformat() if patient.birth_date else ""
        who.append("  ".join(part for part in (born, words.term(patient.sex)) if part))
    taken = study.study_date.isoformat() if study.study_date else ""
    if study.study_time:
        taken += f" {study.study_time:%H:%M}"
    where = [study.institution if level is AnnotationLevel.ALL else "", taken, study.description]
    return Corners(
        top_left=_lines(who),
        top_right=_lines([*where, series.description]),
        bottom_left=_lines(_place(series, instance, frame, position, positions, words)),
        bottom_right=_lines(_look(voi, zoom, words)),
    )


def _place(
    series: Series, instance: Instance, frame: int, position: int, positions: int, words: Words
) -> list[str]:
    lines = []
    if instance.view_position or instance.laterality:
        side = words.term(instance.laterality) if instance.laterality else ""
        lines.append("  ".join(part for part in (instance.view_position, side) if part))
    if instance.slice_thickness_mm:
        lines.append(
            words.sentence("Thickness {mm} mm", mm=f"{instance.slice_thickness_mm:.3g}")
            + (f"  z {instance.position_mm[2]:.1f} mm" if instance.position_mm else "")
        )
    number = "" if series.number is None else str(series.number)
    lines.append(
        words.sentence("Series {number}", number=number) if number else words.sentence("Series")
    )
    if instance.frames > 1:
        lines.append(
            words.sentence("Frame {frame} of {frames}", frame=frame + 1, frames=instance.frames)
        )
    if instance.frames != positions or positions == 1:
        # The frames of a series' only object are its images: one number is enough.
        lines.append(
            words.sentence("Image {image} of {images}", image=position + 1, images=positions)
        )
    return lines


def _look(voi: Voi | None, zoom: float | None, words: Words) -> list[str]:
    lines = []
    if zoom is not None:
        lines.append(words.sentence("Zoom {percent} %", percent=f"{100 * zoom:.0f}"))
    if voi is None:
        return lines
    if not isinstance(voi, Window):
        return [*lines, voi.name or words.sentence("Grey table of the file")]
    digits = 0 if voi.width >= 10 else 2
    width_and_centre = words.sentence(
        "Width {width}  Centre {centre}",
        width=f"{voi.width:.{digits}f}",
        centre=f"{voi.centre:.{digits}f}",
    )
    return [*lines, voi.name, width_and_centre]


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Without blanks, and nothing said twice (study and series often have one description)."""
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def scale_bar(
    spacing: PixelSpacing | None, mm_per_view_pixel: float | None, room_px: float, words: Words
) -> ScaleBar | None:
    """The longest bar of 1, 2 or 5 times a power of ten mm that fits into `room_px`.

    None where no millimetres are known: a bar in pixels would be read as a length.
    """
    if spacing is None or not mm_per_view_pixel or room_px <= 0:
        return None
    most = room_px * mm_per_view_pixel
    power = 10.0 ** math.floor(math.log10(most))
    length = next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most * (1 + 1e-9))
    text = f"{length / 10:g} cm" if length >= 10 else f"{length:g} mm"
    return ScaleBar(length / mm_per_view_pixel, text, spacing_remark(spacing.source, words))


def spacing_remark(source: SpacingSource, words: Words) -> str:
    """What a reader must know about millimetres of this source (conventions.md, section 4)."""
    match source:
        case SpacingSource.DETECTOR:
            return words.sentence("at detector, magnified")
        case SpacingSource.ERMF:
            return words.sentence("corrected for magnification")
        case SpacingSource.REGION:
            return words.sentence("ultrasound calibration")
        case SpacingSource.PATIENT:
            return ""


# ((towards higher columns, towards lower), (towards higher rows, towards lower))
Letters = tuple[tuple[str, str], tuple[str, str]]


def orientation_letters(
    row: tuple[float, float, float], column: tuple[float, float, float]
) -> Letters:
    """Letters at (right, left) and (bottom, top) of an unturned picture.

    `row` and `column` are the direction cosines of Image Orientation (Patient): the directions,
    in LPS, in which columns and rows count up. An oblique plane gets up to three letters, the
    strongest first (PS3.3 C.7.6.1.1.1).
    """
    return (
        (_letters(row), _letters(_opposite(row))),
        (_letters(column), _letters(_opposite(column))),
    )


def patient_orientation_letters(patient_orientation: tuple[str, str]) -> Letters:
    """The same from Patient Orientation (0020,0020), which radiographs carry: its first value
    points right, its second down."""
    right, down = (value.strip().upper() for value in patient_orientation)
    return (right, _mirrored(right)), (down, _mirrored(down))


def _letters(direction: tuple[float, float, float]) -> str:
    names = (("L", "R"), ("P", "A"), ("H", "F"))
    strength = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    return "".join(
        names[axis][0 if direction[axis] > 0 else 1]
        for axis in strength
        if abs(direction[axis]) > 0.2
    )


def _opposite(direction: tuple[float, float, float]) -> tuple[float, float, float]:
    return -direction[0], -direction[1], -direction[2]


def _mirrored(letters: str) -> str:
    opposite = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
    return "".join(opposite.get(letter, letter) for letter in letters)


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """Orientation letters at the edges of the viewport as it now stands."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


def edge_letters(
    letters: Letters,
    screen_axes: tuple[tuple[int, int], tuple[int, int]],
) -> EdgeLetters:
    """Turn and mirror the letters with the picture (`ViewState.screen_axes`)."""
    (column_up, column_down), (row_up, row_down) = letters

    def toward(step: tuple[int, int]) -> str:
        return {(1, 0): column_up, (-1, 0): column_down, (0, 1): row_up, (0, -1): row_down}.get(
            step, ""
        )

    right, down = screen_axes
    return EdgeLetters(
        left=toward((-right[0], -right[1])),
        right=toward(right),
        top=toward((-down[0], -down[1])),
        bottom=toward(down),
    )
