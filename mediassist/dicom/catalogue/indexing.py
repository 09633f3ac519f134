"""Brings the catalogue up to date with a folder tree; what has not changed is not opened.

Files are worked off some hundred at a time: they are read without holding the database, then
written in one short transaction, so that several processes can index and search at once and
memory does not grow with the number of files.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection, Engine

from mediassist.core.study import Rejected
from mediassist.dicom.archives import is_zip
from mediassist.dicom.catalogue import tables
from mediassist.dicom.catalogue.names import name_keys
from mediassist.dicom.catalogue.verdict_files import FINDINGS_FILE, VerdictRow, read_verdicts
from mediassist.dicom.find import is_litter, scan_file
from mediassist.dicom.instance import Scanned

_CHUNK = 400
# Files that are no DICOM lie in every archive; they are no fault of it.
_NO_FAULT = frozenset({"not_dicom", "file_empty", "no_study", "no_images"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCounts:
    """What an index run met.

    `opened` files were new or changed; `moved` ones were found at another path, `missing` ones
    are gone; `other` of those opened are no DICOM, `refused` ones damaged. `images` and `studies`
    are what the catalogue now knows of these folders.
    """

    files: int = 0
    opened: int = 0
    moved: int = 0
    missing: int = 0
    other: int = 0
    refused: int = 0
    images: int = 0
    studies: int = 0


@dataclass(frozen=True, slots=True)
class _OnDisk:
    path: str
    size: int
    mtime_ns: int


@dataclass(slots=True)
class _Content:
    """What was read from one file."""

    file: _OnDisk
    scanned: list[Scanned] = field(default_factory=list)
    refusals: list[Rejected] = field(default_factory=list)
    verdicts: list[VerdictRow] = field(default_factory=list)


def index_folders(
    engine: Engine,
    roots: Iterable[Path],
    *,
    progress: Callable[[IndexCounts], None] = lambda so_far: None,
    on_refused: Callable[[Rejected], None] = lambda refused: None,
) -> IndexCounts:
    """Bring the catalogue up to date with everything under `roots` (folders or single files)."""
    counts = IndexCounts()
    roots = [Path(os.path.abspath(root)) for root in roots]
    for root in roots:
        walk = _walk(root)
        while chunk := list(islice(walk, _CHUNK)):
            changed = _changed(engine, chunk)
            contents = [_read(file) for file in changed]
            _write(engine, contents)
            counts = replace(counts, files=counts.files + len(chunk))
            counts = _counted(counts, contents)
            for content in contents:
                for refused in content.refusals:
                    if not _is_no_fault(refused):
                        on_refused(refused)
            progress(counts)
    gone = sum(_mark_missing(engine, root) for root in roots)
    moved, other = _forget_moved(engine)
    missing = max(0, gone - moved - other)
    images, studies = _known_now(engine, roots)
    return replace(counts, moved=moved, missing=missing, images=images, studies=studies)


def _walk(root: Path) -> Iterator[_OnDisk]:
    """Regular files under a folder, or the one file; links to folders are not followed."""
    if root.is_file():
        yield from _on_disk(root)
        return
    for folder, names, found in os.walk(root):
        names.sort()
        for name in sorted(found):
            if not is_litter(name):
                yield from _on_disk(Path(folder, name))


def _on_disk(path: Path) -> Iterator[_OnDisk]:
    try:
        status = path.stat()
        str(path).encode("utf-8")
    except (OSError, UnicodeEncodeError):
        return  # gone since, or a name that no database can hold
    if stat.S_ISREG(status.st_mode):
        yield _OnDisk(str(path), status.st_size, status.st_mtime_ns)


def _changed(engine: Engine, chunk: list[_OnDisk]) -> list[_OnDisk]:
    """Files that the catalogue does not know as they are now; one that came back is there again."""
    files = tables.files.c
    query = sa.select(files.path, files.size, files.mtime_ns, files.missing).where(
        files.path.in_([file.path for file in chunk])
    )
    with engine.connect() as connection:
        rows = {row.path: row for row in connection.execute(query)}
    changed, back = [], []
    for file in chunk:
        row = rows.get(file.path)
        if row is None or (row.size, row.mtime_ns) != (file.size, file.mtime_ns):
            changed.append(file)
        elif row.missing:
            back.append(file.path)
    if back:
        with tables.writing(engine) as connection:
            connection.execute(
                tables.files.update().where(files.path.in_(back)).values(missing=False)
            )
    return changed


def _read(file: _OnDisk) -> _Content:
    content = _Content(file)
    path = Path(file.path)
    if path.name == FINDINGS_FILE:
        content.verdicts = read_verdicts(path)
        if content.verdicts:
            return content
    if not is_zip(path):
        _take(content, scan_file(path))
        return content
    with tempfile.TemporaryDirectory(prefix="mediassist-index-") as work_dir:
        _take(content, scan_file(path, Path(work_dir)))
    return content


def _take(content: _Content, found: Iterator[Scanned | Rejected]) -> None:
    for one in found:
        if isinstance(one, Rejected):
            content.refusals.append(one)
        else:
            content.scanned.append(one)


def _write(engine: Engine, contents: list[_Content]) -> None:
    if not contents:
        return
    with tables.writing(engine) as connection:
        ids = _write_files(connection, contents)
        old = [ids[content.file.path] for content in contents]
        for table in (tables.objects, tables.verdicts):
            connection.execute(table.delete().where(table.c.file_id.in_(old)))
        _write_studies(connection, contents)
        objects = [
            {
                "file_id": ids[content.file.path],
                "study_uid": one.study.study_uid,
                "series_uid": one.series.series_uid,
                "sop_uid": one.instance.sop_instance_uid,
                "source": one.instance.source,
                "images": one.instance.frames if one.instance.has_pixels else 0,
            }
            for content in contents
            for one in content.scanned
        ]
        if objects:
            connection.execute(tables.objects.insert(), objects)
        verdicts = [
            {
                "file_id": ids[content.file.path],
                "study_uid": row.study_uid,
                "bundle": row.bundle,
                "finding": row.finding,
                "verdict": row.verdict,
                "probability": row.probability,
                "created": row.created,
            }
            for content in contents
            for row in content.verdicts
        ]
        if verdicts:
            connection.execute(tables.verdicts.insert(), verdicts)


def _write_files(connection: Connection, contents: list[_Content]) -> dict[str, int]:
    rows = []
    for content in contents:
        refused = content.refusals[0] if content.refusals and not content.scanned else None
        rows.append(
            {
                "path": content.file.path,
                "size": content.file.size,
                "mtime_ns": content.file.mtime_ns,
                "missing": False,
                "refusal_code": refused.error.message.code if refused else None,
                "refusal": str(refused.error) if refused else None,
            }
        )
    statement = insert(tables.files)
    kept = {name: statement.excluded[name] for name in rows[0] if name != "path"}
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=kept), rows)
    query = sa.select(tables.files.c.path, tables.files.c.file_id).where(
        tables.files.c.path.in_([row["path"] for row in rows])
    )
    return {path: file_id for path, file_id in connection.execute(query)}


def _write_studies(connection: Connection, contents: list[_Content]) -> None:
    """The newest word on a study or series counts: a name that was corrected is found by it."""
    studies, series = {}, {}
    for content in contents:
        for one in content.scanned:
            studies[one.study.study_uid] = one
            series[one.study.study_uid, one.series.series_uid] = one.series
    study_rows = [_study_row(one) for one in studies.values()]
    series_rows = [
        {
            "study_uid": study_uid,
            "series_uid": series_uid,
            "modality": facts.modality,
            "number": facts.number,
            "description": facts.description,
            "body_part": facts.body_part,
            "protocol": facts.protocol,
            "scanner": f"{facts.manufacturer} {facts.model_name}".strip(),
        }
        for (study_uid, series_uid), facts in series.items()
    ]
    for table, rows, keys in (
        (tables.studies, study_rows, ["study_uid"]),
        (tables.series, series_rows, ["study_uid", "series_uid"]),
    ):
        if rows:
            statement = insert(table)
            kept = {name: statement.excluded[name] for name in rows[0] if name not in keys}
            connection.execute(
                statement.on_conflict_do_update(index_elements=keys, set_=kept), rows
            )


def _study_row(one: Scanned) -> dict[str, object]:
    study, patient = one.study, one.study.patient
    return {
        "study_uid": study.study_uid,
        "patient_id": patient.patient_id,
        "patient_name": patient.name,
        "name_keys": name_keys(patient.name),
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "sex": patient.sex,
        "study_date": study.study_date.isoformat() if study.study_date else None,
        "description": study.description,
        "accession_number": study.accession_number,
        "institution": study.institution,
    }


def _mark_missing(engine: Engine, root: Path) -> int:
    """Mark the files under a folder that are gone; how many there are.

    Each is looked for on disk, not just compared with what this run met: another process may
    have written it since.
    """
    gone = [file_id for file_id, path in _known_under(engine, root) if not os.path.lexists(path)]
    for start in range(0, len(gone), _CHUNK):
        with tables.writing(engine) as connection:
            files = tables.files
            chosen = files.c.file_id.in_(gone[start : start + _CHUNK])
            connection.execute(files.update().where(chosen).values(missing=True))
    return len(gone)


def _forget_moved(engine: Engine) -> tuple[int, int]:
    """Drop missing files whose images are all there in other files, or that held none.

    What remains is remembered as missing: its images are nowhere else. Gives (moved files with
    images, other files dropped).
    """
    files, objects = tables.files, tables.objects
    present = objects.alias()
    elsewhere = (
        sa.select(present.c.object_id)
        .join(files, files.c.file_id == present.c.file_id)
        .where(present.c.sop_uid == objects.c.sop_uid, files.c.missing.is_(False))
        .exists()
    )
    gone = sa.select(files.c.file_id).where(files.c.missing)
    alone = sa.select(objects.c.file_id).where(objects.c.file_id.in_(gone), sa.not_(elsewhere))
    with tables.writing(engine) as connection:
        leaving = connection.execute(gone.where(files.c.file_id.not_in(alone))).scalars().all()
        moved = 0
        for start in range(0, len(leaving), _CHUNK):
            chunk = leaving[start : start + _CHUNK]
            held = sa.select(objects.c.file_id).distinct().where(objects.c.file_id.in_(chunk))
            moved += len(connection.execute(held).all())
            for table in (objects, tables.verdicts, files):
                connection.execute(table.delete().where(table.c.file_id.in_(chunk)))
    return moved, len(leaving) - moved


def _known_under(engine: Engine, root: Path) -> Iterator[tuple[int, str]]:
    """Files of the catalogue under a folder that are not marked as missing yet, page by page."""
    files = tables.files.c
    last = 0
    while True:
        query = (
            sa.select(files.file_id, files.path)
            .where(_under(root), files.missing.is_(False), files.file_id > last)
            .order_by(files.file_id)
            .limit(5000)
        )
        with engine.connect() as connection:
            rows = [(row.file_id, row.path) for row in connection.execute(query)]
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def _under(root: Path) -> sa.ColumnElement[bool]:
    """The path itself and all below it, as a range: `_` and `%` in folder names would be wildcards
    of LIKE, and the index serves."""
    path = tables.files.c.path
    folder = str(root).rstrip(os.sep) + os.sep
    end = folder[:-1] + chr(ord(os.sep) + 1)
    return sa.or_(path == str(root), sa.and_(path >= folder, path < end))


def _known_now(engine: Engine, roots: list[Path]) -> tuple[int, int]:
    """(images, studies) in files under the folders that are there."""
    objects, files = tables.objects, tables.files
    query = (
        sa.select(
            sa.func.coalesce(sa.func.sum(objects.c.images), 0),
            sa.func.count(objects.c.study_uid.distinct()),
        )
        .join(files, files.c.file_id == objects.c.file_id)
        .where(files.c.missing.is_(False), sa.or_(*map(_under, roots)))
    )
    with engine.connect() as connection:
        images, studies = connection.execute(query).one()
    return int(images), int(studies)


def _counted(counts: IndexCounts, contents: list[_Content]) -> IndexCounts:
    refusals = [refused for content in contents for refused in content.refusals]
    other = sum(map(_is_no_fault, refusals))
    return replace(
        counts,
        opened=counts.opened + len(contents),
        other=counts.other + other,
        refused=counts.refused + len(refusals) - other,
    )


def _is_no_fault(refused: Rejected) -> bool:
    return refused.error.message.code in _NO_FAULT
