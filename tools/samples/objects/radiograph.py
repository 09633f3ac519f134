"""DX (For Presentation) and CR objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tools.samples.objects.base import Order, code, new_object, put_grey

DX_FOR_PRESENTATION = "1.2.840.10008.5.1.4.1.1.1.1"
CR = "1.2.840.10008.5.1.4.1.1.1"
BITS = 12


@dataclass(frozen=True, slots=True)
class View:
    """Projection, side, region and how the beam ran."""

    position: str  # View Position, for example PA
    code: tuple[str, str, str]
    region: tuple[str, str, str]
    laterality: str  # U unpaired, R, L, B
    orientation: tuple[str, str]  # Patient Orientation of rows and columns
    kvp: float
    distance_mm: float


CHEST_PA = View(
    "PA",
    ("272479007", "SCT", "postero-anterior"),
    ("51185008", "SCT", "Chest"),
    "U",
    ("L", "F"),
    120.0,
    1800.0,
)
CHEST_AP = View(
    "AP",
    ("399348003", "SCT", "antero-posterior"),
    ("51185008", "SCT", "Chest"),
    "U",
    ("L", "F"),
    75.0,
    1100.0,
)


def lower_leg(laterality: str) -> View:
    """Front view of a lower leg."""
    return View(
        "AP",
        ("399348003", "SCT", "antero-posterior"),
        ("30021000", "SCT", "Lower leg"),
        laterality,
        ("L", "F"),
        55.0,
        1150.0,
    )


def stored_values(values: NDArray[np.float64], inverted: bool) -> NDArray[np.uint16]:
    """Grey 0-1 (bone bright) to 12-bit stored values; `inverted` for MONOCHROME1."""
    top = (1 << BITS) - 1
    scaled = np.rint(np.clip((values + 0.08) / 1.22, 0.0, 1.0) * top).astype(np.uint16)
    return (top - scaled).astype(np.uint16) if inverted else scaled


def radiograph(
    order: Order,
    view: View,
    values: NDArray[np.float64],
    spacing_mm: float,
    as_cr: bool = False,
    inverted: bool = False,
) -> Dataset:
    """One film as DX or CR. Imager Pixel Spacing only: millimetres are at the detector."""
    ds = new_object(
        order,
        CR if as_cr else DX_FOR_PRESENTATION,
        "CR" if as_cr else "DX",
        1,
        1,
        f"{order.body_part} {view.position}",
    )
    ds.ImageType = ["ORIGINAL", "PRIMARY"] if as_cr else ["ORIGINAL", "PRIMARY", ""]
    ds.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    put_grey(ds, stored_values(values, inverted)[None], BITS)
    ds.PatientOrientation = list(view.orientation)
    ds.ViewPosition = view.position
    ds.KVP = view.kvp
    ds.DistanceSourceToDetector = view.distance_mm
    ds.ImagerPixelSpacing = [spacing_mm, spacing_mm]
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "US"
    if not as_cr:
        _digital_xray(ds, view, inverted)
    low, high = np.quantile(values, [0.005, 0.999])
    top = (1 << BITS) - 1
    edges = np.clip((np.array([low, high]) + 0.08) / 1.22, 0, 1) * top
    centre = float(edges.mean())
    ds.WindowCenter = round(top - centre if inverted else centre)
    ds.WindowWidth = max(round(float(edges[1] - edges[0])), 1)
    ds.WindowCenterWidthExplanation = "Standard"
    return ds


def _digital_xray(ds: Dataset, view: View, inverted: bool) -> None:
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.PixelIntensityRelationship = "LOG"
    ds.PixelIntensityRelationshipSign = 1 if inverted else -1
    ds.PresentationLUTShape = "INVERSE" if inverted else "IDENTITY"
    ds.ImageLaterality = view.laterality
    ds.AnatomicRegionSequence = Sequence([code(*view.region)])
    ds.ViewCodeSequence = Sequence([code(*view.code)])
    ds.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence([])
    ds.PatientOrientationCodeSequence = Sequence([code("10904000", "SCT", "erect")])
    ds.DetectorType = "SCINTILLATOR"
    ds.DetectorConfiguration = "AREA"
    ds.DetectorDescription = "SIMULATED flat panel"
    ds.DetectorActiveShape = "RECTANGLE"
    ds.AcquisitionContextSequence = Sequence([])
    ds.PositionerType = "NONE"
    ds.FieldOfViewShape = "RECTANGLE"


MAMMOGRAM = "1.2.840.10008.5.1.4.1.1.1.2"
MLO = View(
    "MLO",
    ("399368009", "SCT", "medio-lateral oblique"),
    ("76752008", "SCT", "Breast"),
    "R",
    ("P", "F"),
    28.0,
    650.0,
)


def mammogram_film(
    order: Order, values: NDArray[np.float64], spacing_mm: float, right: bool
) -> Dataset:
    """One oblique mammogram (For Presentation); air is stored as 0."""
    ds = new_object(order, MAMMOGRAM, "MG", 1, 1, f"{'R' if right else 'L'} MLO")
    ds.ImageType = ["ORIGINAL", "PRIMARY", ""]
    ds.PhotometricInterpretation = "MONOCHROME2"
    top = (1 << BITS) - 1
    put_grey(ds, np.rint(np.clip(values, 0, 1) * top).astype(np.uint16)[None], BITS)
    _digital_xray(ds, MLO, inverted=False)
    del ds.PatientOrientationCodeSequence
    ds.ImageLaterality = "R" if right else "L"
    # rows run from chest wall to nipple in a left breast and back in a right one
    ds.PatientOrientation = ["P", "FL"] if right else ["A", "FR"]
    ds.ViewPosition = "MLO"
    ds.KVP = MLO.kvp
    ds.DistanceSourceToDetector = MLO.distance_mm
    ds.ImagerPixelSpacing = [spacing_mm, spacing_mm]
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "US"
    ds.OrganExposed = "BREAST"
    ds.PositionerType = "MAMMOGRAPHIC"
    ds.PositionerPrimaryAngle = -45 if right else 45
    ds.BreastImplantPresent = "NO"
    ds.PartialView = "NO"
    ds.AnodeTargetMaterial = "MOLYBDENUM"
    ds.FilterMaterial = "MOLYBDENUM"
    ds.CompressionForce = 110
    ds.BodyPartThickness = 55
    ds.WindowCenter, ds.WindowWidth = 2000, 3600
    ds.WindowCenterWidthExplanation = "Standard"
    return ds
