"""Simulated colour fundus photographs: disc, macula, vessel tree, choroid, camera; DR lesions.

Geometry is that of a 50 degree camera centred near the fovea: the disc lies 15.5 degrees nasal
and measures about 5.5 degrees; positions below are in units of the field's radius.
Vessels darken the picture by absorption (strongest in green), so they are drawn in log colour.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import cloud_field, generator, smooth_field
from tools.samples.drawing import TubePoint, curve_through, smooth_step, tube_thickness
from tools.samples.truth import Box

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Camera:
    """How an eye is photographed: colour at mid field and the picture's frame."""

    side: int
    colour: tuple[float, float, float]
    flattened: float  # share of the circle's height kept, 1 = whole circle
    right_eye: bool


@dataclass(slots=True)
class Tree:
    """Vessels collected while they grow; arteries and veins are drawn apart."""

    arteries: list[TubePoint] = field(default_factory=list)
    veins: list[TubePoint] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FundusPicture:
    """RGB uint8 picture (rows, columns, 3) and the lesions drawn into it."""

    pixels: NDArray[np.uint8]
    lesions: tuple[tuple[str, Box], ...]


DISC = np.array([0.50, -0.03])
FOVEA = np.array([-0.10, 0.03])


def _walk(
    rng: np.random.Generator,
    out: list[TubePoint],
    scale: tuple[float, float],
    start: Array,
    angle: float,
    radius: float,
    length: float,
    depth: int,
) -> None:
    """A branch that wanders, thins and splits; it avoids the fovea."""
    unit, half = scale
    position, bend, step = start.copy(), 0.0, 0.006
    for _ in range(int(length / step)):
        to_fovea = FOVEA - position
        distance = float(np.hypot(*to_fovea))
        bend = 0.93 * bend + rng.normal(0.0, 0.011)
        turn = bend
        if distance < 0.30:
            # near the fovea vessels run round it
            across = np.sin(np.arctan2(to_fovea[1], to_fovea[0]) - angle)
            turn -= 0.05 * np.sign(across) * (0.30 - distance) / 0.30
        angle += turn
        position = position + step * np.array([np.cos(angle), np.sin(angle)])
        if distance < 0.09 or np.hypot(*position) > 1.05:
            return
        radius *= 0.9972
        if radius * unit < 0.45:
            return
        out.append(TubePoint(position[1] * unit + half, position[0] * unit + half, radius * unit))
        if depth < 5 and rng.random() < 0.024:
            side = rng.choice([-1.0, 1.0])
            child = radius * rng.uniform(0.45, 0.72)
            away = angle + side * rng.uniform(0.5, 0.95)
            _walk(rng, out, scale, position, away, child, length * rng.uniform(0.4, 0.8), depth + 1)


def _trunk(
    rng: np.random.Generator,
    out: list[TubePoint],
    scale: tuple[float, float],
    controls: Array,
    radius: float,
) -> None:
    """A main vessel along control points, with branches on both sides."""
    unit, half = scale
    line = curve_through(controls, 0.004)
    wobble = np.stack([ndi.gaussian_filter(rng.standard_normal(len(line)), 22) for _ in (0, 1)], 1)
    line = line + wobble * 0.045 * np.linspace(0.2, 1.0, len(line))[:, None]
    for index in range(len(line) - 1):
        here = line[index]
        thickness = radius * (1.0 - 0.55 * index / len(line))
        out.append(TubePoint(here[1] * unit + half, here[0] * unit + half, thickness * unit))
        along = line[index + 1] - here
        if index > 25 and rng.random() < 0.024:
            side = rng.choice([-1.0, 1.0])
            angle = np.arctan2(along[1], along[0]) + side * rng.uniform(0.55, 1.0)
            _walk(
                rng,
                out,
                scale,
                here,
                angle,
                thickness * rng.uniform(0.4, 0.75),
                rng.uniform(0.3, 0.9),
                1,
            )


