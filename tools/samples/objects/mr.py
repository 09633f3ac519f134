"""MR Image objects: axial head series and short-axis cine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tools.samples.objects.base import Order, new_object, put_grey, uid

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"


@dataclass(frozen=True, slots=True)
class Sequence:
    """What an MR header says of a pulse sequence; times in ms, angle in degrees."""

    number: int
    description: str
    scanning: str
    variant: str
    options: str
    kind: str
    repetition: float
    echo: float
    train: int
    angle: float
    inversion: float | None = None
    contrast: str = ""


FLAIR = Sequence(2, "AX FLAIR", "IR", "SK", "", "2D", 9000.0, 120.0, 21, 150.0, inversion=2500.0)
T1_CONTRAST = Sequence(
    3, "AX T1 +C", "SE", "NONE", "", "2D", 550.0, 10.0, 1, 90.0, contrast="SIMULATED gadolinium"
)
CINE = Sequence(4, "SA cine bSSFP", "GR", "SS", "CG", "2D", 40.0, 1.4, 14, 55.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Position of the first pixel, row and column direction (six LPS numbers), spacings in mm."""

    position: tuple[float, float, float]
    orientation: tuple[float, ...]
    mm_per_pixel: float
    thickness: float
    step: float


def mr_slice(
    order: Order, sequence: Sequence, picture: NDArray[np.uint16], number: int, place: Place
) -> Dataset:
    """One slice of a series; `number` is its instance number."""
    ds = new_object(order, MR_IMAGE, "MR", sequence.number, number, sequence.description)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    ds.PhotometricInterpretation = "MONOCHROME2"
    put_grey(ds, picture[None], 12)
    ds.ScanningSequence, ds.SequenceVariant = sequence.scanning, sequence.variant
    ds.ScanOptions, ds.MRAcquisitionType = sequence.options, sequence.kind
    ds.RepetitionTime, ds.EchoTime = sequence.repetition, sequence.echo
    ds.EchoTrainLength, ds.FlipAngle = sequence.train, sequence.angle
    if sequence.inversion is not None:
        ds.InversionTime = sequence.inversion
    if sequence.contrast:
        ds.ContrastBolusAgent = sequence.contrast
    ds.MagneticFieldStrength = 1.5
    ds.ProtocolName = f"{sequence.description} (SIMULATED)"
    ds.PixelSpacing = [place.mm_per_pixel, place.mm_per_pixel]
    ds.SliceThickness, ds.SpacingBetweenSlices = place.thickness, place.step
    ds.ImageOrientationPatient = [round(value, 6) for value in place.orientation]
    ds.ImagePositionPatient = [round(value, 4) for value in place.position]
    ds.FrameOfReferenceUID = uid(order.key, "frame")
    ds.PositionReferenceIndicator = ""
    ds.PatientPosition = "HFS"
    ds.AcquisitionNumber = 1
    ds.WindowCenter, ds.WindowWidth = 600, 1200
    return ds


def put_phase(ds: Dataset, phase: int, phases: int, interval_ms: float) -> None:
    """Where in the heart beat a cine picture was taken."""
    ds.TriggerTime = round(phase * interval_ms / phases, 1)
    ds.CardiacNumberOfImages = phases
    ds.NominalInterval = int(interval_ms)
    ds.HeartRate = round(60_000 / interval_ms)
