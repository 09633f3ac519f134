"""Corner texts, orientation letters and the scale bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.dicom.windows import Window
from mediassist.reading.annotations import (
    AnnotationLevel,
    Corners,
    corner_texts,
    edge_letters,
    orientation_letters,
    patient_orientation_letters,
    scale_bar,
)
from mediassist.reading.view_state import ViewState
from mediassist.text import words
from tests.reading.results import study_of

EN = words("en")
UNTURNED = ((1, 0), (0, 1))


def corners(level: AnnotationLevel, frames: int = 1) -> Corners:
    study = study_of(frames=frames)
    series = study.series[0]
    return corner_texts(
        study,
        series,
        series.instances[0],
        frame=0,
        position=0,
        positions=frames,
        voi=Window(40, 80),
        zoom=1.5,
        level=level,
        words=EN,
    )


def test_all_corners_say_who_what_where_and_how() -> None:
    shown = corners(AnnotationLevel.ALL, frames=3)
    assert shown.top_left[:2] == ("王小东", "P3")
    assert "Frame 1 of 3" in shown.bottom_left
    assert "Zoom 150 %" in shown.bottom_right
    assert "Width 80  Centre 40" in shown.bottom_right


def test_the_anonymous_level_hides_the_patient_and_keeps_the_rest() -> None:
    shown = corners(AnnotationLevel.ANONYMOUS)
    assert shown.top_left == ()
    assert shown.bottom_right


def test_one_key_cycles_through_three_levels() -> None:
    level = AnnotationLevel.ALL
    seen = [level := level.next() for _ in range(3)]
    assert seen == [AnnotationLevel.ANONYMOUS, AnnotationLevel.NONE, AnnotationLevel.ALL]
    assert corners(AnnotationLevel.NONE) == Corners()


def test_an_axial_slice_has_the_patients_right_on_the_viewers_left() -> None:
    letters = edge_letters(orientation_letters((1, 0, 0), (0, 1, 0)), UNTURNED)
    assert (letters.left, letters.right, letters.top, letters.bottom) == ("R", "L", "A", "P")


def test_an_oblique_plane_names_its_second_direction() -> None:
    letters = edge_letters(orientation_letters((1, 0, 0), (0, 0.8, -0.6)), UNTURNED)
    assert letters.bottom == "PF"
    assert letters.top == "AH"


def test_letters_turn_and_mirror_with_the_picture() -> None:
    view = ViewState()
    view.resize(100, 100)
    view.show(10, 10, None)
    letters = patient_orientation_letters(("L", "F"))
    view.turn()
    turned = edge_letters(letters, view.screen_axes)
    assert (turned.top, turned.right, turned.bottom, turned.left) == ("R", "H", "L", "F")
    view.mirror()
    mirrored = edge_letters(letters, view.screen_axes)
    assert (mirrored.left, mirrored.right) == ("H", "F")


@given(mm=st.floats(0.01, 5), room=st.floats(20, 400))
def test_the_scale_bar_fits_and_its_length_is_true(mm: float, room: float) -> None:
    bar = scale_bar(PixelSpacing(1, 1, SpacingSource.PATIENT), mm, room, EN)
    assert bar is not None
    number, unit = bar.text.split()
    length_mm = float(number) * (10 if unit == "cm" else 1)
    assert bar.length_view_px * mm == pytest.approx(length_mm)
    assert room / 5.01 <= bar.length_view_px <= room * 1.001


def test_a_bar_at_the_detector_says_so() -> None:
    """Imager Pixel Spacing is magnified; a peer withdrew its silent use as unsafe."""
    bar = scale_bar(PixelSpacing(0.2, 0.2, SpacingSource.DETECTOR), 0.5, 200, EN)
    assert bar is not None
    assert bar.remark == "at detector, magnified"


def test_without_millimetres_there_is_no_bar() -> None:
    assert scale_bar(None, None, 200, EN) is None
