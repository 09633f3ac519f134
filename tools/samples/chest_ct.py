"""Simulated chest CT in Hounsfield units: torso, lungs with branching vessels, ribs, a nodule.

Built from geometry: ellipses that change with height for torso, lungs, heart and liver, rings of
ribs running downwards to the front, and trees of tubes for the pulmonary vessels, drawn as balls
along their branches in three dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import generator, smooth_field
from tools.samples.drawing import smooth_step
from tools.samples.truth import Box

Array = NDArray[np.float64]

AIR, LUNG, FAT, MUSCLE, BLOOD, BONE, MARROW = -1000.0, -860.0, -95.0, 45.0, 40.0, 620.0, 220.0


@dataclass(frozen=True, slots=True)
class Nodule:
    """A solid nodule: centre in mm from the middle of the stack (patient left and behind
    positive, up positive), diameter, HU."""

    left_mm: float
    behind_mm: float
    up_mm: float
    diameter_mm: float
    hu: float = 30.0


@dataclass(frozen=True, slots=True)
class ChestScan:
    """int16 HU (slices, rows, columns) from foot to head, and the nodule as a mask or None."""

    hu: NDArray[np.int16]
    nodule: NDArray[np.bool_] | None

    def boxes(self) -> dict[int, Box]:
        """Slice index to box of the nodule."""
        if self.nodule is None:
            return {}
        return {k: Box.around(mask) for k, mask in enumerate(self.nodule) if mask.sum() >= 2}


def _ellipse(x: Array, y: Array, wide: float, high: float) -> Array:
    """Signed distance (about, in mm) to an ellipse round the origin; negative inside."""
    return (np.hypot(x / wide, y / high) - 1.0) * min(wide, high)


def _inside(distance: Array, edge: float = 1.0) -> Array:
    return smooth_step(0.5 - distance / (2 * edge))


def _tree(
    rng: np.random.Generator, start: Array, heading: Array, radius: float, length: float
) -> list[tuple[Array, float]]:
    """Centres and radii of a branching vessel; radii follow Murray's law at each fork."""
    found: list[tuple[Array, float]] = []
    place = start.copy()
    heading = heading / np.linalg.norm(heading)
    for step in range(int(length)):
        heading = heading + rng.normal(0, 0.09, 3)
        heading /= np.linalg.norm(heading)
        place = place + heading
        found.append((place.copy(), radius * (1 - 0.25 * step / length)))
    if radius > 0.55:
        share = rng.uniform(0.4, 0.6)
        for part in (share, 1 - share):
            turn = heading + rng.normal(0, 0.5, 3)
            found += _tree(rng, place, turn, radius * part ** (1 / 2.7), length * 0.82)
    return found


def _vessels(rng: np.random.Generator, shape: tuple[int, ...], spacing: Array) -> Array:
    """Share of each voxel that is vessel, both lungs."""
    drawn = np.zeros(shape)
    centre = (np.array(shape) - 1) / 2 * spacing
    for sign in (-1.0, 1.0):
        for _ in range(13):
            up, behind, side = rng.uniform(-0.9, 0.9), rng.uniform(-0.8, 0.8), rng.uniform(0.5, 1.0)
            start = np.array([rng.uniform(-14, 14), rng.uniform(-4, 12), sign * 38.0])
            heading = np.array([up, behind, sign * side])
            for place, radius in _tree(rng, start, heading, rng.uniform(2.4, 3.6), 30.0):
                at = (place + centre) / spacing
                low = np.maximum(np.floor(at - radius / spacing - 1).astype(int), 0)
                high = np.minimum(np.ceil(at + radius / spacing + 2).astype(int), shape)
                if (low >= high).any():
                    continue
                grid = np.meshgrid(
                    *(np.arange(a, b) * s for a, b, s in zip(low, high, spacing, strict=True)),
                    indexing="ij",
                )
                away = np.sqrt(sum((g - p) ** 2 for g, p in zip(grid, place + centre, strict=True)))
                part = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
                thin = min(1.0, radius / (spacing[0] / 2)) ** 0.7
                soft = smooth_step((radius - away) / spacing[1] + 0.5) * thin
                drawn[part] = np.maximum(drawn[part], soft)
    return drawn


