"""What keys and drags do to one viewport, without any widget."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.core.messages import say
from mediassist.core.study import Study
from mediassist.dicom import find_studies
from mediassist.dicom.windows import Window
from mediassist.reading.display_set import display_set
from mediassist.reading.pictures import load_picture
from mediassist.reading.viewport_model import ViewportModel
from tests.dicom.builder import chest_radiograph, ct_series, ultrasound


def opened(folder: Path) -> ViewportModel:
    (study,) = find_studies([folder])
    assert isinstance(study, Study)
    model = ViewportModel()
    model.view.resize(400, 400)
    model.open(study, display_set(study).series[0])
    assert model.position is not None
    model.set_picture(load_picture(model.position))
    return model


@pytest.fixture
def ct(chinese_path: Path) -> ViewportModel:
    ct_series(chinese_path, slices=5)
    return opened(chinese_path)


def test_a_picture_opens_fitted_in_the_window_of_its_file(ct: ViewportModel) -> None:
    assert ct.view.fitted
    assert ct.window == Window(40, 80)


def test_number_keys_choose_automatic_stored_and_preset_windows(ct: ViewportModel) -> None:
    assert ct.choose_key(6)
    assert ct.window == Window(-600, 1500)
    assert ct.choose_key(1)
    assert ct.window == Window(40, 80)
    assert not ct.choose_key(2)
    assert ct.choose_key(0)
    assert ct.picture is not None
    assert ct.window == ct.picture.automatic


def test_presets_of_ct_do_nothing_on_a_radiograph(chinese_path: Path) -> None:
    chest_radiograph(chinese_path / "胸片.dcm")
    model = opened(chinese_path)
    before = model.window
    assert not model.choose_key(6)
    assert model.window == before


def test_a_colour_picture_has_no_window_to_drag(chinese_path: Path) -> None:
    ultrasound(chinese_path / "us.dcm")
    model = opened(chinese_path)
    assert model.window is None
    assert not model.drag_window(10, 10, inverse=False, fast=False)
    assert not model.choose_key(0)


def test_scrolling_keeps_the_readers_window_and_stops_at_the_ends(ct: ViewportModel) -> None:
    ct.choose_key(8)
    assert ct.index == 2
    assert ct.scroll(10)
    assert ct.index == 4
    assert not ct.scroll(1)
    assert ct.position is not None
    ct.set_picture(load_picture(ct.position))
    assert ct.window == Window(350, 2000)


def test_another_series_starts_afresh(ct: ViewportModel, tmp_path: Path) -> None:
    ct.choose_key(8)
    ct.view.turn()
    ct.inverted = True
    chest_radiograph(tmp_path / "other" / "b.dcm", seed=2)
    (study,) = find_studies([tmp_path / "other"])
    assert isinstance(study, Study)
    ct.open(study, display_set(study).series[0])
    assert (ct.chosen_window, ct.inverted, ct.view.quarter_turns) == (None, False, 0)


def test_a_failure_takes_the_place_of_the_picture(ct: ViewportModel) -> None:
    ct.set_failure(say("damaged", "The file is damaged."))
    assert ct.picture is None
    assert ct.voi is None
    ct.scroll(1)
    assert ct.failure is None


def test_a_table_of_the_file_is_the_first_look_and_dragging_leaves_it(chinese_path: Path) -> None:
    """VOI LUT sequences of CR and MG were ignored by peers (wishes.md, row 22)."""
    import numpy as np
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    table = Dataset()
    table.LUTDescriptor = [4096, 0, 12]
    table.LUTExplanation = "HARDER"
    table.add_new("LUTData", "OW", np.arange(4096, dtype="<u2").tobytes())
    chest_radiograph(chinese_path / "a.dcm", VOILUTSequence=Sequence([table]))
    model = opened(chinese_path)
    assert not isinstance(model.voi, Window)
    assert model.drag_window(10, 0, inverse=False, fast=False)
    assert isinstance(model.voi, Window)
