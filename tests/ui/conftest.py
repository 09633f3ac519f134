"""A window with pictures on disk, results at hand, and nothing heavy behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mediassist.analysis.result import StudyResult
from mediassist.core.study import Study
from mediassist.core.vocabulary import Verdict
from mediassist.reading.pictures import PictureStore
from mediassist.reading.preferences import Preferences
from mediassist.reading.session import ReadingSession
from mediassist.text import words
from mediassist.ui.desk import ReadingDesk
from mediassist.ui.garbage import GarbageOnMainThread
from mediassist.ui.reading_window import ReadingWindow
from tests.dicom.builder import chest_radiograph, ct_series
from tests.reading.results import NOW, result_of

WAIT_MS = 90_000


class InProcess:
    """Takes the place of the child process: gives results at once, in the background thread."""

    def __init__(self, verdicts: dict[str, Verdict] | None = None) -> None:
        self.verdicts = verdicts or {}
        self.asked: list[str] = []

    def analyze(
        self, study: Study, progress: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> StudyResult:
        self.asked.append(study.study_uid)
        progress("lung_lung_opacity_xray")
        verdict = self.verdicts.get(study.patient.patient_id, Verdict.FLAGGED)
        return result_of(study, verdict)

    def close(self) -> None:
        return None


@pytest.fixture
def pictures_folder(chinese_path: Path) -> Path:
    """A radiograph with a Chinese name, a CT of five slices, and a file that is no image."""
    folder = chinese_path / "图像"
    chest_radiograph(
        folder / "胸片.dcm", seed="dx", PatientName="Wang^XiaoDong=王^小东", PatientID="DX1"
    )
    ct_series(folder / "ct", seed="ct", slices=5, PatientID="CT1")
    (folder / "说明.dcm").write_bytes(b"not an image at all" * 20)
    return folder


MakeWindow = Callable[..., ReadingWindow]


@pytest.fixture(autouse=True)
def garbage_on_main_thread(qapp: QApplication) -> Iterator[None]:
    """As in the program: widgets that a test leaves behind are not destroyed in a worker."""
    garbage = GarbageOnMainThread()
    yield
    qapp.processEvents()
    garbage.stop()


@pytest.fixture
def make_window(qtbot: QtBot, chinese_path: Path) -> Iterator[MakeWindow]:
    """`make_window(process, lang="en", folder=...)`; each window is closed afterwards."""
    desks: list[ReadingDesk] = []

    def make(
        process: object | None = None,
        lang: str = "en",
        folder: Path | None = None,
        preferences: Preferences | None = None,
    ) -> ReadingWindow:
        session = ReadingSession(folder or chinese_path / "输出", "李医师", clock=lambda: NOW)
        desk = ReadingDesk(session, process or InProcess({"CT1": Verdict.CLEARED}))
        desks.append(desk)
        window = ReadingWindow(desk, PictureStore(), words(lang), preferences or Preferences())
        qtbot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        return window

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def window(make_window: MakeWindow, pictures_folder: Path, qtbot: QtBot) -> ReadingWindow:
    """A window with both studies analysed and the first picture shown."""
    made = make_window()
    made.open([pictures_folder])
    until_ready(qtbot, made, studies=2)
    return made


def until_ready(qtbot: QtBot, window: ReadingWindow, studies: int) -> None:
    """Wait until all is open and analysed, and the picture is on the screen."""

    def ready() -> None:
        assert len(window.desk.session.worklist) == studies
        assert not window.desk.opening
        assert window.desk.waiting == 0
        model = window.viewport.model
        assert model.picture is not None or model.failure is not None

    qtbot.waitUntil(ready, timeout=WAIT_MS)


def choose_study(qtbot: QtBot, window: ReadingWindow, patient_id: str) -> None:
    row = next(
        row for row in window.desk.session.worklist if row.study.patient.patient_id == patient_id
    )
    window.studies.list.choose(row.study.study_uid)
    qtbot.waitUntil(
        lambda: (
            window.viewport.model.picture is not None or window.viewport.model.failure is not None
        ),
        timeout=WAIT_MS,
    )
