"""Millimetres per pixel, and whether they may be believed.

Projection radiographs are magnified: Imager Pixel Spacing is true at the detector only, and
quoting it as the patient's size was withdrawn elsewhere as a safety issue (wishes.md, row 38).
Ultrasound has a scale per region, possibly several in one picture (row 39).
"""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset

from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.dicom import values
from mediassist.dicom.functional_groups import functional_group

_PROJECTION = frozenset({"CR", "DX", "MG", "XA", "RF", "RG", "PX", "IO", "XC"})
_CENTIMETRE = 3  # PS3.3 C.8.5.5.1.15, Physical Units


def pixel_spacing(dataset: Dataset, modality: str, frame: int = 0) -> PixelSpacing | None:
    """Spacing of a frame with its source, or None where the file states none that can be used.

    PS3.3 10.7.1.3: in a projection, Pixel Spacing that equals Imager Pixel Spacing, or comes
    alone without a calibration type, is no calibration; it is the detector's.
    """
    measures = functional_group(dataset, frame, "PixelMeasuresSequence")
    if measures is not None:
        found = _pair(values.numbers(measures, "PixelSpacing"), SpacingSource.PATIENT)
        if found is not None:
            return found
    if modality in _PROJECTION:
        return _projection_spacing(dataset)
    found = _pair(values.numbers(dataset, "PixelSpacing"), SpacingSource.PATIENT)
    if found is not None:
        return found
    return _region_spacing(dataset) or _pair(
        values.numbers(dataset, "NominalScannedPixelSpacing"), SpacingSource.DETECTOR
    )


def _projection_spacing(dataset: Dataset) -> PixelSpacing | None:
    plane = values.numbers(dataset, "PixelSpacing")
    detector = values.numbers(dataset, "ImagerPixelSpacing")
    magnification = values.number(dataset, "EstimatedRadiographicMagnificationFactor")
    is_calibrated = bool(values.code(dataset, "PixelSpacingCalibrationType"))
    differs = len(plane) == 2 and len(detector) == 2 and not _same(plane, detector)
    if is_calibrated or differs:
        found = _pair(plane, SpacingSource.PATIENT)
        if found is not None:
            return found
    if magnification is not None and magnification > 0 and len(detector) == 2:
        return _pair([value / magnification for value in detector], SpacingSource.ERMF)
    return (
        _pair(detector, SpacingSource.DETECTOR)
        or _pair(plane, SpacingSource.DETECTOR)
        or _pair(values.numbers(dataset, "NominalScannedPixelSpacing"), SpacingSource.DETECTOR)
    )


def _region_spacing(dataset: Dataset) -> PixelSpacing | None:
    """The scale of ultrasound regions, if all tissue regions of the picture agree on one."""
    found: set[tuple[float, float]] = set()
    for region in values.items(dataset, "SequenceOfUltrasoundRegions"):
        units = (
            values.integer(region, "PhysicalUnitsXDirection"),
            values.integer(region, "PhysicalUnitsYDirection"),
        )
        x = values.number(region, "PhysicalDeltaX")
        y = values.number(region, "PhysicalDeltaY")
        if units != (_CENTIMETRE, _CENTIMETRE) or not x or not y:
            continue
        found.add((round(abs(y) * 10, 7), round(abs(x) * 10, 7)))
    return _pair(next(iter(found)), SpacingSource.REGION) if len(found) == 1 else None


def _pair(numbers: Sequence[float], source: SpacingSource) -> PixelSpacing | None:
    if len(numbers) != 2 or not all(1e-6 < number < 1e4 for number in numbers):
        return None
    return PixelSpacing(numbers[0], numbers[1], source)


def _same(first: Sequence[float], second: Sequence[float]) -> bool:
    return all(abs(a - b) <= 1e-4 * max(a, b) for a, b in zip(first, second, strict=True))
