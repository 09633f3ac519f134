"""Boxes, masks and windows as training truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediassist.models.letterbox import Letterbox
from mediassist.models.training.localisation import evidence_figures, outline_level
from mediassist.models.training.manifest import Row
from mediassist.models.training.sample import Sample, blank_targets, draw_box, mask_plane
from mediassist.models.training.supervised import window_of


def sample(lesion: tuple[int, int, int, int] | None, canvas: int = 128) -> Sample:
    """A picture whose lesion is the square rows a:b, columns c:d."""
    targets, known = blank_targets(1, canvas)
    known[:] = True
    if lesion is not None:
        targets[0, lesion[0] : lesion[1], lesion[2] : lesion[3]] = True
    return Sample(
        row=Row(path=Path("x"), file="x", patient="p", label="", split="train", columns={}),
        picture=np.zeros((1, canvas, canvas), np.uint8),
        targets=targets,
        known=known,
        truths=np.array([0.0 if lesion is None else 0.95], np.float32),
        weights=np.ones(1, np.float32),
        positive=(lesion is not None,),
        cell="",
        source="here",
    )


def test_a_box_marks_its_ellipse_and_leaves_its_corners_unknown() -> None:
    target, known = np.zeros((64, 64), bool), np.ones((64, 64), bool)
    draw_box(target, known, (20.0, 10.0, 40.0, 50.0), Letterbox(64, 64, 64))
    assert target[30, 30] and known[30, 30]
    assert not target[11, 21] and not known[11, 21]
    assert not target[5, 5] and known[5, 5]


def test_a_second_box_keeps_what_the_first_has_marked() -> None:
    target, known = np.zeros((64, 64), bool), np.ones((64, 64), bool)
    for corners in ((10.0, 10.0, 30.0, 30.0), (20.0, 20.0, 44.0, 44.0)):
        draw_box(target, known, corners, Letterbox(64, 64, 64))
    assert target[20, 20] and known[20, 20] and target[35, 35]


def test_a_mask_lands_where_its_picture_lands(tmp_path: Path) -> None:
    mask = np.zeros((50, 100), np.uint8)
    mask[:, 50:] = 4
    path = tmp_path / "遮罩.png"
    Image.fromarray(mask).save(path)
    box = Letterbox(50, 100, 64)
    assert mask_plane(path, box, bits=4).sum() == 32 * 32
    assert mask_plane(path, box, bits=1).sum() == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_window_is_positive_only_if_it_holds_the_lesion(seed: int) -> None:
    window = window_of(sample((40, 60, 40, 60)), 64, np.random.default_rng(seed))
    share = window.targets[0].sum() / 400
    if window.weights[0] == 0:
        assert 0 < share < 0.5
    else:
        assert (window.truths[0] > 0.5) == (share >= 0.5)
        assert share == 0 or share >= 0.5


def test_windows_of_a_clear_picture_are_negative() -> None:
    window = window_of(sample(None), 64, np.random.default_rng(1))
    assert window.picture.shape == (1, 64, 64)
    assert window.truths[0] == 0 and window.weights[0] == 1


def test_a_map_that_points_is_credited_and_a_lesion_smaller_than_a_cell_counts() -> None:
    samples = [sample((40, 64, 40, 64)), sample((72, 75, 72, 75)), sample(None)]
    maps = np.zeros((3, 16, 16), np.float16)
    maps[0, 5:8, 5:8] = 0.9
    maps[1, 9, 9] = 0.8
    level, hits = outline_level(samples, maps, 0)
    assert hits == 1.0
    figures = evidence_figures(samples, maps, 0, level)
    assert figures["Mean IoU of the outline with marked lesions"] == 1.0
    assert figures["Pictures with marked lesions"] == 2
