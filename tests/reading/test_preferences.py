"""A reader's choices come back, and a damaged file is no reason not to start."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.reading.preferences import Preferences, load_preferences, save_preferences
from mediassist.reading.worklist import SortOrder


def test_preferences_survive_a_restart(chinese_path: Path) -> None:
    chosen = Preferences("zh_CN", True, False, SortOrder.AS_RECEIVED, 0.65)
    save_preferences(chosen, chinese_path / "数据" / "window.json")
    assert load_preferences(chinese_path / "数据" / "window.json") == chosen
    assert [file.name for file in (chinese_path / "数据").iterdir()] == ["window.json"]


def test_without_a_file_there_are_defaults(chinese_path: Path) -> None:
    assert load_preferences(chinese_path / "none.json") == Preferences()


@pytest.mark.expects_log("could not be read")
def test_a_damaged_file_gives_defaults(chinese_path: Path) -> None:
    (chinese_path / "window.json").write_text("{", encoding="utf-8")
    assert load_preferences(chinese_path / "window.json") == Preferences()


@pytest.mark.expects_log("preference order is not usable")
def test_one_bad_entry_costs_only_itself(chinese_path: Path) -> None:
    (chinese_path / "window.json").write_text(
        '{"order": "sideways", "heat_opacity": 0.25, "unknown": 1}', encoding="utf-8"
    )
    assert load_preferences(chinese_path / "window.json") == Preferences(heat_opacity=0.25)
