"""Pictures as other hospitals would have made them.

A small set teaches the scanner before the disease; every change here takes away one thing a
network could hold on to instead: grey curve, edge enhancement, noise, compression, resolution,
framing, burned-in words. All randomness comes from one numpy generator that the caller seeds by
epoch and step, so a resumed run sees the same pictures.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional

_LEVELS = 1024  # of a table of grey values: finer than any stored training picture
_LETTERS = "LRAPSUPINEERCTMOBILE 0123456789"


@dataclass(frozen=True, slots=True)
class Strength:
    """How far the pictures may be changed; angles in degrees, the rest as shares."""

    rotate: float = 15.0
    zoom: float = 0.22
    aspect: float = 0.1
    shift: float = 0.07
    flip: float = 0.5
    gamma: float = 0.25
    grey_end: float = 0.12
    noise: float = 0.04
    borrow: float = 0.25
    words: float = 0.4
    colour: float = 0.0
    turn: float = 0.0  # share of pictures given a random quarter turn
    calipers: float = 0.0  # share of pictures with a measuring cross or two anywhere


def move(pictures: Tensor, size: int, rng: np.random.Generator, how: Strength) -> Tensor:
    """Rotate, zoom, squeeze, shift and mirror (N, C, S, S) onto (N, C, size, size)."""
    count = len(pictures)
    angle = np.radians(rng.uniform(-how.rotate, how.rotate, count))
    if how.turn:
        turned = rng.random(count) < how.turn
        angle = angle + np.where(turned, rng.integers(0, 4, count) * (np.pi / 2), 0.0)
    zoom = np.exp(rng.uniform(-how.zoom, how.zoom, count))
    aspect = np.exp(rng.uniform(-how.aspect, how.aspect, count))
    mirror = np.where(rng.random(count) < how.flip, -1.0, 1.0)
    shift = rng.uniform(-2 * how.shift, 2 * how.shift, (count, 2))
    cosine, sine = np.cos(angle) * zoom, np.sin(angle) * zoom
    matrix = np.empty((count, 2, 3))
    matrix[:, 0, 0], matrix[:, 0, 1] = mirror * cosine * aspect, -sine
    matrix[:, 1, 0], matrix[:, 1, 1] = mirror * sine, cosine / aspect
    matrix[:, :, 2] = shift
    grid = functional.affine_grid(
        torch.from_numpy(matrix.astype(np.float32)),
        [count, pictures.shape[1], size, size],
        align_corners=False,
    )
    return functional.grid_sample(pictures, grid, mode="bilinear", align_corners=False)


def repaint(films: Tensor, rng: np.random.Generator, how: Strength) -> Tensor:
    """Change how films (N, C, S, S) in 0..1 look without moving anything."""
    painted = []
    for position in range(len(films)):
        film = films[position]
        if rng.random() < how.borrow:
            film = _borrow_grey_curve(film, films[int(rng.integers(len(films)))], rng)
        film = _grey_curve(film, rng, how)
        film = _colour(film, rng, how)
        film = _edges(film, rng)
        film = _resolution(film, rng)
        film = _noise(film, rng, how)
        if rng.random() < 0.25:
            film = _jpeg(film, int(rng.integers(25, 85)))
        if rng.random() < how.words:
            film = _words(film, rng)
        if how.calipers and rng.random() < how.calipers:
            film = _calipers(film, rng)
        if rng.random() < 0.25:
            film = _frame(film, rng)
        painted.append(film)
    return torch.stack(painted).clamp(0, 1)


def _borrow_grey_curve(film: Tensor, other: Tensor, rng: np.random.Generator) -> Tensor:
    """Match the grey values to those of another film, part of the way."""
    steps = np.linspace(0, 1, 33)
    mine = np.quantile(film[..., ::4, ::4].numpy(), steps)
    theirs = np.quantile(other[..., ::4, ::4].numpy(), steps)
    mine = np.maximum.accumulate(mine + np.arange(33) * 1e-6)
    share = float(rng.uniform(0.2, 0.8))
    levels = np.linspace(0, 1, _LEVELS)
    table = (1 - share) * levels + share * np.interp(levels, mine, theirs)
    places = (film.clamp(0, 1) * (_LEVELS - 1)).round().long()
    return torch.from_numpy(table.astype(np.float32))[places]


def _grey_curve(film: Tensor, rng: np.random.Generator, how: Strength) -> Tensor:
    low, high = rng.uniform(-how.grey_end, how.grey_end, 2)
    gamma = math.exp(float(rng.normal(0, how.gamma)))
    stretched = (film - float(low)) / (1 + float(high) - float(low))
    return stretched.clamp(0, 1) ** gamma


def _colour(film: Tensor, rng: np.random.Generator, how: Strength) -> Tensor:
    """Another camera's white balance, and colours between grey and too strong."""
    if how.colour == 0.0 or film.shape[0] == 1:
        return film
    gain = torch.from_numpy(np.exp(rng.normal(0, how.colour, (3, 1, 1))).astype(np.float32))
    balanced = film * gain
    grey = balanced.mean(0, keepdim=True)
    return (grey + float(rng.uniform(0.0, 1.4)) * (balanced - grey)).clamp(0, 1)


