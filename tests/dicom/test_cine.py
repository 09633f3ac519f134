"""Frames of cine MR are sorted by place and by time, whatever series they came in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediassist.core.study import Series
from mediassist.dicom.cine import cine_stacks
from mediassist.dicom.find import find_studies
from tests.dicom.cine_builder import FOUR_CHAMBER, SHORT_AXIS, STEP_MM, write_cine


def series_in(folder: Path) -> tuple[Series, ...]:
    (study,) = find_studies([folder])
    return study.series


@pytest.mark.parametrize("series_of_place", [False, True], ids=["one series", "one a slice"])
def test_a_stack_has_every_place_with_its_phases_in_time(
    chinese_path: Path, series_of_place: bool
) -> None:
    write_cine(chinese_path, places=4, phases=5, series_of_place=series_of_place)
    (stack,) = cine_stacks(series_in(chinese_path))
    assert (len(stack.places), stack.phases) == (4, 5)
    assert stack.step_mm == pytest.approx(STEP_MM, abs=1e-3)
    assert np.all(np.diff([place.along_mm for place in stack.places]) > 0)
    for place in stack.places:
        names = [one.instance.path.stem[-2:] for one in place.phases]
        assert names == ["00", "01", "02", "03", "04"]


def test_trigger_times_may_differ_from_slice_to_slice(chinese_path: Path) -> None:
    write_cine(chinese_path, places=3, phases=4, late_ms=3.7)
    (stack,) = cine_stacks(series_in(chinese_path))
    assert (len(stack.places), stack.phases) == (3, 4)


def test_without_times_the_image_number_tells_the_order(chinese_path: Path) -> None:
    write_cine(chinese_path, places=3, phases=4, TriggerTime=None)
    (stack,) = cine_stacks(series_in(chinese_path))
    names = [one.instance.path.stem[-2:] for one in stack.places[0].phases]
    assert names == ["03", "02", "01", "00"]  # the builder numbers them backwards


def test_a_place_with_another_number_of_phases_is_set_aside(chinese_path: Path) -> None:
    write_cine(chinese_path, places=4, phases=4)
    (chinese_path / "1-03-02.dcm").unlink()
    (stack,) = cine_stacks(series_in(chinese_path))
    assert (len(stack.places), stack.phases, stack.set_aside) == (3, 4, 1)


def test_planes_of_one_series_are_told_apart(chinese_path: Path) -> None:
    write_cine(chinese_path, places=3, phases=4)
    write_cine(
        chinese_path, places=1, phases=4, series=2, cosines=FOUR_CHAMBER, description="cine 4ch"
    )
    stacks = cine_stacks(series_in(chinese_path))
    assert [(len(each.places), each.short_axis) for each in stacks] == [(3, True), (1, False)]


@pytest.mark.parametrize(
    ("description", "cosines", "short_axis"),
    [
        ("cine_tf2d_SAX_stack", (1, 0, 0, 0, 1, 0), True),
        ("心脏 短轴 电影", (1, 0, 0, 0, 1, 0), True),
        ("cine 4-ch", SHORT_AXIS, False),
        ("cine", SHORT_AXIS, True),
        ("cine", (0.8, 0.0, -0.6, 0.0, 1.0, 0.0), False),
        ("cine", (1, 0, 0, 0, 1, 0), None),
        ("cine tra", (1, 0, 0, 0, 1, 0), False),
    ],
)
def test_words_come_before_the_direction_of_the_slices(
    chinese_path: Path, description: str, cosines: tuple[float, ...], short_axis: bool | None
) -> None:
    write_cine(chinese_path, places=2, phases=2, description=description, cosines=cosines)
    (stack,) = cine_stacks(series_in(chinese_path))
    assert stack.short_axis is short_axis
