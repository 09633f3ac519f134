"""Rows of a CSV table as people make them: any of three separators, UTF-8 or GB 18030."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from mediassist.core.errors import UnreadableFile, WrongUsage
from mediassist.core.messages import Message, say


class Row:
    """One row with its place, for messages. Values are stripped; an absent column is empty."""

    __slots__ = ("_columns", "_values", "number", "path")

    def __init__(self, path: Path, number: int, columns: dict[str, int], values: list[str]) -> None:
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
            value = float(text)
        except ValueError:
            value = float("nan")
        if value != value or value in (float("inf"), float("-inf")):
            raise self.wrong(column, say("expected_number", "a number"))
        return value

    def truth(self, column: str) -> bool:
        text = self.text(column)
        if text in ("1", "1.0"):
            return True
        if text in ("0", "0.0"):
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
    """A CSV file that is read row by row, never whole. Rows count as a spreadsheet counts them."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise WrongUsage(say("table_missing", "There is no table {path}.", path=str(path)))
        self.path = path
        self._encoding = _encoding(path)
        with self._open() as stream:
            first = stream.readline()
        self._delimiter = max(",;\t", key=first.count)
        names = next(csv.reader([first], delimiter=self._delimiter), [])
        self.columns = {name.strip().lower(): place for place, name in enumerate(names)}
        if len(self.columns) != len(names):
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
        return tuple(name for name in self.columns if name and name not in known)

    def rows(self) -> Iterator[Row]:
        """Every row that is not empty."""
        with self._open() as stream:
            reader = csv.reader(stream, delimiter=self._delimiter)
            next(reader, None)
            try:
                for number, values in enumerate(reader, start=2):
                    if not any(value.strip() for value in values):
                        continue
                    if len(values) != len(self.columns):
                        raise WrongUsage(
                            say(
                                "table_row_length",
                                "{path}, row {row}: {found} cells under {expected} columns.",
                                path=str(self.path),
                                row=number,
                                found=len(values),
                                expected=len(self.columns),
                            )
                        )
                    yield Row(self.path, number, self.columns, values)
            except (csv.Error, UnicodeDecodeError) as error:
                raise UnreadableFile(
                    say(
                        "table_unreadable",
                        "{path} is no readable CSV table: {reason}",
                        path=str(self.path),
                        reason=str(error),
                    )
                ) from error

    def _open(self) -> io.TextIOWrapper:
        return self.path.open(encoding=self._encoding, newline="")


def _encoding(path: Path) -> str:
    """UTF-8 (with or without mark) where the file is that, else what Chinese Excel writes."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            while stream.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
