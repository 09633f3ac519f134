"""One run of the analysis from the command line: studies one by one, each shown when finished."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mediassist
from mediassist.analysis.path import Analyzer, study_key, utc_now
from mediassist.analysis.result import StudyResult
from mediassist.batch.study_analysis import has_failed
from mediassist.batch.summary import failed_entry
from mediassist.batch.worker import StudyFailed, unexpected
from mediassist.cli.exit_codes import ExitCode, code_of, strongest
from mediassist.cli.installed import none_installed
from mediassist.cli.progress import spinner
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import FontMissing, MediAssistError, OutputNotWritable
from mediassist.core.messages import Message, say
from mediassist.core.study import Rejected, Study
from mediassist.dicom import find_studies
from mediassist.dicom.pictures import PictureFacts, find_pictures_and_studies, is_picture
from mediassist.reading.decisions import DecisionStore
from mediassist.report.outputs import FORMATS, write_study
from mediassist.report.summary import SUMMARY_FILE, RunInfo, Summary
from mediassist.settings import Settings

_log = logging.getLogger(__name__)

# A folder full of other files would bury the results; the summary names them all.
_MOST_REJECTED_SAID = 20


class AnalysisRun:
    """Analyses studies into one output folder and keeps count.

    Parameters
    ----------
    on_result : is given each study's result after it was written.
    settings : default: those of this machine.

    Raises
    ------
    BundleMissing
        If a bundle asked for is not installed.
    """

    def __init__(
        self,
        terminal: Terminal,
        out: Path,
        on_result: Callable[[StudyResult], None],
        *,
        bundles: tuple[str, ...] | None = None,
        formats: Sequence[str] = FORMATS,
        inputs: Sequence[Path] = (),
        settings: Settings | None = None,
    ) -> None:
        self._terminal = terminal
        self._out = out
        self._on_result = on_result
        self._formats = formats
        self._decisions = DecisionStore(out)
        self._unexpected = False
        self._inputs = inputs
        self._analyzer = Analyzer(bundles, settings=settings)
        self._no_bundle = none_installed()
        self._studies = self._failed = self._rejected = self._pictures = 0
        self._summary = Summary(
            RunInfo(
                mediassist_version=mediassist.__version__,
                started=utc_now(),
                language=terminal.lang,
                inputs=tuple(str(path) for path in inputs),
                bundles=self._analyzer.bundle_hashes,
            ),
            terminal.words,
        )

    def go(self, facts: PictureFacts | None = None) -> None:
        """Work off the inputs. What is finished is in the summary, however this ends."""
        try:
            with tempfile.TemporaryDirectory() as work_dir, spinner(self._terminal) as show:
                show(self._terminal.text(say("analyze_searching", "Looking for studies")))
                for found in self._found(facts, Path(work_dir)):
                    if isinstance(found, Rejected):
                        self._reject(found)
                    else:
                        self._analyse(found, show)
        finally:
            self._summary.write(self._out, patient_reports="pdf" in self._formats)
        if self._pictures and facts is None:
            self._terminal.warn(
                say(
                    "pictures_need_facts",
                    "Pictures such as PNG or JPEG are taken with --modality and --body-part.",
                )
            )
        for error in self._faults():
            self._terminal.fault(error)

    def document(self) -> dict[str, Any]:
        """What --json prints: the content of summary.json, and where it is."""
        document = self._summary.document(patient_reports="pdf" in self._formats)
        return {"out": str(self._out), **document}

    def exit_code(self) -> ExitCode:
        codes = [code_of(error) for error in self._faults()]
        if self._unexpected:
            codes.append(ExitCode.UNEXPECTED)
        if self._failed or self._rejected:
            codes.append(ExitCode.SOME_FAILED)
        return strongest(codes)

    def closing_words(self) -> Message:
        return say(
            "analyze_end",
            "Studies: {studies}, with failures: {failed}. Rejected files: {rejected}. "
            "Results: {out}",
            studies=self._studies,
            failed=self._failed,
            rejected=self._rejected,
            out=str(self._out),
        )

    def _faults(self) -> Iterator[MediAssistError]:
        """What is wrong with the bundles."""
        yield from self._analyzer.damaged
        if self._no_bundle:
            yield self._no_bundle

    def _found(self, facts: PictureFacts | None, work_dir: Path) -> Iterator[Study | Rejected]:
        if facts is None:
            return find_studies(self._inputs, work_dir)
        return find_pictures_and_studies(self._inputs, facts, work_dir)

    def _analyse(self, study: Study, show: Callable[[str], None]) -> None:
        def stage(step: str) -> None:
            # No name: without a terminal these lines end up in log files.
            message = say(
                "analyze_step", "Study {number}: {step}", number=self._studies + 1, step=step
            )
            show(self._terminal.text(message))

        try:
            self._finish(self._analyzer.analyze_study(study, stage))
        except (OutputNotWritable, FontMissing):
            raise  # no fault of the study: every other one would end so too
        except MediAssistError as error:
            self._fail(study, error)
        except Exception as error:
            _log.exception("unexpected error in a study")
            self._unexpected = True
            self._fail(study, StudyFailed(unexpected(error)))

    def _finish(self, result: StudyResult) -> None:
        decided = tuple(self._decisions.valid(result).values())
        files = write_study(result, self._out, self._terminal.lang, self._formats, decided)
        self._terminal.detail(
            say(
                "analyze_written",
                "Written to {folder}: {files}",
                folder=str(files.folder),
                files=", ".join(files.names),
            )
        )
        self._summary.add(result, files)
        self._studies += 1
        self._failed += has_failed(result)
        self._on_result(result)

    def _fail(self, study: Study, error: MediAssistError) -> None:
        """The study gave no result; the others go on."""
        self._terminal.fault(error)
        self._studies += 1
        self._failed += 1
        self._summary.add_entry(
            failed_entry(
                study.study_uid,
                study_key(study.study_uid),
                study.study_date,
                path=_first_source(study),
                reason=self._terminal.text(error.message),
            )
        )

    def _reject(self, rejected: Rejected) -> None:
        self._summary.reject(rejected)
        self._rejected += 1
        self._pictures += is_picture(Path(rejected.source))
        if self._rejected <= _MOST_REJECTED_SAID:
            self._terminal.fault(rejected.error)
        elif self._rejected == _MOST_REJECTED_SAID + 1:
            self._terminal.warn(
                say(
                    "more_rejected",
                    "More files are rejected; {summary} names them all.",
                    summary=str(self._out / SUMMARY_FILE),
                )
            )


def _first_source(study: Study) -> str:
    """A file of the study, as people know it."""
    sources = (instance.source for series in study.series for instance in series.instances)
    return next(sources, "")
