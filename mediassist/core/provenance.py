"""Who made a result, with what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """`created` is timezone-aware and comes from the one injected clock."""

    mediassist_version: str
    created: datetime
    platform: str
    python: str
    libraries: tuple[tuple[str, str], ...] = ()
