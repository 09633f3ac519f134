"""Copies are recognised, other pictures are not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mediassist.core.picture_hash import NEAR, near_hashes, near_pairs, perceptual_hash
from mediassist.models.preprocess import SquashSquare

BILINEAR = Image.Resampling.BILINEAR


def picture(seed: int, side: int = 256) -> Image.Image:
    """Smooth blobs, as anatomy is smooth."""
    noise = np.random.default_rng(seed).integers(0, 255, (12, 12), dtype=np.uint8)
    return Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC)


def grey(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image, np.float32)[None] / np.float32(255)


def hashed(image: Image.Image) -> str:
    return perceptual_hash(SquashSquare(32)(grey(image))[0])


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
def test_a_copy_is_near_its_original(copy: Callable[[Image.Image], Image.Image]) -> None:
    for seed in range(10):
        assert near_hashes([hashed(copy(picture(seed)))], [hashed(picture(seed))]) == [0]


def test_other_turned_and_mirrored_pictures_are_far() -> None:
    hashes = [hashed(picture(seed)) for seed in range(40)]
    assert near_pairs(hashes) == []
    changed = [
        picture(0).transpose(Image.Transpose.ROTATE_90),
        picture(0).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    ]
    assert near_hashes([hashed(one) for one in changed], hashes) == [-1, -1]


def test_the_nearest_known_hash_is_named() -> None:
    hashes = [hashed(picture(seed)) for seed in range(5)]
    assert near_hashes([hashed(jpeg(picture(3), 60))], hashes) == [3]
    assert near_hashes([hashes[0]], []) == [-1]
    assert near_pairs([*hashes, hashes[2]]) == [(2, 5)]


def test_bits_apart_are_counted() -> None:
    for bits in range(6):
        other = f"{(1 << bits) - 1:016x}"
        assert near_hashes([other], ["0" * 16]) == [0 if bits <= NEAR else -1]


def test_only_the_agreed_size_is_hashed() -> None:
    with pytest.raises(ValueError, match="32 x 32"):
        perceptual_hash(np.zeros((16, 16), np.float32))


def test_training_records_the_hash_that_the_audit_looks_for(chinese_path: Path) -> None:
    from mediassist.models.training.picture_hashes import picture_hashes

    paths = []
    for seed in range(5):
        paths.append(chinese_path / f"图 {seed}.png")
        picture(seed, 300).save(paths[-1])
    recorded = picture_hashes(paths)["perceptual"]["hashes"]
    # The audit scales with Pillow alone, without the models.
    sought = [
        perceptual_hash(
            np.asarray(Image.fromarray(grey(Image.open(path))[0]).resize((32, 32), BILINEAR))
        )
        for path in paths
    ]
    assert sorted(sought) == recorded
