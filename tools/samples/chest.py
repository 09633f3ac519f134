"""Simulated frontal chest films: averaged anatomy, own shape, vessels, spine, grain, disease.

The film starts from a population average (models/README) in its own frame of 0-1 grey values.
The first modes of shape and brightness make another person of it; what averaging loses is put
back: contrast of ribs and hila (band by band), lung vessels as a branching tree of tubes,
vertebrae, and grain with the local strength and spectrum measured on real films.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import cloud_field, generator, smooth_field, spectral_field
from tools.samples.drawing import TubePoint, enlarged, sampled, smooth_step, tube_thickness
from tools.samples.models import load
from tools.samples.truth import Box

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Opacity:
    """Consolidation in a lung: centre and reach as shares of the lung's box, and density."""

    lung: str  # "right" or "left", the patient's
    down: float
    across: float
    reach: float
    density: float


@dataclass(frozen=True, slots=True)
class Film:
    """What is imaged: model, matrix, heart enlargement, disease, exposure."""

    model: str
    rows: int
    columns: int
    heart: float = 1.0
    opacities: tuple[Opacity, ...] = ()
    zoom: float = 1.0
    ribs: float = 1.0
    noise: float = 0.010
    aspect: float = 1.0  # width over height of the pictures that the model was made of


@dataclass(frozen=True, slots=True)
class ChestPicture:
    """Grey values (about 0-1, bone bright), lung and heart masks, and boxes of opacities."""

    values: Array
    right_lung: NDArray[np.bool_]
    left_lung: NDArray[np.bool_]
    heart: NDArray[np.bool_]
    boxes: tuple[tuple[str, Box], ...]


def _grow(
    rng: np.random.Generator,
    points: list[TubePoint],
    lung: Array,
    start: tuple[float, float],
    angle: float,
    radius: float,
    depth: int,
) -> None:
    """A lung vessel: nearly straight, thinning, dividing in acute angles; ends at the pleura."""
    row, column = start
    size = lung.shape[0]
    bend = rng.normal(0.0, 0.012)
    length = size * rng.uniform(0.045, 0.085) * (0.93**depth)
    for _ in range(int(length * 2)):
        angle += bend + rng.normal(0.0, 0.02)
        row, column = row + 0.5 * np.sin(angle), column + 0.5 * np.cos(angle)
        radius *= 0.9975
        if not (0 <= row < size and 0 <= column < size):
            return
        if depth > 1 and lung[int(row), int(column)] < 0.4:
            return
        points.append(TubePoint(row, column, radius))
        if rng.random() < 0.030 and radius > 0.0011 * size:
            side = rng.choice([-1.0, 1.0]) * rng.uniform(0.45, 0.9)
            _grow(rng, points, lung, (row, column), angle + side, radius * 0.55, depth + 2)
    if radius > 0.0007 * size and depth < 9:
        fork = rng.uniform(0.15, 0.38)
        big, small = rng.uniform(0.78, 0.9), rng.uniform(0.6, 0.78)
        turn = rng.choice([-1.0, 1.0])
        _grow(rng, points, lung, (row, column), angle + turn * fork * 0.7, radius * big, depth + 1)
        _grow(rng, points, lung, (row, column), angle - turn * fork, radius * small, depth + 1)


def _lung_vessels(rng: np.random.Generator, masks: Array, hila: Array) -> list[TubePoint]:
    """Both trees, on the grid of the average."""
    size = masks.shape[1]
    lung = np.maximum(masks[0], masks[1])
    points: list[TubePoint] = []
    for (row, column), sign in zip(hila * size, (-1.0, 1.0), strict=True):
        for angle in np.linspace(-1.15, 1.35, 11):
            tilt = angle + rng.normal(0.0, 0.07)
            direction = tilt if sign > 0 else np.pi - tilt
            start = (row + size * (0.05 * angle + rng.normal(0, 0.008)), column)
            radius = size * rng.uniform(0.0025, 0.0048) * (1.0 if angle > 0 else 0.8)
            _grow(rng, points, lung, start, direction, radius, 0)
    return points


