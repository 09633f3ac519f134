"""How far a batch is, how fast it goes, and how long it will take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """Counts of this run. `seconds` have passed since its first study began.

    Attributes
    ----------
    todo : studies that this run is to work off.
    done, failed : of those, finished so far; `failed` are among them.
    before : studies that earlier runs had finished.
    now : what is being worked on, in words.
    """

    todo: int
    done: int = 0
    failed: int = 0
    before: int = 0
    seconds: float = 0.0
    now: str = ""

    @property
    def per_second(self) -> float | None:
        """Finished studies a second; None before the first one is finished."""
        if self.done == 0 or self.seconds <= 0:
            return None
        return self.done / self.seconds

    @property
    def seconds_left(self) -> float | None:
        rate = self.per_second
        return None if rate is None else (self.todo - self.done) / rate


def duration(seconds: float) -> str:
    """Hours, minutes and seconds as a clock shows them.

    >>> duration(5025)
    '1:23:45'
    >>> duration(62)
    '1:02'
    """
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
