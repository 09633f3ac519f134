"""The whole way with the models that are installed: open, analyse in the child, decide, report."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mediassist.core.vocabulary import Verdict
from mediassist.models import list_bundles
from mediassist.reading.worklist import AnalysisState
from mediassist.settings import Settings
from mediassist.ui.sitting import Sitting

ANALYSIS_MS = 600_000  # about 20 s of processor time; a busy computer takes longer


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sample_radiograph_is_analysed_decided_and_reported(
    qtbot: QtBot, sample_studies: Path, chinese_path: Path
) -> None:
    settings = Settings(data_dir=chinese_path / "数据", reader="李医师")
    if not list_bundles(settings.bundles_dir):
        pytest.skip("no model bundle is installed in model_weights/")
    sitting = Sitting(settings)
    try:
        window = sitting.window
        window.show()
        window.open([sample_studies / "LUNG_P"])
        worklist = sitting.desk.session.worklist
        qtbot.waitUntil(lambda: len(worklist) == 1, timeout=ANALYSIS_MS)
        uid = next(iter(worklist)).study.study_uid
        qtbot.waitUntil(
            lambda: worklist[uid].state in (AnalysisState.DONE, AnalysisState.FAILED),
            timeout=ANALYSIS_MS,
        )
        result = worklist[uid].result
        assert result is not None, worklist[uid].failure
        assert all(one.verdict is not Verdict.FAILED for one in result.results)
        assert len(window.panel.cards) == sum(
            one.verdict is not Verdict.NOT_APPLICABLE for one in result.results
        )
        qtbot.waitUntil(lambda: window.viewport.model.picture is not None, timeout=ANALYSIS_MS)
        if window.viewing.current_bundle:
            window.viewport.setFocus()
            qtbot.keyClick(window.viewport, Qt.Key.Key_Return)
            assert window.viewing.current_bundle in sitting.desk.decisions(uid)
        target = chinese_path / "报告.pdf"
        with qtbot.waitSignal(sitting.desk.exported, timeout=ANALYSIS_MS):
            sitting.desk.export(uid, target, "zh")
        with pypdfium2.PdfDocument(target) as document:
            assert len(document) >= 1
    finally:
        sitting.window.close()
        sitting.close()
