"""Modality LUT: from stored values to values with a meaning (HU), PS3.3 C.11.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.dicom import values
from mediassist.dicom.functional_groups import group_or_header
from mediassist.dicom.windows import lookup_table


@dataclass(frozen=True, slots=True)
class Rescale:
    """value = stored * slope + intercept; `unit` as Rescale Type (0028,1054) says, often HU."""

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ModalityTable:
    """Entry i belongs to stored value `first + i`; the ends are held."""

    first: int
    entries: NDArray[np.float32]
    unit: str = ""


ModalityTransform = Rescale | ModalityTable


def modality_transform(dataset: Dataset, frame: int, signed: bool) -> ModalityTransform:
    """What the header says for a frame; identity where it says nothing usable.

    The Modality LUT Sequence of XA and RF images describes X-ray intensity and is not for
    display (C.8.7.1.1.2), so it is left out there.
    """
    modality = values.code(dataset, "Modality")
    item = values.first_item(dataset, "ModalityLUTSequence")
    table = lookup_table(item, signed) if len(item) else None
    if table is not None and modality not in ("XA", "RF"):
        first, entries, _ = table
        return ModalityTable(
            first, entries.astype(np.float32), values.code(item, "ModalityLUTType")
        )
    source = group_or_header(dataset, frame, "PixelValueTransformationSequence")
    slope = values.number(source, "RescaleSlope")
    intercept = values.number(source, "RescaleIntercept")
    unit = values.code(source, "RescaleType")
    if not unit and modality == "CT":
        unit = "HU"
    # A slope of zero would make every picture flat; it is a blank that somebody filled in.
    return Rescale(slope or 1.0, intercept or 0.0, unit)


def apply_modality(stored: NDArray[Any], transform: ModalityTransform) -> NDArray[np.float32]:
    """Values in the unit of the transform, float32."""
    if isinstance(transform, ModalityTable):
        index = np.clip(stored.astype(np.int64) - transform.first, 0, len(transform.entries) - 1)
        return transform.entries[index]
    # What is beyond float32 becomes infinite, and is masked as having no value.
    with np.errstate(over="ignore", invalid="ignore"):
        modality = stored.astype(np.float32)
        if transform.slope != 1.0:
            modality *= np.float32(transform.slope)
        if transform.intercept != 0.0:
            modality += np.float32(transform.intercept)
    return modality
