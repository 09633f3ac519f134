"""Which files were looked at, which studies they hold, which of them were refused.

The ledger is what makes the same command go on quickly: a file whose size and time of change are
known is not opened again, and a study's fingerprint comes from here without reading a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from mediassist.batch.jobs import RefusedFile, fingerprint_of
from mediassist.batch.schema import files, members, refusals
from mediassist.batch.stored_json import refusal_from_plain, refusal_to_plain


@dataclass(frozen=True, slots=True)
class Member:
    """A DICOM object inside a file."""

    study_uid: str
    sop_instance_uid: str
    study_date: date | None = None


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file that was opened: what it holds and what was refused. `path` is relative to IN."""

    path: str
    size: int
    mtime_ns: int
    members: tuple[Member, ...] = ()
    refused: tuple[RefusedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyFiles:
    """A study as the ledger sees it."""

    study_uid: str
    study_date: date | None
    fingerprint: str
    instances: int


class FileLedger:
    """The ledger's tables in one job store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin_scan(self) -> int:
        """The number of the scan that starts now."""
        with self._engine.begin() as connection:
            last = connection.execute(sa.select(sa.func.max(files.c.seen))).scalar()
        return (last or 0) + 1

    def unknown(
        self, scan: int, found: Sequence[tuple[str, int, int]]
    ) -> list[tuple[str, int, int]]:
        """Of files (path, size, time), those that are new or changed; the others count as seen."""
        wanted = {path: (size, mtime_ns) for path, size, mtime_ns in found}
        with self._engine.begin() as connection:
            rows = connection.execute(
                sa.select(files.c.file_id, files.c.path, files.c.size, files.c.mtime_ns).where(
                    files.c.path.in_(wanted)
                )
            ).all()
            same = {row.path: row.file_id for row in rows if wanted[row.path] == tuple(row[2:])}
            if same:
                connection.execute(
                    files.update().where(files.c.file_id.in_(same.values())).values(seen=scan)
                )
        return [one for one in found if one[0] not in same]

    def record(self, scan: int, scanned: Iterable[ScannedFile]) -> None:
        """Keep what was found in these files, in one transaction."""
        with self._engine.begin() as connection:
            for one in scanned:
                old = connection.execute(
                    sa.select(files.c.file_id).where(files.c.path == one.path)
                ).scalar()
                if old is not None:
                    _forget(connection, sa.select(sa.literal(old)))
                file_id = connection.execute(
                    files.insert().values(
                        path=one.path, size=one.size, mtime_ns=one.mtime_ns, seen=scan
                    )
                ).inserted_primary_key
                assert file_id is not None  # noqa: S101 - an insert of one row always has a key
                if one.members:
                    connection.execute(
                        members.insert(),
                        [_member_row(file_id[0], member) for member in one.members],
                    )
                if one.refused:
                    connection.execute(
                        refusals.insert(),
                        [
                            {
                                "file_id": file_id[0],
                                "source": refused.source,
                                "reason": json.dumps(refusal_to_plain(refused), ensure_ascii=False),
                            }
                            for refused in one.refused
                        ],
                    )

    def end_scan(self, scan: int) -> None:
        """Forget files that a complete scan did not meet."""
        with self._engine.begin() as connection:
            _forget(connection, sa.select(files.c.file_id).where(files.c.seen < scan))

    def studies(self) -> Iterator[StudyFiles]:
        """Every study; one study's instances are in memory at a time."""
        query = (
            sa.select(
                members.c.study_uid,
                members.c.study_date,
                members.c.sop_instance_uid,
                files.c.size,
                files.c.mtime_ns,
            )
            .join(files, files.c.file_id == members.c.file_id)
            .order_by(members.c.study_uid)
        )
        with self._engine.connect() as connection:
            rows = connection.execution_options(yield_per=1000).execute(query)
            for study_uid, group in groupby(rows, key=lambda row: str(row.study_uid)):
                instances = list(group)
                dates = sorted(row.study_date for row in instances if row.study_date)
                yield StudyFiles(
                    study_uid=study_uid,
                    study_date=date.fromisoformat(dates[0]) if dates else None,
                    fingerprint=fingerprint_of(
                        (row.sop_instance_uid, row.size, row.mtime_ns) for row in instances
                    ),
                    instances=len(instances),
                )

    def files_of(self, study_uid: str) -> list[str]:
        """Paths, relative to IN, of the files that hold the study."""
        query = (
            sa.select(files.c.path)
            .join(members, members.c.file_id == files.c.file_id)
            .where(members.c.study_uid == study_uid)
            .distinct()
            .order_by(files.c.path)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def refused(self) -> Iterator[RefusedFile]:
        """Every refused file with its reason, in the order of paths."""
        query = (
            sa.select(refusals.c.source, refusals.c.reason)
            .join(files, files.c.file_id == refusals.c.file_id)
            .order_by(files.c.path, refusals.c.refusal_id)
        )
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=1000).execute(query):
                yield refusal_from_plain(row.source, json.loads(row.reason))

    def file_count(self) -> int:
        with self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(files)).scalar_one()


def _member_row(file_id: int, member: Member) -> dict[str, object]:
    return {
        "file_id": file_id,
        "study_uid": member.study_uid,
        "sop_instance_uid": member.sop_instance_uid,
        "study_date": member.study_date.isoformat() if member.study_date else None,
    }


def _forget(connection: sa.Connection, file_ids: sa.Select[tuple[int]]) -> None:
    for table in (members, refusals, files):
        connection.execute(table.delete().where(table.c.file_id.in_(file_ids)))
