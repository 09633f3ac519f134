"""A whole sitting with its settings: language, preferences, the name behind decisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from mediassist.reading.preferences import load_preferences
from mediassist.reading.worklist import SortOrder
from mediassist.settings import Settings
from mediassist.ui.application import splash_picture
from mediassist.ui.sitting import PREFERENCES_FILE, Sitting
from tests.ui.conftest import WAIT_MS


@pytest.fixture
def sitting(qtbot: QtBot, chinese_path: Path) -> Iterator[Sitting]:
    made = Sitting(Settings(data_dir=chinese_path / "数据", reader="李医师"))
    made.window.show()
    yield made
    # The window may be another one by now: a change of language makes a new one.
    made.window.close()
    made.close()


def test_the_reader_of_the_settings_stands_behind_decisions(sitting: Sitting) -> None:
    assert sitting.desk.session.reader == "李医师"


def test_a_change_of_language_shows_the_same_session_in_the_other_language(
    sitting: Sitting, qtbot: QtBot, pictures_folder: Path
) -> None:
    sitting.window.prefer(analyse_on_opening=False)
    sitting.window.open([pictures_folder])
    qtbot.waitUntil(lambda: len(sitting.desk.session.worklist) == 2, timeout=WAIT_MS)
    sitting.window.prefer(lang="zh_CN")
    assert "不作为临床诊断依据" in sitting.window.windowTitle()
    assert sitting.window.studies.list.worklist_model.rowCount() == 2
    assert load_preferences(sitting._preferences_path).lang == "zh_CN"
    qtbot.waitUntil(lambda: not sitting.desk.opening, timeout=WAIT_MS)


def test_choices_are_kept_in_the_data_folder(sitting: Sitting, chinese_path: Path) -> None:
    sitting.window.prefer(order=SortOrder.AS_RECEIVED, inverse_drag=True)
    kept = load_preferences(chinese_path / "数据" / PREFERENCES_FILE)
    assert kept.order is SortOrder.AS_RECEIVED
    assert sitting.window.viewport.inverse_drag


def test_the_start_screen_offers_folder_and_files(sitting: Sitting) -> None:
    labels = [label.text() for label in sitting.window.start.findChildren(QLabel)]
    assert "MediAssist" in labels
    assert sitting.window.tools.isHidden()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_splash_is_drawn_in_the_pixels_of_the_screen(qtbot: QtBot, ratio: float) -> None:
    picture = splash_picture(ratio)
    assert picture.width() == round(460 * ratio)


def test_experimental_models_are_off_until_the_reader_switches_them_on(
    sitting: Sitting, chinese_path: Path
) -> None:
    assert not sitting._asked().experimental
    sitting.window.prefer(experimental=True)
    assert sitting._asked().experimental
    assert sitting._process._outdated.is_set()
    assert "too weak to rely on" in sitting.window.notices.text
    assert load_preferences(chinese_path / "数据" / PREFERENCES_FILE).experimental


def test_the_settings_of_a_site_switch_experimental_models_on(
    qtbot: QtBot, chinese_path: Path
) -> None:
    made = Sitting(Settings(data_dir=chinese_path / "数据", experimental=True))
    assert made._asked().experimental
    made.close()
