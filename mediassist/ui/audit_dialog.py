"""The sensitivity audit for a validator without a terminal: choose, watch, open the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from mediassist.core.errors import WrongUsage
from mediassist.reading.audit_choice import (
    AuditChoice,
    AuditSource,
    bundle_names,
    default_output,
    headlines,
    run_choice,
    warnings_of,
)
from mediassist.settings import Settings
from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.buttons import ActionButton, text_label
from mediassist.ui.error_words import error_words
from mediassist.ui.export_dialog import LANGUAGE_NAMES
from mediassist.ui.operation import BackgroundPool, Operation, OperationCancelled, Reporter

_TARGETS = (95.0, 1.0, 5.0)
# Colours are those of the verdicts; the words beside them say the same.
_COLOURS = {
    "proved": "#38c6a4",
    "met_not_proved": "#ffc83c",
    "too_few": "#ffc83c",
    "not_met": "#ff7a4a",
}


class AuditDialog(QDialog):
    """Stays open beside the reading window while the audit runs; closing it stops the audit.

    What is finished is kept: the same choice again goes on where it was stopped.
    """

    def __init__(
        self,
        words: Words,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words = words
        self._settings = settings
        self._pool = BackgroundPool(threads=1)
        self._operation: Operation | None = None
        self._written: Path | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(words.sentence("Sensitivity audit"))
        self.setMinimumWidth(680)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(
            text_label(
                words.sentence(
                    "Proves or refutes on your own cases: more than 95 % of the positives flagged, "
                    "fewer than 1 % cleared, fewer than 5 % of the negatives flagged."
                ),
                "dim",
            )
        )
        column.addLayout(self._form(bundle_names(settings)))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        column.addWidget(self.bar)
        self.answer = QVBoxLayout()
        self.answer.setSpacing(8)
        column.addLayout(self.answer)
        column.addStretch(1)
        column.addLayout(self._buttons())
        self._show_choice()

    # Layout

    def _form(self, bundles: list[str]) -> QFormLayout:
        words = self._words
        form = QFormLayout()
        form.setSpacing(10)
        self.kind = QComboBox()
        for kind, text in (
            (AuditSource.IMAGES, words.sentence("A table of images (manifest)")),
            (AuditSource.PREDICTIONS, words.sentence("A table of scores made elsewhere")),
            (AuditSource.REVIEWS, words.sentence("Results that readers accepted or rejected")),
        ):
            self.kind.addItem(text, kind)
        self.kind.currentIndexChanged.connect(self._kind_chosen)
        form.addRow(words.sentence("What is audited"), self.kind)
        self.source = QLineEdit()
        self.source.textChanged.connect(self._source_changed)
        form.addRow(words.sentence("Table or folder"), self._with_browse(self.source, self._ask))
        self.bundle = QComboBox()
        self.bundle.addItem(words.sentence("all for the findings that the table names"), "")
        for name in bundles:
            self.bundle.addItem(name, name)
        form.addRow(words.sentence("Model"), self.bundle)
        form.addRow(words.sentence("Targets"), self._target_row())
        self.language = QComboBox()
        for lang, name in LANGUAGE_NAMES.items():
            self.language.addItem(name, lang)
        self.language.setCurrentIndex(self.language.findData(words.lang))
        form.addRow(words.sentence("Language"), self.language)
        self.out = QLineEdit()
        self.out.textChanged.connect(self._show_choice)
        form.addRow(words.sentence("Results into"), self._with_browse(self.out, self._ask_output))
        return form

    def _with_browse(self, field: QLineEdit, ask: Callable[[], None]) -> QHBoxLayout:
        row = QHBoxLayout()
        browse = ActionButton(self._words.sentence("Browse…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(ask)
        row.addWidget(field, 1)
        row.addWidget(browse)
        return row

    def _target_row(self) -> QHBoxLayout:
        words = self._words
        row = QHBoxLayout()
        self.targets: list[QDoubleSpinBox] = []
        for value, text in zip(
            _TARGETS,
            (
                words.sentence("detection above"),
                words.sentence("false negatives below"),
                words.sentence("false positives below"),
            ),
            strict=True,
        ):
            box = QDoubleSpinBox()
            box.setRange(0.01, 99.99)
            box.setDecimals(2)
            box.setSuffix(" %")
            box.setValue(value)
            box.setAccessibleName(text)
            self.targets.append(box)
            cell = QVBoxLayout()
            cell.setSpacing(4)
            cell.addWidget(text_label(text, "dim"))
            cell.addWidget(box)
            row.addLayout(cell, 1)
        return row

    def _buttons(self) -> QHBoxLayout:
        words = self._words
        row = QHBoxLayout()
        self.report = ActionButton(words.sentence("Open report"))
        self.report.clicked.connect(lambda: self._open("audit.pdf"))
        self.page = ActionButton(words.sentence("Open page"))
        self.page.clicked.connect(lambda: self._open("audit.html"))
        self.folder = ActionButton(words.sentence("Open folder"))
        self.folder.clicked.connect(lambda: self._open(""))
        for button in (self.report, self.page, self.folder):
            button.setAutoDefault(False)
            button.hide()
            row.addWidget(button)
        row.addStretch(1)
        self.stop = ActionButton(words.sentence("Stop"))
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self._stop)
        self.stop.hide()
        self.start = ActionButton(words.sentence("Start audit"))
        self.start.setProperty("main", True)
        self.start.setDefault(True)
        self.start.clicked.connect(self._start)
        close = ActionButton(words.sentence("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        for button in (self.stop, self.start, close):
            row.addWidget(button)
        return row

    # Choosing

    def choice(self) -> AuditChoice:
        """What is chosen now."""
        detection, missed, alarms = (box.value() for box in self.targets)
        return AuditChoice(
            kind=self._kind(),
            source=Path(self.source.text()),
            out=Path(self.out.text()),
            targets=(detection, missed, alarms),
            bundle=str(self.bundle.currentData()),
            lang=str(self.language.currentData()),
        )

    def _kind(self) -> AuditSource:
        # Qt keeps a text for it, not the member.
        return AuditSource(self.kind.currentData())

    def _ask(self) -> None:
        words = self._words
        if self._kind() is AuditSource.REVIEWS:
            chosen = QFileDialog.getExistingDirectory(self, words.sentence("Open folder"))
        else:
            chosen, _ = QFileDialog.getOpenFileName(
                self,
                words.sentence("Open files"),
                self.source.text(),
                words.sentence("Tables") + " (*.csv *.tsv *.txt *.parquet *.pq)",
            )
        if chosen:
            self.source.setText(str(Path(chosen)))

    def _ask_output(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self._words.sentence("Open folder"), self.out.text()
        )
        if chosen:
            self.out.setText(str(Path(chosen)))

    def _source_changed(self, text: str) -> None:
        if text.strip():
            self.out.setText(str(default_output(Path(text))))
        self._show_choice()

    def _kind_chosen(self) -> None:
        """Reviews of this very window are the likeliest to be meant."""
        own = self._settings.data_dir / "reading"
        if self._kind() is AuditSource.REVIEWS and not self.source.text() and own.is_dir():
            self.source.setText(str(own))
        self._show_choice()

    def _show_choice(self) -> None:
        running = self._operation is not None
        whole = bool(self.source.text().strip()) and bool(self.out.text().strip())
        self.start.setEnabled(whole and not running)
        self.bundle.setEnabled(not running and self._kind() is AuditSource.IMAGES)
        for field in (self.kind, self.source, self.out, self.language, *self.targets):
            field.setEnabled(not running)
        self.stop.setVisible(running)
        self.stop.setEnabled(running)

    # Running

    def _start(self) -> None:
        choice, settings = self.choice(), self._settings

        def work(reporter: Reporter):
            def progress(done: int, total: int) -> None:
                if reporter.cancelled:
                    raise OperationCancelled
                reporter.report((done, total))

            return run_choice(choice, settings, progress)

        self._written = None
        self._clear()
        self._say(self._words.sentence("Reading the table…"))
        self.bar.setRange(0, 0)
        self.bar.show()
        for button in (self.report, self.page, self.folder):
            button.hide()
        self._operation = (
            Operation(self._pool, work)
            .progress(lambda items: self._progress(*items[-1]))
            .success(lambda run: self._succeeded(run, choice.out))
            .failure(self._failed)
            .on_cancelled(self._stopped)
        )
        self._operation.run()
        self._show_choice()

    def _progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        self._clear()
        if done < total:
            text = self._words.sentence(
                "{done} of {total} images and studies analysed", done=done, total=total
            )
        else:
            text = self._words.sentence("Counting and writing the report…")
            self.bar.setRange(0, 0)
        self._say(text)

    def _succeeded(self, run, out: Path) -> None:
        self._ended()
        self._written = out
        for one in headlines(run, self._words):
            self._say(one.text, _COLOURS.get(one.verdict, theme.TEXT))
        for warning in warnings_of(run, self._words):
            self._say(warning, theme.TEXT_DIM)
        for button in (self.report, self.page, self.folder):
            button.show()
        self.report.setFocus()

    def _failed(self, error: Exception) -> None:
        self._ended()
        # What to do about wrong usage is written for the command line.
        if isinstance(error, WrongUsage):
            text = self._words.message(error.message)
        else:
            text = error_words(error, self._words)
        self._say(text, _COLOURS["not_met"])

    def _stopped(self) -> None:
        self._ended()
        self._say(self._words.sentence("Stopped. What is finished is kept: start again to go on."))

    def _ended(self) -> None:
        self._operation = None
        self.bar.hide()
        self._clear()
        self._show_choice()

    def _stop(self) -> None:
        if self._operation is not None:
            self._operation.cancel()
            self.stop.setEnabled(False)

    # Answer

    def _say(self, text: str, colour: str = theme.TEXT) -> None:
        line = text_label(text)
        line.setStyleSheet(f"color: {colour};")
        self.answer.addWidget(line)

    def _clear(self) -> None:
        while (item := self.answer.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()

    def _open(self, name: str) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written / name)))

    def done(self, result):
        # Every way out leads here: the button, the window's cross, Esc.
        self._stop()
        self._pool.close()
        super().done(result)
