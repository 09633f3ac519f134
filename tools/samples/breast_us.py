"""Simulated breast ultrasound: tissue layers, speckle from scatterers, attenuation, lesions.

A linear probe looks down from the top edge. The tissue is a map of echo strength (dB) and of
attenuation; scatterers are complex Gaussian noise weighted by it, seen through a point spread
function whose width grows away from the focus; several looks are compounded as scanners do,
then log-compressed to 8 bit. Shadow and enhancement follow from the summed attenuation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.chance import generator, smooth_field
from tools.samples.drawing import smooth_step
from tools.samples.truth import Box

Array = NDArray[np.float64]


class Lump(Enum):
    """What lies in the breast."""

    NONE = "none"
    FIBROADENOMA = "fibroadenoma-like oval mass"
    CARCINOMA = "irregular mass with shadow"


@dataclass(frozen=True, slots=True)
class Probe:
    """Picture size in pixels, its scale, and the look of the machine."""

    rows: int
    columns: int
    mm_per_pixel: float
    looks: int = 2
    range_db: float = 60.0
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class BreastClip:
    """uint8 frames (n, rows, columns) and the lesion's box on each frame (None without one)."""

    frames: NDArray[np.uint8]
    boxes: tuple[Box | None, ...]


@dataclass(slots=True)
class Tissue:
    """Echo strength in dB and attenuation in dB per mm on the pixel grid."""

    echo: Array
    attenuation: Array
    lesion: NDArray[np.bool_]


def _layer_line(rng: np.random.Generator, columns: int, depth: float, swing: float) -> Array:
    """Depth (pixels) of a wavy boundary for every column."""
    slow = ndi.gaussian_filter1d(rng.standard_normal(columns * 3), columns / 4)[columns:-columns]
    fine = ndi.gaussian_filter1d(rng.standard_normal(columns * 3), columns / 16)[columns:-columns]
    slow, fine = slow / slow.std(), fine / fine.std()
    return depth + swing * (0.8 * slow + 0.3 * fine)


def _strands(
    rng: np.random.Generator, shape: tuple[int, int], size: tuple[float, float], thin: float
) -> Array:
    """Thin bright sheets (septa, ligaments) where a smooth field crosses zero; 0-1.

    A sheet shines only where it lies across the beam, so the steep parts fade.
    """
    warp = smooth_field(rng, shape, (size[0] * 2, size[1] * 2)) * size[0]
    field = smooth_field(rng, shape, size)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(float)
    field = ndi.map_coordinates(field, [rows + warp, columns], order=1, mode="reflect")
    down, right = np.gradient(field)
    slope = np.hypot(down, right) + 1e-4
    across = (np.abs(down) / slope) ** 2.5
    strength = smooth_step(0.45 + 0.7 * smooth_field(rng, shape, (size[0], size[1] * 0.8)))
    return np.exp(-((field / slope / thin) ** 2)) * strength * across


def _streaks(
    rng: np.random.Generator, shape: tuple[int, int], px: float, sizes: list[tuple[float, float]]
) -> Array:
    """Fibrous texture: flat streaks of several sizes that follow a common wavy lie; unit spread."""
    lie = smooth_field(rng, shape, (6.0 * px, 6.0 * px)) * 1.6 * px
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(float)
    total = np.zeros(shape)
    for size in sizes:
        total += smooth_field(rng, shape, (size[0] * px, size[1] * px))
    total = ndi.map_coordinates(total, [rows + lie, columns], order=1, mode="reflect")
    return total / total.std()


def _interface(
    rng: np.random.Generator, depth: Array, line: Array, level: float, thick: float, px: float
) -> Array:
    """A fascia seen as a line: patchy, and dim where it is steep; dB map."""
    columns = depth.shape[1]
    along = ndi.gaussian_filter1d(rng.standard_normal(columns), 1.8 * px)
    steep = np.abs(np.gradient(ndi.gaussian_filter1d(line, 0.6 * px)))
    bright = level + 5.0 * along / along.std() - 22.0 * steep
    sheet = np.exp(-(((depth - line[None]) / (thick * px)) ** 2))
    return -48.0 + (np.maximum(bright, -40.0)[None] + 48.0) * sheet


