"""DICOMDIR: the files that a disc's directory names (PS3.3 annex F)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import Rejected
from mediassist.dicom import values
from mediassist.dicom.header import DicomHeader

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
_MOST_RECORDS = 200_000
# A directory without its disc names nothing that is there; so many examples are enough.
_MOST_MISSING = 5000


def is_dicomdir(header: DicomHeader) -> bool:
    dataset = header.dataset
    meta = getattr(dataset, "file_meta", None)
    sop_class = values.code(meta, "MediaStorageSOPClassUID") if meta is not None else ""
    return sop_class == MEDIA_STORAGE_DIRECTORY or values.has(dataset, "DirectoryRecordSequence")


def referenced_files(header: DicomHeader) -> Iterator[Path | Rejected]:
    """The files named by the directory that exist; a `Rejected` for each that does not.

    File IDs are upper case, while discs copied to a server often are not, so each part is looked
    up without regard to case. Parts that would lead out of the folder are refused.
    """
    root = header.path.parent
    listings: dict[Path, dict[str, Path]] = {}
    present = missing = 0
    for record in values.items(header.dataset, "DirectoryRecordSequence", _MOST_RECORDS):
        if missing > _MOST_MISSING and not present:
            return
        parts = [part for part in values.codes(record, "ReferencedFileID") if part]
        if not parts:
            continue
        found = _resolve(root, parts, listings)
        if found is not None:
            present += 1
            yield found
            continue
        missing += 1
        source = str(root.joinpath(*(part for part in parts if part not in ("..", "/"))))
        yield Rejected(
            source,
            UnreadableFile(
                say(
                    "dicomdir_missing",
                    "{path} is listed in {dicomdir} but is not there.",
                    path=source,
                    dicomdir=str(header.path),
                )
            ),
        )


def _resolve(root: Path, parts: list[str], listings: dict[Path, dict[str, Path]]) -> Path | None:
    here = root
    for part in parts:
        if part in (".", "..") or "/" in part or "\\" in part:
            return None
        if here not in listings:
            try:
                listings[here] = {entry.name.upper(): entry for entry in here.iterdir()}
            except OSError:
                listings[here] = {}
        found = listings[here].get(part.upper())
        if found is None:
            return None
        here = found
    return here if here.is_file() else None
