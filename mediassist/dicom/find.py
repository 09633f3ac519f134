"""Find studies in files, folders, DICOMDIR and zip archives."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mediassist.core.errors import (
    MediAssistError,
    NoImages,
    NoStudy,
    UnreadableFile,
    WrongUsage,
)
from mediassist.core.messages import say
from mediassist.core.study import Rejected, Study
from mediassist.dicom import values
from mediassist.dicom.archives import Member, extract, is_zip, session_folder
from mediassist.dicom.dicomdir import is_dicomdir, referenced_files
from mediassist.dicom.grouping import StudyBuilder
from mediassist.dicom.header import DicomHeader, read_header
from mediassist.dicom.instance import Scanned, scan

# What operating systems leave in folders, and the truth that stands beside sample studies
# (schema/truth): nobody wants to read that these are no DICOM.
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini", "autorun.inf", "truth.json"})


def is_litter(name: str) -> bool:
    """Whether a file of this name, met in a folder, is passed over without a word."""
    return name.lower() in _LITTER or name.startswith("._")


def find_studies(
    paths: Iterable[str | os.PathLike[str]], work_dir: Path | None = None
) -> Iterator[Study | Rejected]:
    """Studies in files, folders (all levels), DICOMDIR and zip archives (nested ones too).

    Everything is scanned first, header facts only; then each study is given whole, in the order
    in which its first file was met. Rejected files are given as they are met.

    Parameters
    ----------
    paths : files and folders; a DICOMDIR named here gives exactly the files it lists.
    work_dir : where members of archives are extracted; the caller removes it when the studies
        are no longer needed. Default: a folder that goes when this process ends.

    Raises
    ------
    WrongUsage
        A path does not exist; raised at once, before anything is scanned.

    Notes
    -----
    Objects without pixels (SR, PR, KO, dose reports) are instances with `has_pixels` False. A
    folder or archive in which no image was found gives a `Rejected` with `NoImages`.
    """
    roots = [Path(path) for path in paths]
    for root in roots:
        if not root.exists():
            raise WrongUsage(say("path_missing", "{path} does not exist.", path=str(root)))
    return _find(roots, work_dir)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be DICOM: `path` can be opened, `source` is what people know it by."""

    path: Path
    source: str
    is_named: bool = False
    member: Member | None = None

    def accept(self) -> None:
        """Say that it is DICOM, so that the rest of its archive is worth the time."""
        if self.member is not None:
            self.member.accept()

    def discard(self) -> None:
        """Remove what was extracted for it, once nobody reads it any more."""
        if self.member is not None:
            self.path.unlink(missing_ok=True)


def files_in(root: Path, work_dir: Path) -> Iterator[Candidate | Rejected]:
    """Every file of a folder (all levels, natural order) or zip archive, or the one file.

    Members of archives are extracted into `work_dir`; the caller accepts those that are DICOM (an
    archive without is given up), and discards each when it is done. What operating systems leave
    behind is passed over.
    """
    for candidate in _walk(root) if root.is_dir() else [Candidate(root, str(root), is_named=True)]:
        if isinstance(candidate, Candidate) and is_zip(candidate.path):
            for member in extract(candidate.path, candidate.source, work_dir):
                if isinstance(member, Rejected):
                    yield member
                else:
                    yield Candidate(member.path, member.source, member=member)
        else:
            yield candidate


def _find(roots: list[Path], work_dir: Path | None) -> Iterator[Study | Rejected]:
    studies: dict[str, StudyBuilder] = {}
    for root in roots:
        images = 0
        for found in _scan_root(root, work_dir):
            if isinstance(found, Rejected):
                yield found
                continue
            images += found.instance.has_pixels
            builder = studies.setdefault(found.study.study_uid, StudyBuilder(found.study))
            builder.add(found)
        if not images and (root.is_dir() or is_zip(root)):
            yield Rejected(
                str(root),
                NoImages(say("no_images", "{path} holds no DICOM image.", path=str(root))),
            )
    for uid in list(studies):
        yield studies.pop(uid).build()


def scan_file(path: Path, work_dir: Path | None = None) -> Iterator[Scanned | Rejected]:
    """What one file of a folder holds: an object, the members of an archive; nothing for the
    list of a disc, whose files are met by themselves."""
    if is_zip(path):
        yield from _scan_root(path, work_dir)
    else:
        yield from _scan_file(Candidate(path, str(path)))


