"""Groupwise registration: one sharp population average out of many pictures.

Every picture is brought to the running average by an affine transform and then by symmetric
demons (SimpleITK) on locally normalised intensities, the average is taken again, and so on.
After each round the average is moved by the inverse of the mean displacement, so that it ends
in the middle of the population and not at the first picture (Guimond et al. 2000, CVIU).

A displacement field here has shape (rows, columns, 2), holds (dx, dy) in pixels, and maps a
point of the average to the point of the patient's picture that shows the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray
from scipy import ndimage as ndi

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Round:
    """One round: field smoothing (pixels) and demons iterations at 1/4, 1/2 and full size."""

    smoothing: tuple[float, float, float]
    iterations: tuple[int, int, int]


ROUNDS = (
    Round((2.5, 2.0, 2.0), (0, 0, 0)),
    Round((2.5, 2.0, 2.0), (30, 0, 0)),
    Round((2.0, 2.0, 2.0), (40, 20, 0)),
    Round((2.0, 1.7, 1.7), (40, 30, 0)),
    Round((1.8, 1.5, 1.5), (40, 30, 15)),
    Round((1.8, 1.4, 1.3), (40, 30, 20)),
)


@dataclass(frozen=True, slots=True)
class Group:
    """The result: the average, each picture's field, its warped copy and its agreement (0-1)."""

    average: Array
    fields: Array
    warped: Array
    agreement: Array


def locally_normalised(picture: Array, sigma: float = 12.0) -> Array:
    """Zero mean and unit spread in a Gaussian neighbourhood, so that exposure does not matter."""
    mean = ndi.gaussian_filter(picture, sigma)
    spread = np.sqrt(ndi.gaussian_filter((picture - mean) ** 2, sigma) + 0.02**2)
    return (picture - mean) / spread


def warp(picture: Array, field: Array, outside: float | None = None) -> Array:
    """`picture` sampled at x + field(x); beyond the edge the nearest value or `outside`."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(float)
    at = [rows + field[..., 1], columns + field[..., 0]]
    if outside is None:
        return ndi.map_coordinates(picture, at, order=1, mode="nearest")
    return ndi.map_coordinates(picture, at, order=1, mode="constant", cval=outside)


def inverse(field: Array, steps: int = 12) -> Array:
    """The field that undoes `field`, by fixed-point iteration."""
    back = -field
    for _ in range(steps):
        back = -np.stack([warp(field[..., axis], back) for axis in range(2)], -1)
    return back


def _image(array: Array) -> sitk.Image:
    return sitk.GetImageFromArray(array.astype(np.float32))


def _affine(fixed: Array, moving: Array) -> Array:
    still, mover = _image(fixed), _image(moving)
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsCorrelation()
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 0.01, 60)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel([8, 4])
    method.SetSmoothingSigmasPerLevel([4, 2])
    method.SetInterpolator(sitk.sitkLinear)
    start = sitk.CenteredTransformInitializer(
        still,
        mover,
        sitk.AffineTransform(2),
        sitk.CenteredTransformInitializerFilter.GEOMETRY,
    )
    method.SetInitialTransform(start, inPlace=False)
    found = method.Execute(still, mover)
    field = sitk.TransformToDisplacementField(
        found,
        sitk.sitkVectorFloat64,
        still.GetSize(),
        still.GetOrigin(),
        still.GetSpacing(),
        still.GetDirection(),
    )
    return sitk.GetArrayFromImage(field)


def _resized(array: Array, shape: tuple[int, int]) -> Array:
    factors = (shape[0] / array.shape[0], shape[1] / array.shape[1])
    return ndi.zoom(array, factors, order=1)


def register(fixed: Array, moving: Array, settings: Round) -> Array:
    """The field that brings `moving` onto `fixed`: affine, then demons from coarse to fine."""
    rows, columns = fixed.shape
    field = _affine(fixed, moving)
    for shrink, sigma, count in zip(
        (4, 2, 1), settings.smoothing, settings.iterations, strict=True
    ):
        if count == 0:
            continue
        shape = (rows // shrink, columns // shrink)
        coarse = np.stack([_resized(field[..., k], shape) for k in range(2)], -1) / shrink
        still = _resized(ndi.gaussian_filter(fixed, shrink * 0.5), shape)
        mover = _resized(ndi.gaussian_filter(moving, shrink * 0.5), shape)
        demons = sitk.FastSymmetricForcesDemonsRegistrationFilter()
        demons.SetNumberOfIterations(count)
        demons.SetStandardDeviations(sigma)
        demons.SetSmoothDisplacementField(True)
        demons.SetSmoothUpdateField(True)
        demons.SetUpdateFieldStandardDeviations(1.5)
        demons.SetMaximumUpdateStepLength(1.5)
        start = sitk.GetImageFromArray(coarse.astype(np.float64), isVector=True)
        found = sitk.GetArrayFromImage(
            demons.Execute(
                _image(locally_normalised(still)), _image(locally_normalised(mover)), start
            )
        )
        field = np.stack([_resized(found[..., k], (rows, columns)) for k in range(2)], -1)
        field = field * shrink
    return field


def agreement(one: Array, other: Array) -> float:
    """Correlation of two pictures after local normalisation."""
    return float(
        np.corrcoef(locally_normalised(one).ravel(), locally_normalised(other).ravel())[0, 1]
    )


def average_group(
    pictures: Array, rounds: tuple[Round, ...] = ROUNDS, kept_share: float = 0.7
) -> Group:
    """Groupwise average of `pictures` (n, rows, columns); the worst-fitting are left out of it.

    Points that fall outside a patient's picture do not enter the average there.
    """
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    average = pictures.mean(0)
    fields = np.zeros((*pictures.shape, 2))
    warped, fits = pictures, np.ones(len(pictures))
    for settings in rounds:
        fields = np.array([register(average, picture, settings) for picture in pictures])
        warped = np.array([warp(p, f) for p, f in zip(pictures, fields, strict=True)])
        inside = np.array([warp(np.ones_like(average), f, outside=0.0) for f in fields])
        rough = warped.mean(0)
        fits = np.array([agreement(picture, rough) for picture in warped])
        kept = fits >= np.quantile(fits, 1.0 - kept_share)
        weight = inside[kept] + 1e-3
        average = (warped[kept] * weight).sum(0) / weight.sum(0)
        average = warp(average, inverse(fields.mean(0), 8))
        print(f"round with {settings.iterations}: agreement {fits.mean():.3f}", flush=True)
    return Group(average, fields, warped, fits)
