"""Rows of a table as people and programs make them: CSV or Parquet.

CSV may be separated by any of three signs and written in UTF-8, UTF-16 or GB 18030, with the
peculiarities of spreadsheets: a line `sep=;`, rows without their last empty cells, columns without
a name, commas as decimal signs. Neither is ever read whole: a table of a hundred thousand cases
costs no more memory than one of ten.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from mediassist.core.errors import UnreadableFile, WrongUsage
from mediassist.core.messages import Message, say

_PARQUET_MARK = b"PAR1"  # the first four bytes, whatever the file is called
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods; xls
_BATCH_ROWS = 4096


class Row:
    """One row with its place, for messages. Values are stripped; an absent column is empty."""

    __slots__ = ("_columns", "_values", "number", "path")

    def __init__(
        self, path: Path, number: int, columns: dict[str, int], values: Sequence[str]
    ) -> None:
        self.path = path
        self.number = number
        self._columns = columns
        self._values = values

    def text(self, column: str) -> str:
        place = self._columns.get(column)
        return self._values[place].strip() if place is not None else ""

    def number_or_none(self, column: str) -> float | None:
        """A finite number; None where the cell is empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            # A spreadsheet of many countries writes 0,85.
            value = float(text.replace(",", ".") if text.count(",") == 1 else text)
        except ValueError:
            value = float("nan")
        if value != value or value in (float("inf"), float("-inf")):
            raise self.wrong(column, say("expected_number", "a number"))
        return value

    def truth(self, column: str) -> bool:
        text = self.text(column).lower()
        if text in ("1", "1.0", "true"):
            return True
        if text in ("0", "0.0", "false"):
            return False
        raise self.wrong(column, say("expected_label", "1 (present) or 0 (absent)"))

    def wrong(self, column: str, expected: Message | str) -> WrongUsage:
        """An error that names the cell; `expected` in words, or the allowed values."""
        return WrongUsage(
            say(
                "table_cell_wrong",
                "{path}, row {row}: column {column} holds '{value}', expected {expected}.",
                path=str(self.path),
                row=self.number,
                column=column,
                value=self.text(column),
                expected=expected,
            )
        )


class Table:
    """A table that is read row by row. Rows count as a spreadsheet counts them: the names are 1."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise WrongUsage(say("table_missing", "There is no table {path}.", path=str(path)))
        self.path = path
        with path.open("rb") as stream:
            mark = stream.read(4)
        if mark in _WORKBOOK_MARKS:
            raise UnreadableFile(
                say(
                    "table_is_workbook",
                    "{path} is a spreadsheet workbook: save its sheet as CSV (UTF-8).",
                    path=str(path),
                )
            )
        self._source: _Source = _Parquet(path) if mark == _PARQUET_MARK else _Csv(path)
        names = [name.strip().lower() for name in self._source.names]
        self._width = len(names)
        self.columns = {name: place for place, name in enumerate(names) if name}
        if len(self.columns) != sum(bool(name) for name in names):
            raise WrongUsage(
                say(
                    "table_column_twice",
                    "{path} has two columns of one name.",
                    path=str(path),
                )
            )

    def require(self, *columns: str) -> None:
        """Raise where a column is missing, naming all that are."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            raise WrongUsage(
                say(
                    "table_columns_missing",
                    "{path} lacks the column(s) {columns}.",
                    path=str(self.path),
                    columns=", ".join(missing),
                )
            )

    def others(self, *known: str) -> tuple[str, ...]:
        """Columns that are none of the known ones, in their order."""
        return tuple(name for name in self.columns if name not in known)

    def rows(self) -> Iterator[Row]:
        """Every row that is not empty."""
        for number, values in self._source.rows():
            if not any(value.strip() for value in values):
                continue
            if len(values) != self._width:
                values = self._whole(number, values)
            yield Row(self.path, number, self.columns, values)

    def _whole(self, number: int, values: Sequence[str]) -> Sequence[str]:
        """Spreadsheets leave out a row's last empty cells, or add some."""
        if any(value.strip() for value in values[self._width :]):
            raise WrongUsage(
                say(
                    "table_row_length",
                    "{path}, row {row}: {found} cells under {expected} columns.",
                    path=str(self.path),
                    row=number,
                    found=len(values),
                    expected=self._width,
                )
            )
        return [*values[: self._width], *[""] * (self._width - len(values))]


class _Source(Protocol):
    """Names of the columns, and rows with their numbers."""

    names: list[str]

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]: ...


class _Csv:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = _encoding(path)
        self._before = 0  # lines above the names
        with self._open() as stream:
            try:
                first = stream.readline()
                if first.lower().startswith("sep="):
                    self._before, first = 1, stream.readline()
                self._delimiter = max(",;\t", key=first.count)
                self.names = next(csv.reader([first], delimiter=self._delimiter), [])
            except (csv.Error, UnicodeError) as error:
                raise self._unreadable(error) from error

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        with self._open() as stream:
            try:
                for _ in range(self._before):
                    stream.readline()
                reader = csv.reader(stream, delimiter=self._delimiter)
                next(reader, None)
                yield from enumerate(reader, start=self._before + 2)
            except (csv.Error, UnicodeError) as error:
                raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> UnreadableFile:
        return UnreadableFile(
            say(
                "table_unreadable",
                "{path} is no readable CSV table: {reason}",
                path=str(self._path),
                reason=str(error),
            )
        )

    def _open(self) -> io.TextIOWrapper:
        return self._path.open(encoding=self._encoding, newline="")


class _Parquet:
    """Values become the text that a CSV table would hold, so that both are understood alike."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as stream:
            self.names = [str(name) for name in self._opened(stream).schema_arrow.names]

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        number = 2
        # pyarrow opens names through the system's encoding; a stream opens wherever Python can.
        with self._path.open("rb") as stream:
            file = self._opened(stream)
            try:
                for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                    columns = [column.to_pylist() for column in batch.columns]
                    for values in zip(*columns, strict=True):
                        yield number, [_as_text(value) for value in values]
                        number += 1
            except (OSError, ValueError) as error:
                raise self._unreadable(error) from error

    def _opened(self, stream: io.BufferedReader) -> Any:
        from pyarrow.parquet import ParquetFile

        try:
            return ParquetFile(stream)
        except (OSError, ValueError) as error:
            # pyarrow's own errors derive from these two.
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> UnreadableFile:
        return UnreadableFile(
            say(
                "table_unreadable_parquet",
                "{path} is no readable Parquet table: {reason}",
                path=str(self._path),
                reason=str(error),
            )
        )


def _as_text(value: object) -> str:
    """What a person would have typed for this value.

    >>> [_as_text(one) for one in (None, True, 3, 0.25, [[1, 2, 3, 4]], float("nan"))]
    ['', '1', '3', '0.25', '[[1, 2, 3, 4]]', '']
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return json.dumps(value)
    if isinstance(value, float | Decimal) and value % 1 == 0:
        # An integer column with gaps is kept as floating point: patient 12.0 is patient 12.
        return str(int(value))
    return str(value)


def _encoding(path: Path) -> str:
    """UTF-8 (with or without mark) or UTF-16 where it is that, else what Chinese Excel writes."""
    with path.open("rb") as opened:
        if opened.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            while stream.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
