"""Simulated mammogram (MLO): outline, pectoral muscle, fat, gland with strands, mass.

Grey is attenuation of a compressed breast: even thickness that falls off to the skin, gland as a
cloud with a power-law spectrum behind the nipple (mammographic texture follows about 1/f^3,
Burgess 1999), fibrous strands that converge on the nipple, a few vessels, skin, film grain.
Drawn with the chest wall on the left; the right breast is its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import generator, smooth_field
from tools.samples.drawing import TubePoint, curve_through, smooth_step, tube_thickness
from tools.samples.truth import Box

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Breast:
    """Matrix, scale, side, gland (0 fatty to 1 dense), and a spiculated mass's radius (or 0)."""

    rows: int
    columns: int
    mm_per_pixel: float
    right: bool
    density: float
    mass_radius_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Mammogram:
    """Grey values 0-1 (dense bright, air exactly 0) and the boxes of masses."""

    values: Array
    boxes: tuple[tuple[str, Box], ...]


def _power_law(rng: np.random.Generator, shape: tuple[int, int], exponent: float) -> Array:
    """Noise with amplitude falling as frequency to minus `exponent`; unit spread."""
    fy = np.fft.fftfreq(shape[0])[:, None] * shape[0]
    fx = np.fft.fftfreq(shape[1])[None] * shape[0]
    radius = np.hypot(fy, fx)
    amplitude = np.where(radius > 0, np.maximum(radius, 2.5) ** -exponent, 0.0)
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) * amplitude).real
    return field / field.std()


def _polar(
    rng: np.random.Generator, angle: Array, distance: Array, reach: float, wide: float
) -> Array:
    """Streaks along rays from the nipple, at given angle (radians) and distance (pixels)."""
    table = rng.standard_normal((900, 120))
    table = ndi.gaussian_filter(table, (wide, 9.0), mode=("wrap", "reflect"))
    rows = (angle / (2 * np.pi) * 900) % 900
    columns = np.clip(distance / reach * 119, 0, 119)
    padded = np.vstack([table, table[:2]])
    found = ndi.map_coordinates(padded, [rows, columns], order=1, mode="nearest")
    return found / table.std()


def _outline(rng: np.random.Generator, breast: Breast) -> Array:
    """Column of the skin for every row: armpit above, fullest below the middle, fold beneath."""
    rows, columns = breast.rows, breast.columns
    controls = np.array(
        [
            (0.00, 0.36),
            (0.10, 0.42),
            (0.25, 0.58),
            (0.42, 0.78),
            (0.58, 0.92),
            (0.70, 0.93),
            (0.82, 0.80),
            (0.91, 0.54),
            (0.97, 0.24),
            (1.00, 0.12),
        ]
    )
    controls[1:-1] += rng.normal(0, 0.008, (8, 2))
    line = curve_through(controls * (rows, columns), 2.0)
    order = np.argsort(line[:, 0])
    edge = np.interp(np.arange(rows), line[order, 0], line[order, 1])
    return ndi.gaussian_filter1d(edge, rows / 90)


