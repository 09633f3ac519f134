"""Ophthalmic Photography 8 Bit objects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from tools.samples.objects.base import Order, code, new_object, put_colour, uid

OP_8_BIT = "1.2.840.10008.5.1.4.1.1.77.1.5.1"


def fundus_photograph(order: Order, picture: NDArray[np.uint8], laterality: str) -> Dataset:
    """One colour photograph of the posterior pole, 50 degrees, pupil dilated."""
    ds = new_object(order, OP_8_BIT, "OP", 1, 1, f"Colour fundus {laterality} 50 degrees")
    ds.ImageType = ["ORIGINAL", "PRIMARY", "", "COLOR"]
    put_colour(ds, picture)
    # the Multi-frame Module is mandatory here even for one frame
    ds.NumberOfFrames = 1
    ds.FrameTime = 0
    ds.FrameIncrementPointer = Tag("FrameTime")
    ds.PatientOrientation = ""
    ds.AcquisitionDateTime = order.date + order.time
    ds.SynchronizationFrameOfReferenceUID = uid(order.key, "time")
    ds.SynchronizationTrigger = "NO TRIGGER"
    ds.AcquisitionTimeSynchronized = "N"
    ds.ImageLaterality = laterality
    ds.AnatomicRegionSequence = Sequence([code("5665001", "SCT", "Retina")])
    ds.AcquisitionDeviceTypeCodeSequence = Sequence([code("409898007", "SCT", "Fundus Camera")])
    ds.IlluminationTypeCodeSequence = Sequence(
        [code("111741", "DCM", "Transpupillary illumination")]
    )
    ds.LightPathFilterTypeStackCodeSequence = Sequence([])
    ds.ImagePathFilterTypeStackCodeSequence = Sequence([])
    ds.LensesCodeSequence = Sequence([])
    ds.DetectorType = "CCD"
    ds.PatientEyeMovementCommanded = "NO"
    ds.HorizontalFieldOfView = 50.0
    ds.RefractiveStateSequence = Sequence([])
    ds.EmmetropicMagnification = None
    ds.IntraOcularPressure = None
    ds.PupilDilated = "YES"
    ds.DegreeOfDilation = 7.0
    ds.MydriaticAgentSequence = Sequence([])
    ds.AcquisitionContextSequence = Sequence([])
    return ds
