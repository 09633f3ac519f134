"""Finds studies by patient, date, modality, words and verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from mediassist.dicom.catalogue import tables
from mediassist.dicom.catalogue.names import folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; what is left empty is not asked.

    Attributes
    ----------
    text : words that must all stand somewhere: name (as written, pinyin, initials), patient id,
        accession number, descriptions, body part.
    patient : part of the name, as written, in pinyin or by initials.
    since, until : days of the study, both included.
    verdict, finding : a study with such a verdict, of that finding where both are given.
    available : only studies of which a file is still there.
    """

    text: str = ""
    patient: str = ""
    patient_id: str = ""
    since: date | None = None
    until: date | None = None
    modality: str = ""
    description: str = ""
    verdict: str = ""
    finding: str = ""
    available: bool = False
    limit: int | None = 100


@dataclass(frozen=True, slots=True)
class FoundVerdict:
    bundle: str
    finding: str
    verdict: str
    probability: float | None
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStudy:
    """A study of the catalogue.

    `files` are paths that were there at the last index run; `missing` counts those that are gone.
    """

    study_uid: str
    patient_id: str
    patient_name: str
    birth_date: str | None
    sex: str
    study_date: str | None
    description: str
    accession_number: str
    institution: str
    modalities: tuple[str, ...]
    series: tuple[str, ...]
    images: int
    files: tuple[str, ...]
    missing: int
    verdicts: tuple[FoundVerdict, ...]


def find_studies_in(engine: Engine, search: Search) -> Iterator[FoundStudy]:
    """Studies that meet every condition, newest first; those without a date come last."""
    studies = tables.studies.c
    query = (
        sa.select(tables.studies)
        .where(*_conditions(search))
        .order_by(sa.func.coalesce(studies.study_date, "").desc(), studies.study_uid)
        .limit(search.limit)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        for row in rows:
            yield _found(connection, row)


def _conditions(search: Search) -> Iterator[sa.ColumnElement[bool]]:
    studies, series = tables.studies.c, tables.series.c
    # Images that were there or are: a study all of whose files were overwritten is none any more.
    has_objects = _of_study(tables.objects.c)
    yield sa.exists(has_objects)
    for word in search.text.split():
        yield sa.or_(
            _name_has(word),
            _has(studies.patient_id, word),
            _has(studies.accession_number, word),
            _has(studies.description, word),
            sa.exists(_of_study(series).where(_words_of_series(word))),
        )
    for word in search.patient.split():
        yield _name_has(word)
    if search.patient_id:
        yield _has(studies.patient_id, search.patient_id)
    if search.since:
        yield studies.study_date >= search.since.isoformat()
    if search.until:
        yield studies.study_date <= search.until.isoformat()
    if search.modality:
        yield sa.exists(_of_study(series).where(series.modality == search.modality.upper()))
    for word in search.description.split():
        yield sa.or_(
            _has(studies.description, word),
            sa.exists(_of_study(series).where(_words_of_series(word))),
        )
    if search.verdict or search.finding:
        verdicts = tables.verdicts.c
        wanted = _of_study(verdicts)
        if search.verdict:
            wanted = wanted.where(verdicts.verdict == search.verdict)
        if search.finding:
            wanted = wanted.where(verdicts.finding == search.finding)
        yield sa.exists(wanted)
    if search.available:
        yield sa.exists(
            has_objects.where(
                tables.files.c.file_id == tables.objects.c.file_id,
                tables.files.c.missing.is_(False),
            )
        )


def _of_study(columns: Any) -> sa.Select[Any]:
    return sa.select(sa.literal(1)).where(columns.study_uid == tables.studies.c.study_uid)


def _words_of_series(word: str) -> sa.ColumnElement[bool]:
    series = tables.series.c
    return sa.or_(
        _has(series.description, word), _has(series.protocol, word), _has(series.body_part, word)
    )


def _name_has(word: str) -> sa.ColumnElement[bool]:
    return _has(tables.studies.c.name_keys, folded(word) or word)


def _has(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Whether a text stands in a column, whatever the case of Latin letters (all that SQLite's
    `lower` knows); `%` and `_` are no wildcards."""
    plain = "".join(char.lower() if char.isascii() else char for char in text)
    return sa.func.instr(sa.func.lower(column), plain) > 0


def _found(connection: Connection, row: Any) -> FoundStudy:
    series, objects, files = tables.series.c, tables.objects.c, tables.files.c
    all_series = connection.execute(
        sa.select(series.modality, series.description)
        .where(series.study_uid == row.study_uid)
        .order_by(series.number, series.series_uid)
    ).all()
    all_files = connection.execute(
        sa.select(files.path, files.missing)
        .distinct()
        .join(tables.objects, objects.file_id == files.file_id)
        .where(objects.study_uid == row.study_uid)
        .order_by(files.path)
    ).all()
    counted = (
        sa.select(objects.sop_uid, sa.func.max(objects.images).label("images"))
        .where(objects.study_uid == row.study_uid)
        .group_by(objects.sop_uid)
        .subquery()
    )
    images = connection.execute(sa.select(sa.func.sum(counted.c.images))).scalar()
    return FoundStudy(
        study_uid=row.study_uid,
        patient_id=row.patient_id,
        patient_name=row.patient_name,
        birth_date=row.birth_date,
        sex=row.sex,
        study_date=row.study_date,
        description=row.description,
        accession_number=row.accession_number,
        institution=row.institution,
        modalities=_each_once(one.modality for one in all_series),
        series=_each_once(one.description for one in all_series),
        images=int(images or 0),
        files=tuple(one.path for one in all_files if not one.missing),
        missing=sum(one.missing for one in all_files),
        verdicts=tuple(_verdicts(connection, row.study_uid)),
    )


def _verdicts(connection: Connection, study_uid: str) -> Iterator[FoundVerdict]:
    """The newest verdict of each model in each output folder."""
    verdicts, files = tables.verdicts.c, tables.files.c
    query = (
        sa.select(tables.verdicts, files.path)
        .join(tables.files, files.file_id == verdicts.file_id)
        .where(verdicts.study_uid == study_uid)
        .order_by(verdicts.finding, verdicts.created.desc())
    )
    for row in connection.execute(query):
        folder = row.path.removesuffix("findings.json").rstrip("/\\")
        yield FoundVerdict(row.bundle, row.finding, row.verdict, row.probability, folder)


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