def _mass(
    rng: np.random.Generator, shape: tuple[int, int], centre: tuple[float, float], radius: float
) -> tuple[Array, Box]:
    """Dense core with an irregular edge and fine spicules; density (about 0-1) and box."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(float)
    dy, dx = rows - centre[0], columns - centre[1]
    far = np.hypot(dy, dx) / radius
    angle = np.arctan2(dy, dx)
    spokes = ndi.gaussian_filter1d(rng.standard_normal(720), 2.2, mode="wrap")
    lobes = ndi.gaussian_filter1d(rng.standard_normal(720), 25.0, mode="wrap")
    turn = ((angle + np.pi) / (2 * np.pi) * 720).astype(int) % 720
    spoke = np.maximum(spokes / spokes.std(), 0)[turn]
    lobe = (lobes / lobes.std())[turn]
    rough = smooth_field(rng, shape, radius / 4)
    core = smooth_step((1.12 + 0.12 * lobe + 0.12 * rough - far) / 0.5)
    spicules = 0.28 * spoke * np.exp(-((far / 1.5) ** 2)) * (far > 0.5)
    density = core * (0.9 + 0.1 * rough) + ndi.gaussian_filter(spicules, radius / 28)
    return density, Box.around(core > 0.4)


def mammogram(name: str, breast: Breast) -> Mammogram:
    """One oblique view; `name` decides everything that is left to chance."""
    rng = generator(name)
    shape = (breast.rows, breast.columns)
    px = 1.0 / breast.mm_per_pixel
    rows, columns = np.mgrid[: breast.rows, : breast.columns].astype(float)
    edge = _outline(rng, breast)
    inside = columns < edge[:, None]
    depth = ndi.distance_transform_edt(np.pad(inside, ((0, 0), (1, 0)), constant_values=True))
    depth = depth[:, 1:] / px
    thickness = 1.0 - 0.62 * np.exp(-np.maximum(depth, 0) / 6.5)

    nipple_row = float(np.argmax(edge)) - 0.02 * breast.rows
    nipple = (nipple_row, float(edge[int(nipple_row)]))
    dy, dx = rows - nipple[0], columns - nipple[1]
    distance, angle = np.hypot(dy, dx), np.arctan2(dy, dx)
    reach = 1.1 * breast.columns
    drift = 0.10 * smooth_field(rng, shape, 12 * px)
    strands = _polar(rng, angle + drift, distance, reach, 3.0)
    fine = _polar(rng, angle + 1.5 * drift, distance, reach, 1.1)

    cloud = _power_law(rng, shape, 1.75)
    fluff = _power_law(rng, shape, 1.25)
    middle = (breast.rows * 0.56, nipple[1] * 0.60)
    body = np.hypot(
        (rows - middle[0]) / (0.30 * breast.rows), (columns - middle[1]) / (0.5 * edge.max())
    )
    place = 1.25 - body + 0.42 * cloud + 0.13 * strands
    gland = smooth_step((place + breast.density - 0.75) / 0.95)
    gland *= 0.72 + 0.16 * strands * 0.5 + 0.15 * fluff + 0.06 * fine
    gland *= smooth_step((depth - 2.0) / 7.0)
    fat = 0.30 + 0.020 * cloud + 0.014 * np.maximum(fine, 0) ** 1.5 + 0.012 * fluff
    ducts = 0.05 * np.maximum(strands - 0.9, 0) * np.exp(-distance / (45 * px))

    points: list[TubePoint] = []
    for _ in range(4):
        start = (rng.uniform(0.15, 0.8) * breast.rows, 0.0)
        bend = rng.normal(0, 0.06, (5, 2)) * breast.rows
        ends = np.linspace(
            start, (nipple[0] + rng.normal(0, 0.12) * breast.rows, nipple[1] * 0.86), 5
        )
        line = curve_through(ends + bend * np.array([0, 0.5, 1, 0.5, 0])[:, None], 1.0)
        radius = rng.uniform(0.35, 0.7) * px
        points.extend(TubePoint(r, c, radius) for r, c in line)
    vessels = (
        ndi.gaussian_filter(tube_thickness(points, shape, crossings_add=False), 0.25 * px) / px
    )

    values = fat + 0.44 * gland + ducts + 0.035 * vessels
    boxes: list[tuple[str, Box]] = []
    if breast.mass_radius_mm > 0:
        centre = (middle[0] - 0.16 * breast.rows, middle[1] + rng.uniform(-0.05, 0.1) * edge.max())
        density, box = _mass(rng, shape, centre, breast.mass_radius_mm * px)
        values = values + 0.55 * density * (1.05 - np.clip(values, 0, 1))
        boxes.append(("spiculated mass", box))
    values = values * thickness
    skin = np.exp(-(((depth - 1.0) / 0.8) ** 2))
    values = values + 0.10 * skin
    bulge = np.hypot(dy / (4.2 * px), (dx + 1.0 * px) / (3.0 * px))
    values = np.where(inside, values + 0.16 * np.exp(-(bulge**4)), 0.0)

    muscle_edge = (0.60 * breast.rows - rows) / breast.rows * 0.62 * breast.columns
    muscle_edge = muscle_edge + 2.2 * px * smooth_field(rng, (breast.rows, 1), 22 * px)
    share = smooth_step((muscle_edge - columns) / (2.2 * px) + 0.5) * inside
    fibres = smooth_field(rng, shape, (12 * px, 4.0 * px))
    values = values * (1 - share) + share * (0.64 + 0.012 * fibres + 0.10 * values)

    blurred = ndi.gaussian_filter(values, 0.12 * px)
    grain = ndi.gaussian_filter(rng.standard_normal(shape), 0.6)
    blurred = blurred + 0.010 * grain / grain.std()
    result = np.where(inside, np.clip(blurred, 0.02, 1.0), 0.0)
    if breast.right:
        result = result[:, ::-1]
        boxes = [(kind, box.mirrored(breast.columns)) for kind, box in boxes]
    return Mammogram(np.ascontiguousarray(result), tuple(boxes))
