"""Opens what a reader points at: pictures in any shape, or a folder with results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mediassist.analysis.result import StudyResult
from mediassist.core.errors import MediAssistError
from mediassist.core.study import Rejected, Study
from mediassist.dicom import find_studies
from mediassist.reading.stored_results import is_output_folder, read_result, result_folders

ARCHIVE_MARK = "!/"

StudyFinder = Callable[[Iterable[Path]], Iterator[Study | Rejected]]


@dataclass(frozen=True, slots=True)
class OpenedResult:
    """A result from an output folder, its study with pictures where they could be found."""

    result: StudyResult
    folder: Path


Opened = Study | Rejected | OpenedResult


def open_paths(paths: Iterable[Path], find: StudyFinder = find_studies) -> Iterator[Opened]:
    """Whatever the paths hold, one study after the other as they are found.

    A file that cannot be opened is given as `Rejected`; the rest goes on.
    """
    pictures = []
    for path in paths:
        if is_output_folder(path):
            yield from open_output(path, find)
        else:
            pictures.append(path)
    if pictures:
        yield from find(pictures)


def open_output(
    folder: Path, find: StudyFinder = find_studies
) -> Iterator[OpenedResult | Rejected]:
    """Every result of an output folder, joined with the pictures it was made from."""
    for study_folder in result_folders(folder):
        try:
            result = read_result(study_folder)
        except MediAssistError as error:
            yield Rejected(str(study_folder), error)
            continue
        yield OpenedResult(_with_pictures(result, folder, find), folder)


def _with_pictures(result: StudyResult, folder: Path, find: StudyFinder) -> StudyResult:
    """The result with its study read anew from the files, so that pictures can be shown."""
    sources = [
        _file_of(instance.source, folder)
        for series in result.study.series
        for instance in series.instances
    ]
    present = [path for path in dict.fromkeys(sources) if path.exists()]
    for found in find(present) if present else ():
        if isinstance(found, Study) and found.study_uid == result.study.study_uid:
            return replace(result, study=found)
    return result


def _file_of(source: str, folder: Path) -> Path:
    """The file on disk behind a source such as `a.zip!/IM0001`."""
    path = Path(source.split(ARCHIVE_MARK, 1)[0])
    return path if path.is_absolute() or path.exists() else folder / path
