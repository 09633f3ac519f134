"""Frames for the screen: the same values as everywhere else, within a budget."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediassist.core.errors import MediAssistError
from mediassist.core.study import Study
from mediassist.dicom import find_studies
from mediassist.dicom.display import display_uint8, load_frame
from mediassist.dicom.windows import Window
from mediassist.reading.display_set import ScrollPosition, display_set
from mediassist.reading.pictures import Picture, PictureStore, load_picture
from tests.dicom.builder import chest_radiograph, ct_series, phantom, ultrasound
from tests.reading.results import study_of


def position_in(folder: Path) -> ScrollPosition:
    (study,) = find_studies([folder])
    assert isinstance(study, Study)
    return display_set(study).series[0].positions[0]


def test_the_screen_shows_what_the_one_display_chain_gives(chinese_path: Path) -> None:
    path = chest_radiograph(chinese_path / "胸片.dcm", PhotometricInterpretation="MONOCHROME1")
    picture = load_picture(position_in(chinese_path))
    expected = display_uint8(load_frame(path))
    np.testing.assert_array_equal(picture.display(picture.default, False), expected)


def test_inverting_turns_every_grey_round(chinese_path: Path) -> None:
    chest_radiograph(chinese_path / "胸片.dcm")
    picture = load_picture(position_in(chinese_path))
    plain = picture.display(picture.default, False).astype(int)
    inverted = picture.display(picture.default, True).astype(int)
    assert np.abs(plain + inverted - 255).max() <= 1


def test_a_large_picture_has_reduced_copies_with_the_same_mean(chinese_path: Path) -> None:
    chest_radiograph(chinese_path / "大.dcm", pixels=phantom(1600, 1604))
    picture = load_picture(position_in(chinese_path))
    assert picture.levels == 3
    full = picture.display(Window(2048, 4096), False, 0)
    half = picture.display(Window(2048, 4096), False, 1)
    assert half.shape == (800, 802)
    assert full.mean() == pytest.approx(half.mean(), abs=1)


def test_hounsfield_units_stand_under_the_cursor(chinese_path: Path) -> None:
    ct_series(chinese_path, slices=1)
    picture = load_picture(position_in(chinese_path))
    assert picture.value_text(0, 0) == "176 HU"


def test_an_unspecified_unit_is_not_shown_as_one(chinese_path: Path) -> None:
    chest_radiograph(chinese_path / "胸片.dcm", RescaleType="US")
    assert load_picture(position_in(chinese_path)).value_text(0, 0).isdigit()


def test_a_colour_pixel_shows_its_three_values(chinese_path: Path) -> None:
    ultrasound(chinese_path / "us.dcm")
    assert load_picture(position_in(chinese_path)).value_text(0, 0) == "R 255  G 255  B 200"


def test_orientation_comes_from_the_plane_or_from_patient_orientation(chinese_path: Path) -> None:
    chest_radiograph(chinese_path / "dx" / "a.dcm", PatientOrientation=["L", "F"])
    ct_series(chinese_path / "ct", slices=1)
    assert load_picture(position_in(chinese_path / "dx")).letters == (("L", "R"), ("F", "H"))
    assert load_picture(position_in(chinese_path / "ct")).letters == (("L", "R"), ("P", "A"))


def test_the_store_keeps_to_its_budget_and_reads_each_picture_once(chinese_path: Path) -> None:
    ct_series(chinese_path, slices=6)
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    positions = display_set(study).series[0].positions
    read: list[ScrollPosition] = []

    def load(position: ScrollPosition) -> Picture:
        read.append(position)
        return load_picture(position)

    size = load_picture(positions[0]).nbytes
    store = PictureStore(load, budget_bytes=3 * size)
    for position in positions:
        store.load(position)
        store.load(position)
    assert read == list(positions)
    assert sum(store.known(position) is not None for position in positions) == 3
    assert store.known(positions[-1]) is not None


def test_a_file_that_cannot_be_read_raises_an_error_for_people(chinese_path: Path) -> None:
    path = chinese_path / "缺.dcm"
    with pytest.raises(MediAssistError):
        PictureStore().load(display_set(study_of(path)).series[0].positions[0])
