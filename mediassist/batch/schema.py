"""Tables of the job store, their version, and the steps from older versions to this one.

Written with SQLAlchemy Core and nothing that only SQLite has, so that a server's database can
take its place by URL.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

SCHEMA_VERSION = 1

metadata = sa.MetaData()

schema_version = sa.Table(
    "schema_version", metadata, sa.Column("version", sa.Integer, nullable=False)
)

# Every file that discovery has looked at. `seen` is the number of the last scan that met it.
files = sa.Table(
    "files",
    metadata,
    sa.Column("file_id", sa.Integer, primary_key=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False, index=True),
)

# DICOM objects inside a file: one, or many where the file is an archive.
members = sa.Table(
    "members",
    metadata,
    sa.Column("member_id", sa.Integer, primary_key=True),
    sa.Column("file_id", sa.Integer, nullable=False, index=True),
    sa.Column("study_uid", sa.Text, nullable=False, index=True),
    sa.Column("sop_instance_uid", sa.Text, nullable=False),
    sa.Column("study_date", sa.Text),
)

# What was refused in a file (the file itself, or entries of an archive), and why.
refusals = sa.Table(
    "refusals",
    metadata,
    sa.Column("refusal_id", sa.Integer, primary_key=True),
    sa.Column("file_id", sa.Integer, nullable=False, index=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

# One study each. `deaths` counts worker processes that died over it while their run lived on,
# `interruptions` runs that ended while it was in progress: no fault of the study.
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.Integer, primary_key=True),
    sa.Column("study_uid", sa.Text, nullable=False, unique=True),
    sa.Column("study_key", sa.Text, nullable=False),
    sa.Column("study_date", sa.Text),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("reason", sa.Text),
    sa.Column("deaths", sa.Integer, nullable=False, default=0),
    sa.Column("interruptions", sa.Integer, nullable=False, default=0),
    sa.Column("owner", sa.Text, nullable=False, default=""),
    sa.Column("lease_until", sa.Float),
    sa.Column("outcome", sa.Text),
)

Migration = Callable[[Connection], None]

# From the version that is the key to the next one; applied in order inside one transaction.
MIGRATIONS: dict[int, Migration] = {}


class JobStoreTooNew(WrongUsage):
    """A job store that a newer MediAssist wrote."""

    advice = say("advice_store_new", "Use the newer MediAssist, or choose another --out folder.")


def open_engine(store: str | Path) -> Engine:
    """Connect to a job store (a SQLite file, or a database by URL) and bring it up to date."""
    url = store if isinstance(store, str) else sa.URL.create("sqlite", database=str(store))
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    migrate(engine)
    return engine


def migrate(engine: Engine) -> None:
    """Make the tables where there are none; else apply the steps that are missing."""
    with engine.begin() as connection:
        if sa.inspect(connection).has_table(schema_version.name):
            version = connection.execute(sa.select(schema_version.c.version)).scalar_one()
        else:
            metadata.create_all(connection)
            connection.execute(schema_version.insert().values(version=SCHEMA_VERSION))
            version = SCHEMA_VERSION
        if version > SCHEMA_VERSION:
            raise JobStoreTooNew(
                say(
                    "store_too_new",
                    "The job store has version {found}; this MediAssist knows up to {known}.",
                    found=version,
                    known=SCHEMA_VERSION,
                )
            )
        for step in range(version, SCHEMA_VERSION):
            MIGRATIONS[step](connection)
        connection.execute(schema_version.update().values(version=SCHEMA_VERSION))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log: readers (the window) never wait; full sync: a power cut loses no job."""
    # sqlite3 would begin transactions by its own rules, which leave table changes outside.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
