"""The whole batch as one call: which models, every study of a folder, the summary."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import mediassist
from mediassist.analysis.path import Analyzer, study_key
from mediassist.batch.ledger import FileLedger
from mediassist.batch.publish import ResultsFolder
from mediassist.batch.runner import BatchEnd, BatchOptions, Watch, run_batch
from mediassist.batch.store import JobStore, utc_now
from mediassist.batch.study_analysis import StudyAnalysis, read_studies
from mediassist.batch.summary import SummaryCounts, write_summary
from mediassist.core.errors import BundleDamaged
from mediassist.models import verify_bundle
from mediassist.report.summary import RunInfo
from mediassist.text import words


@dataclass(frozen=True, slots=True)
class FolderEnd:
    """How a run over a folder ended.

    Attributes
    ----------
    counts : of everything in the output folder, earlier runs included; None where the run was
        interrupted before it had a plan.
    damaged : bundles that were refused; their findings are marked as failed.
    """

    end: BatchEnd
    counts: SummaryCounts | None
    damaged: tuple[BundleDamaged, ...]


@dataclass(frozen=True, slots=True)
class Models:
    """The bundles of a run: (id, hash) each, and those that can't be trusted."""

    used: tuple[tuple[str, str], ...]
    damaged: tuple[BundleDamaged, ...]

    def request(self, lang: str) -> str:
        """Hash of all that shapes a result apart from the input.

        Damaged bundles count as such: once they are mended, every study is done again.
        """
        asked = {
            "bundles": sorted(self.used),
            "damaged": sorted(str(error) for error in self.damaged),
            "lang": lang,
        }
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def check_models(bundles: tuple[str, ...] | None) -> Models:
    """Hash every file of the bundles; raises `BundleMissing` where one asked for is not there."""
    analyzer = Analyzer(bundles)
    damaged = list(analyzer.damaged)
    for name, _seal in analyzer.bundle_hashes:
        try:
            verify_bundle(name)
        except BundleDamaged as error:
            damaged.append(error)
    return Models(analyzer.bundle_hashes, tuple(damaged))


def batch_folder(
    options: BatchOptions,
    bundles: tuple[str, ...] | None = None,
    lang: str = "en",
    *,
    models: Models | None = None,
    watch: Watch = lambda event: None,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], datetime] = utc_now,
) -> FolderEnd:
    """Analyse every study under `options.source` into `options.out`; goes on where it stopped.

    `options.request` is set here. `models` may be given where they were checked before.
    """
    wording = words(lang)
    models = models or check_models(bundles)
    run = RunInfo(
        mediassist_version=mediassist.__version__,
        started=clock(),
        language=wording.lang,
        inputs=(str(options.source),),
        bundles=models.used,
    )
    counted: list[SummaryCounts] = []

    def finish(folder: ResultsFolder, store: JobStore, ledger: FileLedger) -> None:
        counted.append(write_summary(folder.out, run, wording, store, ledger))

    end = run_batch(
        replace(options, request=models.request(wording.lang)),
        StudyAnalysis(options.out, bundles, wording.lang),
        read_studies,
        study_key,
        watch=watch,
        stop=stop,
        finish=finish,
        clock=clock,
    )
    return FolderEnd(end, counted[-1] if counted else None, models.damaged)
