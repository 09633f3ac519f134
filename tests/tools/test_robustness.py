"""The changes and the table of `tools.robustness`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from mediassist.dicom.display import display_picture, load_frame
from mediassist.dicom.pictures import PictureFacts, find_pictures_and_studies
from tools.robustness import CHANGES, Row, page, rewrite


def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (80, 60), dtype=np.uint8)


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_change_leaves_a_picture_of_eight_bits(change: str) -> None:
    for source in (picture(), np.repeat(picture()[..., None], 3, 2)):
        changed = CHANGES[change](source)
        assert changed.dtype == np.uint8 and changed.ndim == source.ndim


@pytest.mark.parametrize("change", ["MONOCHROME1", "12 bits"])
def test_another_way_of_storing_shows_the_same_picture(change: str, chinese_path: Path) -> None:
    from PIL import Image

    Image.fromarray(picture()).save(chinese_path / "film.png")
    (study,) = find_pictures_and_studies(
        [chinese_path / "film.png"], PictureFacts("DX", "CHEST", "PA"), chinese_path
    )
    path = study.series[0].instances[0].path
    before = display_picture(load_frame(path, 0))
    rewrite(path, change)
    stored = pydicom.dcmread(path)
    assert (stored.PhotometricInterpretation, stored.BitsStored) == (
        ("MONOCHROME1", 8) if change == "MONOCHROME1" else ("MONOCHROME2", 12)
    )
    assert np.abs(display_picture(load_frame(path, 0)) - before).max() < 0.01


def test_the_table_marks_a_large_loss_and_has_a_dash_where_nothing_applies() -> None:
    rows = [
        Row("noise", 0.8, 0.9, 9, 10, 10),
        Row("mirrored", 0.89, 0.9, 10, 10, 10),
        Row("turned", None, None, 0, 10, 10),
    ]
    lines = page({"a_bundle": rows}, 5).splitlines()
    assert "| noise | 0.800 | -0.100 **(more than 0.03)** | 9/10 (10 unchanged) |" in lines
    assert "| mirrored | 0.890 | -0.010 | 10/10 (10 unchanged) |" in lines
    assert "| turned | - | - | 0/10 (10 unchanged) |" in lines