def _vessels(rng: np.random.Generator, scale: tuple[float, float]) -> Tree:
    """Four temporal and nasal arcades, an artery and a vein each, and small disc vessels."""
    tree = Tree()
    for up in (-1.0, 1.0):
        height = rng.uniform(0.50, 0.62)
        for vessels, radius, shift in (
            (tree.veins, 0.0135, 0.0),
            (tree.arteries, 0.0100, rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.09)),
        ):
            wave = rng.uniform(-0.04, 0.04, size=(6, 2))
            reach = height + shift
            temporal = np.array(
                [
                    DISC + (0.015, 0.01 * up),
                    DISC + (-0.01, 0.16 * up),
                    DISC + (-0.13 - shift, 0.36 * up),
                    (FOVEA[0] + 0.15, up * reach),
                    (FOVEA[0] - 0.30, up * (reach + 0.02)),
                    (FOVEA[0] - 0.80, up * (reach * 0.75)),
                ]
            )
            temporal[2:] += wave[2:]
            _trunk(rng, vessels, scale, temporal, radius)
            nasal = np.array(
                [
                    DISC + (0.02, 0.01 * up),
                    DISC + (0.09, 0.14 * up),
                    DISC + (0.24 + shift, 0.36 * up),
                    DISC + (0.36, 0.75 * up),
                ]
            )
            nasal[1:] += wave[:3]
            _trunk(rng, vessels, scale, nasal, radius * 0.78)
        for _ in range(3):
            angle = rng.uniform(-0.6, 0.6) + (np.pi if rng.random() < 0.45 else 0.0)
            small = tree.arteries if rng.random() < 0.5 else tree.veins
            _walk(rng, small, scale, DISC.copy(), angle, 0.0055, 0.6, 2)
    return tree


def _grid(side: int) -> tuple[Array, Array]:
    half = (side - 1) / 2
    rows, columns = np.mgrid[:side, :side]
    return (columns - half) / half, (rows - half) / half


def _background(rng: np.random.Generator, camera: Camera, x: Array, y: Array) -> Array:
    """Log colour of retina and choroid under the camera's uneven light."""
    side = camera.side
    unit = side / 1024
    colour = np.log(np.array(camera.colour) / 255.0)
    logs = np.repeat(colour[None, None], side, 0).repeat(side, 1)
    radius = np.hypot(x - 0.05, y)
    logs += (-0.16 * radius**2 - 0.28 * radius**6)[..., None] * np.array([0.8, 1.0, 1.15])
    coarse = smooth_field(rng, (side, side), 120 * unit)
    logs += 0.06 * coarse[..., None] * np.array([0.7, 1.1, 1.3])
    pigmented = smooth_field(rng, (side, side), 60 * unit)
    logs += 0.045 * pigmented[..., None] * np.array([0.4, 1.1, 0.9])
    # the rim is redder than the middle
    logs -= (0.20 * radius**4)[..., None] * np.array([0.0, 1.0, 1.0])
    stripes = smooth_field(rng, (side, side), (7 * unit, 16 * unit))
    bands = np.abs(smooth_field(rng, (side, side), (13 * unit, 22 * unit)))
    choroid = (0.5 * stripes - 0.7 * np.exp(-((bands / 0.25) ** 2))) * smooth_step(radius - 0.15)
    logs += 0.030 * choroid[..., None] * np.array([0.8, 1.3, 1.0])
    pigment = smooth_field(rng, (side, side), 1.6 * unit)
    logs += 0.016 * pigment[..., None] * np.array([0.7, 1.0, 1.0])
    macula = np.hypot((x - FOVEA[0]) / 1.1, y - FOVEA[1])
    logs -= (0.22 * np.exp(-((macula / 0.20) ** 2)))[..., None] * np.array([0.6, 1.0, 0.9])
    logs -= (0.20 * np.exp(-((macula / 0.075) ** 2)))[..., None] * np.array([0.7, 1.0, 0.8])
    return logs


