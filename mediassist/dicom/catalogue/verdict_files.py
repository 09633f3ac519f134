"""Verdicts from the findings.json files of analyze and batch, read as plain JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FINDINGS_FILE = "findings.json"
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class VerdictRow:
    study_uid: str
    bundle: str
    finding: str
    verdict: str
    probability: float | None
    created: str


def read_verdicts(path: Path) -> list[VerdictRow]:
    """The verdicts in one findings.json; none where the file is something else of that name."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return []
        document = json.loads(path.read_text(encoding="utf-8"))
        study_uid = document["study"]["study_instance_uid"]
        created = document["provenance"]["created"]
        return [
            VerdictRow(
                study_uid=str(study_uid),
                bundle=str(entry["bundle"]),
                finding=str(entry["finding"]),
                verdict=str(entry["verdict"]),
                probability=_number(entry["probability"]),
                created=str(created),
            )
            for entry in document["findings"]
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