def _scan_root(root: Path, work_dir: Path | None) -> Iterator[Scanned | Rejected]:
    candidates: Iterator[Candidate | Rejected] = (
        _walk(root) if root.is_dir() else iter([Candidate(root, str(root), is_named=True)])
    )
    for candidate in candidates:
        if isinstance(candidate, Rejected):
            yield candidate
        elif is_zip(candidate.path):
            folder = session_folder() if work_dir is None else work_dir
            for member in extract(candidate.path, candidate.source, folder):
                yield from _scan_member(member)
        else:
            yield from _scan_file(candidate)


def _scan_member(member: Member | Rejected) -> Iterator[Scanned | Rejected]:
    if isinstance(member, Rejected):
        yield member
        return
    kept = False
    for found in _scan_file(Candidate(member.path, member.source)):
        kept = kept or isinstance(found, Scanned)
        yield found
    if kept:
        member.accept()
    else:
        member.path.unlink(missing_ok=True)


def _scan_file(candidate: Candidate) -> Iterator[Scanned | Rejected]:
    try:
        header = read_header(candidate.path)
        if is_dicomdir(header):
            yield from _scan_dicomdir(header, candidate)
            return
        _refuse_strays(header, candidate.source)
        yield scan(header, candidate.source)
    except MediAssistError as error:
        yield Rejected(candidate.source, with_source(error, candidate))


def _scan_dicomdir(header: DicomHeader, candidate: Candidate) -> Iterator[Scanned | Rejected]:
    """A DICOMDIR that was named gives its files; one met in a folder is only checked, because
    the folder is read anyway."""
    if candidate.path.name != Path(candidate.source).name:
        return  # extracted from an archive: its files lie beside it under other names
    missing = 0
    listed = 0
    for found in referenced_files(header):
        listed += 1
        if isinstance(found, Rejected):
            missing += 1
            if candidate.is_named:
                yield found
        elif candidate.is_named:
            yield from _scan_file(Candidate(found, str(found)))
    if missing and not candidate.is_named:
        yield Rejected(
            candidate.source,
            UnreadableFile(
                say(
                    "dicomdir_incomplete",
                    "{path} lists {listed} files, of which {missing} are not there.",
                    path=candidate.source,
                    listed=listed,
                    missing=missing,
                )
            ),
        )
    if candidate.is_named and listed == missing:
        yield Rejected(
            candidate.source,
            NoImages(say("no_images", "{path} holds no DICOM image.", path=candidate.source)),
        )


def _refuse_strays(header: DicomHeader, source: str) -> None:
    """Objects of no patient (hanging protocols, colour palettes) are in no study."""
    if header.pixels is not None or values.code(header.dataset, "StudyInstanceUID"):
        return
    raise NoStudy(
        say("no_study", "{path} is DICOM but belongs to no study of a patient.", path=source)
    )


def with_source(error: MediAssistError, candidate: Candidate) -> MediAssistError:
    """The error with the name that people know in place of the extracted file's path."""
    if candidate.source == str(candidate.path):
        return error
    named = {
        name: candidate.source if value == str(candidate.path) else value
        for name, value in error.message.values
    }
    return type(error)(say(error.message.code, error.message.template, **named))


def _walk(root: Path) -> Iterator[Candidate | Rejected]:
    """Regular files below a folder in natural order (IM2 before IM10); links to folders are not
    followed, so that no loop can be made."""
    refused: list[OSError] = []
    for folder, names, files in os.walk(root, onerror=refused.append):
        names.sort(key=_natural)
        for name in sorted(files, key=_natural):
            path = Path(folder, name)
            if not is_litter(name) and path.is_file():
                yield Candidate(path, str(path))
        yield from (_refused_folder(error) for error in refused)
        refused.clear()
    yield from (_refused_folder(error) for error in refused)


def _refused_folder(error: OSError) -> Rejected:
    name = str(error.filename)
    return Rejected(
        name,
        UnreadableFile(
            say(
                "folder_unreadable",
                "The folder {path} cannot be read ({reason}).",
                path=name,
                reason=error.strerror or str(error),
            )
        ),
    )


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
