"""What the one path gives for one study; `to_json()` is findings.json."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mediassist.core.acquisition import AcquisitionCheck
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message
from mediassist.core.provenance import Provenance
from mediassist.core.study import Rejected, Study

Wording = Callable[[Message], str]


def study_key(study_uid: str) -> str:
    """Folder name of a study's results: 16 hex digits, no patient data, the same every time."""
    return hashlib.sha256(f"mediassist study {study_uid}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """Everything MediAssist found in one study.

    `results` has one entry per installed bundle that was asked for, also where it does not apply.
    `study_key` names the output folder: made from a hash of the Study Instance UID.
    `failed_images` are images of the study whose pixels could not be read. `acquisition` is None
    where the images were not checked (results of an older version).
    """

    study: Study
    study_key: str
    results: tuple[BundleResult, ...]
    provenance: Provenance
    warnings: tuple[Message, ...] = ()
    failed_images: tuple[Rejected, ...] = ()
    acquisition: AcquisitionCheck | None = None
    seconds: float = 0.0

    @property
    def unreadable(self) -> bool:
        """Whether there are images and not one of them could be read."""
        images = [
            image.source
            for series in self.study.series
            for image in series.instances
            if image.has_pixels
        ]
        failed = {rejected.source for rejected in self.failed_images}
        return bool(images) and failed.issuperset(images)

    def to_json(self, wording: Wording = str) -> dict[str, Any]:
        """The content of findings.json (schema/findings.schema.json), messages worded."""
        from mediassist.analysis.findings_json import findings_document

        return findings_document(self, wording)