def _vertebrae(rng: np.random.Generator, size: int, column: float, gap: float) -> Array:
    """Faint end plates, pedicles and spinous processes down the midline."""
    rows, columns = np.mgrid[:size, :size].astype(float)
    total = np.zeros((size, size))
    unit = size / 288.0
    row = rng.uniform(2.0, 6.0) * unit
    while row < size:
        half = (9.0 + 4.0 * row / size) * unit
        body = 1.0 / (1.0 + np.exp((np.abs(columns - column) - half) / (0.9 * unit)))
        plate = (rows - row) / unit
        side = plate + 0.5 * ((columns - column) / half) ** 2
        total += (
            0.040 * np.exp(-((side - 1.6) ** 2))
            + 0.040 * np.exp(-((side + 1.6) ** 2))
            - 0.030 * np.exp(-((side / 1.1) ** 2))
        ) * body
        for sign in (-1, 1):
            far = np.hypot(
                (columns - column - sign * half * 0.62) / (2.1 * unit),
                (rows - row - gap * 0.36) / (2.9 * unit),
            )
            total += 0.035 * np.exp(-(((far - 1.0) / 0.4) ** 2))
        spine = np.hypot(
            (columns - column - rng.normal(0, 0.4) * unit) / (1.7 * unit),
            (rows - row - gap * 0.8) / (3.4 * unit),
        )
        total += 0.045 * np.exp(-(spine**2))
        row += gap
        gap *= 1.03
    return ndi.gaussian_filter(total, 0.6 * unit)


def _crisp(average: Array, masks: Array, ribs: float) -> Array:
    """Give back, band by band, the contrast that imperfect alignment took from the average."""
    size = average.shape[0]
    unit = size / 288.0
    lung = ndi.gaussian_filter(np.clip(masks[0] + masks[1], 0, 1), 2.5 * unit)
    inside = smooth_step((lung - 0.35) / 0.6)
    bands = [average]
    bands.extend(ndi.gaussian_filter(average, s * unit) for s in (0.9, 1.8, 3.6, 7.2))
    gains = (1.6, 1.8, 1.5, 0.8)
    result = average.copy()
    for finer, coarser, gain in zip(bands[:-1], bands[1:], gains, strict=True):
        result += (finer - coarser) * gain * (0.45 + 0.55 * inside * ribs)
    return result


def _enlarged_heart(
    rows: Array, columns: Array, masks: Array, factor: float
) -> tuple[Array, Array]:
    """Sampling positions that widen the heart by `factor` and leave the chest wall in place."""
    size = masks.shape[1]
    heart = np.argwhere(masks[2] > 0.5)
    top, bottom = heart[:, 0].min(), heart[:, 0].max() * 0.9
    middle_row = (top + bottom) / 2
    middle = heart[:, 1].mean()
    lungs = np.argwhere(np.maximum(masks[0], masks[1]) > 0.5)
    dx = columns - middle
    room = np.where(dx > 0, lungs[:, 1].max() - middle, middle - lungs[:, 1].min())
    along = np.exp(-(np.abs((rows - middle_row) / (0.26 * size)) ** 3))
    fade = smooth_step(1.45 * (1.0 - np.abs(dx) / room))
    # the left ventricle gives more than the right atrium
    more = np.where(dx > 0, 1.0, 0.75)
    return rows, columns - dx * (1.0 - 1.0 / factor) * along * fade * more


def _consolidation(
    rng: np.random.Generator, picture: Array, lung: NDArray[np.bool_], spec: Opacity
) -> tuple[Array, Box]:
    """A patchy, ill-defined density that hides vessels; returns what to add and its box."""
    shape = picture.shape
    rows, columns = np.nonzero(lung)
    top, height = rows.min(), rows.max() - rows.min()
    left, width = columns.min(), columns.max() - columns.min()
    row, column = top + spec.down * height, left + spec.across * width
    y, x = np.mgrid[: shape[0], : shape[1]]
    size = spec.reach * height
    cloud = cloud_field(rng, shape, [size / 3.0, size / 7.0, size / 16.0])
    patches = smooth_field(rng, shape, size / 14.0)
    far = np.hypot((y - row) / size, (x - column) / (size * 0.85)) + 0.16 * cloud
    body = smooth_step((1.15 - far) / 0.75)
    body = body * (0.84 + 0.16 * np.clip(patches, -2, 2))
    soft = ndi.gaussian_filter(lung.astype(float), height * 0.006)
    body = np.clip(body, 0.0, 1.3) * soft
    return body * spec.density, Box.around(body > 0.33)


def _grid(film: Film, size: int) -> tuple[Array, Array]:
    """Positions on the average's grid of every pixel of the film."""
    across = max(film.rows * film.aspect, film.columns) / size * film.zoom
    down = across / film.aspect
    rows = (np.arange(film.rows) - (film.rows - 1) / 2) / down + (size - 1) / 2
    columns = (np.arange(film.columns) - (film.columns - 1) / 2) / across + (size - 1) / 2
    grid_rows, grid_columns = np.meshgrid(rows, columns, indexing="ij")
    return grid_rows, grid_columns


