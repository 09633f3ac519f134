"""What a reader does in the window, from opening to the report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from mediassist.core.decision import DecisionKind
from mediassist.core.study import Study
from mediassist.core.vocabulary import Verdict
from mediassist.dicom import find_studies
from mediassist.reading.annotations import AnnotationLevel
from mediassist.reading.decisions import DecisionStore
from mediassist.reading.preferences import Preferences
from mediassist.reading.worklist import AnalysisState
from mediassist.report.outputs import write_study
from mediassist.text import words
from mediassist.ui.buttons import RowButton
from mediassist.ui.export_dialog import ExportDialog
from mediassist.ui.reading_window import ReadingWindow
from tests.dicom.builder import chest_radiograph
from tests.reading.results import OPACITY, result_of
from tests.ui.conftest import WAIT_MS, InProcess, MakeWindow, choose_study, until_ready


def pixels(window: ReadingWindow) -> np.ndarray:
    image = window.viewport.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    data = np.frombuffer(image.constBits(), np.uint8)
    return data.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()].astype(int)


def colours(window: ReadingWindow, verdict_rgb: tuple[int, int, int]) -> int:
    """How many pixels of the viewport have about this colour."""
    shown = pixels(window).reshape(-1, 3) if pixels(window).shape[1] % 3 == 0 else None
    assert shown is not None
    return int((np.abs(shown - np.array(verdict_rgb)).max(axis=1) < 40).sum())


FLAGGED_RGB = (255, 122, 74)


def key(
    qtbot: QtBot,
    window: ReadingWindow,
    *keys: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    window.viewport.setFocus()
    for one in keys:
        qtbot.keyClick(window.viewport, one, modifier)


def test_the_start_screen_and_the_title_say_what_the_program_is_not(
    make_window: MakeWindow,
) -> None:
    window = make_window()
    assert "not for diagnosis" in window.windowTitle()
    texts = [label.text() for label in window.start.findChildren(type(window._work))]
    assert any("not for diagnosis" in text for text in texts)
    assert any("不作为临床诊断依据" in text for text in texts)


def test_the_list_fills_with_flagged_first_and_names_as_they_are_written(
    window: ReadingWindow,
) -> None:
    model = window.studies.list.worklist_model
    rows = [model.index(number).data() for number in range(model.rowCount())]
    assert rows[0].startswith("王小东")
    assert "Flagged" in rows[0]
    assert "Cleared" in rows[1]


def test_files_that_could_not_be_opened_are_counted_and_the_rest_opens(
    window: ReadingWindow,
) -> None:
    (rejected,) = window.desk.session.worklist.rejected
    assert "说明.dcm" in rejected.source
    assert window.studies._rejected.isVisible()
    assert "1" in window.studies._rejected.text()


def test_dragging_with_the_left_button_changes_the_picture(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    before = pixels(window)
    before_window = window.viewport.model.window
    centre = window.viewport.rect().center()
    qtbot.mousePress(window.viewport, Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseMove(window.viewport, centre + QPoint(10, 30))
    qtbot.mouseMove(window.viewport, centre + QPoint(30, 90))
    qtbot.mouseRelease(window.viewport, Qt.MouseButton.LeftButton, pos=centre + QPoint(30, 90))
    after_window = window.viewport.model.window
    assert before_window is not None and after_window is not None
    assert after_window.centre < before_window.centre
    assert after_window.width > before_window.width
    assert pixels(window).mean() > before.mean()


def test_the_wheel_scrolls_with_control_it_zooms_and_shift_goes_by_ten(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    choose_study(qtbot, window, "CT1")
    model = window.viewport.model
    assert model.index == 2

    def wheel(turned: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        place = QPointF(window.viewport.rect().center())
        event = QWheelEvent(
            place,
            window.viewport.mapToGlobal(place),
            QPoint(),
            QPoint(0, turned),
            Qt.MouseButton.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        window.viewport.wheelEvent(event)

    wheel(-120)
    assert model.index == 3
    wheel(120, Qt.KeyboardModifier.ShiftModifier)
    assert model.index == 0
    zoom = model.view.zoom
    wheel(120, Qt.KeyboardModifier.ControlModifier)
    assert model.view.zoom > zoom
    assert model.index == 0
    qtbot.waitUntil(lambda: model.picture is not None, timeout=WAIT_MS)


def test_the_value_under_a_resting_mouse_follows_the_picture(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    choose_study(qtbot, window, "CT1")
    qtbot.waitUntil(lambda: window.viewport.model.picture is not None, timeout=WAIT_MS)
    said: list[str] = []
    window.viewport.probed.connect(said.append)
    qtbot.mouseMove(window.viewport, window.viewport.rect().center())
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT_MS)
    said.clear()
    key(qtbot, window, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: bool(said) and said[-1].startswith("x "), timeout=WAIT_MS)


def test_keys_scroll_turn_invert_and_reset(window: ReadingWindow, qtbot: QtBot) -> None:
    choose_study(qtbot, window, "CT1")
    model = window.viewport.model
    key(qtbot, window, Qt.Key.Key_End)
    assert model.index == 4
    key(qtbot, window, Qt.Key.Key_Home)
    assert model.index == 0
    key(qtbot, window, Qt.Key.Key_Down)
    assert model.index == 1
    key(qtbot, window, Qt.Key.Key_R)
    assert model.view.quarter_turns == 1
    key(qtbot, window, Qt.Key.Key_I, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert model.inverted
    qtbot.waitUntil(lambda: model.picture is not None, timeout=WAIT_MS)
    key(qtbot, window, Qt.Key.Key_6)
    assert model.window is not None and model.window.width == 1500
    key(qtbot, window, Qt.Key.Key_Escape)
    assert (model.view.quarter_turns, model.inverted, model.chosen_window) == (0, False, None)


def test_space_on_the_image_cycles_the_texts(window: ReadingWindow, qtbot: QtBot) -> None:
    key(qtbot, window, Qt.Key.Key_Space)
    assert window.viewport.model.level is AnnotationLevel.ANONYMOUS
    key(qtbot, window, Qt.Key.Key_I, Qt.Key.Key_I)
    assert window.viewport.model.level is AnnotationLevel.ALL


def test_the_outline_lies_on_the_region_and_o_takes_it_away(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    assert window.desk.session.worklist[window.studies.list.current_uid].headline is (
        Verdict.FLAGGED
    )
    x, y = window.viewport.model.view.image_to_view().apply(10.0, 35.0)
    shown = window.viewport.grab().toImage()
    ratio = shown.devicePixelRatio()
    near = [shown.pixelColor(round(x * ratio) + dx, round(y * ratio)) for dx in range(-2, 3)]
    assert any(_is_like(colour, FLAGGED_RGB) for colour in near)
    assert colours(window, FLAGGED_RGB) > 100
    key(qtbot, window, Qt.Key.Key_O)
    assert colours(window, FLAGGED_RGB) == 0
    assert not window.commands["outlines"].isChecked()
    key(qtbot, window, Qt.Key.Key_O)
    assert colours(window, FLAGGED_RGB) > 100


def test_the_heat_map_covers_the_evidence_only(window: ReadingWindow, qtbot: QtBot) -> None:
    key(qtbot, window, Qt.Key.Key_O)
    before = pixels(window)
    key(qtbot, window, Qt.Key.Key_O, modifier=Qt.KeyboardModifier.ShiftModifier)
    changed = np.abs(pixels(window) - before).reshape(before.shape[0], -1, 3).max(axis=2) > 8
    view = window.viewport.model.view.image_to_view()
    x, y = (round(v) for v in view.apply(20, 35))
    assert changed[y, x]
    x, y = (round(v) for v in view.apply(70, 80))
    assert not changed[y, x]


def test_an_output_folder_shows_its_heat_map_in_place_of_the_picture(
    make_window: MakeWindow, pictures_folder: Path, chinese_path: Path, qtbot: QtBot
) -> None:
    """analyze and batch write heat maps as pictures only: the window showed none."""
    (study,) = find_studies([pictures_folder / "胸片.dcm"])
    assert isinstance(study, Study)
    write_study(result_of(study), chinese_path / "批量", formats=("json",))
    window = make_window()
    window.open([chinese_path / "批量"])
    until_ready(qtbot, window, studies=1)
    qtbot.waitUntil(lambda: window.viewing.heat_available, timeout=WAIT_MS)
    key(qtbot, window, Qt.Key.Key_O)
    before = pixels(window)
    key(qtbot, window, Qt.Key.Key_O, modifier=Qt.KeyboardModifier.ShiftModifier)
    view = window.viewport.model.view.image_to_view()
    x, y = (round(v) for v in view.apply(20, 35))
    red, _, blue = pixels(window).reshape(before.shape[0], -1, 3)[y, x]
    assert red > blue + 30


def _is_like(colour: QColor, rgb: tuple[int, int, int]) -> bool:
    return all(
        abs(a - b) < 60
        for a, b in zip((colour.red(), colour.green(), colour.blue()), rgb, strict=True)
    )


def test_n_and_p_go_through_the_findings(window: ReadingWindow, qtbot: QtBot) -> None:
    assert window.viewing.current_bundle == OPACITY
    first = window.viewing._stop
    key(qtbot, window, Qt.Key.Key_N)
    assert window.viewing._stop != first
    key(qtbot, window, Qt.Key.Key_P)
    assert window.viewing._stop == first


def test_enter_accepts_x_rejects_and_both_are_kept_with_name_and_time(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    uid = window.studies.list.current_uid
    key(qtbot, window, Qt.Key.Key_Return)
    card = window.panel.cards[OPACITY]
    assert "Accepted by 李医师 on 2026-11-24" in card._decision_text.text()
    key(qtbot, window, Qt.Key.Key_X)
    assert "Rejected by 李医师" in card._decision_text.text()
    card._reason.setFocus()
    card._reason.setText("皮肤皱褶")
    qtbot.keyClick(card._reason, Qt.Key.Key_Return)
    kept = DecisionStore(window.desk.session.work_folder).history(
        window.desk.session.worklist[uid].result.study_key
    )
    assert [one.kind for one in kept] == [
        DecisionKind.ACCEPTED,
        DecisionKind.REJECTED,
        DecisionKind.REJECTED,
    ]
    assert kept[-1].reason == "皮肤皱褶"


@pytest.mark.parametrize("place", ["studies", "strip", "card", "nothing"])
def test_the_reading_keys_work_wherever_the_focus_is(
    window: ReadingWindow, qtbot: QtBot, place: str
) -> None:
    """Enter and X did nothing after a click in the study list or on a series."""
    uid, card = window.studies.list.current_uid, window.panel.cards[OPACITY]
    focus = {"studies": window.studies.list, "strip": window.strip, "card": card}.get(place, window)
    for pressed, kind in (
        (Qt.Key.Key_X, DecisionKind.REJECTED),
        (Qt.Key.Key_Return, DecisionKind.ACCEPTED),
    ):
        focus.setFocus()
        qtbot.keyClick(focus, pressed)
        assert window.desk.session.decisions(uid)[OPACITY].kind is kind
    qtbot.keyClick(focus, Qt.Key.Key_1)
    qtbot.keyClick(focus, Qt.Key.Key_N)
    assert window.studies.list.current_uid == uid


def test_a_text_field_keeps_every_key_and_lists_keep_their_arrows(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    key(qtbot, window, Qt.Key.Key_X)
    card = window.panel.cards[OPACITY]
    card._reason.setFocus()
    qtbot.keyClicks(card._reason, "xno 1")
    for pressed in (Qt.Key.Key_Home, Qt.Key.Key_Up, Qt.Key.Key_Space):
        qtbot.keyClick(card._reason, pressed)
    assert card._reason.text() == " xno 1"
    qtbot.keyClick(card._reason, Qt.Key.Key_Escape)
    assert card._reason.text() == ""
    assert card._reject.isChecked()
    first = window.studies.list.current_uid
    window.studies.list.setFocus()
    qtbot.keyClick(window.studies.list, Qt.Key.Key_Down)
    assert window.studies.list.current_uid != first


def test_enter_on_a_button_presses_that_button(window: ReadingWindow, qtbot: QtBot) -> None:
    card = window.panel.cards[OPACITY]
    card._reject.setFocus()
    qtbot.keyClick(card._reject, Qt.Key.Key_Return)
    assert window.desk.session.decisions(window.studies.list.current_uid)[OPACITY].kind is (
        DecisionKind.REJECTED
    )


def test_a_decision_is_there_again_in_the_next_sitting(
    window: ReadingWindow, make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    key(qtbot, window, Qt.Key.Key_Return)
    window.close()
    again = make_window()
    again.open([pictures_folder])
    until_ready(qtbot, again, studies=2)
    assert "Accepted by 李医师" in again.panel.cards[OPACITY]._decision_text.text()


def test_a_decision_that_cannot_be_written_is_told_and_not_shown_as_kept(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    folder = window.desk.session.work_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file is in the way", encoding="utf-8")
    key(qtbot, window, Qt.Key.Key_Return)
    assert "could not be written" in window.notices.text
    assert not window.panel.cards[OPACITY]._decision_text.isVisible()


@pytest.mark.parametrize(("lang", "expected"), [("en", "Rejected"), ("zh", "李医师")])
def test_the_report_holds_the_decision_and_the_window_says_where_it_is(
    window: ReadingWindow, qtbot: QtBot, chinese_path: Path, lang: str, expected: str
) -> None:
    key(qtbot, window, Qt.Key.Key_X)
    target = chinese_path / "报告" / "王.pdf"
    with qtbot.waitSignal(window.desk.exported, timeout=WAIT_MS):
        window.desk.export(window.studies.list.current_uid, target, lang)
    assert str(target) in window.notices.text
    with pypdfium2.PdfDocument(target) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert expected in text


def test_a_report_that_cannot_be_written_is_told_with_what_to_do(
    window: ReadingWindow, qtbot: QtBot, chinese_path: Path
) -> None:
    (chinese_path / "file").write_text("x", encoding="utf-8")
    with qtbot.waitSignal(window.desk.failed, timeout=WAIT_MS):
        window.desk.export(window.studies.list.current_uid, chinese_path / "file" / "r.pdf", "en")
    assert "cannot be written" in window.notices.text
    assert "free space" in window.notices.text


def test_a_picture_that_cannot_be_read_becomes_a_tile_with_the_reason(
    make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    radiograph = pictures_folder / "胸片.dcm"
    radiograph.write_bytes(radiograph.read_bytes()[:-4000])
    window = make_window()
    window.open([pictures_folder])
    until_ready(qtbot, window, studies=2)
    choose_study(qtbot, window, "DX1")
    assert window.viewport.model.failure is not None
    middle = (
        window.viewport.grab()
        .toImage()
        .pixelColor(window.viewport.width() // 2 - 200, window.viewport.height() // 2 - 100)
    )
    assert middle == QColor("#3a3d41")
    choose_study(qtbot, window, "CT1")
    assert window.viewport.model.picture is not None


def test_dropping_a_folder_opens_it(
    make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    window = make_window()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(pictures_folder))])
    window.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    until_ready(qtbot, window, studies=2)


def test_an_empty_folder_is_said_to_be_empty(
    make_window: MakeWindow, chinese_path: Path, qtbot: QtBot
) -> None:
    (chinese_path / "空").mkdir()
    window = make_window()
    window.open([chinese_path / "空"])
    qtbot.waitUntil(lambda: "No images" in window.notices.text, timeout=WAIT_MS)


def test_a_path_that_does_not_exist_is_told(
    make_window: MakeWindow, chinese_path: Path, qtbot: QtBot
) -> None:
    window = make_window()
    window.open([chinese_path / "没有"])
    qtbot.waitUntil(lambda: bool(window.notices.text), timeout=WAIT_MS)
    assert "没有" in window.notices.text
    assert "--help" not in window.notices.text


def test_control_arrows_change_the_study(window: ReadingWindow, qtbot: QtBot) -> None:
    first = window.studies.list.current_uid
    key(qtbot, window, Qt.Key.Key_Right, modifier=Qt.KeyboardModifier.ControlModifier)
    assert window.studies.list.current_uid != first
    key(qtbot, window, Qt.Key.Key_Left, modifier=Qt.KeyboardModifier.ControlModifier)
    assert window.studies.list.current_uid == first


class Stubborn(InProcess):
    """Works until it is cancelled."""

    def analyze(self, study, progress, cancelled):
        from mediassist.reading.analysis_process import AnalysisCancelled

        progress("working")
        while not cancelled():
            pass
        raise AnalysisCancelled


def test_an_analysis_can_be_stopped_and_the_study_stays(
    make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    window = make_window(Stubborn())
    window.open([pictures_folder / "胸片.dcm"])
    worklist = window.desk.session.worklist
    qtbot.waitUntil(lambda: window.panel._cancel.isVisible(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: next(iter(worklist)).state is AnalysisState.RUNNING, timeout=WAIT_MS)
    window.panel._cancel.click()
    qtbot.waitUntil(lambda: next(iter(worklist)).state is AnalysisState.NOT_ASKED, timeout=WAIT_MS)
    assert window.panel._analyse.isVisible()
    assert len(worklist) == 1


def test_closing_in_the_middle_of_an_analysis_stops_it_and_tells_nobody(
    make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    window = make_window(Stubborn())
    window.open([pictures_folder])
    worklist = window.desk.session.worklist
    qtbot.waitUntil(
        lambda: any(row.state is AnalysisState.RUNNING for row in worklist), timeout=WAIT_MS
    )
    told: list[str] = []
    window.desk.study_changed.connect(told.append)
    window.close()
    window.desk.close()
    assert not window.isVisible()
    for pool in (window.desk._analysis_pool, window.desk._file_pool, window.loader._pool):
        assert not any(thread.is_alive() for thread in pool._threads)
    qtbot.wait(50)
    assert told == []


class Broken(InProcess):
    def analyze(self, study, progress, cancelled):
        raise MemoryError


def test_an_analysis_that_fails_is_failed_in_list_and_panel(
    make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    window = make_window(Broken())
    window.open([pictures_folder / "胸片.dcm"])
    until_ready(qtbot, window, studies=1)
    row = next(iter(window.desk.session.worklist))
    assert row.state is AnalysisState.FAILED
    assert row.headline is Verdict.FAILED


def test_without_automatic_analysis_nothing_runs_until_asked(
    make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    process = InProcess()
    window = make_window(process, preferences=Preferences(analyse_on_opening=False))
    window.prefer(analyse_on_opening=False)
    window.open([pictures_folder / "胸片.dcm"])
    until_ready(qtbot, window, studies=1)
    assert process.asked == []
    window.panel._analyse.click()
    qtbot.waitUntil(lambda: OPACITY in window.panel.cards, timeout=WAIT_MS)


def test_the_whole_window_speaks_chinese(
    make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot
) -> None:
    window = make_window(lang="zh")
    window.open([pictures_folder])
    until_ready(qtbot, window, studies=2)
    assert "诊断" in window.windowTitle()
    assert "接受" in window.panel.cards[OPACITY]._accept.text()


def test_torch_is_not_imported_when_the_window_is_shown(tmp_path: Path) -> None:
    """A peer's window took up to 30 s to appear, most of it imports (napari#8584)."""
    code = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from mediassist.settings import Settings\n"
        "from mediassist.ui.sitting import Sitting\n"
        "app = QApplication([])\n"
        "sitting = Sitting(Settings())\n"
        "sitting.window.show()\n"
        "app.processEvents()\n"
        "sitting.close()\n"
        "print(sorted({'torch', 'monai', 'openvino', 'reportlab', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_result_does_not_move_a_reader_who_has_begun_to_look_around(
    window: ReadingWindow, qtbot: QtBot
) -> None:
    choose_study(qtbot, window, "CT1")
    uid = window.studies.list.current_uid
    study = window.desk.session.worklist[uid].study
    flagged = result_of(study, Verdict.FLAGGED)
    window.viewing.show_study(study, None)
    key(qtbot, window, Qt.Key.Key_Down)
    window.viewing.set_result(flagged)
    assert window.viewport.model.index == 3
    assert window.viewing.current_bundle == OPACITY
    window.viewing.show_study(study, None)
    window.viewing.set_result(flagged)
    assert window.viewport.model.index == 0


