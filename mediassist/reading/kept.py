"""Whether an earlier sitting's result still holds."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from mediassist.analysis.result import StudyResult, study_key
from mediassist.core.study import Study
from mediassist.reading.content import content_marks, kept_marks
from mediassist.reading.stored_results import stored_result
from mediassist.settings import Settings


class KeptResults:
    """The results that earlier sittings left in a folder; make a new one at each opening, because
    bundles may have been installed since."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self._settings = settings

    def result(self, study: Study) -> StudyResult | None:
        """The result of an earlier analysis of the same pictures by the models installed now.

        None if there is none, if pictures were added, taken away or changed since, or if a bundle
        has changed: a reader must never see a word about pixels that he does not see, or of a
        model that is no longer there.
        """
        key = study_key(study.study_uid)
        result = stored_result(self.folder, key)
        if result is None or kept_marks(self.folder / key) != content_marks(study):
            return None
        asked = frozenset((one.bundle.bundle_id, one.bundle.sha256) for one in result.results)
        return replace(result, study=study) if asked == self._installed else None

    @cached_property
    def _installed(self) -> frozenset[tuple[str, str]]:
        """(id, hash) of every bundle that would be asked now."""
        from mediassist.analysis.path import Analyzer

        return frozenset(Analyzer(settings=self._settings).bundle_hashes)
