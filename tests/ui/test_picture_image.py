"""Only what the viewport shows is windowed, and it lands on the right pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from mediassist.core.finding import HeatMap
from mediassist.core.study import Study
from mediassist.dicom import find_studies
from mediassist.reading.display_set import display_set
from mediassist.reading.evidence import HeatPicture
from mediassist.reading.pictures import Area, Picture, load_picture
from mediassist.reading.view_state import ViewState
from mediassist.reading.viewport_model import ViewportModel
from mediassist.text import words
from mediassist.ui.picture_image import TILE, array_image, heat_image, visible_area
from mediassist.ui.viewport import QtViewport
from tests.dicom.builder import chest_radiograph


@pytest.fixture
def dots(chinese_path: Path) -> tuple[Study, Picture]:
    """A large radiograph, black but for one bright pixel every 300."""
    pixels = np.zeros((1500, 2100), dtype=np.uint16)
    pixels[150::300, 150::300] = 4095
    chest_radiograph(chinese_path / "点.dcm", pixels=pixels)
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    return study, load_picture(display_set(study).series[0].positions[0])


def test_a_zoomed_viewport_windows_its_part_only(dots: tuple[Study, Picture]) -> None:
    _, picture = dots
    view = ViewState()
    view.resize(600, 400)
    view.show(picture.columns, picture.rows, None)
    whole = visible_area(picture, 0, view.image_to_view(), 600, 400)
    assert whole == Area(0, 0, 2100, 1500)
    view.zoom_about(1 / view.zoom, 300, 200)
    part = visible_area(picture, 0, view.image_to_view(), 600, 400)
    assert part.right - part.left <= 600 + 2 * TILE
    assert part.left % TILE == 0
    view.pan(1e6, 0)
    assert visible_area(picture, 0, view.image_to_view(), 600, 400) == Area(0, 0, 1, 1)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_each_bright_pixel_is_drawn_where_its_coordinates_say(
    qtbot: QtBot, dots: tuple[Study, Picture], turns: int, mirrored: bool
) -> None:
    study, picture = dots
    viewport = QtViewport(ViewportModel(), words("en"))
    qtbot.addWidget(viewport)
    viewport.resize(700, 500)
    viewport.show()
    model = viewport.model
    model.open(study, display_set(study).series[0])
    model.level = model.level.NONE
    model.set_picture(picture)
    for _ in range(turns):
        model.view.turn()
    if mirrored:
        model.view.mirror()
    model.view.zoom_to(3.0)
    model.view.pan(40, -30)
    shown = viewport.grab().toImage()
    seen = 0
    for row in range(150, 1500, 300):
        for column in range(150, 2100, 300):
            x, y = model.view.image_to_view().apply(column, row)
            if 5 < x < 695 and 5 < y < 495:
                seen += 1
                # Screen pixel i covers i to i + 1.
                assert shown.pixelColor(int(x), int(y)).red() > 200
                assert shown.pixelColor(int(x) + 5, int(y)).red() < 60
    assert seen


def test_a_colour_array_keeps_its_colours() -> None:
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[1, 2] = (10, 200, 30)
    image = array_image(pixels)
    assert (image.width(), image.height()) == (3, 2)
    assert image.pixelColor(2, 1) == QColor(10, 200, 30)


def test_no_evidence_is_clear_and_strong_evidence_is_not(qtbot: QtBot) -> None:
    values = np.array([[0.0, 0.05, 1.0, np.nan]], dtype=np.float32)
    image = heat_image(HeatMap("1", 0, values))
    assert image.format() == QImage.Format.Format_RGBA8888
    assert [image.pixelColor(x, 0).alpha() for x in range(4)] == [0, 0, 255, 0]


def test_of_a_heat_map_over_grey_anatomy_only_what_has_colour_is_shown() -> None:
    """Its scale bar and letters stood beside those of the window."""
    rgb = np.full((20, 30, 3), 90, np.uint8)
    rgb[2:4, 2:20] = 255
    rgb[10:15, 10:20] = (240, 130, 60)
    image = heat_image(HeatPicture("1", 0, rgb, 60, 40))
    assert image.pixelColor(5, 3).alpha() == 0
    assert image.pixelColor(25, 18).alpha() == 0
    assert image.pixelColor(12, 12).alpha() == 255
    assert image.pixelColor(12, 12).red() == 240


def test_a_heat_map_over_a_colour_picture_takes_its_place() -> None:
    rgb = np.full((20, 30, 3), (200, 90, 30), np.uint8)
    assert heat_image(HeatPicture("1", 0, rgb, 30, 20)).pixelColor(3, 3).alpha() == 255
