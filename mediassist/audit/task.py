"""What is to be analysed for an audit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PathTask:
    """A path to analyse once, whatever number of findings is audited on it.

    Attributes
    ----------
    key : changes with the file, the bundles and what was stated; names files and journal lines.
    truth : finding -> whether it is present, which says what the gallery must show.
    """

    key: str
    path: Path
    modality: str
    body_part: str
    view: str
    laterality: str
    truth: tuple[tuple[str, bool], ...]
