"""The reading window: lays the parts out and connects them; decides nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mediassist.core.decision import DecisionKind
from mediassist.reading.decisions import awaits_decision
from mediassist.reading.evidence import ShownHeat
from mediassist.reading.export import report_name
from mediassist.reading.pictures import PictureStore
from mediassist.reading.preferences import Preferences
from mediassist.reading.viewport_model import ViewportModel
from mediassist.reading.worklist import SortOrder
from mediassist.settings import Settings
from mediassist.text import Words
from mediassist.ui.audit_dialog import AuditDialog
from mediassist.ui.commands import Commands
from mediassist.ui.desk import ReadingDesk
from mediassist.ui.error_words import error_details, error_words
from mediassist.ui.export_dialog import ExportDialog
from mediassist.ui.finding_words import step_words
from mediassist.ui.findings_panel import FindingsPanel
from mediassist.ui.icons import application_icon
from mediassist.ui.image_commands import ImageCommands
from mediassist.ui.keys_dialog import KeysDialog
from mediassist.ui.menus import build_menu_bar, image_menu, preset_button
from mediassist.ui.notice_bar import NoticeBar
from mediassist.ui.picture_loader import PictureLoader
from mediassist.ui.rejected_dialog import RejectedDialog
from mediassist.ui.series_strip import SeriesStrip
from mediassist.ui.start_screen import StartScreen
from mediassist.ui.studies_panel import StudiesPanel
from mediassist.ui.viewing import Viewing
from mediassist.ui.viewport import QtViewport


class ReadingWindow(QMainWindow):
    """One window on one desk.

    Signals
    -------
    preferences_changed : the reader chose something that is kept.
    """

    preferences_changed = Signal(object)

    def __init__(
        self,
        desk: ReadingDesk,
        pictures: PictureStore,
        words: Words,
        preferences: Preferences,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.words = words
        self.preferences = preferences
        self.setWindowTitle("MediAssist — " + words.sentence("Research use, not for diagnosis"))
        self.setWindowIcon(application_icon())
        self.setAcceptDrops(True)
        self.resize(1440, 900)
        self.viewport = QtViewport(ViewportModel(), words)
        self.viewport.inverse_drag = preferences.inverse_drag
        self.viewport.heat_opacity = preferences.heat_opacity
        self.strip = SeriesStrip(words)
        self.loader = PictureLoader(pictures, self)
        self.viewing = Viewing(self.viewport, self.strip, self.loader, self)
        self.panel = FindingsPanel(words)
        self.studies = StudiesPanel(desk.session.worklist, words, preferences.order)
        self.notices = NoticeBar(words)
        self.commands = Commands(self, words)
        self.image = ImageCommands(
            self.commands, self.viewport, self.viewing, self.statusBar(), words
        )
        self.presets = preset_button(self)
        self.audit: AuditDialog | None = None
        self._lay_out()
        self._connect_commands()
        self._connect_parts()
        build_menu_bar(self)
        self._show_anything()

    # Layout

    def _lay_out(self) -> None:
        self.tools = self.commands.toolbar(self.presets)
        self.addToolBar(self.tools)
        self.start = StartScreen(self.words)
        self.centre = QWidget()
        column = QVBoxLayout(self.centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.viewport, 1)
        column.addWidget(self.strip)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(2)
        self.splitter.setChildrenCollapsible(False)
        for part, stretch in ((self.studies, 0), (self.centre, 1), (self.panel, 0)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setSizes([290, 770, 380])
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        self.pages.addWidget(self.splitter)
        outer = QWidget()
        rows = QVBoxLayout(outer)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.notices)
        rows.addWidget(self.pages, 1)
        self.setCentralWidget(outer)
        self._work = QLabel()
        self._work.setContentsMargins(10, 0, 0, 0)
        self._probe = QLabel()
        self._probe.setContentsMargins(0, 0, 10, 0)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self._work, 1)
        self.statusBar().addPermanentWidget(self._probe)

    # Commands

    def _connect_commands(self) -> None:
        commands, viewing = self.commands, self.viewing
        for name, act in {
            "next_finding": lambda: viewing.step_finding(1),
            "previous_finding": lambda: viewing.step_finding(-1),
            "accept": lambda: self._decide_current(DecisionKind.ACCEPTED),
            "reject": lambda: self._decide_current(DecisionKind.REJECTED),
            "previous_study": lambda: self.studies.list.step(-1),
            "next_study": lambda: self.studies.list.step(1),
            "export": self.ask_export,
            "audit": self.ask_audit,
            "open_folder": self.ask_folder,
            "open_files": self.ask_files,
            "close": self.close,
            "help": self._show_keys,
        }.items():
            commands.connect(name, act)

    def _connect_parts(self) -> None:
        desk, panel, studies = self.desk, self.panel, self.studies
        desk.list_changed.connect(self._list_changed)
        desk.study_changed.connect(self._study_changed)
        desk.step_changed.connect(self._step_changed)
        desk.opening_changed.connect(self._show_work)
        desk.opened.connect(self._opened)
        desk.failed.connect(self.tell_error)
        desk.exported.connect(self._exported)
        desk.heat_maps_ready.connect(self._heat_maps_ready)
        studies.list.study_chosen.connect(self._show_study)
        studies.list.opened.connect(self.viewport.setFocus)
        studies.order_chosen.connect(self._choose_order)
        studies.rejected_asked.connect(
            lambda: RejectedDialog(desk.session.worklist.rejected, self.words, self).exec()
        )
        self.strip.opened.connect(self.viewport.setFocus)
        panel.analyse_asked.connect(lambda: desk.analyse(studies.list.current_uid))
        panel.cancel_asked.connect(lambda: desk.cancel_analysis(studies.list.current_uid))
        panel.export_asked.connect(self.ask_export)
        panel.decided.connect(self._decide)
        panel.finding_chosen.connect(self.viewing.choose_finding)
        self.viewing.finding_changed.connect(panel.set_current)
        self.viewing.nothing_to_visit.connect(self._say_nothing_to_visit)
        self.viewing.position_shown.connect(panel.show_position)
        panel.place_asked.connect(self.viewing.show_place)
        panel.study_asked.connect(studies.list.choose)
        self.viewport.probed.connect(self._probe.setText)
        self.viewport.menu_asked.connect(self._image_menu)
        self.viewport.maximise_asked.connect(self._maximise)
        self.start.folder_asked.connect(self.ask_folder)
        self.start.files_asked.connect(self.ask_files)

    # Opening

    def open(self, paths: Sequence[Path]) -> None:
        if paths:
            self.desk.open(paths)

    def ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.words.sentence("Open folder"))
        if folder:
            self.open([Path(folder)])

    def ask_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, self.words.sentence("Open files"))
        self.open([Path(file) for file in files])

    def dragEnterEvent(self, event):
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event):
        self.open([Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile()])
        event.acceptProposedAction()

    def _opened(self, count: int) -> None:
        if count == 0:
            self.notices.warn(
                self.words.sentence("No images were found there. Open a folder with DICOM files.")
            )

    # What changes

    def _list_changed(self) -> None:
        self.studies.refresh()
        self._show_anything()
        self._show_others()
        self._show_work()

    def _show_anything(self) -> None:
        """The start screen until something is open; then the first study is shown."""
        worklist = self.desk.session.worklist
        has_any = len(worklist) > 0 or len(worklist.rejected) > 0
        self.pages.setCurrentWidget(self.splitter if has_any else self.start)
        self.tools.setVisible(has_any)
        if len(worklist) and not self.studies.list.current_uid:
            self.studies.list.choose(
                next(iter(worklist.rows(self.preferences.order))).study.study_uid
            )
            self.viewport.setFocus()

    def _show_study(self, uid: str) -> None:
        row = self.desk.session.worklist[uid]
        self.desk.prefer(uid)
        self.panel.show_row(row, self.desk.decisions(uid))
        self._show_others()
        self.viewing.show_study(row.study, row.result)
        if row.result is not None:
            self.desk.ask_heat_maps(uid)

    def _show_others(self) -> None:
        uid = self.studies.list.current_uid
        if uid:
            self.panel.others.show_rows(self.desk.session.worklist.others_of_patient(uid))

    def _study_changed(self, uid: str) -> None:
        if uid != self.studies.list.current_uid:
            return
        row = self.desk.session.worklist[uid]
        self.panel.show_row(row, self.desk.decisions(uid))
        if row.result is not self.viewing.result:
            self.viewing.set_result(row.result)
            if row.result is not None:
                self.desk.ask_heat_maps(uid)
        self.panel.set_current(self.viewing.current_bundle)

    def _heat_maps_ready(self, uid: str, heat_maps: ShownHeat) -> None:
        if uid == self.studies.list.current_uid:
            self.viewing.set_heat_maps(heat_maps)

    def _step_changed(self, uid: str, text: str) -> None:
        if uid == self.studies.list.current_uid:
            self.panel.show_step(step_words(text, self.words))

    def show_session(self) -> None:
        """Show what is already open on the desk (after a change of language)."""
        self._list_changed()

    def _show_work(self) -> None:
        """What goes on in the background, in the status bar."""
        worklist = self.desk.session.worklist
        parts = [self.words.sentence("Studies: {number}", number=len(worklist))]
        if self.desk.opening:
            parts.append(self.words.sentence("looking for images…"))
        if self.desk.waiting:
            parts.append(self.words.sentence("to be analysed: {number}", number=self.desk.waiting))
        self._work.setText("   ·   ".join(parts))

    # Image

    def _say_nothing_to_visit(self) -> None:
        self.statusBar().showMessage(self.words.sentence("No finding awaits a decision"), 4000)

    def _show_keys(self) -> None:
        KeysDialog(self.words, self).exec()

    def _image_menu(self, place: QPoint) -> None:
        image_menu(self).popup(place)

    def _maximise(self) -> None:
        """The image alone, and back."""
        alone = not self.studies.isHidden()
        self.studies.setVisible(not alone)
        self.panel.setVisible(not alone)

    # Decisions and report

    def _decide_current(self, kind: DecisionKind) -> None:
        card = self.panel.cards.get(self.viewing.current_bundle)
        if card is None:
            self.statusBar().showMessage(
                self.words.sentence("Choose a finding first (N goes to the next one)."), 4000
            )
            return
        card.decide(kind)

    def _decide(self, bundle_id: str, kind: DecisionKind, reason: str) -> None:
        self.desk.decide(self.studies.list.current_uid, bundle_id, kind, reason)

    def ask_export(self) -> None:
        uid = self.studies.list.current_uid
        row = self.desk.session.worklist[uid] if uid else None
        if row is None or row.result is None:
            self.statusBar().showMessage(
                self.words.sentence("There is no result to report yet."), 4000
            )
            return
        decided = self.desk.decisions(uid)
        undecided = sum(
            awaits_decision(one) and one.bundle.bundle_id not in decided
            for one in row.result.results
        )
        folder = self.desk.session.result_folder(uid) / row.result.study_key
        target = folder.parent / "reports" / report_name(row.result)
        dialog = ExportDialog(self.words, target, undecided, self)
        if dialog.exec():
            self.notices.tell(self.words.sentence("Writing the report…"))
            self.desk.export(uid, dialog.target, dialog.lang)

    def ask_audit(self) -> None:
        """The audit stands beside the window: reading goes on while it runs."""
        if self.audit is None:
            self.audit = AuditDialog(self.words, Settings(), self)
            self.audit.finished.connect(self._forget_audit)
        self.audit.show()
        self.audit.raise_()

    def _forget_audit(self) -> None:
        self.audit = None

    def _exported(self, path: Path) -> None:
        self.notices.tell(
            self.words.sentence("The report was written to {path}", path=str(path)),
            self.words.sentence("Open folder"),
            partial(_show_folder, path.parent),
        )

    # Errors, preferences, end

    def tell_error(self, error: Exception) -> None:
        """The one place where an exception becomes words for the reader."""
        self.notices.warn(error_words(error, self.words), error_details(error))

    def _choose_order(self, order: SortOrder) -> None:
        self.prefer(order=order)
        self.studies.set_order(order)

    def prefer(self, **changes: Any) -> None:
        """Change and keep preferences; those of the viewport take effect at once."""
        self.preferences = replace(self.preferences, **changes)
        self.viewport.inverse_drag = self.preferences.inverse_drag
        self.viewport.heat_opacity = self.preferences.heat_opacity
        self.desk.analyse_on_opening = self.preferences.analyse_on_opening
        if "experimental" in changes:
            self._tell_experimental()
        self.viewport.update()
        self.preferences_changed.emit(self.preferences)

    def _tell_experimental(self) -> None:
        if self.preferences.experimental:
            self.notices.tell(
                self.words.sentence(
                    "Experimental models take part from the next analysis on. They are too weak to"
                    " rely on. 'Analyse again' asks them about a study that is done."
                )
            )
        else:
            self.notices.tell(
                self.words.sentence("Experimental models no longer take part in new analyses.")
            )

    def closeEvent(self, event):
        # Gone from the screen at once: what still runs may take a moment to stop.
        self.hide()
        if self.audit is not None:
            self.audit.close()
        self.loader.close()
        super().closeEvent(event)


def _show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
