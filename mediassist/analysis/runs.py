"""Which class runs which task kind; one more task kind is one more line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mediassist.analysis.angiogram_run import AngiogramRun
from mediassist.analysis.bundle_run import BundleRun
from mediassist.analysis.cine_run import CineRun
from mediassist.analysis.images import StudyImages
from mediassist.analysis.nodule_run import NoduleRun
from mediassist.analysis.slices_run import SlicesRun
from mediassist.core.finding import BundleResult
from mediassist.core.study import Study
from mediassist.models.bundle import BundleInfo
from mediassist.models.gate import PictureGate
from mediassist.models.loaded import LoadedBundle


class Run(Protocol):
    """One bundle on one study."""

    def result(self) -> BundleResult: ...


RunFactory = Callable[
    [
        BundleInfo,
        Study,
        StudyImages,
        Callable[[BundleInfo], LoadedBundle],
        Callable[[], PictureGate],
    ],
    Run,
]

# Tasks that are not named here look at pictures one by one.
RUNS: dict[str, RunFactory] = {
    "classify2d": BundleRun,
    "classify_slices": SlicesRun,
    "detect2d": AngiogramRun,
    "detect_volume": NoduleRun,
    "segment_cine": CineRun,
}


def run_of(task: str) -> RunFactory:
    return RUNS.get(task, BundleRun)
