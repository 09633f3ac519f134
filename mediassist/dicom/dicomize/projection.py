"""CR, DX, MG (both For Presentation) and XA: shadows of the body on a detector."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from mediassist.dicom.dicomize.common import (
    Place,
    Source,
    anatomy,
    coded,
    ds,
    new_object,
    put_laterality,
    put_pixels,
    put_window,
)
from mediassist.dicom.dicomize.statement import Statement, mammography_view_of, side_of

CR_STORAGE = "1.2.840.10008.5.1.4.1.1.1"
DX_STORAGE = "1.2.840.10008.5.1.4.1.1.1.1"
MG_STORAGE = "1.2.840.10008.5.1.4.1.1.1.2"
XA_STORAGE = "1.2.840.10008.5.1.4.1.1.12.1"

# Patient Orientation of rows and columns as films are hung: facing the reader, head on top.
_FRONTAL = ["L", "F"]
_ORIENTATIONS = {"LL": ["P", "F"], "RL": ["A", "F"], "LATERAL": ["P", "F"], "LAT": ["P", "F"]}


def computed_radiograph(statement: Statement, place: Place, source: Source) -> Dataset:
    """Computed Radiography Image."""
    dataset = _film(statement, place, source, CR_STORAGE)
    dataset.ViewPosition = statement.view
    dataset.BodyPartExamined = statement.body_part
    put_laterality(dataset, statement, source)
    return dataset


def digital_radiograph(statement: Statement, place: Place, source: Source) -> Dataset:
    """Digital X-Ray Image, For Presentation."""
    dataset = _film(statement, place, source, DX_STORAGE)
    _for_presentation(dataset)
    dataset.ImageLaterality = side_of(statement, source.name) or "U"
    dataset.AnatomicRegionSequence = anatomy(statement)
    dataset.PatientOrientation = _ORIENTATIONS.get(statement.view, _FRONTAL)
    dataset.PositionerType = ""
    if statement.view:
        dataset.ViewPosition = statement.view
        view = coded("views", statement.view)
        if view:
            view[0].ViewModifierCodeSequence = Sequence()
            dataset.ViewCodeSequence = Sequence(view)
    return dataset


def mammogram(statement: Statement, place: Place, source: Source) -> Dataset:
    """Digital Mammography X-Ray Image, For Presentation."""
    dataset = _film(statement, place, source, MG_STORAGE)
    _for_presentation(dataset)
    view = mammography_view_of(statement, source.name)
    side = side_of(statement, source.name)
    dataset.ImageLaterality = side
    dataset.ViewPosition = view
    dataset.ViewCodeSequence = Sequence(coded("mammography_views", view))
    dataset.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence()
    dataset.BodyPartExamined = "BREAST"
    dataset.AnatomicRegionSequence = Sequence(coded("body_parts", "BREAST"))
    dataset.OrganExposed = "BREAST"
    dataset.BreastImplantPresent = ""
    dataset.PartialView = "NO"
    dataset.PositionerType = "MAMMOGRAPHIC"
    dataset.PatientOrientation = _breast_orientation(source.values[0], side, view)
    return dataset


def angiogram(statement: Statement, place: Place, source: Source) -> Dataset:
    """X-Ray Angiographic Image: one picture or a run."""
    dataset = _film(statement, place, source, XA_STORAGE)
    dataset.ImageType = ["DERIVED", "PRIMARY", "SINGLE PLANE"]
    dataset.PixelIntensityRelationship = "DISP"
    dataset.KVP = ""
    dataset.RadiationSetting = "GR"
    dataset.XRayTubeCurrent = dataset.ExposureTime = dataset.Exposure = ""
    put_laterality(dataset, statement, source)
    dataset.PositionerMotion = "STATIC"
    dataset.PositionerPrimaryAngle = dataset.PositionerSecondaryAngle = ""
    if len(source.values) > 1:
        put_clip(dataset, len(source.values), statement.frame_time_ms)
    return dataset


def put_clip(dataset: Dataset, frames: int, frame_time_ms: float) -> None:
    """Multi-frame and Cine modules: frames at even times."""
    dataset.NumberOfFrames = frames
    dataset.FrameIncrementPointer = Tag("FrameTime")
    dataset.FrameTime = ds(frame_time_ms)
    dataset.CineRate = dataset.RecommendedDisplayFrameRate = max(1, round(1000 / frame_time_ms))


def as_grey(values: NDArray[Any]) -> NDArray[Any]:
    """uint8 or uint16: 32-bit and float values are stretched onto 16 bits."""
    if values.dtype in (np.uint8, np.uint16):
        return values
    wide = values.astype(np.float64)
    low, high = float(np.nanmin(wide)), float(np.nanmax(wide))
    stretched = (np.nan_to_num(wide, nan=low) - low) * (65535 / max(high - low, 1e-12))
    return np.rint(stretched).astype(np.uint16)


def _film(statement: Statement, place: Place, source: Source, sop_class: str) -> Dataset:
    dataset = new_object(statement, place, source, sop_class)
    values = as_grey(source.values)
    put_pixels(dataset, values)
    put_window(dataset, statement, values)
    dataset.PatientOrientation = ""
    if statement.spacing_mm is not None:
        # At the detector: nobody said how far the body was from it (PS3.3 10.7.1.3).
        dataset.ImagerPixelSpacing = [ds(value) for value in statement.spacing_mm]
    return dataset


def _breast_orientation(picture: NDArray[Any], side: str, view: str) -> list[str]:
    """Rows run from chest wall to nipple or back: the chest wall is where the tissue is.

    Columns run from the armpit's side to the middle in CC, and to the feet as well in oblique
    views (IHE Mammography Image, 4.16.4.2.2.1.1.2).
    """
    half = picture.shape[1] // 2
    wall_is_left = float(picture[:, :half].mean()) >= float(picture[:, half:].mean())
    middle = "R" if side == "L" else "L"
    down = middle if "CC" in view else "F" if view in ("ML", "LM") else f"F{middle}"
    return ["A" if wall_is_left else "P", down]


def _for_presentation(dataset: Dataset) -> None:
    """DX Image and Series modules with values that say no more than is known."""
    dataset.ImageType = ["DERIVED", "PRIMARY", ""]
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = 0, 1, "US"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.DetectorType = ""
    dataset.BurnedInAnnotation = "NO"
    dataset.AcquisitionContextSequence = Sequence()
