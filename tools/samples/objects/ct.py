"""CT Image objects of an axial head series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tools.samples.objects.base import Order, new_object, put_grey, uid

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(frozen=True, slots=True)
class Region:
    """What a CT header says of the part examined; windows are (centre, width, name)."""

    series: str
    protocol: str
    field_mm: float
    windows: tuple[tuple[int, int, str], ...]


HEAD = Region("Head 5.0 soft tissue", "Head routine", 250, ((40, 80, "BRAIN"), (500, 2500, "BONE")))
CHEST = Region(
    "Chest 4.0 lung", "Chest low dose", 380, ((-500, 1500, "LUNG"), (40, 400, "MEDIASTINUM"))
)


def slice_position(index: int, count: int, side: int, mm: float, step: float) -> list[float]:
    """Image Position (Patient) of slice `index`, foot to head, the stack centred on the origin."""
    half = (side - 1) / 2 * mm
    return [round(-half, 4), round(-half, 4), round((index - (count - 1) / 2) * step, 4)]


def ct_slice(
    order: Order,
    hu: NDArray[np.int16],
    index: int,
    mm: float,
    step: float,
    region: Region = HEAD,
) -> Dataset:
    """Slice `index` of the stack `hu` (slices, rows, columns), gantry straight, no gaps."""
    ds = new_object(order, CT_IMAGE, "CT", 2, index + 1, region.series)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.PhotometricInterpretation = "MONOCHROME2"
    stored = np.clip(hu[index].astype(np.int32) + 1024, 0, 4095).astype(np.uint16)
    put_grey(ds, stored[None], 12)
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = -1024, 1, "HU"
    ds.PixelSpacing = [mm, mm]
    ds.SliceThickness = step
    ds.SpacingBetweenSlices = step
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = slice_position(index, len(hu), hu.shape[1], mm, step)
    ds.SliceLocation = ds.ImagePositionPatient[2]
    ds.FrameOfReferenceUID = uid(order.key, "frame")
    ds.PositionReferenceIndicator = ""
    ds.PatientPosition = "HFS"
    ds.GantryDetectorTilt = 0
    ds.KVP = 120
    ds.XRayTubeCurrent = 250
    ds.ExposureTime = 1000
    ds.Exposure = 250
    ds.ConvolutionKernel = "SOFT"
    ds.ScanOptions = "AXIAL"
    ds.AcquisitionNumber = 1
    ds.DataCollectionDiameter = region.field_mm
    ds.ReconstructionDiameter = round(hu.shape[1] * mm, 2)
    ds.ProtocolName = f"{region.protocol} (SIMULATED)"
    ds.WindowCenter = [centre for centre, _, _ in region.windows]
    ds.WindowWidth = [width for _, width, _ in region.windows]
    ds.WindowCenterWidthExplanation = [name for _, _, name in region.windows]
    return ds
