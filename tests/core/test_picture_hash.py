"""Copies are recognised, other pictures are not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from mediassist.core.picture_hash import (
    NEAR,
    near_hashes,
    near_pairs,
    perceptual_hash,
    pixel_hash,
)


def picture(seed: int, side: int = 256) -> Image.Image:
    """Smooth blobs, as anatomy is smooth."""
    noise = np.random.default_rng(seed).integers(0, 255, (24, 24), dtype=np.uint8)
    return Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC)


def distance(first: str, second: str) -> int:
    return (int(first, 16) ^ int(second, 16)).bit_count()


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(io.BytesIO(stream.getvalue()))


@pytest.mark.parametrize(
    "copy",
    [
        lambda image: jpeg(image, 50),
        lambda image: image.resize((128, 128)),
        lambda image: image.resize((300, 290)),
        lambda image: image.point(lambda value: value * 0.7 + 20),
        lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    ],
    ids=["jpeg", "half", "larger", "darker", "blurred"],
)
def test_a_copy_is_near_its_original(copy: object) -> None:
    for seed in range(10):
        original = picture(seed)
        changed = copy(original)  # type: ignore[operator]
        first = perceptual_hash(np.asarray(original))
        assert distance(first, perceptual_hash(np.asarray(changed))) <= NEAR


def test_other_turned_and_mirrored_pictures_are_far() -> None:
    hashes = [perceptual_hash(np.asarray(picture(seed))) for seed in range(20)]
    assert near_pairs(hashes) == []
    turned = perceptual_hash(np.rot90(np.asarray(picture(0))))
    mirrored = perceptual_hash(np.fliplr(np.asarray(picture(0))))
    assert near_hashes([turned, mirrored], hashes) == [-1, -1]


def test_the_nearest_known_hash_is_named() -> None:
    hashes = [perceptual_hash(np.asarray(picture(seed))) for seed in range(5)]
    copy = perceptual_hash(np.asarray(jpeg(picture(3), 60)))
    assert near_hashes([copy], hashes) == [3]
    assert near_hashes([copy], []) == [-1]


def test_pixel_hashes_tell_values_and_not_containers() -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert pixel_hash(grey) == pixel_hash(grey[None])
    assert pixel_hash(grey) == pixel_hash(np.asfortranarray(grey))
    assert pixel_hash(grey) != pixel_hash(grey.T)
    assert pixel_hash(grey) != pixel_hash(grey.astype(np.uint16))


def test_colour_and_tiny_pictures_have_hashes() -> None:
    colour = np.stack([np.asarray(picture(1))] * 3, axis=-1)
    assert distance(perceptual_hash(colour), perceptual_hash(np.asarray(picture(1)))) <= 2
    assert len(perceptual_hash(np.zeros((3, 2)))) == 64
