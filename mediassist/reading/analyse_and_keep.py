"""Analyses a study and keeps its results in an output folder; runs in the child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mediassist.analysis.path import Analyzer
from mediassist.analysis.result import StudyResult
from mediassist.core.study import Study
from mediassist.reading.content import keep_content
from mediassist.reading.evidence import keep_evidence
from mediassist.settings import Settings


class StudyAnalysis:
    """One analyzer for all studies of a sitting, so that each bundle loads once.

    Parameters
    ----------
    folder : output folder; each study gets its own folder in it, as `mediassist analyze` writes.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._analyzer = Analyzer(settings=settings)

    def run(self, study: Study, progress: Callable[[str], None]) -> StudyResult:
        """The study's result, kept as `mediassist analyze --format json` would, with evidence.

        Raises
        ------
        OutputNotWritable
            If the folder cannot be written.
        """
        from mediassist.report.outputs import write_study

        result = self._analyzer.analyze_study(study, progress)
        files = write_study(result, self._folder, formats=("json",))
        keep_evidence(result, files.folder)
        keep_content(study, files.folder)
        return result
