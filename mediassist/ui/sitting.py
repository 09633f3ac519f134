"""One sitting: the session, its work folder and preferences, and the window that shows them."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection

from PySide6.QtCore import QObject

from mediassist.reading.analysis_process import AnalysisProcess, serve_analysis
from mediassist.reading.kept import KeptResults
from mediassist.reading.pictures import PictureStore
from mediassist.reading.preferences import (
    Preferences,
    load_preferences,
    save_preferences,
)
from mediassist.reading.session import ReadingSession
from mediassist.settings import Settings
from mediassist.text import words
from mediassist.ui.desk import ReadingDesk
from mediassist.ui.reading_window import ReadingWindow

PREFERENCES_FILE = "window.json"
WORK_FOLDER = "reading"


class Sitting(QObject):
    """Keeps one session alive while windows come and go (a change of language makes a new one)."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._preferences_path = settings.data_dir / PREFERENCES_FILE
        self._preferences = load_preferences(self._preferences_path)
        if settings.experimental:
            # The site's word at the start; the reader may switch them off for this sitting.
            self._preferences = replace(self._preferences, experimental=True)
        work_folder = settings.data_dir / WORK_FOLDER
        session = ReadingSession(work_folder, settings.reader or _login_name())
        self._process = AnalysisProcess(self._serve())
        self.desk = ReadingDesk(
            session,
            self._process,
            kept_results=lambda: KeptResults(work_folder, self._asked()),
            analyse_on_opening=self._preferences.analyse_on_opening,
            parent=self,
        )
        self._pictures = PictureStore()
        self.window = self._new_window()

    def _asked(self) -> Settings:
        """The settings with what the reader chose among them."""
        return self._settings.model_copy(update={"experimental": self._preferences.experimental})

    def _serve(self) -> Callable[[Connection], None]:
        folder = self._settings.data_dir / WORK_FOLDER
        return partial(serve_analysis, folder=folder, settings=self._asked())

    def _new_window(self) -> ReadingWindow:
        lang = self._preferences.lang or self._settings.lang
        window = ReadingWindow(self.desk, self._pictures, words(lang), self._preferences)
        window.preferences_changed.connect(self._keep)
        return window

    def _keep(self, preferences: Preferences) -> None:
        changed_language = preferences.lang != self._preferences.lang
        changed_models = preferences.experimental != self._preferences.experimental
        self._preferences = preferences
        if changed_models:
            self._process.serve_next(self._serve())
        save_preferences(preferences, self._preferences_path)
        if changed_language:
            old = self.window
            self.window = self._new_window()
            self.window.setGeometry(old.geometry())
            self.window.show()
            self.window.show_session()
            old.close()
            old.deleteLater()

    def close(self) -> None:
        """End everything, also in the middle of work; a second call does nothing."""
        self.window.close()
        self.desk.close()


def _login_name() -> str:
    """Who sits here, as the computer knows him; empty where it does not."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
