"""Pictures that are no medical pictures, drawn from a seed: what a gate must refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Picture = NDArray[np.float32]
Drawing = NDArray[Any]


def draw_foreign(family: str, size: int, rng: np.random.Generator) -> Picture:
    """(3, size, size) float32 in 0..1 of one family."""
    picture = _DRAW[family](size, rng)
    if picture.ndim == 2:
        picture = np.repeat(picture[None], 3, 0)
    clipped: Picture = np.clip(picture, 0, 1).astype(np.float32)
    return clipped


def _blank(size: int, rng: np.random.Generator) -> Drawing:
    return np.full((size, size), rng.choice([0.0, 1.0, rng.random()])) + rng.normal(
        0, 0.002, (size, size)
    )


def _noise(size: int, rng: np.random.Generator) -> Drawing:
    channels = int(rng.choice([1, 3]))
    return np.repeat(rng.random((channels, size, size)), 3 // channels, 0)


def _clouds(size: int, rng: np.random.Generator) -> Drawing:
    """Noise of all scales: soft like a film, but of nothing."""
    total = np.zeros((size, size))
    for cells in (3, 6, 12, 24, 48):
        coarse = Image.fromarray(rng.random((cells, cells)).astype(np.float32))
        total += np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC)) / cells**0.7
    scaled: Drawing = (total - total.min()) / np.ptp(total)
    return scaled


def _gradient(size: int, rng: np.random.Generator) -> Drawing:
    y, x = np.mgrid[0 : 1 : size * 1j, 0 : 1 : size * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    ramp = x * np.cos(angle) + y * np.sin(angle)
    if rng.random() < 0.5:
        ramp = np.hypot(x - rng.random(), y - rng.random())
    scaled: Drawing = (ramp - ramp.min()) / np.ptp(ramp)
    return scaled


def _screen(size: int, rng: np.random.Generator) -> Drawing:
    """A text document or a program window."""
    paper = tuple(int(v) for v in rng.integers(200, 256, 3))
    ink = tuple(int(v) for v in rng.integers(0, 90, 3))
    if rng.random() < 0.4:
        paper, ink = ink, paper
    image = Image.new("RGB", (size, size), paper)
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.6:
        pen.rectangle((0, 0, size, size // 16), fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    font = float(rng.uniform(0.02, 0.07) * size)
    y = size / 12
    while y < size:
        words = " ".join(
            "".join(rng.choice(list("abcdefghiklmnoprstuvwxyz0123456789.,:"), rng.integers(2, 10)))
            for _ in range(int(rng.integers(2, 12)))
        )
        pen.text((rng.uniform(0.02, 0.2) * size, y), words, fill=ink, font_size=font)
        y += font * float(rng.uniform(1.1, 2.2))
    return np.asarray(image, np.float32).transpose(2, 0, 1) / 255


def _shapes(size: int, rng: np.random.Generator) -> Drawing:
    """Flat shapes: logos, phantoms, segmentations."""
    grey = rng.random() < 0.6
    image = Image.new("RGB", (size, size), _colour(rng, grey))
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 12))):
        x0, x1 = sorted(rng.uniform(0, size, 2))
        y0, y1 = sorted(rng.uniform(0, size, 2))
        draw = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        draw((x0, y0, x1, y1), fill=_colour(rng, grey))
    return np.asarray(image, np.float32).transpose(2, 0, 1) / 255


def _bars(size: int, rng: np.random.Generator) -> Drawing:
    """Test patterns."""
    count = int(rng.integers(4, 24))
    stripes = np.array([_colour(rng, rng.random() < 0.5) for _ in range(count)], np.float32) / 255
    wide = stripes[np.arange(size) * count // size]
    flat = np.broadcast_to(wide.T[:, None, :], (3, size, size)).copy()
    return flat if rng.random() < 0.5 else flat.transpose(0, 2, 1)


def _plot(size: int, rng: np.random.Generator) -> Drawing:
    """A curve on axes, like a spirogram or an electrocardiogram page."""
    image = Image.new("RGB", (size, size), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    for place in range(0, size, max(4, size // int(rng.integers(8, 40)))):
        pen.line((place, 0, place, size), fill=(240, 190, 190))
        pen.line((0, place, size, place), fill=(240, 190, 190))
    x = np.linspace(0, size, 200)
    for _ in range(int(rng.integers(1, 5))):
        wave = np.sin(x / rng.uniform(5, 40) + rng.uniform(0, 6)) * rng.uniform(5, size / 5)
        y = size * rng.uniform(0.2, 0.8) + wave + rng.normal(0, 3, 200)
        pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=(0, 0, 0), width=2)
    return np.asarray(image, np.float32).transpose(2, 0, 1) / 255


def _landscape(size: int, rng: np.random.Generator) -> Drawing:
    """Sky, ground and round things in colour: the coarse make-up of a photograph."""
    clouds = _clouds(size, rng)
    sky, ground = rng.random((3, 1, 1)), rng.random((3, 1, 1))
    horizon = int(rng.uniform(0.3, 0.7) * size)
    rows = np.arange(size)[None, :, None]
    picture = np.where(rows < horizon, sky, ground) * (0.5 + 0.7 * clouds[None])
    y, x = np.mgrid[0:size, 0:size]
    for _ in range(int(rng.integers(1, 6))):
        centre, radius = rng.uniform(0, size, 2), rng.uniform(0.03, 0.25) * size
        inside = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2
        shade = 1 - np.hypot(y - centre[0], x - centre[1]) / (1.6 * radius)
        picture = np.where(inside[None], rng.random((3, 1, 1)) * shade[None] * 1.5, picture)
    return picture


def _colour(rng: np.random.Generator, grey: bool) -> tuple[int, int, int]:
    if grey:
        value = int(rng.integers(256))
        return value, value, value
    red, green, blue = (int(v) for v in rng.integers(0, 256, 3))
    return red, green, blue


_DRAW: dict[str, Callable[[int, np.random.Generator], Drawing]] = {
    "blank": _blank,
    "noise": _noise,
    "clouds": _clouds,
    "gradient": _gradient,
    "screen": _screen,
    "shapes": _shapes,
    "bars": _bars,
    "plot": _plot,
    "landscape": _landscape,
}
# True: kept away from training, so that the gate is also measured on what it has never met.
FAMILIES = {name: name in ("plot", "landscape") for name in _DRAW}
