"""Packing a registered group into a small model: average, shape modes, light modes, texture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi

from tools.samples.fitting.registration import Group, inverse

Array = NDArray[np.float64]
MODES = 8
STEP = 8


def _modes(samples: Array) -> tuple[Array, Array, Array]:
    """Mean, principal directions and their standard deviations of flattened samples."""
    mean = samples.mean(0)
    _, values, directions = np.linalg.svd(
        (samples - mean).reshape(len(samples), -1), full_matrices=False
    )
    return (
        mean,
        directions[:MODES].reshape(MODES, *mean.shape),
        values[:MODES] / np.sqrt(len(samples)),
    )


def model_arrays(group: Group, kept_share: float = 0.7) -> dict[str, Array]:
    """What generation needs, all of it averages or the first few principal modes.

    `shape_*`: inverse displacement (patient to average) on a grid 8 times coarser;
    `light_*`: slowly varying brightness left after registration, on the same grid;
    `grain_spread` and `grain_power`: local spread and radial power spectrum of the fine
    structure that registration cannot align (vessels, trabeculae, noise).
    """
    kept = group.agreement >= np.quantile(group.agreement, 1.0 - kept_share)
    warped, fields = group.warped[kept], group.fields[kept]
    start = STEP // 2
    backs = np.array(
        [inverse(ndi.gaussian_filter(f, (2, 2, 0)))[start::STEP, start::STEP] for f in fields]
    )
    shape_mean, shape_modes, shape_spread = _modes(backs)
    rest = warped - warped.mean(0)
    slow = np.array([ndi.gaussian_filter(r, 6.0) for r in rest])
    _, light_modes, light_spread = _modes(slow[:, start::STEP, start::STEP])
    fine = rest - slow
    spread = np.sqrt(ndi.gaussian_filter(np.mean(fine**2, 0), 6.0))
    power = np.mean([np.abs(np.fft.fft2(f / spread)) ** 2 for f in fine], 0)
    side = power.shape[0]
    frequency = np.fft.fftfreq(side)
    ring = (np.hypot(frequency[:, None], frequency[None]) * side).astype(int).ravel()
    radial = np.bincount(ring, power.ravel()) / np.bincount(ring)
    return {
        "average": group.average,
        "shape_mean": shape_mean,
        "shape_modes": shape_modes,
        "shape_spread": shape_spread,
        "light_modes": light_modes,
        "light_spread": light_spread,
        "grain_spread": spread[start::STEP, start::STEP],
        "grain_power": radial[: side // 2],
    }


def compact(arrays: dict[str, Array]) -> dict[str, NDArray[np.float16] | NDArray[np.float32]]:
    """Half precision for pictures and fields, single for what may exceed half's range."""
    return {
        name: array.astype(np.float32 if name == "grain_power" else np.float16)
        for name, array in arrays.items()
    }
