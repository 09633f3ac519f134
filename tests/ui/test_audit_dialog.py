"""A validator without a terminal: choose a table, watch, open the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mediassist.reading.audit_choice import AuditSource
from mediassist.settings import Settings
from mediassist.text import words
from mediassist.ui import audit_dialog
from mediassist.ui.audit_dialog import AuditDialog
from mediassist.ui.reading_window import ReadingWindow
from tests.audit.tables import scored_rows, write_table

WAIT_MS = 60_000


@pytest.fixture
def dialog(qtbot: QtBot, chinese_path: Path) -> AuditDialog:
    settings = Settings(bundles_dir=chinese_path, data_dir=chinese_path / "data")
    made = AuditDialog(words("zh"), settings)
    made.show()
    return made


def answers(dialog: AuditDialog) -> str:
    lines = (dialog.answer.itemAt(place).widget() for place in range(dialog.answer.count()))
    return "\n".join(line.text() for line in lines)


def choose(dialog: AuditDialog, kind: AuditSource, source: Path) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    dialog.source.setText(str(source))


def test_a_table_of_scores_is_audited_and_its_report_opened(
    dialog: AuditDialog, qtbot: QtBot, chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = write_table(chinese_path / "预测.csv", scored_rows(120, finding="fracture"))
    assert not dialog.start.isEnabled()
    choose(dialog, AuditSource.PREDICTIONS, table)
    assert dialog.out.text() == str(chinese_path / "预测-audit")
    dialog.targets[0].setValue(90.0)
    dialog.start.click()
    assert dialog.stop.isVisible() and not dialog.start.isEnabled()
    qtbot.waitUntil(dialog.report.isVisible, timeout=WAIT_MS)
    assert "骨折" in answers(dialog) and "%" in answers(dialog)
    opened: list[str] = []
    monkeypatch.setattr(
        audit_dialog.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile())
    )
    dialog.report.click()
    (report,) = opened
    assert Path(report).read_bytes().startswith(b"%PDF")
    dialog.close()


def test_a_table_that_can_not_be_understood_is_explained(
    dialog: AuditDialog, qtbot: QtBot, chinese_path: Path
) -> None:
    table = write_table(chinese_path / "坏.csv", [{"name": 1}])
    choose(dialog, AuditSource.PREDICTIONS, table)
    dialog.start.click()
    qtbot.waitUntil(dialog.start.isEnabled, timeout=WAIT_MS)
    assert "case" in answers(dialog) and "--help" not in answers(dialog)
    assert not dialog.report.isVisible()
    dialog.close()


def test_the_window_opens_the_audit_and_takes_it_along_when_it_closes(
    make_window: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    window = make_window()
    window.commands["audit"].trigger()
    assert window.audit is not None and window.audit.isVisible()
    qtbot.keyClick(window.audit, Qt.Key.Key_Escape)
    assert window.audit is None
    window.commands["audit"].trigger()
    window.close()
    qtbot.waitUntil(lambda: window.audit is None, timeout=WAIT_MS)