def test_other_studies_of_the_patient_are_named_and_a_click_opens_them(
    make_window: MakeWindow, chinese_path: Path, qtbot: QtBot
) -> None:
    for number, day in ((1, "20260113"), (2, "20260119")):
        chest_radiograph(
            chinese_path / f"{number}.dcm", seed=f"dx{number}", PatientID="P1", StudyDate=day
        )
    window = make_window()
    window.open([chinese_path])
    until_ready(qtbot, window, studies=2)
    window.studies.list.choose(window.studies.list.worklist_model.uid_at(0))
    first = window.studies.list.current_uid

    def lines() -> list[RowButton]:
        made = window.panel.others.findChildren(RowButton)
        return [each for each in made if each.isVisibleTo(window)]

    qtbot.waitUntil(lambda: len(lines()) == 1, timeout=WAIT_MS)
    (line,) = lines()
    assert line.text().startswith("DX  ·  2026-01-1")
    assert "Flagged" in line.text()
    line.click()
    assert window.studies.list.current_uid != first


def test_a_report_gets_the_ending_of_a_pdf_and_a_file_that_is_replaced_is_named(
    tmp_path: Path, qtbot: QtBot
) -> None:
    there = tmp_path / "报告.pdf"
    there.write_bytes(b"")
    dialog = ExportDialog(words("en"), there, 0)
    qtbot.addWidget(dialog)
    told = dialog.findChildren(QLabel)[-1]
    assert "will be replaced" in told.text() and told.isVisibleTo(dialog)
    dialog.path.setText(str(tmp_path / "新报告"))
    assert not told.isVisibleTo(dialog)
    assert dialog.target == tmp_path / "新报告.pdf"
