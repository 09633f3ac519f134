"""What doctor finds, and that a fault ends with 3 and with advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.cli.checks import machine, python_and_libraries
from mediassist.cli.checks.check import Health
from mediassist.cli.checks.decoders import decoder_checks
from mediassist.cli.exit_codes import ExitCode
from tests.cli.command_line import Run


def test_missing_bundles_are_a_fault_with_advice(
    run: Run, chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(chinese_path / "none"))
    monkeypatch.setattr(python_and_libraries, "_LIBRARIES", {"numpy": "numpy"})
    shown = run("doctor", "--json")
    assert shown.code == ExitCode.SOME_FAILED
    faults = [one for one in shown.document["checks"] if one["health"] == "fault"]
    assert [(one["subject"], bool(one["advice"])) for one in faults] == [("Bundles", True)]
    assert "FAULT" in run("doctor").out


def test_every_lossless_compression_is_decoded_the_whole_way() -> None:
    checks = decoder_checks()
    assert [check.health for check in checks] == [Health.OK] * 4, checks


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_and_libraries, "_LIBRARIES", {"nolib": "there_is_no_such_library"})
    [check] = python_and_libraries.library_checks()
    assert (check.health, "there_is_no_such_library" in check.found) == (Health.FAULT, True)


def test_a_server_without_a_screen_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    [check] = machine.window_checks()
    assert check.health is Health.NOTE


def test_a_folder_that_cannot_be_written_is_a_fault(
    chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = chinese_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("MEDIASSIST_DATA_DIR", str(blocked / "data"))
    assert machine.disk_checks()[0].health is Health.FAULT
