"""Whether an earlier sitting's result still holds."""

from __future__ import annotations

from pathlib import Path

from mediassist.analysis.path import study_key
from mediassist.analysis.result import StudyResult
from mediassist.core.study import Study
from mediassist.reading.stored_results import stored_result


def kept_result(folder: Path, study: Study) -> StudyResult | None:
    """The result of an earlier analysis of the same pictures by the models installed now.

    None if there is none, if pictures were added or taken away since, or if a bundle has changed:
    the reader must never see the word of a model that is no longer there.
    """
    from dataclasses import replace

    result = stored_result(folder, study_key(study.study_uid))
    if result is None or _pictures(result.study) != _pictures(study):
        return None
    if _models(result) != installed_models():
        return None
    return replace(result, study=study)


def installed_models() -> frozenset[tuple[str, str]]:
    """(id, hash) of every bundle that would be asked now."""
    from mediassist.analysis.path import Analyzer

    return frozenset(Analyzer().bundle_hashes)


def _models(result: StudyResult) -> frozenset[tuple[str, str]]:
    return frozenset((one.bundle.bundle_id, one.bundle.sha256) for one in result.results)


def _pictures(study: Study) -> frozenset[str]:
    return frozenset(
        instance.sop_instance_uid
        for series in study.series
        for instance in series.instances
        if instance.has_pixels
    )