def _layers(rng: np.random.Generator, probe: Probe) -> Tissue:
    """Skin, fat, gland, retromammary fat, pectoral muscle, chest wall."""
    shape = (probe.rows, probe.columns)
    px = 1.0 / probe.mm_per_pixel
    depth = np.mgrid[: probe.rows, : probe.columns][0].astype(float)
    skin = _layer_line(rng, probe.columns, 1.5 * px, 0.10 * px)
    gland = _layer_line(rng, probe.columns, 6.8 * px, 1.5 * px)
    back = _layer_line(rng, probe.columns, 19.5 * px, 1.5 * px)
    muscle = _layer_line(rng, probe.columns, 22.5 * px, 0.9 * px)
    wall = _layer_line(rng, probe.columns, 29.5 * px, 0.9 * px)

    fat = -22.0 + 2.4 * _streaks(rng, shape, px, [(0.9, 2.0), (0.35, 1.2)])
    fat = np.maximum(fat, -34 + 31.0 * _strands(rng, shape, (1.3 * px, 4.0 * px), 0.15 * px))
    fibrous = _streaks(rng, shape, px, [(1.4, 3.0), (0.55, 2.4), (0.25, 1.3), (0.16, 0.8)])
    glandular = -13.0 + 5.0 * fibrous
    lobules = smooth_step(-0.7 + 1.1 * smooth_field(rng, shape, (0.75 * px, 1.9 * px)))
    glandular = glandular - 8.0 * lobules
    for size in ((0.9 * px, 5.0 * px), (0.6 * px, 2.6 * px)):
        glandular = np.maximum(glandular, -34 + 33.0 * _strands(rng, shape, size, 0.13 * px))
    pectoral = -21.0 + 3.6 * _streaks(rng, shape, px, [(0.30, 5.0), (0.16, 2.6)])
    pectoral = np.maximum(
        pectoral, -32 + 26.0 * _strands(rng, shape, (0.7 * px, 9.0 * px), 0.12 * px)
    )

    def below(line: Array, soft: float) -> Array:
        ragged = line[None] + 0.5 * px * fibrous
        return smooth_step((depth - ragged) / (soft * px) + 0.5)

    echo = fat.copy()
    for line, tissue, soft in (
        (gland, glandular, 1.2),
        (back, fat + 1.0, 1.0),
        (muscle, pectoral, 0.6),
        (wall, np.full(shape, -29.0), 0.5),
    ):
        share = below(line, soft)
        echo = echo * (1 - share) + tissue * share
    for line, level, thick in (
        (skin * 0.18, 2.0, 0.20),
        (skin, -5.0, 0.20),
        (gland, -9.0, 0.20),
        (muscle, -5.0, 0.20),
        (wall, 0.0, 0.28),
    ):
        echo = np.maximum(echo, _interface(rng, depth, line, level, thick, px))
    within_skin = (depth < skin[None] * 0.9) & (depth > skin[None] * 0.3)
    echo = np.where(within_skin, np.maximum(echo, -13.0), echo)
    attenuation = np.full(shape, 0.35)
    attenuation += 0.12 * ndi.gaussian_filter(lobules, 1.2 * px)
    attenuation += 1.1 * smooth_step((depth - wall[None]) / (0.5 * px))
    return Tissue(echo, attenuation, np.zeros(shape, bool))


