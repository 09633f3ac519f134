"""Simulated coronary angiogram: contrast-filled left coronary tree over a hazy chest.

Vessels are tubes that absorb; their thickness along the ray darkens the picture. A catheter
enters from above, the left main stem divides into two branches that run along the heart's
border and down, and side branches follow. A stenosis narrows one branch over a few millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import cloud_field, generator, smooth_field
from tools.samples.drawing import TubePoint, curve_through, smooth_step, tube_thickness
from tools.samples.truth import Box

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Angiogram:
    """Frames of grey values 0-1 (vessels dark) and the box of the stenosis, if there is one."""

    values: Array
    boxes: tuple[tuple[str, Box], ...]


def _twig(
    rng: np.random.Generator,
    out: list[TubePoint],
    start: Array,
    angle: float,
    radius: float,
    length: float,
    depth: int,
) -> None:
    """A side branch: winding, thinning, dividing."""
    place, bend = start.copy(), rng.normal(0, 0.004)
    for step in range(int(length)):
        bend = 0.95 * bend + rng.normal(0, 0.006)
        angle += bend
        place = place + np.array([np.sin(angle), np.cos(angle)])
        radius *= 0.9965
        if radius < 0.45:
            return
        out.append(TubePoint(place[0], place[1], radius))
        if depth < 3 and step > 12 and rng.random() < 0.022:
            side = rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 0.9)
            _twig(rng, out, place, angle + side, radius * 0.62, length * 0.6, depth + 1)


def _main(
    rng: np.random.Generator,
    out: list[TubePoint],
    controls: Array,
    radius: float,
    narrow: tuple[float, float] | None,
) -> Box | None:
    """A main branch along `controls`; `narrow` = (share of length, remaining diameter)."""
    line = curve_through(controls, 0.8)
    wobble = ndi.gaussian_filter(rng.standard_normal((len(line), 2)), (26, 0))
    line = line + wobble * 18.0 * np.linspace(0.1, 1, len(line))[:, None]
    share = np.linspace(0, 1, len(line))
    size = radius * (1 - 0.62 * share)
    size *= 1 + 0.05 * ndi.gaussian_filter1d(rng.standard_normal(len(line)), 6) * 3
    box = None
    if narrow is not None:
        dip = np.exp(-(((share - narrow[0]) / 0.022) ** 2))
        size = size * (1 - (1 - narrow[1]) * dip)
        part = line[dip > 0.25]
        (top, left), (bottom, right) = part.min(0) - 7, part.max(0) + 7
        box = Box(round(left), round(top), round(right - left) + 1, round(bottom - top) + 1)
    for index, (place, thick) in enumerate(zip(line, size, strict=True)):
        out.append(TubePoint(place[0], place[1], float(thick)))
        near = narrow is not None and abs(share[index] - narrow[0]) < 0.06
        if index > 40 and not near and rng.random() < 0.022:
            along = line[min(index + 1, len(line) - 1)] - line[index - 1]
            side = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.0)
            angle = np.arctan2(along[0], along[1]) + side
            _twig(rng, out, place, angle, float(thick) * 0.55, rng.uniform(60, 150), 0)
    return box


def _chest_shadow(rng: np.random.Generator, side: int) -> Array:
    """Heart, spine, ribs, lung and diaphragm out of focus; about 0-1, bone dark."""
    rows, columns = np.mgrid[:side, :side] / side
    haze = cloud_field(rng, (side, side), [side / 5, side / 12])
    ground = 0.62 + 0.03 * haze
    spine = smooth_step((0.24 - columns + 0.02 * haze) / 0.12)
    lumps = smooth_field(rng, (side, side), (side / 38, side / 30))
    ground -= spine * (0.13 + 0.030 * lumps)
    lung = smooth_step((columns - 0.72 - 0.22 * rows + 0.02 * haze) / 0.10)
    ground += 0.20 * lung * smooth_step((0.86 - rows) / 0.2)
    for index in range(7):
        middle = -0.08 + 0.17 * index + 0.34 * columns + 0.10 * columns**2
        rib = np.exp(-(np.abs((rows - middle) / 0.030) ** 4))
        edge = np.exp(-(((np.abs(rows - middle) - 0.028) / 0.006) ** 2))
        ground -= (0.030 * rib + 0.018 * edge) * smooth_step((columns - 0.16) / 0.2)
    dome = 0.93 + 0.45 * (columns - 0.62) ** 2
    ground -= 0.20 * smooth_step((rows - dome + 0.02 * haze) / 0.05)
    return ground


def angiogram(name: str, side: int = 512, narrowed: bool = True) -> Angiogram:
    """One frame of a left coronary injection; `name` decides all chance."""
    rng = generator(name)
    unit = side / 512
    tree: list[TubePoint] = []
    stem = np.array([86.0, 128.0]) * unit
    catheter = curve_through(
        np.array([(0, 44), (50, 52), (96, 74), (112, 100), (92, 124)]) * unit, 0.8
    )
    tube = [TubePoint(r, c, 2.6 * unit) for r, c in catheter]
    split = stem + np.array([8.0, 40.0]) * unit
    _main(rng, tree, np.array([stem, (stem + split) / 2, split]), 6.4 * unit, None)
    jitter = rng.normal(0, 7, (10, 2))
    descending = np.array([(94, 168), (96, 230), (120, 300), (176, 362), (262, 396), (350, 404)])
    circumflex = np.array([(94, 168), (138, 196), (196, 222), (262, 236), (330, 226), (402, 190)])
    narrow = (0.33, 0.30) if narrowed else None
    box = _main(
        rng,
        tree,
        (descending + np.vstack([np.zeros(2), jitter[:5]])) * unit,
        5.2 * unit,
        narrow,
    )
    _main(rng, tree, (circumflex + np.vstack([np.zeros(2), jitter[5:]])) * unit, 5.4 * unit, None)
    shape = (side, side)
    thickness = tube_thickness(tree, shape, crossings_add=False)
    wash = 1 + 0.10 * smooth_field(rng, shape, 12 * unit)
    ground = _chest_shadow(rng, side)
    absorbed = 0.038 / unit * thickness * wash + 0.028 / unit * tube_thickness(
        tube, shape, crossings_add=False
    )
    values = ground * np.exp(-ndi.gaussian_filter(absorbed, 1.1 * unit))
    noise = ndi.gaussian_filter(rng.standard_normal(shape), 0.75)
    values += 0.019 * noise / noise.std() * np.sqrt(np.maximum(values, 0.05))
    rows, columns = np.mgrid[:side, :side]
    border = np.minimum.reduce([rows, columns, side - 1 - rows, side - 1 - columns])
    values *= 0.25 + 0.75 * smooth_step((border - 3 * unit) / (6 * unit))
    boxes = (("coronary stenosis", box),) if box is not None else ()
    return Angiogram(np.clip(values * 1.12, 0, 1), boxes)
