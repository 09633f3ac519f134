"""Days as people write them: one day, a month, a year, or from one to another."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

_DAY = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?")


def days(text: str) -> tuple[date | None, date | None]:
    """First and last day, both included; None where the range is open.

    >>> days("2024-02")
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    >>> days("20240305..")
    (datetime.date(2024, 3, 5), None)

    Raises
    ------
    WrongUsage
        The text is no such range.
    """
    first, dots, last = (part.strip() for part in text.partition(".."))
    if not dots:
        return _span(first, text)
    if not first and not last:
        raise _unclear(text)
    since = _span(first, text)[0] if first else None
    until = _span(last, text)[1] if last else None
    return since, until


def _span(part: str, text: str) -> tuple[date, date]:
    match = _DAY.fullmatch(part)
    if match is None:
        raise _unclear(text)
    year, month, day = (int(group) if group else None for group in match.groups())
    try:
        if year is None or month is None:
            return date(year or 0, 1, 1), date(year or 0, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError as error:
        raise _unclear(text) from error


def _unclear(text: str) -> WrongUsage:
    return WrongUsage(
        say(
            "date_unclear",
            "'{text}' is no date; write 2024-03-05, 2024-03, 2024 or 2024-01-01..2024-06-30.",
            text=text,
        )
    )
