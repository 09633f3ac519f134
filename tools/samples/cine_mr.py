"""Simulated short-axis cine MR: a beating left ventricle, its muscle, the right ventricle.

Balanced steady-state contrast: blood bright, muscle dark, lungs black, fat bright. Cavity and
wall follow one squeeze curve; the muscle keeps its volume, so it thickens as the cavity empties.
Volumes are summed from the drawn cavities, as a reader would sum outlines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import generator, smooth_field
from tools.samples.drawing import smooth_step

Array = NDArray[np.float64]

BLOOD, MUSCLE, LUNG, FAT, LIVER, CHEST = 0.86, 0.30, 0.05, 0.72, 0.36, 0.42
SYSTOLE = 0.36  # share of the heart beat at which the cavity is smallest


@dataclass(frozen=True, slots=True)
class Heart:
    """Geometry in mm at end-diastole, and the share by which the LV radius shrinks in systole."""

    left_radius_mm: float
    wall_mm: float
    right_radius_mm: float
    squeeze: float
    right_squeeze: float
    slices: int = 9
    phases: int = 14
    side: int = 160
    mm_per_pixel: float = 1.6
    gap_mm: float = 9.0


@dataclass(frozen=True, slots=True)
class Cine:
    """uint16 (slices, phases, rows, columns) from base to apex; masks of the two cavities and the
    muscle (slices, phases, rows, columns) of codes 1 RV, 2 muscle, 3 LV cavity."""

    values: NDArray[np.uint16]
    labels: NDArray[np.uint8]

    def volume_ml(self, code: int, heart: Heart) -> Array:
        """Volume of a structure in every phase."""
        voxel = heart.mm_per_pixel**2 * heart.gap_mm / 1000.0
        return (self.labels == code).sum((0, 2, 3)) * voxel


def squeeze_curve(phase: Array) -> Array:
    """0 at end-diastole, 1 at end-systole, quick fall and slower filling in two steps."""
    falling = smooth_step(phase / SYSTOLE)
    filling = smooth_step((phase - SYSTOLE) / 0.30) * 0.8 + smooth_step((phase - 0.85) / 0.15) * 0.2
    return np.where(phase < SYSTOLE, falling, 1.0 - filling)


def _soft(distance: Array, mm: float) -> Array:
    """1 inside (negative distance in mm), 0 outside, an edge of one pixel between."""
    return smooth_step(0.5 - distance / (1.2 * mm))


def _background(
    x: Array, y: Array, heart_mm: float, tissue: Array, texture: Array, mm: float
) -> Array:
    """Chest wall, lung, liver and stomach, spine; `x`, `y` in mm from the heart's centre."""
    depth = (1.0 - np.hypot((x - 8.0) / 150.0, (y - 22.0) / 104.0)) * 104.0  # below the skin
    picture = np.where(depth > 0, CHEST, 0.01)
    picture = np.where((depth > 0) & (depth < 9.0), FAT, picture)
    chest = np.minimum(depth - 22.0 - 3.0 * tissue, 44.0 + 0.10 * x - y + 5.0 * tissue)
    picture += (LUNG + 0.02 * texture - picture) * _soft(-chest, mm)
    stomach = (np.hypot((x - 52.0) / 40.0, (y - 72.0) / 22.0) - 1.0) * 22.0 + 3.0 * tissue
    picture += (0.62 - picture) * _soft(stomach, mm)
    liver = (np.hypot((x + 50.0) / 74.0, (y - 74.0) / 26.0) - 1.0) * 26.0 + 3.0 * tissue
    picture += (LIVER + 0.02 * texture - picture) * _soft(liver, mm)
    spine = np.hypot(x + 26.0, y - 104.0) - 16.0
    picture += (0.33 + 0.05 * texture - picture) * _soft(spine, mm)
    aorta = np.hypot(x - 4.0, y - 92.0) - 11.0
    picture += (BLOOD - picture) * _soft(aorta, mm)
    fat = np.hypot(x + 0.2 * heart_mm, y) - heart_mm - 3.0
    return picture + (0.5 - picture) * _soft(fat + 4.0 * tissue, mm)


