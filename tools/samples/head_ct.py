"""Simulated head CT in Hounsfield units: averaged anatomy, own sulci, scanner noise, bleeding.

The anatomy is a population average of normal trauma scans for every 5 mm level (models/README),
known only within the brain window (-20 to 100 HU). Outside it the physics is filled in: bone by
its depth (dense tables, softer diploe), air in sinuses and round the head, fat under the skin.
Each head gets its own smooth deformation, its own sulci, grey-white contrast and noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import generator, smooth_field
from tools.samples.drawing import enlarged, smooth_step
from tools.samples.models import load
from tools.samples.truth import Box

Array = NDArray[np.float64]

ATLAS_MM = 1.12
SLICE_MM = 5.0
NOSE_TOP = 7
DIRECTIONS = 720
SIDE_MM = 192 * ATLAS_MM
WINDOW_LOW, WINDOW_WIDTH = -20.0, 120.0


@dataclass(frozen=True, slots=True)
class Bleed:
    """A deep haematoma: atlas level and offsets from the midline centre, radii in mm, HU."""

    level: float
    left_mm: float
    behind_mm: float
    radius_mm: float
    hu: float


@dataclass(frozen=True, slots=True)
class Scan:
    """Slices to make (atlas levels), matrix, pixel size, noise and head pose."""

    first_level: int
    last_level: int
    side: int
    mm_per_pixel: float
    noise_hu: float
    turn_degrees: float
    size: float
    bleed: Bleed | None = None


@dataclass(frozen=True, slots=True)
class HeadScan:
    """int16 HU (slices, rows, columns) from foot to head, and the bleed as a mask or None."""

    hu: NDArray[np.int16]
    bleed: NDArray[np.bool_] | None


def lesion_boxes(mask: NDArray[np.bool_]) -> dict[int, Box]:
    """Slice index to box for the slices that a mask touches with 4 pixels or more."""
    return {k: Box.around(m) for k, m in enumerate(mask) if m.sum() >= 4}


def own_shape(rng: np.random.Generator, levels: int, side: int) -> Array:
    """Smooth in-plane displacement (levels, 2, side, side) in atlas pixels."""
    field = np.stack(
        [
            ndi.gaussian_filter(rng.standard_normal((levels, side, side)), (3.0, 26.0, 26.0))
            for _ in range(2)
        ],
        1,
    )
    return field / field.std() * 1.5


def _mass_effect(
    z: Array, y: Array, x: Array, centre: Array, radius: float, depth: Array
) -> tuple[Array, Array]:
    """Where tissue pushed aside by a ball of `radius` mm came from; fades towards the skull."""
    dz, dy, dx = z - centre[0], y - centre[1], x - centre[2]
    far = np.sqrt(dz**2 + dy**2 + dx**2) + 1e-6
    room = smooth_step(depth / 25.0) * np.exp(-((far / 62.0) ** 2))
    pushed = 0.62 * radius**3 / (far**2 + (0.9 * radius) ** 2) * room
    return -dy / far * pushed, -dx / far * pushed


def _outline(value: Array, from_nose: Array, mm: float) -> NDArray[np.bool_]:
    """The head without thin things beside it (skin lines of the average, head rest)."""
    reach = max(2, round(2.2 / mm))
    seen = ndi.binary_fill_holes(value > 0.30)
    seen = ndi.binary_opening(seen, iterations=reach)
    solid = ndi.binary_fill_holes(ndi.binary_closing(seen, iterations=2 * reach)) & (from_nose > 0)
    solid = ndi.gaussian_filter(solid.astype(float), 1.6 / mm) > 0.5
    parts, count = ndi.label(solid)
    if count > 1:
        solid = parts == 1 + int(np.argmax(ndi.sum(solid, parts, range(1, count + 1))))
    return solid


def _orbits(across: Array, along: Array, level: int) -> NDArray[np.bool_]:
    """Where darkness is fat and not air: the two orbits, in atlas mm from the centre."""
    if not 5 <= level <= 9:
        return np.zeros(across.shape, bool)
    return np.any(
        [
            np.hypot((across - sign * 31.0) / 19.0, (along + 73.0) / 24.0) < 1
            for sign in (-1.0, 1.0)
        ],
        axis=0,
    )


def _bone_and_air(
    value: Array, level: int, mm: float, across: Array, along: Array, grain: Array
) -> Array:
    """HU of one level from the averaged brain window `value` (0-1)."""
    bone = value > 0.80
    from_nose = along + (SIDE_MM / 2 - 5.0) - np.minimum(0.05 * across**2, 13.0)
    if level > NOSE_TOP:
        from_nose = np.ones_like(along)
    solid = _outline(value, from_nose, mm)
    outside = ndi.distance_transform_edt(~solid) * mm
    crisp = value + 0.9 * (value - ndi.gaussian_filter(value, 2.4 / mm)) * (value < 0.62)
    hu = WINDOW_LOW + WINDOW_WIDTH * np.maximum(crisp, 0.0)
    depth = ndi.distance_transform_edt(bone) * mm
    diploe = (560.0 + 130.0 * grain) * smooth_step((depth - 1.6) / 2.0)
    hu = np.where(bone, 100.0 + 1250.0 * (1 - np.exp(-depth / 0.9)) - diploe, hu)
    inner = ndi.distance_transform_edt(solid) * mm
    hollow = solid & (value < 0.13) & (inner > 1.0)
    # what is darker than the window is orbital fat, or air in sinuses and nose
    orbit = _orbits(across, along, level)
    airy = smooth_step((0.13 - value) / 0.10)
    hu = np.where(hollow & ~orbit, hu - airy * 930.0, hu)
    hu = np.where(hollow & orbit, np.minimum(hu, -75.0), hu)
    scalp = 3.0 + 1.5 * ndi.gaussian_filter(grain, 5.0 / mm)
    skin = np.where(outside < scalp, -92.0, np.where(outside < scalp + 1.7, 38.0, -1000.0))
    return np.where(solid, hu, skin)


def sulci(rng: np.random.Generator, levels: int) -> Array:
    """Noise over (level, direction, distance from the centre), long along the distance.

    Its zero sheets run from the surface inwards, as the folds of the cortex do.
    """
    field = np.zeros((levels, DIRECTIONS, 55))
    for size, weight in ((8.0, 1.0), (4.5, 0.5)):
        noise = rng.standard_normal(field.shape)
        part = ndi.gaussian_filter(noise, (1.1, size, 4.5), mode=("reflect", "wrap", "reflect"))
        field += weight * part / part.std()
    return field


def folds_at(field: Array, across: Array, along: Array) -> Array:
    """One level of the field at points given in mm from the centre of the head."""
    direction = (np.arctan2(along, across) / (2 * np.pi) * DIRECTIONS) % DIRECTIONS
    distance = np.hypot(across, along) / 2.0
    padded = np.vstack([field, field[:2]])
    return ndi.map_coordinates(padded, [direction, distance], order=1, mode="nearest")


def _own_surface(sulci: Array, value: Array, mm: float) -> Array:
    """HU to add: dark folds near the surface, a brighter cortical ribbon along them."""
    brain = ndi.binary_opening((value > 0.36) & (value < 0.66), iterations=2)
    brain = ndi.binary_fill_holes(brain)
    depth = ndi.distance_transform_edt(brain) * mm
    slope = np.hypot(*np.gradient(sulci)) / mm + 1e-3
    away = np.abs(sulci) / slope
    reach = smooth_step((17.0 - depth) / 10.0) * (depth > 0)
    fold = np.exp(-((away / 1.0) ** 2)) * reach
    ribbon = np.exp(-((np.minimum(away, depth) / 3.0) ** 2)) * reach
    white = smooth_step((depth - 9.0) / 8.0)
    return -19.0 * fold + 3.6 * ribbon - 2.0 * white


def head_ct(name: str, scan: Scan) -> HeadScan:
    """One scan; `name` decides everything that is left to chance."""
    rng = generator(name)
    atlas = load("head_ct")["average"].astype(np.float64) / 255.0
    levels, grid = atlas.shape[0], atlas.shape[1]
    side, mm = scan.side, scan.mm_per_pixel
    own = own_shape(rng, levels, grid)
    folds = sulci(rng, levels)
    angle = np.deg2rad(scan.turn_degrees)
    rows, columns = np.mgrid[:side, :side].astype(float)
    x = (columns - (side - 1) / 2) * mm / scan.size
    y = (rows - (side - 1) / 2) * mm / scan.size
    across = x * np.cos(angle) + y * np.sin(angle)
    along = y * np.cos(angle) - x * np.sin(angle)
    turn = (grid - 1) / 2
    chosen = range(scan.first_level, scan.last_level + 1)
    slices, masks = [], []
    bleed = scan.bleed
    blob = ndi.gaussian_filter(rng.standard_normal((levels, side, side)), (0.9, 5.0 / mm, 5.0 / mm))
    blob = blob / blob.std()
    clot = ndi.gaussian_filter(rng.standard_normal((levels, side, side)), (0.6, 2.6 / mm, 2.6 / mm))
    clot = clot / clot.std()
    for level in chosen:
        base_row, base_column = along / ATLAS_MM + turn, across / ATLAS_MM + turn
        shift_row = enlarged(own[level, 0], (side, side), 1)
        shift_column = enlarged(own[level, 1], (side, side), 1)
        at_row, at_column = base_row + shift_row, base_column + shift_column
        inside = np.zeros((side, side), bool)
        if bleed is not None:
            skull = ndi.map_coordinates(atlas[level], [at_row, at_column], order=1)
            depth = ndi.distance_transform_edt(skull < 0.75) * mm
            z = np.full_like(x, (level - bleed.level) * SLICE_MM)
            # patient left is to the right of the picture
            centre = np.array([0.0, bleed.behind_mm, bleed.left_mm])
            push_row, push_column = _mass_effect(z, along, across, centre, bleed.radius_mm, depth)
            at_row, at_column = at_row + push_row / ATLAS_MM, at_column + push_column / ATLAS_MM
            far = (
                np.sqrt(
                    (z / 1.05) ** 2
                    + ((along - bleed.behind_mm) / 1.25) ** 2
                    + ((across - bleed.left_mm) / 0.85) ** 2
                )
                / bleed.radius_mm
                * (1.0 + 0.16 * blob[level])
            )
        value = ndi.map_coordinates(atlas[level], [at_row, at_column], order=1, mode="nearest")
        marrow = smooth_field(rng, (side, side), 0.9 / mm)
        hu = _bone_and_air(
            value,
            level,
            mm,
            (at_column - turn) * ATLAS_MM,
            (at_row - turn) * ATLAS_MM,
            marrow,
        )
        fold = folds_at(folds[level], (at_column - turn) * ATLAS_MM, (at_row - turn) * ATLAS_MM)
        hu = hu + _own_surface(fold, value, mm)
        if bleed is not None:
            oedema = smooth_step((1.55 - far) / 0.35) * (value > 0.2) * (value < 0.7)
            hu = hu - 9.0 * oedema
            share = smooth_step((1.0 - far) / 0.10 + 0.5)
            hu = hu * (1 - share) + share * (bleed.hu + 4.0 * clot[level] - 7.0 * far**2)
            inside = share > 0.5
        blurred = ndi.gaussian_filter(hu, 0.38 / mm)
        noise = ndi.gaussian_filter(rng.standard_normal(hu.shape), 0.42 / mm)
        noise = noise / noise.std() * scan.noise_hu
        body = blurred > -300
        thick = ndi.gaussian_filter(np.clip(blurred, 0, 1200) / 1000.0, 12.0 / mm)
        blurred = blurred + noise * np.where(body, 1.0 + 0.6 * thick, 0.8)
        slices.append(np.clip(np.rint(blurred), -1024, 3071).astype(np.int16))
        masks.append(inside)
    stack = np.stack(slices)
    return HeadScan(stack, np.stack(masks) if bleed is not None else None)
