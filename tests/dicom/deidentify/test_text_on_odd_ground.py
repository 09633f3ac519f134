"""Burned-in text on grounds that a detector of text in photographs does not know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mediassist.dicom.burned_in.masking import text_mask

FONT = Path(__file__).parents[3] / "mediassist" / "report" / "fonts" / "NotoSansSC-Regular.ttf"


def noise() -> NDArray[np.uint8]:
    """As test pictures of codecs are: every pixel by itself, in colour."""
    dice = np.random.default_rng(3)
    return dice.integers(0, 256, (256, 256, 3)).astype(np.uint8)


def two_grounds() -> NDArray[np.uint8]:
    """Soft tissue beside bright bone, and air behind it."""
    ground = np.zeros((256, 256), np.float32)
    ground[:, :120] = 90
    ground[:, 120:150] = 170
    ground += np.random.default_rng(4).normal(0, 4, ground.shape)
    return np.clip(ground, 0, 255).astype(np.uint8)


def written(ground: NDArray[np.uint8], text: str, colour: int) -> tuple[NDArray[np.uint8], ...]:
    picture = Image.fromarray(ground)
    mask = Image.new("L", picture.size)
    font = ImageFont.truetype(FONT, 16)
    ImageDraw.Draw(mask).text((60, 190), text, 255, font)
    ink = np.asarray(mask) > 100
    changed = ground.copy()
    changed[ink] = colour
    return changed, ink


@pytest.mark.parametrize("text", ["1995年3月4日", "姓名:林桂娜", "SAMPLE^Sam"])
@pytest.mark.parametrize(("ground", "colour"), [(noise, 0), (two_grounds, 255)])
def test_text_is_found_whole(ground: object, colour: int, text: str) -> None:
    picture, ink = written(ground(), text, colour)  # type: ignore[operator]
    assert text_mask(picture).mask[ink].mean() >= 0.98


def test_noise_without_text_is_not_blanked_whole() -> None:
    assert text_mask(noise()).mask.mean() < 0.2


def test_a_picture_without_text_stays() -> None:
    assert not text_mask(two_grounds()).mask.any()
