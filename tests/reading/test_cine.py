"""Which pictures play together, and how fast."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mediassist.core.study import Study
from mediassist.reading.cine import USUAL_PER_SECOND, loop_around, per_second
from mediassist.reading.display_set import DisplaySeries, display_set
from tests.reading.results import study_of


def series_of(study: Study) -> DisplaySeries:
    return display_set(study).series[0]


def test_the_frames_of_one_object_play_and_not_those_of_its_neighbour() -> None:
    two = series_of(study_of(modality="XA", images=2, frames=10))
    assert loop_around(two, 3) == range(0, 10)
    assert loop_around(two, 13) == range(10, 20)


def test_of_a_stack_with_several_times_a_slice_the_times_play() -> None:
    study = study_of(modality="MR", images=6)
    series = study.series[0]
    placed = tuple(
        replace(instance, position_mm=(0.0, 0.0, float(8 * (number // 3))))
        for number, instance in enumerate(series.instances)
    )
    moving = series_of(replace(study, series=(replace(series, instances=placed),)))
    assert loop_around(moving, 1) == range(0, 3)
    assert loop_around(moving, 4) == range(3, 6)


def test_a_plain_stack_plays_as_a_whole() -> None:
    assert loop_around(series_of(study_of(modality="CT", images=5)), 2) == range(0, 5)


@pytest.mark.parametrize(
    ("frame_time_ms", "chosen", "expected"),
    [
        (None, None, USUAL_PER_SECOND),
        (40.0, None, 25.0),
        (40.0, 5.0, 5.0),
        (0.001, None, 60.0),
        (1e9, None, 1.0),
        (0.0, None, USUAL_PER_SECOND),
    ],
)
def test_the_readers_speed_goes_before_the_files_and_nonsense_is_bounded(
    frame_time_ms: float | None, chosen: float | None, expected: float
) -> None:
    assert per_second(frame_time_ms, chosen) == expected
