"""The child process: a crash or a cancel ends one study and never the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediassist.core.vocabulary import Verdict
from mediassist.reading.analysis_process import (
    AnalysisCancelled,
    AnalysisFailed,
    AnalysisProcess,
    Serve,
)
from tests.reading.children import (
    serve_crash,
    serve_flagged,
    serve_forever_busy,
    serve_refusal,
)
from tests.reading.results import OPACITY, study_of


@pytest.fixture
def processes() -> Iterator[list[AnalysisProcess]]:
    made: list[AnalysisProcess] = []
    yield made
    for process in made:
        process.close()


def process_with(serve: Serve, processes: list[AnalysisProcess]) -> AnalysisProcess:
    processes.append(AnalysisProcess(serve))
    return processes[-1]


def test_studies_go_in_and_results_come_out_with_progress(processes: list[AnalysisProcess]) -> None:
    process = process_with(serve_flagged, processes)
    steps: list[str] = []
    for uid in ("1.1", "1.2"):
        result = process.analyze(study_of(uid=uid), steps.append, lambda: False)
        assert result.study.study_uid == uid
        assert result.results[2].verdict is Verdict.FLAGGED
    assert steps == [OPACITY, OPACITY]


def test_cancelling_ends_the_child_and_the_next_study_gets_a_new_one(
    processes: list[AnalysisProcess],
) -> None:
    process = process_with(serve_forever_busy, processes)
    begun: list[str] = []
    with pytest.raises(AnalysisCancelled):
        process.analyze(study_of(), begun.append, lambda: bool(begun))
    assert not process.running
    begun.clear()
    with pytest.raises(AnalysisCancelled):
        process.analyze(study_of(), begun.append, lambda: bool(begun))


def test_a_crash_of_the_child_is_a_failure_with_its_exit_code(
    processes: list[AnalysisProcess],
) -> None:
    process = process_with(serve_crash, processes)
    with pytest.raises(AnalysisFailed, match="exit code 7"):
        process.analyze(study_of(), lambda step: None, lambda: False)
    assert not process.running


def test_what_the_child_refuses_is_told_in_its_words(processes: list[AnalysisProcess]) -> None:
    process = process_with(serve_refusal, processes)
    with pytest.raises(AnalysisFailed, match="No model could be loaded"):
        process.analyze(study_of(), lambda step: None, lambda: False)
