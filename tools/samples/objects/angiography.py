"""X-Ray Angiographic Image objects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tools.samples.objects.base import Order, new_object, put_grey

XA_IMAGE = "1.2.840.10008.5.1.4.1.1.12.1"


def angiographic_frame(order: Order, values: NDArray[np.float64], spacing_mm: float) -> Dataset:
    """One frame of a coronary injection, single plane, right anterior oblique."""
    ds = new_object(order, XA_IMAGE, "XA", 1, 1, "Left coronary artery RAO")
    ds.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    ds.PhotometricInterpretation = "MONOCHROME2"
    put_grey(ds, np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)[None], 8)
    ds.PixelIntensityRelationship = "DISP"
    ds.KVP = 75
    ds.XRayTubeCurrent = 600
    ds.ExposureTime = 6
    ds.Exposure = 4
    ds.RadiationSetting = "GR"
    ds.IntensifierSize = 200
    ds.ImagerPixelSpacing = [spacing_mm, spacing_mm]
    ds.DistanceSourceToDetector = 1050
    ds.DistanceSourceToPatient = 750
    ds.PositionerMotion = "STATIC"
    ds.PositionerPrimaryAngle = -30
    ds.PositionerSecondaryAngle = 5
    ds.ContrastBolusAgent = "SIMULATED"
    ds.PatientOrientation = ""
    ds.WindowCenter, ds.WindowWidth = 128, 256
    return ds
