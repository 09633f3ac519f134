"""Which pictures a report holds, and what is drawn into them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.core.vocabulary import Verdict
from mediassist.report.overlay import LONG_SIDE_PX
from mediassist.report.pictures import (
    FRAMES_PER_BUNDLE,
    length_label,
    make_pictures,
    usable_spacing,
)
from mediassist.report.structures import ON_COLOUR
from mediassist.text import words
from tests.report.studies import (
    BOX,
    COLUMNS,
    ROWS,
    chest,
    cleared,
    flagged,
    heat,
    instance,
    refused,
    result,
    review,
    study,
)

EN = words("en")


def test_flagged_comes_before_review_and_cleared_has_no_picture() -> None:
    made = make_pictures(result(review(), cleared(), flagged()), EN, chest)
    assert [each.verdict for each in made.pictures] == [Verdict.FLAGGED, Verdict.REVIEW]


def test_a_study_without_marks_shows_one_plain_picture() -> None:
    (only,) = make_pictures(result(refused(), cleared()), EN, chest).pictures
    assert only.bundle_id == ""
    assert only.regions == ()
    assert only.key_image is not None


def test_a_study_without_images_has_no_picture() -> None:
    empty = study()
    empty = replace(empty, series=())
    assert make_pictures(result(refused(), of=empty), EN, chest).pictures == ()


def test_many_marked_frames_are_cut_to_the_strongest_and_the_rest_is_counted() -> None:
    many = tuple(instance(number) for number in range(1, 11))
    regions = tuple(
        replace(BOX, sop_instance_uid=f"1.2.3.{number}", score=number / 10)
        for number in range(1, 11)
    )
    made = make_pictures(result(flagged(regions=regions, heat_maps=()), of=study(*many)), EN, chest)
    shown = [each.instance.instance_number for each in made.pictures if each.instance]
    assert shown == [10, 9, 8, 7]
    assert made.left_out == (("lung_opacity_xray", 10 - FRAMES_PER_BUNDLE),)


def test_the_outline_on_the_second_frame_is_drawn_on_the_second_frame() -> None:
    asked: list[int] = []

    def load(path: Path, frame: int) -> np.ndarray:
        asked.append(frame)
        return chest(path, frame)

    moving = study(instance(frames=5))
    regions = (replace(BOX, frame=2),)
    heat_maps = (replace(heat(), frame=2),)
    entry = flagged(regions=regions, heat_maps=heat_maps)
    (only,) = make_pictures(result(entry, of=moving), EN, load).pictures
    assert asked == [2]
    assert only.frame == 2
    assert only.heat_map is not None


def test_colour_images_keep_their_colour() -> None:
    def fundus(path: Path, frame: int) -> np.ndarray:
        return np.full((ROWS, COLUMNS, 3), (200, 80, 20), dtype=np.uint8)

    (only,) = make_pictures(result(flagged(heat_maps=())), EN, fundus).pictures
    assert only.key_image is not None
    assert only.key_image.getpixel((400, 100)) == (200, 80, 20)
    # The outline has a colour that a fundus never has.
    assert (np.asarray(only.key_image) == np.array(ON_COLOUR)).all(axis=-1).any()


def test_a_region_on_an_image_that_is_not_in_the_study_is_said() -> None:
    stray = flagged(regions=(replace(BOX, sop_instance_uid="9.9"),), heat_maps=())
    (only,) = make_pictures(result(stray), EN, chest).pictures
    assert only.key_image is None
    assert only.failure is not None


def test_an_unreadable_image_gives_its_reason_and_no_picture() -> None:
    def broken(path: Path, frame: int) -> np.ndarray:
        raise UnreadableFile(say("truncated", "{path} is truncated.", path=str(path)))

    (only,) = make_pictures(result(flagged()), EN, broken).pictures
    assert only.key_image is None
    assert only.failure is not None
    assert only.failure.code == "truncated"


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_spacing_that_cannot_be_is_no_spacing(size: float) -> None:
    spacing = PixelSpacing(size, 1.0, SpacingSource.PATIENT)
    assert usable_spacing(spacing) is None
    odd = study(instance(spacing=spacing))
    (only,) = make_pictures(result(flagged(), of=odd), EN, chest).pictures
    assert only.key_image is not None


def test_lengths_say_where_they_were_measured() -> None:
    said = {source: length_label(50.0, source, EN) for source in SpacingSource}
    assert said[SpacingSource.PATIENT] == said[SpacingSource.REGION] == "50 mm"
    assert said[SpacingSource.DETECTOR] == "50 mm at detector"
    assert "estimated" in said[SpacingSource.ERMF]


def test_without_spacing_there_is_no_scale_bar() -> None:
    def black(path: Path, frame: int) -> np.ndarray:
        return np.zeros((ROWS, COLUMNS), dtype=np.uint8)

    entry = flagged(regions=(replace(BOX, points_px=()),), heat_maps=())
    for spacing, expected in ((None, False), (BOX.spacing, True)):
        odd = study(instance(spacing=spacing))
        (only,) = make_pictures(result(entry, of=odd), EN, black).pictures
        assert only.key_image is not None
        picture = np.asarray(only.key_image)[:LONG_SIDE_PX]
        assert bool((picture == 255).any()) is expected
