"""The offline folder's own installer refuses what is not as it was made."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tools.offline import FILES, pins_for, write_checksums


@pytest.fixture
def installer(chinese_path: Path) -> ModuleType:
    """The installer inside a small folder with two wheels, as `make offline` leaves it."""
    wheels = chinese_path / "wheels"
    wheels.mkdir()
    (wheels / "a-1-py3-none-any.whl").write_bytes(b"a")
    (wheels / "b-1-py3-none-any.whl").write_bytes(b"b")
    script = chinese_path / "install.py"
    script.write_bytes((FILES / "install.py").read_bytes())
    write_checksums(chinese_path)
    spec = importlib.util.spec_from_file_location("offline_install", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_untouched_folder_passes(installer: ModuleType) -> None:
    installer.check_files()


def test_a_changed_wheel_stops_the_installation(installer: ModuleType) -> None:
    (installer.HERE / "wheels" / "a-1-py3-none-any.whl").write_bytes(b"changed")
    with pytest.raises(SystemExit, match="a-1-py3-none-any.whl was changed"):
        installer.check_files()


def test_a_missing_wheel_stops_the_installation(installer: ModuleType) -> None:
    (installer.HERE / "wheels" / "b-1-py3-none-any.whl").unlink()
    with pytest.raises(SystemExit, match="b-1-py3-none-any.whl is missing"):
        installer.check_files()


def test_a_wheel_that_was_slipped_in_stops_the_installation(installer: ModuleType) -> None:
    (installer.HERE / "wheels" / "evil-1-py3-none-any.whl").write_bytes(b"x")
    with pytest.raises(SystemExit, match="evil-1"):
        installer.check_files()


def test_pins_for_windows_hold_what_only_windows_needs() -> None:
    windows = pins_for(windows=True)
    assert "colorama==" in windows
    assert ";" not in windows