def cine_mr(name: str, heart: Heart) -> Cine:
    """One cine stack; `name` decides everything that is left to chance."""
    rng = generator(name)
    side, mm = heart.side, heart.mm_per_pixel
    rows, columns = np.mgrid[:side, :side].astype(float)
    x0 = (columns - side * 0.53) * mm
    y0 = (rows - side * 0.46) * mm
    phases = np.arange(heart.phases) / heart.phases
    curve = squeeze_curve(phases)
    values = np.empty((heart.slices, heart.phases, side, side), np.uint16)
    labels = np.zeros(values.shape, np.uint8)
    tilt = rng.uniform(-0.15, 0.15)
    muscle_grain = smooth_field(rng, (side, side), 2.0)
    for level in range(heart.slices):
        along = level / (heart.slices - 1)
        # A half ellipsoid: full width at the base, closing towards the apex.
        width = np.sqrt(max(0.0, 1.0 - (0.96 * along) ** 2.4))
        tissue, texture = smooth_field(rng, (side, side), 9.0), smooth_field(rng, (side, side), 1.5)
        whole = (heart.left_radius_mm + heart.wall_mm + 0.8 * heart.right_radius_mm) * width
        still = _background(x0, y0, whole, tissue, texture, mm)
        wobble = rng.uniform(-0.03, 0.03, 3)
        for number, squeezed in enumerate(curve):
            x, y = x0 + 3.0 * along + 1.2 * squeezed, y0 - 1.5 * squeezed
            angle = np.arctan2(y, x)
            shape = 1.0 + wobble[0] * np.cos(2 * angle) + wobble[1] * np.sin(3 * angle)
            distance = np.hypot(x * (1 + 0.05 * tilt), y) / shape
            inner = heart.left_radius_mm * width * (1.0 - heart.squeeze * squeezed)
            outer_rest = heart.left_radius_mm * width + heart.wall_mm * (0.55 + 0.45 * width)
            inner_rest = heart.left_radius_mm * width
            outer = np.sqrt(outer_rest**2 - inner_rest**2 + inner**2)
            right = heart.right_radius_mm * width * (1.0 - heart.right_squeeze * squeezed)
            reach = outer + 0.9 * right
            crescent = np.hypot((x + 0.52 * reach) / (0.78 * reach), (y + 2.0) / (0.98 * reach)) - 1
            in_right = (crescent < 0) & (distance > outer) & (x < 0.35 * outer) & (right > 4.0)
            picture = still.copy()
            wall = (
                np.hypot((x + 0.52 * reach) / (0.78 * reach + 3), (y + 2) / (0.98 * reach + 3)) - 1
            ) * reach
            picture += (MUSCLE - picture) * _soft(wall, mm) * (right > 4.0) * (x < 0.4 * outer)
            smooth_right = ndi.gaussian_filter(in_right.astype(float), 0.7)
            picture += (BLOOD * 0.94 - picture) * smooth_right
            picture += (MUSCLE + 0.03 * muscle_grain - picture) * _soft(distance - outer, mm)
            picture += (BLOOD - picture) * _soft(distance - inner, mm)
            for turn in (2.2, 4.3):
                near = np.hypot(x - 0.62 * inner * np.cos(turn), y - 0.62 * inner * np.sin(turn))
                thick = 0.17 * heart.left_radius_mm * width * (1.0 + 0.5 * squeezed)
                picture += (0.42 - picture) * _soft(near - thick, mm) * (0.15 < along < 0.75)
            shading = 1.0 - 0.0011 * np.hypot(x0 + 30.0, y0 + 70.0)
            blurred = ndi.gaussian_filter(picture * shading, 0.6)
            noise = rng.standard_normal((2, side, side)) * 0.02
            seen = np.hypot(blurred + noise[0], noise[1])
            values[level, number] = np.rint(np.clip(seen, 0, 1.3) * 1200.0).astype(np.uint16)
            labels[level, number][in_right] = 1
            labels[level, number][distance < outer] = 2
            labels[level, number][distance < inner] = 3
    return Cine(values, labels)