def _fibroadenoma(
    rng: np.random.Generator, tissue: Tissue, probe: Probe, centre: tuple[float, float], cut: float
) -> None:
    """Oval, wider than tall, sharp, even, thin capsule, brighter tissue behind."""
    px = 1.0 / probe.mm_per_pixel
    rows, columns = np.mgrid[: probe.rows, : probe.columns].astype(float)
    dy, dx = (rows - centre[0]) / px, (columns - centre[1]) / px
    turned, across = dx * 0.985 + dy * 0.17, dy * 0.985 - dx * 0.17
    bend = 0.07 * smooth_field(rng, tissue.echo.shape, 2.6 * px)
    far = np.hypot(turned / 8.2, across / 4.5) / max(cut, 0.05) + bend
    share = 1.0 / (1.0 + np.exp((far - 1.0) / 0.03))
    inner = -26.0 + 2.4 * _streaks(rng, tissue.echo.shape, px, [(0.8, 1.6), (0.25, 0.8)])
    tissue.echo[:] = tissue.echo * (1 - share) + inner * share
    capsule = np.exp(-(((far - 1.03) / 0.035) ** 2)) * (0.35 + 0.65 * np.abs(across) / 4.5)
    tissue.echo[:] = np.maximum(tissue.echo, -42 + 34 * np.minimum(capsule, 1.0))
    tissue.attenuation[:] -= 0.40 * share
    edge = np.exp(-(((far - 1.0) / 0.05) ** 2)) * smooth_step((np.abs(turned) / 8.2 - 0.86) / 0.1)
    tissue.attenuation[:] += 1.3 * edge
    tissue.lesion[:] = far < 1.0


def _carcinoma(
    rng: np.random.Generator, tissue: Tissue, probe: Probe, centre: tuple[float, float]
) -> None:
    """Irregular, taller than wide, spiculated, very dark, bright halo, shadow, calcifications."""
    px = 1.0 / probe.mm_per_pixel
    rows, columns = np.mgrid[: probe.rows, : probe.columns].astype(float)
    dy, dx = (rows - centre[0]) / px, (columns - centre[1]) / px
    angle = np.arctan2(dy, dx)
    turn = ((angle + np.pi) / (2 * np.pi) * 720).astype(int) % 720
    coarse = ndi.gaussian_filter1d(rng.standard_normal(720), 32, mode="wrap")
    spikes = ndi.gaussian_filter1d(rng.standard_normal(720), 6, mode="wrap")
    outline = 1 + 0.15 * coarse / coarse.std() + 0.07 * spikes / spikes.std()
    rough = smooth_field(rng, tissue.echo.shape, 0.8 * px)
    far = np.hypot(dx / 6.6, dy / 6.9) / np.maximum(outline, 0.45)[turn] + 0.11 * rough
    share = 1.0 / (1.0 + np.exp((far - 1.0) / 0.075))
    inner = -30.5 + 4.0 * _streaks(rng, tissue.echo.shape, px, [(0.9, 1.1), (0.3, 0.7)])
    halo = np.exp(-(((far - 1.28) / 0.2) ** 2))
    tissue.echo[:] += 5.0 * halo * (1 - share)
    tissue.echo[:] = tissue.echo * (1 - share) + inner * share
    for _ in range(7):
        spot = centre + rng.normal(0, 1.9, 2) * px
        away = np.hypot(rows - spot[0], columns - spot[1]) / px
        tissue.echo[:] = np.maximum(tissue.echo, -40 + 36 * np.exp(-((away / 0.20) ** 2)))
    patchy = 1.0 + 0.35 * smooth_field(rng, tissue.echo.shape, (3.0 * px, 0.7 * px))
    tissue.attenuation[:] += 0.62 * share * patchy
    tissue.lesion[:] = far < 1.0


def _looked_at(noise: Array, tissue: Tissue, probe: Probe) -> Array:
    """One look: complex scatterers through the point spread function; envelope."""
    px = 1.0 / probe.mm_per_pixel
    amplitude = 10 ** (tissue.echo / 20)
    near_size, deep_size = (0.13 * px, 0.34 * px), (0.17 * px, 0.62 * px)
    field = (noise[0] + 1j * noise[1]) * amplitude
    near = ndi.gaussian_filter(field.real, near_size) + 1j * ndi.gaussian_filter(
        field.imag, near_size
    )
    deep = ndi.gaussian_filter(field.real, deep_size) + 1j * ndi.gaussian_filter(
        field.imag, deep_size
    )
    depth = np.linspace(0, 1, probe.rows)[:, None]
    blend = smooth_step(np.abs(depth - 0.38) / 0.55)
    # the wider kernel averages more scatterers: give both the same mean power
    power_near, power_deep = near_size[0] * near_size[1], deep_size[0] * deep_size[1]
    return np.abs(near * np.sqrt(power_near) * (1 - blend) + deep * np.sqrt(power_deep) * blend)


