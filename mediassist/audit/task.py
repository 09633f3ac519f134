"""What is to be analysed for an audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

# Path, modality, body part, view, laterality: what makes an image the same one.
Place: TypeAlias = tuple[str, str, str, str, str]
Truth: TypeAlias = tuple[tuple[str, bool], ...]


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
    truth: Truth


@dataclass(slots=True)
class TaskList:
    """Tasks as three lean columns: a hundred thousand must not fill the memory."""

    keys: list[str] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)
    _truths: list[Truth] = field(default_factory=list)

    def add(self, key: str, place: Place, truth: Truth) -> None:
        self.keys.append(key)
        self._places.append(place)
        self._truths.append(truth)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, number: int) -> PathTask:
        path, *stated = self._places[number]
        modality, body_part, view, laterality = stated
        return PathTask(
            self.keys[number],
            Path(path),
            modality,
            body_part,
            view,
            laterality,
            self._truths[number],
        )

    def __iter__(self) -> Iterator[PathTask]:
        return (self[number] for number in range(len(self)))

    def forget(self) -> None:
        """Let go of all but the keys, once everything is analysed."""
        self._places.clear()
        self._truths.clear()
