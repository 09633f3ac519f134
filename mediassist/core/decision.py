"""What a reader decided about one bundle's finding in one study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DecisionKind(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Decision:
    """One reader's word on one finding; `at` is timezone-aware, the newest decision counts.

    `bundle_sha256` ties the decision to the model version it was made about.
    """

    study_uid: str
    bundle_id: str
    bundle_sha256: str
    kind: DecisionKind
    reader: str
    at: datetime
    reason: str = ""