def _frame(
    tissue: Tissue, probe: Probe, noises: list[Array], columns_gain: Array, rng: np.random.Generator
) -> NDArray[np.uint8]:
    px = 1.0 / probe.mm_per_pixel
    envelope = np.sqrt(sum(_looked_at(n, tissue, probe) ** 2 for n in noises) / len(noises))
    path = 2.0 * np.cumsum(tissue.attenuation, axis=0) / px
    path = ndi.gaussian_filter(path, (0.0, 0.45 * px))
    depth_mm = np.arange(probe.rows)[:, None] / px
    compensated = -path + 2.0 * 0.35 * depth_mm * 0.93
    level = 20 * np.log10(envelope + 1e-9) + compensated + columns_gain
    fade = -9.0 * smooth_step((depth_mm - 0.6 * depth_mm.max()) / (0.4 * depth_mm.max()))
    level = level - np.median(level) + probe.gain_db + fade
    thermal = -38.0 + 9.0 * depth_mm / depth_mm.max()
    hiss = ndi.gaussian_filter(rng.standard_normal(level.shape), (0.8, 1.6))
    level = 20 * np.log10(10 ** (level / 20) + 10 ** ((thermal + 4.0 * hiss) / 20))
    grey = (level + 0.50 * probe.range_db) / probe.range_db
    grey = ndi.gaussian_filter(grey, (0.5, 0.9))
    curve = np.clip(grey, 0.0, 1.0) ** 1.6
    return np.rint(curve * 245.0).astype(np.uint8)


def breast_clip(name: str, probe: Probe, lump: Lump, frames: int = 1) -> BreastClip:
    """A still (`frames` 1) or a slow sweep through the lesion, `name` deciding all chance."""
    rng = generator(name)
    shape = (probe.rows, probe.columns)
    px = 1.0 / probe.mm_per_pixel
    base = _layers(rng, probe)
    centre = (
        rng.uniform(12.5, 15.0) * px,
        probe.columns * rng.uniform(0.42, 0.58),
    )
    contact = ndi.gaussian_filter1d(rng.standard_normal(probe.columns), 2.5 * px)
    columns_gain = (1.6 * contact / contact.std())[None]
    state = [rng.standard_normal((2, *shape)) for _ in range(probe.looks)]
    pictures, boxes = [], []
    for index in range(frames):
        sweep = 0.0 if frames == 1 else (index - (frames - 1) / 2) / (frames * 0.56)
        press = 0.5 * px * np.sin(2 * np.pi * index / max(frames, 2))
        shift = 1.6 * px * sweep
        rows, columns = np.mgrid[: probe.rows, : probe.columns].astype(float)
        squeeze = rows - press * smooth_step(rows / probe.rows * 1.5)
        echo, attenuation = (
            ndi.map_coordinates(a, [squeeze, columns + shift], order=1, mode="nearest")
            for a in (base.echo, base.attenuation)
        )
        tissue = Tissue(echo, attenuation, np.zeros(shape, bool))
        here = (centre[0] + press * 0.7, centre[1] - shift)
        local = generator(f"{name} lump")
        if lump is Lump.FIBROADENOMA:
            _fibroadenoma(local, tissue, probe, here, float(np.sqrt(1 - sweep**2)))
        elif lump is Lump.CARCINOMA:
            _carcinoma(local, tissue, probe, here)
        pictures.append(_frame(tissue, probe, state, columns_gain, rng))
        boxes.append(Box.around(tissue.lesion) if tissue.lesion.any() else None)
        if frames > 1:
            # neighbouring frames share most of their speckle
            state = [0.93 * n + 0.3676 * rng.standard_normal(n.shape) for n in state]
    return BreastClip(np.stack(pictures), tuple(boxes))
