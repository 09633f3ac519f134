"""Simulated lower-leg radiograph (front view): tibia, fibula, muscle, fat, skin; shaft fracture.

Bones are hollow tubes with a cortical shell whose width and thickness vary along the shaft
(anatomical averages for an adult, tibia about 370 mm), filled with marrow and, towards the
ends, trabeculae. The ray's path through each material is turned into attenuation, then scatter,
detector blur, quantum noise and the processing curve of a digital system are applied.
A fracture splits a bone along an oblique, jagged surface and moves the lower piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi
from scipy.interpolate import PchipInterpolator

from tools.samples.chance import cloud_field, generator, smooth_field
from tools.samples.drawing import smooth_step
from tools.samples.truth import Box

Array = NDArray[np.float64]

# Attenuation per mm at about 60 keV effective, scaled for display: only ratios matter.
CORTEX, TRABECULA, MUSCLE, FAT = 0.068, 0.026, 0.0205, 0.0172

# Fraction of tibia length (0 knee, 1 ankle) -> width, cortex thickness, centre line (mm).
HEIGHT = np.array([0.0, 0.06, 0.14, 0.22, 0.35, 0.50, 0.65, 0.78, 0.88, 0.95, 1.0])
TIBIA_WIDTH = np.array([76.0, 68, 50, 38, 31.0, 27.5, 25.0, 25.5, 31.0, 40.0, 44.0])
TIBIA_CORTEX = np.array([0.9, 1.0, 1.6, 3.0, 4.9, 5.6, 5.2, 4.2, 2.2, 1.1, 0.9])
TIBIA_CENTRE = np.array([0.0, 0.5, 1.0, 1.2, 1.0, 0.0, -1.0, -1.5, -1.0, 0.0, 0.5])
FIBULA_WIDTH = np.array([18.0, 21, 16.0, 12.5, 12.0, 13.0, 13.0, 12.5, 14.0, 19.0, 21.0])
FIBULA_CORTEX = np.array([0.8, 0.9, 1.8, 2.7, 3.2, 3.4, 3.3, 2.9, 2.0, 1.1, 0.9])
FIBULA_CENTRE = np.array([37.0, 36, 33.0, 30.0, 28.5, 28.0, 26.5, 24.5, 23.5, 25.5, 27.0])
LEG_OUTER = np.array([62.0, 62, 62.0, 64.0, 65.0, 60.0, 50.0, 43.0, 40.0, 41.0, 42.0])
LEG_INNER = np.array([56.0, 56, 56.0, 58.0, 60.0, 54.0, 42.0, 34.0, 32.0, 36.0, 38.0])
FAT_LAYER = np.array([9.0, 9, 8.5, 8.0, 7.5, 7.0, 6.0, 5.5, 5.5, 6.0, 6.0])


@dataclass(frozen=True, slots=True)
class Break:
    """A shaft fracture: height fraction, slant (mm over the width), shift (mm) and tilt (deg)."""

    height: float
    slant_mm: float
    depth_mm: float
    shift_mm: float
    overlap_mm: float
    tilt_degrees: float


@dataclass(frozen=True, slots=True)
class Leg:
    """What is imaged and how; rows and columns in pixels of `mm_per_pixel` at the detector."""

    rows: int
    columns: int
    mm_per_pixel: float
    top: float
    bottom: float
    right_leg: bool
    tilt_degrees: float
    tibia_break: Break | None = None
    fibula_break: Break | None = None


@dataclass(frozen=True, slots=True)
class LimbPicture:
    """Grey values 0-1 (bone bright) and the fracture boxes."""

    values: Array
    boxes: tuple[tuple[str, Box], ...]


@dataclass(frozen=True, slots=True)
class _Bone:
    width: Array
    cortex: Array
    centre: Array
    waves: tuple[Array, Array]


def _waves(rng: np.random.Generator) -> tuple[Array, Array]:
    """Slow random variation along a bone for its two sides; unit spread."""
    pair = []
    for _ in range(2):
        wave = ndi.gaussian_filter1d(rng.standard_normal(300), 14.0)
        pair.append(wave / wave.std())
    return pair[0], pair[1]


def _profile(height: Array, values: Array) -> Array:
    """Smooth, overshoot-free interpolation of a table over `HEIGHT`."""
    return PchipInterpolator(HEIGHT, values)(np.clip(height, 0.0, 1.0))


def _tube(bone: _Bone, across: Array, height: Array, grain: Array) -> Array:
    """Attenuation of a bone at (across mm, height fraction)."""
    outer = _profile(height, bone.width) / 2
    offset = across - _profile(height, bone.centre)
    # the two cortices are never alike, nor even along the shaft
    place = np.clip(height, 0, 1) * (len(bone.waves[0]) - 1)
    left = np.interp(place, np.arange(len(bone.waves[0])), bone.waves[0])
    right = np.interp(place, np.arange(len(bone.waves[1])), bone.waves[1])
    shell = _profile(height, bone.cortex) * (1 + 0.13 * np.where(offset < 0, left, right))
    outer = outer * (1 + 0.012 * (left + right))
    # shafts are rounded triangles: thicker on the side of the crest
    skew = 1.0 + 0.22 * np.clip(offset / outer, -1, 1)
    inner = np.maximum(outer - shell, 0.1)
    path_outer = 2 * np.sqrt(np.maximum(outer**2 - offset**2, 0)) * skew
    path_inner = 2 * np.sqrt(np.maximum(inner**2 - offset**2, 0)) * skew
    cortex = path_outer - np.minimum(path_inner, path_outer)
    spongy = smooth_step((np.abs(height - 0.5) - 0.20) / 0.28)
    filling = MUSCLE * 0.93 + (TRABECULA - MUSCLE * 0.93) * spongy
    # marrow space of wide ends is deeper front to back than side to side
    path_inner = np.minimum(path_inner, 34.0)
    trabecular = filling * (1 + 0.10 * spongy * grain)
    inside = np.abs(offset) < outer
    # the front crest projects as a faint line within the shaft
    shaft = smooth_step((0.30 - np.abs(height - 0.42)) / 0.18)
    crest = np.exp(-(((offset - 0.34 * outer) / (0.10 * outer + 0.3)) ** 2)) * shaft
    cortex = cortex + 1.6 * crest * (outer > 9.0)
    ripple = 1 + 0.035 * grain
    return np.where(inside, CORTEX * cortex * ripple + trabecular * path_inner, 0.0)


def _inside(bone: _Bone, across: Array, height: Array) -> NDArray[np.bool_]:
    outer = _profile(height, bone.width) / 2
    return np.abs(across - _profile(height, bone.centre)) < outer


def _broken(
    rng: np.random.Generator,
    bone: _Bone,
    crack: Break,
    across: Array,
    along: Array,
    length: float,
    grain: Array,
) -> tuple[Array, NDArray[np.bool_]]:
    """Attenuation of both pieces, and the pixels near the fracture surface."""
    level = crack.height * length
    centre = float(_profile(np.array(crack.height), bone.centre))
    width = float(_profile(np.array(crack.height), bone.width))
    teeth = rng.standard_normal(400)
    coarse, fine = ndi.gaussian_filter1d(teeth, 14.0), ndi.gaussian_filter1d(teeth[::-1], 2.5)
    jag = 2.2 * coarse / coarse.std() + 0.45 * fine / fine.std()

    def surface(offset: Array) -> Array:
        place = np.clip((offset + 40) / 80 * 399, 0, 399)
        return level + crack.slant_mm * offset / width + np.interp(place, np.arange(400.0), jag)

    def share_below(x: Array, y: Array) -> Array:
        return smooth_step((y - surface(x - centre)) / max(crack.depth_mm, 0.3) + 0.5)

    upper = _tube(bone, across, along / length, grain) * (1 - share_below(across, along))
    angle = np.deg2rad(crack.tilt_degrees)
    dx, dy = across - centre - crack.shift_mm, along - level + crack.overlap_mm
    moved_x = centre + dx * np.cos(angle) - dy * np.sin(angle)
    moved_y = level + dx * np.sin(angle) + dy * np.cos(angle)
    share = share_below(moved_x, moved_y)
    lower = _tube(bone, moved_x, moved_y / length, np.roll(grain, 7, axis=0)) * share
    reach = abs(crack.slant_mm) / 2 + crack.depth_mm / 2 + 2.0
    near_upper = (np.abs(along - level) < reach) & _inside(bone, across, along / length)
    near_lower = (np.abs(moved_y - level) < reach) & _inside(bone, moved_x, moved_y / length)
    return upper + lower, near_upper | near_lower


def _soft_tissue(rng: np.random.Generator, across: Array, height: Array, px: float) -> Array:
    """Muscle within a layer of fat; bundles and planes give it a faint grain."""
    shape = across.shape
    outer = _profile(height, LEG_OUTER)
    inner = _profile(height, LEG_INNER)
    bump = 1.2 * smooth_field(rng, shape, 28 * px)
    half = (outer + inner) / 2 + 0.6 * bump
    offset = across - 8.0 - (outer - inner) / 2
    fat = _profile(height, FAT_LAYER) + 0.5 * bump
    whole = 2 * np.sqrt(np.maximum(half**2 - offset**2, 0)) * 0.92
    lean = 2 * np.sqrt(np.maximum((half - fat) ** 2 - offset**2, 0)) * 0.90
    bundles = smooth_field(rng, shape, (26 * px, 3.0 * px))
    planes = np.exp(-((smooth_field(rng, shape, (40 * px, 6 * px)) / 0.10) ** 2))
    lean = lean * (1 + 0.016 * bundles - 0.045 * planes)
    septa = np.exp(-((smooth_field(rng, shape, (7 * px, 2.5 * px)) / 0.10) ** 2))
    return FAT * (whole - lean) * (1 + 0.05 * septa) + MUSCLE * lean


def limb(name: str, leg: Leg) -> LimbPicture:
    """One radiograph of a lower leg; `name` decides everything that is left to chance."""
    rng = generator(name)
    px = 1.0 / leg.mm_per_pixel
    shape = (leg.rows, leg.columns)
    rows, columns = np.mgrid[: leg.rows, : leg.columns].astype(float)
    angle = np.deg2rad(leg.tilt_degrees)
    middle_row, middle_column = leg.rows / 2, leg.columns * 0.5
    x = (columns - middle_column) / px
    y = (rows - middle_row) / px
    across = x * np.cos(angle) + y * np.sin(angle) + 8.0
    span = (leg.bottom - leg.top) * 370.0
    length = 370.0 * (leg.rows / px) / span
    along = (leg.top + leg.bottom) / 2 * length + (y * np.cos(angle) - x * np.sin(angle))
    bow = 2.0 * np.sin(np.pi * along / length) + 0.8 * smooth_field(rng, (leg.rows, 1), 60 * px)
    across = across + bow
    height = along / length

    fine = smooth_field(rng, shape, (1.3 * px, 0.35 * px))
    coarse = smooth_field(rng, shape, (0.5 * px, 0.5 * px))
    grain = (fine + 0.8 * coarse) / 1.3
    attenuation = _soft_tissue(rng, across, height, px)
    boxes: list[tuple[str, Box]] = []
    for label, bone, crack in (
        ("tibia", _Bone(TIBIA_WIDTH, TIBIA_CORTEX, TIBIA_CENTRE, _waves(rng)), leg.tibia_break),
        (
            "fibula",
            _Bone(FIBULA_WIDTH, FIBULA_CORTEX, FIBULA_CENTRE, _waves(rng)),
            leg.fibula_break,
        ),
    ):
        if crack is None:
            added = _tube(bone, across, height, grain)
        else:
            added, near = _broken(rng, bone, crack, across, along, length, grain)
            boxes.append((f"{label} shaft fracture", Box.around(near)))
            swelling = np.exp(-(((along - crack.height * length) / 45.0) ** 2))
            attenuation = attenuation * (1 + 0.03 * swelling)
        # bone displaces the muscle it stands in
        attenuation = attenuation + added * (1 - MUSCLE / CORTEX * 0.85)
    signal = np.exp(-attenuation)
    scatter = 0.16 * ndi.gaussian_filter(signal, 16 * px, mode="nearest")
    signal = ndi.gaussian_filter(signal, 0.14 * px) * 0.9 + scatter * 0.55
    quanta = 5200.0 * signal
    noise = rng.standard_normal(shape)
    noise = ndi.gaussian_filter(noise, 0.6)
    noise = noise / noise.std()
    density = -np.log(np.maximum(quanta + np.sqrt(quanta) * noise, 1.0) / 5200.0)
    # edge-enhancing processing of a digital system: compress the slow part, keep the fine
    slow = ndi.gaussian_filter(density, 9.0 * px, mode="nearest")
    processed = 0.62 * slow + 1.25 * (density - slow)
    low, high = np.quantile(processed, [0.002, 0.998])
    values = (processed - low) / (high - low)
    table = cloud_field(rng, shape, [30 * px, 9 * px])
    values = 0.10 + 0.84 * np.clip(values, 0, 1.06) ** 0.92 + 0.008 * table
    if not leg.right_leg:
        values = values[:, ::-1]
        boxes = [(kind, box.mirrored(leg.columns)) for kind, box in boxes]
    return LimbPicture(np.ascontiguousarray(values), tuple(boxes))
