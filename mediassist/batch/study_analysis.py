"""The analysis that a batch runs on each study: the one path, then the result folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mediassist.analysis.path import Analyzer
from mediassist.analysis.result import StudyResult
from mediassist.batch.jobs import RefusedFile, StudyOutcome, StudyTask
from mediassist.batch.worker import Stage, StudyAnalyser, StudyFailed
from mediassist.core.messages import say
from mediassist.core.study import Rejected, Study
from mediassist.core.vocabulary import Verdict
from mediassist.dicom import find_studies
from mediassist.dicom.archives import is_zip
from mediassist.reading.decisions import DecisionStore
from mediassist.report.outputs import write_study
from mediassist.report.summary import study_entry
from mediassist.text import words


@dataclass(frozen=True, slots=True)
class StudyAnalysis:
    """Opens the analyser in a worker; plain data, so that it can travel to another process.

    Attributes
    ----------
    out : the output folder; what readers decided about its studies is said in new reports too.
    bundles : ids asked for, or None for all that are installed and not experimental.
    lang : language of the reports.
    """

    out: Path
    bundles: tuple[str, ...] | None = None
    lang: str = "en"

    def __call__(self) -> StudyAnalyser:
        analyzer = Analyzer(self.bundles)
        wording = words(self.lang)
        decisions = DecisionStore(self.out)

        def analyse(task: StudyTask, folder: Path, stage: Stage) -> StudyOutcome:
            with tempfile.TemporaryDirectory(dir=folder) as work_dir:
                study, rejected = _read(task, Path(work_dir))
                result = analyzer.analyze_study(study, stage)
                decided = tuple(decisions.valid(result).values())
                files = write_study(result, folder, self.lang, decisions=decided)
            return StudyOutcome(
                entry=study_entry(result, files, wording),
                failed=has_failed(result),
                rejected=tuple(rejected),
            )

        return analyse


def read_studies(paths: Iterable[Path]) -> Iterator[Study | Rejected]:
    """Studies in the files; members of archives are extracted and gone again afterwards."""
    chosen = list(paths)
    if not any(is_zip(path) for path in chosen):
        yield from find_studies(chosen)
        return
    with tempfile.TemporaryDirectory() as work_dir:
        yield from find_studies(chosen, Path(work_dir))


def has_failed(result: StudyResult) -> bool:
    """Whether a bundle or an image failed; the report says which and why."""
    failed = any(entry.verdict is Verdict.FAILED for entry in result.results)
    return failed or bool(result.failed_images)


def _read(task: StudyTask, work_dir: Path) -> tuple[Study, list[RefusedFile]]:
    rejected: list[RefusedFile] = []
    study = None
    for found in find_studies(task.files, work_dir):
        if isinstance(found, Rejected):
            rejected.append(RefusedFile.from_error(found.source, found.error))
        elif found.study_uid == task.study_uid:
            study = found
    if study is None:
        raise StudyFailed(
            rejected[0].reason
            if rejected
            else say("study_gone", "The files no longer hold this study.")
        )
    return study, rejected