def _disc(rng: np.random.Generator, logs: Array, x: Array, y: Array) -> None:
    """Optic disc: pale rim, paler cup to the temporal side, soft edge, nerve fibre sheen."""
    wobble = smooth_field(rng, x.shape, x.shape[0] / 18)
    far = np.hypot((x - DISC[0]) / 0.100, (y - DISC[1]) / 0.115) + 0.03 * wobble
    rim = 1.0 / (1.0 + np.exp((far - 1.0) / 0.07))
    target = np.log(np.array([238.0, 176.0, 112.0]) / 255.0)
    logs += rim[..., None] * 0.85 * (target - logs)
    cup = np.hypot((x - DISC[0] + 0.012) / 0.048, (y - DISC[1]) / 0.056) + 0.05 * wobble
    pale = 1.0 / (1.0 + np.exp((cup - 1.0) / 0.14))
    logs += pale[..., None] * 0.75 * (np.log(np.array([252.0, 226.0, 176.0]) / 255.0) - logs)
    ring = np.exp(-(((far - 1.12) / 0.10) ** 2)) * (0.6 + 0.4 * (x < DISC[0]))
    logs += 0.07 * ring[..., None]
    angle = np.arctan2(y - DISC[1], x - DISC[0])
    streaks = ndi.gaussian_filter1d(rng.standard_normal(1440), 2.0, mode="wrap")
    turn = ((angle + np.pi) / (2 * np.pi) * 1440).astype(int) % 1440
    sheen = streaks[turn] * np.exp(-((far - 1.0) / 2.2)) * (far > 0.9)
    logs += 0.035 * sheen[..., None] * np.array([0.7, 1.0, 1.0])


def _draw_vessels(tree: Tree, logs: Array, shape: tuple[int, int]) -> Array:
    """Absorb along the vessels; returns the thickness map (to keep lesions off big vessels)."""
    both = np.zeros(shape)
    for points, absorption, reflex in (
        (tree.veins, np.array([0.24, 0.62, 0.50]), 0.0),
        (tree.arteries, np.array([0.14, 0.45, 0.40]), 0.30),
    ):
        thickness = ndi.gaussian_filter(tube_thickness(points, shape), 0.9)
        both = np.maximum(both, thickness)
        depth = 1.0 - np.exp(-thickness / 7.0)
        logs -= depth[..., None] * absorption
        centre = np.maximum(thickness - 5.0, 0.0) / 8.0
        logs += reflex * np.minimum(centre, 0.5)[..., None] * absorption
    return both


def _blot(
    rng: np.random.Generator, side: int, centre: tuple[int, int], radius: float, rough: float
) -> tuple[slice, slice, Array]:
    """Soft irregular spot of about `radius` pixels: window and opacity (0-1)."""
    reach = int(radius * 2.2) + 4
    top, left = max(centre[0] - reach, 0), max(centre[1] - reach, 0)
    bottom, right = min(centre[0] + reach, side), min(centre[1] + reach, side)
    rows, columns = np.mgrid[top:bottom, left:right]
    far = np.hypot(rows - centre[0], columns - centre[1]) / radius
    noise = smooth_field(rng, far.shape, max(radius / 2.2, 1.0))
    edge = 1.0 + rough * noise
    return (
        slice(top, bottom),
        slice(left, right),
        1.0 / (1.0 + np.exp((far - edge) / 0.17)),
    )


def _place(
    rng: np.random.Generator, side: int, inner: float, outer: float, blocked: Array
) -> tuple[int, int]:
    """A pixel between two distances from the fovea, off the disc and off large vessels."""
    half = (side - 1) / 2
    while True:
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(inner, outer)
        point = FOVEA + reach * np.array([np.cos(angle), np.sin(angle)])
        if np.hypot(*point) > 0.85 or abs(point[1]) > 0.72 or np.hypot(*(point - DISC)) < 0.22:
            continue
        row, column = round(point[1] * half + half), round(point[0] * half + half)
        if not blocked[row, column]:
            return row, column