def _anatomy(x: Array, y: Array, up: float, half: float, lumps: Array) -> tuple[Array, Array]:
    """HU of one level without vessels, and how much of each pixel is lung."""
    high = up / half  # -1 at the lowest slice, 1 at the highest
    narrow = 1.0 - 0.22 * max(0.0, high) ** 2
    skin = _ellipse(x, y, 172.0 * narrow, 112.0)
    hu = np.where(skin < 0, FAT, AIR)
    muscle = _ellipse(x, y, 156.0 * narrow, 98.0) + 4.0 * lumps
    hu += (MUSCLE - hu) * _inside(np.maximum(muscle, skin + 6.0))
    chest = _ellipse(x, y, 138.0 * narrow, 84.0)
    lung = np.zeros_like(x)
    dome = 1.0 - smooth_step(np.array((-0.45 - high) / 0.55))
    for sign in (-1.0, 1.0):
        wide, tall = 56.0 * (0.62 + 0.38 * np.sqrt(max(0.0, 1 - max(0.0, high) ** 3))), 76.0
        part = _ellipse(x - sign * 70.0 * narrow, y, wide * max(0.25, float(dome)), tall)
        lung = np.maximum(lung, _inside(np.maximum(part, chest) + 3.0 * lumps))
    liver = _ellipse(x + 62.0, y + 2.0, 74.0 * (1.05 - float(dome)) + 1e-3, 78.0)
    lung *= 1.0 - _inside(liver, 2.0) * (dome < 0.99)
    heart_size = max(0.0, 1.0 - ((high + 0.35) / 0.62) ** 2) ** 0.5
    heart = _ellipse(x - 22.0, y + 26.0, 66.0 * heart_size + 1e-3, 48.0 * heart_size + 1e-3)
    lung *= 1.0 - _inside(heart, 2.0)
    aorta = np.hypot(x - 24.0, y - 36.0) - 12.0
    lung *= 1.0 - _inside(aorta)
    hu += (LUNG + 26.0 * lumps - hu) * lung
    hu += (BLOOD - hu) * np.maximum(_inside(heart), _inside(aorta)) * (1 - lung)
    hu += (58.0 - hu) * _inside(liver) * (1 - lung) * (dome < 0.99)
    windpipe = np.hypot(x, (y - 4.0)) - 8.5
    hu += (AIR - hu) * _inside(windpipe) * (high > 0.15)
    spine = _ellipse(x, y - 62.0, 19.0, 17.0)
    canal = np.hypot(x, y - 84.0) - 8.0
    hu += (MARROW + 40 * lumps - hu) * _inside(spine) + (BONE - hu) * np.exp(-((spine / 1.6) ** 2))
    hu += (BONE * 0.7 - hu) * np.exp(-(((canal - 3.0) / 3.0) ** 2))
    breast_bone = _ellipse(x, y + 88.0 - 6 * high, 17.0, 6.0)
    hu += (MARROW - hu) * _inside(breast_bone) + (BONE - hu) * np.exp(-((breast_bone / 1.5) ** 2))
    # Ribs run down to the front, so a level cuts each of them somewhere else.
    ring = _ellipse(x, y, 146.0 * narrow, 91.0)
    phase = (up + 0.55 * (y + 91.0)) / 24.0 * 2 * np.pi
    rib = np.cos(phase) > 0.45
    shell = np.exp(-((ring / 4.2) ** 2)) * ndi.gaussian_filter(rib.astype(float), 1.5)
    hu += (MARROW + 160.0 - hu) * shell * (np.abs(x) > 24.0)
    return hu, lung


def chest_ct(
    name: str, slices: int, side: int, mm: float, step: float, nodule: Nodule | None
) -> ChestScan:
    """One scan; `name` decides everything that is left to chance."""
    rng = generator(name)
    rows, columns = np.mgrid[:side, :side].astype(float)
    x, y = (columns - (side - 1) / 2) * mm, (rows - (side - 1) / 2) * mm
    half = (slices - 1) / 2 * step
    vessels = _vessels(rng, (slices, side, side), np.array([step, mm, mm]))
    lumps = ndi.gaussian_filter(rng.standard_normal((slices, side, side)), (2.0, 9 / mm, 9 / mm))
    lumps /= lumps.std()
    made, masks = [], []
    for index in range(slices):
        up = index * step - half
        hu, lung = _anatomy(x, y, up, half, lumps[index])
        hu += (35.0 - hu) * vessels[index] * (lung > 0.5)
        if nodule is not None:
            away = np.sqrt(
                (x - nodule.left_mm) ** 2 + (y - nodule.behind_mm) ** 2 + (up - nodule.up_mm) ** 2
            )
            share = smooth_step(0.5 - (away - nodule.diameter_mm / 2) / (2 * mm))
            hu += (nodule.hu - hu) * share * (lung > 0.3)
            masks.append((share > 0.5) & (lung > 0.3))
        hu = ndi.gaussian_filter(hu, 0.55 / mm)
        noise = ndi.gaussian_filter(rng.standard_normal(hu.shape), 0.45)
        noise *= 14.0 / noise.std() * (1.0 + 0.3 * smooth_field(rng, hu.shape, 20.0) ** 2)
        made.append(np.clip(np.rint(hu + noise), -1024, 3071).astype(np.int16))
    return ChestScan(np.stack(made), np.stack(masks) if nodule is not None else None)
