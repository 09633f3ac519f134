"""An open catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mediassist.core.study import Rejected
from mediassist.dicom.catalogue import tables
from mediassist.dicom.catalogue.indexing import IndexCounts, index_folders
from mediassist.dicom.catalogue.search import FoundStudy, Search, find_studies_in

CATALOGUE_FILE = "catalogue.sqlite"


class Catalogue:
    """One SQLite file; several processes may index into it and search it at once.

    Raises
    ------
    WrongUsage
        The file is no catalogue, or that of a newer MediAssist.
    OutputNotWritable
        The file can't be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = tables.open_engine(path)

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def index(
        self,
        roots: Iterable[Path],
        *,
        progress: Callable[[IndexCounts], None] = lambda so_far: None,
        on_refused: Callable[[Rejected], None] = lambda refused: None,
    ) -> IndexCounts:
        """Take in what is new or changed under folders; see `IndexCounts`."""
        return index_folders(self._engine, roots, progress=progress, on_refused=on_refused)

    def find(self, search: Search) -> Iterator[FoundStudy]:
        """Studies that meet every condition, newest first."""
        return find_studies_in(self._engine, search)
