"""What of a study is shown, in which order, and where one can scroll to."""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.core.study import Instance, Series, Study


@dataclass(frozen=True, slots=True)
class ScrollPosition:
    """One picture: `frame` of `instance`, both as the viewport needs them (frames from 0)."""

    instance: Instance
    frame: int


@dataclass(frozen=True, slots=True)
class DisplaySeries:
    """One entry of the series strip and everything that can be scrolled through in it.

    `positions` are the frames of all pictures in reading order; a multi-frame object and a stack
    of single-frame objects scroll alike.
    """

    series: Series
    positions: tuple[ScrollPosition, ...]

    @property
    def start(self) -> int:
        """Where to open: a stack in its middle (the ends hold little), anything else at the top."""
        if self.series.modality in ("CT", "MR", "PT") and len(self.positions) > 2:
            return len(self.positions) // 2
        return 0

    @property
    def thumbnail(self) -> ScrollPosition:
        return self.positions[self.start]

    def position_of(self, sop_instance_uid: str, frame: int) -> int | None:
        """Index of a picture in `positions`, or None if it is not of this series."""
        for index, position in enumerate(self.positions):
            if position.instance.sop_instance_uid == sop_instance_uid and position.frame == frame:
                return index
        return None


@dataclass(frozen=True, slots=True)
class DisplaySet:
    """All series of a study that carry pictures."""

    study: Study
    series: tuple[DisplaySeries, ...]

    def find(self, sop_instance_uid: str, frame: int) -> tuple[int, int] | None:
        """Series index and position index of a picture, or None if the study does not show it."""
        for series_index, series in enumerate(self.series):
            position = series.position_of(sop_instance_uid, frame)
            if position is not None:
                return series_index, position
        return None


def display_set(study: Study) -> DisplaySet:
    """Series in order of their number; objects without pixels (reports, presentation states) left
    out, because there is nothing of them to show in an image viewport."""
    shown = []
    for series in sorted(study.series, key=_series_order):
        positions = tuple(
            ScrollPosition(instance, frame)
            for instance in series.instances
            if instance.has_pixels
            for frame in range(max(1, instance.frames))
        )
        if positions:
            shown.append(DisplaySeries(series, positions))
    return DisplaySet(study, tuple(shown))


def _series_order(series: Series) -> tuple[bool, int, str]:
    return series.number is None, series.number or 0, series.series_uid
