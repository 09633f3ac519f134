"""Seeded chance and smooth random fields. No wall clock, no global state.

Everything is float64 and rounded to whole stored values at the very end, so that differences
in the last bit between machines (FFT and libm builds) do not reach the files.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

Array = NDArray[np.float64]


def generator(name: str) -> np.random.Generator:
    """A generator that depends on `name` alone (PCG64 seeded by its SHA-256)."""
    digest = hashlib.sha256(f"mediassist sample {name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def smooth_field(
    rng: np.random.Generator, shape: tuple[int, ...], sigma: float | tuple[float, ...]
) -> Array:
    """Gaussian-filtered white noise with zero mean and unit spread."""
    field = ndi.gaussian_filter(rng.standard_normal(shape), sigma, mode="reflect")
    return (field - field.mean()) / field.std()


def cloud_field(rng: np.random.Generator, shape: tuple[int, int], sigmas: list[float]) -> Array:
    """Sum of smooth fields over octaves, coarse ones stronger: a cloud; unit spread."""
    total = np.zeros(shape)
    for sigma in sigmas:
        total += smooth_field(rng, shape, sigma) * sigma**0.5
    return total / total.std()


def spectral_field(rng: np.random.Generator, side: int, power: Array, lowest: float = 6.0) -> Array:
    """A square field whose radial power follows `power` (index = cycles per side); unit spread."""
    frequency = np.fft.fftfreq(side) * side
    radius = np.hypot(frequency[:, None], frequency[None])
    amplitude = np.sqrt(np.interp(radius, np.arange(len(power)), power))
    amplitude[radius < lowest] = 0.0
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal((side, side))) * amplitude).real
    return field / field.std()