def _lesions(rng: np.random.Generator, logs: Array, vessels: Array) -> list[tuple[str, Box]]:
    """Moderate to severe non-proliferative retinopathy; returns kinds and boxes."""
    side = logs.shape[0]
    unit = side / 1024
    blocked = ndi.maximum_filter(vessels > 4 * unit, int(9 * unit))
    found: list[tuple[str, Box]] = []
    for _ in range(34):
        row, column = _place(rng, side, 0.12, 0.80, blocked)
        radius = rng.uniform(2.0, 3.6) * unit
        rows, columns, spot = _blot(rng, side, (row, column), radius, 0.1)
        logs[rows, columns] -= spot[..., None] * np.array([0.20, 0.62, 0.45]) * rng.uniform(0.7, 1)
        found.append(("microaneurysm", Box.around(spot > 0.4, rows.start, columns.start)))
    for _ in range(22):
        row, column = _place(rng, side, 0.14, 0.85, blocked)
        radius = (4.0 + 11.0 * rng.random() ** 2) * unit
        rows, columns, spot = _blot(rng, side, (row, column), radius, 0.30)
        logs[rows, columns] -= spot[..., None] * np.array([0.28, 0.72, 0.55]) * rng.uniform(0.55, 1)
        found.append(("haemorrhage", Box.around(spot > 0.4, rows.start, columns.start)))
    for _ in range(5):
        row, column = _place(rng, side, 0.16, 0.55, blocked)
        reach = rng.uniform(22, 55) * unit
        cluster = np.zeros((side, side), bool)
        ring = rng.random() < 0.5
        for _ in range(int(rng.uniform(14, 42))):
            angle = rng.uniform(0, 2 * np.pi)
            off = reach * (rng.normal(1.0, 0.18) if ring else abs(rng.normal(0.0, 0.55)))
            spot_row = int(np.clip(row + off * np.sin(angle), 5, side - 6))
            spot_column = int(np.clip(column + off * np.cos(angle), 5, side - 6))
            radius = rng.gamma(2.0, 1.35) * unit + 0.9
            rows, columns, spot = _blot(rng, side, (spot_row, spot_column), radius, 0.35)
            target = np.log(np.array([246.0, 214.0, 118.0]) / 255.0)
            window = logs[rows, columns]
            window += 0.72 * spot[..., None] * np.maximum(target - window, 0.0)
            cluster[rows, columns] |= spot > 0.4
        found.append(("hard exudates", Box.around(cluster, 0, 0)))
    for _ in range(2):
        row, column = _place(rng, side, 0.4, 0.75, blocked)
        rows, columns, spot = _blot(rng, side, (row, column), rng.uniform(17, 26) * unit, 0.3)
        soft = ndi.gaussian_filter(spot, 5 * unit)
        target = np.log(np.array([226.0, 190.0, 138.0]) / 255.0)
        window = logs[rows, columns]
        window += 0.55 * soft[..., None] * (target - window)
        found.append(("cotton wool spot", Box.around(soft > 0.3, rows.start, columns.start)))
    return found


def fundus(name: str, camera: Camera, diseased: bool) -> FundusPicture:
    """One fundus photograph; `name` decides everything that is left to chance."""
    rng = generator(name)
    side = camera.side
    half = (side - 1) / 2
    x, y = _grid(side)
    logs = _background(rng, camera, x, y)
    _disc(rng, logs, x, y)
    vessels = _draw_vessels(_vessels(rng, (half, half)), logs, (side, side))
    lesions = _lesions(rng, logs, vessels) if diseased else []
    haze = cloud_field(rng, (side, side), [side / 6, side / 14])
    picture = np.exp(logs)
    veil = (0.018 + 0.006 * haze)[..., None] * np.array([1.0, 0.8, 0.6])
    picture = picture * 0.97 + veil
    blur = side / 1024
    for channel, sigma in enumerate((1.3, 0.9, 1.5)):
        picture[..., channel] = ndi.gaussian_filter(picture[..., channel], sigma * blur)
    noise = ndi.gaussian_filter(rng.standard_normal(picture.shape), (0.7, 0.7, 0))
    picture += noise * 0.010 * np.sqrt(np.maximum(picture, 0.0))
    edge = 1.0 / (1.0 + np.exp((np.hypot(x, y) - 0.985) / 0.004))
    edge = edge / (1.0 + np.exp(np.clip((np.abs(y) - camera.flattened) / 0.003, -60, 60)))
    stored = np.rint(np.clip(picture * edge[..., None], 0.0, 1.0) * 255.0).astype(np.uint8)
    if not camera.right_eye:
        stored = np.ascontiguousarray(stored[:, ::-1])
        lesions = [(kind, box.mirrored(side)) for kind, box in lesions]
    return FundusPicture(stored, tuple(lesions))
