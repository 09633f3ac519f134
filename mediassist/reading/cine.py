"""Playing moving pictures: which pictures belong to the loop, and how fast it runs; no Qt."""

from __future__ import annotations

from mediassist.reading.display_set import DisplaySeries

USUAL_PER_SECOND = 15.0
SLOWEST_PER_SECOND, FASTEST_PER_SECOND = 1.0, 60.0
# Positions this close (mm) are one place of the heart at several times.
_SAME_PLACE_MM = 0.01


def loop_around(series: DisplaySeries, index: int) -> range:
    """The positions that play with the picture at `index`.

    The frames of a multi-frame object; of a stack with several times a slice, the times of this
    slice; else the whole series.
    """
    positions = series.positions
    current = positions[index].instance
    if current.frames > 1:
        first = index - positions[index].frame
        return range(first, first + current.frames)

    def belongs(place: int) -> bool:
        other = positions[place].instance
        return (
            other.frames <= 1
            and other.position_mm is not None
            and current.position_mm is not None
            and all(
                abs(a - b) <= _SAME_PLACE_MM
                for a, b in zip(other.position_mm, current.position_mm, strict=True)
            )
        )

    first = last = index
    while first > 0 and belongs(first - 1):
        first -= 1
    while last + 1 < len(positions) and belongs(last + 1):
        last += 1
    return range(first, last + 1) if last > first else range(len(positions))


def per_second(frame_time_ms: float | None, chosen: float | None = None) -> float:
    """Pictures a second: the reader's choice, else the file's own, else the usual one."""
    wanted = USUAL_PER_SECOND
    if chosen is not None:
        wanted = chosen
    elif frame_time_ms is not None and frame_time_ms > 0:
        wanted = 1000.0 / frame_time_ms
    return min(FASTEST_PER_SECOND, max(SLOWEST_PER_SECOND, wanted))
