"""Which class runs which task kind; one more task kind is one more line here."""

from __future__ import annotations

from mediassist.analysis.angiogram_run import AngiogramRun
from mediassist.analysis.bundle_run import BundleRun
from mediassist.analysis.cine_run import CineRun
from mediassist.analysis.nodule_run import NoduleRun
from mediassist.analysis.slices_run import SlicesRun
from mediassist.analysis.study_run import StudyRun

# Tasks that are not named here look at pictures one by one.
RUNS: dict[str, type[StudyRun]] = {
    "classify2d": BundleRun,
    "classify_slices": SlicesRun,
    "detect2d": AngiogramRun,
    "detect_volume": NoduleRun,
    "segment_cine": CineRun,
}


def run_of(task: str) -> type[StudyRun]:
    return RUNS.get(task, BundleRun)