def _edges(film: Tensor, rng: np.random.Generator) -> Tensor:
    """Blur or edge enhancement at a random scale, as vendors' processing differs most there."""
    if rng.random() > 0.45:
        return film
    radius = int(rng.choice([1, 2, 4, 8, 16]))
    share = float(rng.uniform(-0.7, 1.2))
    padded = functional.pad(film[None], (radius,) * 4, mode="reflect")
    # A box filter is separable: two passes cost 2 k steps a pixel instead of k squared.
    rows = functional.avg_pool2d(padded, (2 * radius + 1, 1), stride=1)
    blurred = functional.avg_pool2d(rows, (1, 2 * radius + 1), stride=1)[0]
    return (film + share * (film - blurred)).clamp(0, 1)


def _resolution(film: Tensor, rng: np.random.Generator) -> Tensor:
    if rng.random() > 0.25:
        return film
    size = film.shape[1:]
    smaller = [max(8, int(side * rng.uniform(0.4, 0.85))) for side in size]
    down = functional.interpolate(film[None], size=smaller, mode="area")
    return functional.interpolate(down, size=size, mode="bilinear", align_corners=False)[0]


def _noise(film: Tensor, rng: np.random.Generator, how: Strength) -> Tensor:
    if rng.random() > 0.5:
        return film
    noise = torch.from_numpy(rng.standard_normal(film.shape, dtype=np.float32))
    return film + noise * float(rng.uniform(0, how.noise))


def _jpeg(film: Tensor, quality: int) -> Tensor:
    array = (film.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    image = Image.fromarray(array.squeeze() if array.shape[2] == 1 else array)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    decoded = np.asarray(Image.open(stream), np.float32) / 255
    planes = decoded[None] if decoded.ndim == 2 else decoded.transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(planes))


def _words(film: Tensor, rng: np.random.Generator) -> Tensor:
    """Burned-in letters, or a covered patch, in corners and along the edges."""
    size = film.shape[1]
    image = Image.new("L", (size, size), 0)
    cover = Image.new("1", (size, size), 0)
    pen, mask = ImageDraw.Draw(image), ImageDraw.Draw(cover)
    for _ in range(int(rng.integers(1, 4))):
        width, height = rng.uniform(0.05, 0.28) * size, rng.uniform(0.03, 0.12) * size
        left = float(rng.choice([rng.uniform(0, 0.12), rng.uniform(0.65, 0.95)])) * size
        top = float(rng.choice([rng.uniform(0, 0.1), rng.uniform(0.85, 0.97)])) * size
        spot = (left, top, left + width, top + height)
        if rng.random() < 0.35:
            pen.rectangle(spot, fill=int(rng.choice(np.array([0, 255, rng.integers(256)]))))
            mask.rectangle(spot, fill=1)
        else:
            places = rng.integers(0, len(_LETTERS), int(rng.integers(1, 9)))
            letters = "".join(_LETTERS[place] for place in places)
            height_px = float(rng.uniform(0.03, 0.09) * size)
            pen.text((left, top), letters, fill=int(rng.integers(150, 256)), font_size=height_px)
            mask.text((left, top), letters, fill=1, font_size=height_px)
    drawn = torch.from_numpy(np.asarray(image, np.float32) / 255)
    where = torch.from_numpy(np.asarray(cover).copy())
    return torch.where(where, drawn, film)


def _calipers(film: Tensor, rng: np.random.Generator) -> Tensor:
    """Pairs of measuring crosses, at times joined by dots, as left on ultrasound pictures.

    They are drawn anywhere and on normal pictures too, so that a cross says nothing of a lesion.
    """
    size = film.shape[1]
    image = Image.new("L", (size, size), 0)
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 3))):
        ends = rng.uniform(0.08, 0.92, (2, 2)) * size
        arm = float(rng.uniform(0.008, 0.022)) * size
        tilted, grey = rng.random() < 0.3, int(rng.integers(150, 256))
        for x, y in ends:
            if tilted:
                pen.line((x - arm, y - arm, x + arm, y + arm), fill=grey)
                pen.line((x - arm, y + arm, x + arm, y - arm), fill=grey)
            else:
                pen.line((x - arm, y, x + arm, y), fill=grey)
                pen.line((x, y - arm, x, y + arm), fill=grey)
        if rng.random() < 0.5:
            length = float(np.hypot(*(ends[1] - ends[0])))
            for share in np.linspace(0, 1, max(2, int(length / (2.5 * arm)))):
                pen.point(tuple(ends[0] + share * (ends[1] - ends[0])), fill=grey)
    drawn = torch.from_numpy(np.asarray(image, np.float32) / 255)
    return torch.maximum(film, drawn)


def _frame(film: Tensor, rng: np.random.Generator) -> Tensor:
    """A collimator or film edge: black or bright strips of up to a tenth of the picture."""
    film = film.clone()
    size = film.shape[1]
    value = float(rng.choice([0.0, 0.0, 1.0]))
    for side in range(4):
        if rng.random() < 0.5:
            width = int(rng.uniform(0.01, 0.1) * size)
            strip = [slice(None), slice(None), slice(None)]
            strip[1 + side % 2] = slice(0, width) if side < 2 else slice(size - width, size)
            film[tuple(strip)] = value
    return film