def chest(name: str, film: Film) -> ChestPicture:
    """One film; `name` decides everything that is left to chance."""
    rng = generator(name)
    model = {key: value.astype(np.float64) for key, value in load(film.model).items()}
    average, masks = model["average"], model["masks"]
    size = average.shape[0]
    side = max(film.rows, film.columns)
    fine = side / size

    anatomy = _crisp(average, masks, film.ribs)
    light = np.clip(rng.standard_normal(len(model["light_spread"])), -1.2, 1.2)
    slow = np.tensordot(light * model["light_spread"], model["light_modes"], 1)
    # the heart of the film stands on the average's grid, fine detail on the film's
    anatomy = anatomy + enlarged(slow, (size, size)) * 0.8
    lung = np.clip(masks[0] + masks[1], 0, 1)
    column = float((masks[2] * np.arange(size)).sum() / masks[2].sum()) - 0.01 * size
    dense = smooth_step((ndi.gaussian_filter(average, 2.0) - 0.45) / 0.3)
    anatomy = anatomy + _vertebrae(rng, size, column, 0.040 * size) * dense

    hila = np.array([[0.430, 0.385], [0.395, 0.615]])
    points = [
        TubePoint((p.row + 0.5) * fine - 0.5, (p.column + 0.5) * fine - 0.5, p.radius * fine)
        for p in _lung_vessels(rng, masks, hila)
    ]
    thickness = ndi.gaussian_filter(tube_thickness(points, (side, side)), 0.35 * fine)
    vessels = 8.5 * np.minimum(thickness / side, 0.02)
    vessels = vessels * enlarged(ndi.gaussian_filter(lung, size / 96), (side, side), 1)

    shape = np.clip(rng.standard_normal(len(model["shape_spread"])), -1.1, 1.1)
    shape[0] = np.clip(shape[0], -0.3, 0.3)
    field = np.tensordot(shape * model["shape_spread"], model["shape_modes"], 1)
    # zoom and position of the whole are the film's business, not the modes'
    field = field - field.mean((0, 1))
    rows, columns = _grid(film, size)
    small_rows = (rows + 0.5) / 8 - 0.5
    small_columns = (columns + 0.5) / 8 - 0.5
    at_rows = rows + sampled(field[..., 1], small_rows, small_columns)
    at_columns = columns + sampled(field[..., 0], small_rows, small_columns)
    if film.heart != 1.0:
        at_rows, at_columns = _enlarged_heart(at_rows, at_columns, masks, film.heart)

    values = sampled(anatomy, at_rows, at_columns, order=3)
    values += sampled(vessels, (at_rows + 0.5) * fine - 0.5, (at_columns + 0.5) * fine - 0.5)
    strength = sampled(
        model["grain_spread"], (at_rows + 0.5) / 8 - 0.5, (at_columns + 0.5) / 8 - 0.5
    )
    grain = spectral_field(rng, side, model["grain_power"])[: film.rows, : film.columns]
    values += 0.42 * strength * grain
    right, left, heart = (sampled(mask, at_rows, at_columns) > 0.5 for mask in masks)
    boxes = []
    for spec in film.opacities:
        region = right if spec.lung == "right" else left
        added, box = _consolidation(rng, values, region, spec)
        hidden = ndi.gaussian_filter(values, 0.012 * side)
        share = np.clip(added / max(spec.density, 1e-6), 0, 1) * 0.45
        values = values * (1 - share) + hidden * share + added
        boxes.append(("consolidation", box))
    values = ndi.gaussian_filter(values, 0.2 * fine)
    quanta = ndi.gaussian_filter(rng.standard_normal(values.shape), 0.5)
    values += quanta / quanta.std() * film.noise * (1.25 - np.clip(values, 0, 1))
    return ChestPicture(values, right, left, heart, tuple(boxes))


def cardiothoracic_ratio(picture: ChestPicture) -> float:
    """Widest heart over widest chest (outer lung edges), as measured on a film."""
    heart = np.nonzero(picture.heart.any(0))[0]
    lungs = np.nonzero((picture.right_lung | picture.left_lung).any(0))[0]
    return float((heart.max() - heart.min() + 1) / (lungs.max() - lungs.min() + 1))
