"""Walks the input folder and brings the ledger up to date, a few hundred files at a time.

Memory does not grow with the number of files, and a file that has not changed since the last run
is not opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from mediassist.batch.jobs import RefusedFile
from mediassist.batch.ledger import FileLedger, Member, ScannedFile
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message, say
from mediassist.core.study import Rejected, Study
from mediassist.dicom.find import is_litter

ReadStudies: TypeAlias = Callable[[Iterable[Path]], Iterator[Study | Rejected]]

_CHUNK = 200
# The list of a disc: its files are met anyway.
_DISC_LIST = "dicomdir"
_ADVICE = say(
    "advice_not_accessible", "Check that it is still there and that this account may read it."
)


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """Files met so far, and how many of them had to be opened."""

    files: int
    opened: int


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """`problem` says why the file, or the folder of this name, could not be looked at."""

    path: Path
    size: int
    mtime_ns: int
    problem: Message | None = None


def scan(
    root: Path,
    ledger: FileLedger,
    read: ReadStudies,
    *,
    skip: Path | None = None,
    progress: Callable[[ScanProgress], None] = lambda so_far: None,
    stop: Callable[[], bool] = lambda: False,
) -> ScanProgress:
    """Bring the ledger up to date with the files under `root` (or the one file `root`).

    Parameters
    ----------
    skip : a folder below `root` that is not input (the output folder).
    stop : asked between files; a scan that was stopped forgets no file.
    """
    number = ledger.begin_scan()
    base = root if root.is_dir() else root.parent
    so_far = ScanProgress(0, 0)
    for chunk in _chunks(files_under(root, skip)):
        named = {_name(one.path, base): one for one in chunk}
        new = ledger.unknown(
            number, [(name, one.size, one.mtime_ns) for name, one in named.items()]
        )
        scanned = []
        for name, _size, _time in new:
            if stop():
                break
            scanned.append(_open(name, named[name], read))
        ledger.record(number, scanned)
        so_far = ScanProgress(so_far.files + len(chunk), so_far.opened + len(new))
        progress(so_far)
        if stop():
            return so_far
    ledger.end_scan(number)
    return so_far


def files_under(root: Path, skip: Path | None = None) -> Iterator[FileOnDisk]:
    """Every file below `root`, in the order of names; links to folders are not followed."""
    if root.is_file():
        yield _look(root)
        return
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield FileOnDisk(folder, -1, 0, _unreadable(error))
            continue
        below = []
        for entry in listed:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if skip is None or not _same(path, skip):
                    below.append(path)
            elif _is_input(entry):
                yield _look(path)
        folders += reversed(below)


def _is_input(entry: os.DirEntry[str]) -> bool:
    """Not what systems leave behind, and nothing that blocks when it is read (pipes, devices)."""
    if entry.name.lower() == _DISC_LIST or is_litter(entry.name):
        return False
    try:
        mode = entry.stat().st_mode
    except OSError:
        return True  # a broken link, for example: to be said by name
    return stat.S_ISREG(mode)


def _look(path: Path) -> FileOnDisk:
    try:
        state = path.stat()
    except OSError as error:
        return FileOnDisk(path, -1, 0, _unreadable(error))
    return FileOnDisk(path, state.st_size, state.st_mtime_ns)


def _open(name: str, found: FileOnDisk, read: ReadStudies) -> ScannedFile:
    members: list[Member] = []
    refused: list[RefusedFile] = []
    if found.problem is not None:
        refused.append(RefusedFile(str(found.path), found.problem, _ADVICE))
    else:
        try:
            for one in read([found.path]):
                if isinstance(one, Rejected):
                    refused.append(RefusedFile.from_error(one.source, one.error))
                else:
                    members += _members(one)
        except MediAssistError as error:
            refused.append(RefusedFile.from_error(str(found.path), error))
    return ScannedFile(name, found.size, found.mtime_ns, tuple(members), tuple(refused))


def _members(study: Study) -> list[Member]:
    return [
        Member(study.study_uid, instance.sop_instance_uid, study.study_date)
        for series in study.series
        for instance in series.instances
    ]


def _chunks(found: Iterator[FileOnDisk]) -> Iterator[list[FileOnDisk]]:
    chunk: list[FileOnDisk] = []
    for one in found:
        chunk.append(one)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _name(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix()


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _unreadable(error: OSError) -> Message:
    return say(
        "file_not_accessible",
        "The file or folder cannot be read: {why}.",
        why=error.strerror or type(error).__name__,
    )
