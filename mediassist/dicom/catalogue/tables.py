"""Tables of the catalogue: files as they lie on disk, and the studies, series and objects in them.

Written with SQLAlchemy Core. Studies and objects are known by their UIDs, not by their paths, so
that a moved file stays what it was and a deleted one is remembered as missing.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from mediassist.core.errors import OutputNotWritable, WrongUsage
from mediassist.core.messages import say

SCHEMA_VERSION = 1

metadata = sa.MetaData()

schema_version = sa.Table(
    "schema_version", metadata, sa.Column("version", sa.Integer, nullable=False)
)

# Every file that was met. `missing`: it was there once, and its images are nowhere else.
# `refusal` says why nothing could be read from it; such a file is not opened again.
files = sa.Table(
    "files",
    metadata,
    sa.Column("file_id", sa.Integer, primary_key=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("missing", sa.Boolean, nullable=False, default=False),
    sa.Column("refusal_code", sa.Text),
    sa.Column("refusal", sa.Text),
)

studies = sa.Table(
    "studies",
    metadata,
    sa.Column("study_uid", sa.Text, primary_key=True),
    sa.Column("patient_id", sa.Text, nullable=False),
    sa.Column("patient_name", sa.Text, nullable=False),
    # Name in lower case without blanks, and its readings in pinyin: see `names`.
    sa.Column("name_keys", sa.Text, nullable=False),
    sa.Column("birth_date", sa.Text),
    sa.Column("sex", sa.Text, nullable=False),
    sa.Column("study_date", sa.Text, index=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("accession_number", sa.Text, nullable=False),
    sa.Column("institution", sa.Text, nullable=False),
)

series = sa.Table(
    "series",
    metadata,
    sa.Column("study_uid", sa.Text, primary_key=True),
    sa.Column("series_uid", sa.Text, primary_key=True),
    sa.Column("modality", sa.Text, nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("body_part", sa.Text, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("scanner", sa.Text, nullable=False),
)

# DICOM objects inside a file: one, or many where the file is an archive.
objects = sa.Table(
    "objects",
    metadata,
    sa.Column("object_id", sa.Integer, primary_key=True),
    sa.Column("file_id", sa.Integer, nullable=False, index=True),
    sa.Column("study_uid", sa.Text, nullable=False, index=True),
    sa.Column("series_uid", sa.Text, nullable=False),
    sa.Column("sop_uid", sa.Text, nullable=False, index=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("images", sa.Integer, nullable=False),
)

# What findings.json files say; they come and go with their files.
verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("verdict_id", sa.Integer, primary_key=True),
    sa.Column("file_id", sa.Integer, nullable=False, index=True),
    sa.Column("study_uid", sa.Text, nullable=False, index=True),
    sa.Column("bundle", sa.Text, nullable=False),
    sa.Column("finding", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("probability", sa.Float),
    sa.Column("created", sa.Text, nullable=False),
)


def open_engine(path: Path) -> Engine:
    """Connect to the catalogue's file, made where there is none.

    Raises
    ------
    WrongUsage
        The file is no catalogue, or was written by a newer MediAssist.
    OutputNotWritable
        The file can't be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
        sa.event.listen(engine, "connect", _prepare)
        sa.event.listen(engine, "begin", _begin)
        with engine.connect() as connection:
            is_new = not sa.inspect(connection).has_table(schema_version.name)
        if is_new:
            with writing(engine) as connection:
                _make(connection)
        with engine.connect() as connection:
            _check_version(connection, path)
    except OSError as error:
        raise _not_writable(path, error.strerror or str(error)) from error
    except sa.exc.OperationalError as error:
        raise _not_writable(path, str(error.orig)) from error
    except sa.exc.DatabaseError as error:
        raise WrongUsage(
            say("no_catalogue", "{path} is no catalogue of MediAssist.", path=str(path))
        ) from error
    return engine


def _make(connection: Connection) -> None:
    """Make the tables, unless another process has made them since."""
    if not sa.inspect(connection).has_table(schema_version.name):
        metadata.create_all(connection)
        connection.execute(schema_version.insert().values(version=SCHEMA_VERSION))


def _check_version(connection: Connection, path: Path) -> None:
    version = connection.execute(sa.select(schema_version.c.version)).scalar_one()
    if version > SCHEMA_VERSION:
        raise WrongUsage(
            say(
                "catalogue_too_new",
                "The catalogue {path} has version {found}; this MediAssist knows up to {known}.",
                path=str(path),
                found=version,
                known=SCHEMA_VERSION,
            )
        )


def _not_writable(path: Path, why: str) -> OutputNotWritable:
    return OutputNotWritable(
        say(
            "catalogue_not_writable",
            "The catalogue {path} cannot be opened: {why}.",
            path=str(path),
            why=why,
        )
    )


def _prepare(connection: Any, _record: Any) -> None:
    """Write-ahead log: a search never waits for an index run; two runs wait for each other.

    What a power cut may lose of a catalogue, the next index run finds again: normal sync.
    """
    connection.isolation_level = None  # sqlite3 would begin transactions by rules of its own
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 60000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Who will write takes the write lock at once: two processes must not both read and then
    both write. Who only reads waits for nobody."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that will write."""
    return engine.execution_options(writes=True).begin()
