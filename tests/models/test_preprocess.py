"""What a model sees must not depend on how large or how contrasty a file was stored."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mediassist.models.preprocess import (
    FitSquare,
    OneChannel,
    SquashSquare,
    StretchGrey,
    ThreeChannels,
    resize,
)


def film(rows: int, columns: int) -> NDArray[np.float32]:
    """A smooth chest-like picture: bright middle, two dark lungs."""
    y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    lungs = sum(np.exp(-(((x - c) / 0.12) ** 2 + ((y - 0.45) / 0.25) ** 2)) for c in (0.3, 0.7))
    return (0.8 - 0.6 * lungs + 0.05 * np.sin(18 * y))[None].astype(np.float32)


def prepared(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return StretchGrey()(FitSquare(64)(picture))


@pytest.mark.parametrize("factor", [0.5, 2.0, 6.0])
def test_resolution_changes_next_to_nothing(factor: float) -> None:
    base = film(400, 360)
    other = resize(base, round(400 * factor), round(360 * factor))
    assert np.abs(prepared(base) - prepared(other)).max() < 0.03


def test_a_window_set_twice_as_wide_changes_next_to_nothing() -> None:
    base = film(300, 300)
    assert np.abs(prepared(base) - prepared(0.25 + 0.5 * base)).max() < 0.02


def test_twelve_bits_and_eight_bits_look_alike() -> None:
    base = film(300, 280)
    eight = (np.round(base * 255) / 255).astype(np.float32)
    assert np.abs(prepared(base) - prepared(eight)).max() < 0.02


def test_a_large_film_is_averaged_and_not_sampled() -> None:
    """A checkerboard of single pixels becomes grey; nearest neighbours would keep one colour."""
    board = (np.indices((1024, 1024)).sum(0) % 2)[None].astype(np.float32)
    assert np.abs(FitSquare(64)(board) - 0.5).max() < 0.05


def test_the_margin_is_black_and_the_picture_centred() -> None:
    square = FitSquare(64)(np.ones((1, 100, 50), np.float32))
    assert square.shape == (1, 64, 64)
    assert square[:, :, :16].max() == 0 and square[:, :, 48:].max() == 0
    assert square[:, :, 16:48].min() == 1


def test_a_blank_frame_is_not_stretched_into_noise() -> None:
    blank = np.full((1, 80, 80), 0.4, np.float32)
    blank += np.random.default_rng(0).normal(0, 0.001, blank.shape).astype(np.float32)
    assert np.array_equal(StretchGrey()(blank), blank)
    black = np.zeros((1, 80, 80), np.float32)
    assert np.array_equal(StretchGrey()(black), black)


def test_grey_is_given_three_times_and_colour_stays() -> None:
    grey = film(20, 20)
    assert ThreeChannels()(grey).shape == (3, 20, 20)
    colour = np.random.default_rng(1).random((3, 20, 20)).astype(np.float32)
    assert np.array_equal(ThreeChannels()(colour), colour)


def test_squashing_hides_the_aspect() -> None:
    assert SquashSquare(32)(film(90, 40)).shape == (1, 32, 32)


def test_a_grey_picture_stored_as_rgb_is_the_same_grey() -> None:
    grey = film(40, 50)
    assert np.allclose(OneChannel()(ThreeChannels()(grey)), grey, atol=1e-6)
    assert OneChannel()(grey) is grey
