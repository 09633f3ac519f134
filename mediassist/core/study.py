"""Studies, series and instances as MediAssist sees them: header facts only, no pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from pathlib import Path

from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message


class SpacingSource(StrEnum):
    """Where millimetres come from; only PATIENT and REGION may be quoted without a remark."""

    PATIENT = "patient"  # Pixel Spacing in the patient plane (CT, MR, calibrated projection)
    DETECTOR = "detector"  # Imager Pixel Spacing: magnified, "at detector"
    REGION = "region"  # ultrasound region calibration
    ERMF = "ermf"  # Imager Pixel Spacing divided by the Estimated Radiographic Magnification


@dataclass(frozen=True, slots=True)
class PixelSpacing:
    """Distance between pixel centres in mm: `row_mm` down, `column_mm` to the right."""

    row_mm: float
    column_mm: float
    source: SpacingSource


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was imaged. Names are ready to show; `name_guessed` says the character set was."""

    patient_id: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: str = ""
    age_years: float | None = None
    name_guessed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One DICOM object.

    `path` can be opened; `source` is what to tell people (for example `a.zip!/IM0001`).
    `position_mm` and `orientation` are Image Position and Orientation (Patient), LPS. `tissue_px`
    is the part of an ultrasound screen that shows tissue: left, top, right, bottom, ends excluded.
    """

    path: Path
    source: str
    sop_instance_uid: str
    sop_class_uid: str = ""
    transfer_syntax_uid: str = ""
    modality: str = ""
    instance_number: int | None = None
    frames: int = 1
    rows: int = 0
    columns: int = 0
    samples_per_pixel: int = 1
    bits_stored: int = 0
    photometric: str = ""
    image_type: tuple[str, ...] = ()
    has_pixels: bool = True
    spacing: PixelSpacing | None = None
    position_mm: tuple[float, float, float] | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    slice_thickness_mm: float | None = None
    view_position: str = ""
    laterality: str = ""
    lossy: bool = False
    burned_in_annotation: str = ""
    tissue_px: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Instances of one Series Instance UID, in reading order."""

    series_uid: str
    modality: str = ""
    number: int | None = None
    description: str = ""
    body_part: str = ""
    protocol: str = ""
    manufacturer: str = ""
    model_name: str = ""
    frame_of_reference_uid: str = ""
    presentation_intent: str = ""
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Series of one Study Instance UID and the patient they belong to."""

    study_uid: str
    patient: Patient = field(default_factory=Patient)
    study_date: date | None = None
    study_time: time | None = None
    description: str = ""
    accession_number: str = ""
    study_id: str = ""
    institution: str = ""
    referring_physician: str = ""
    series: tuple[Series, ...] = ()
    warnings: tuple[Message, ...] = ()

    @property
    def images(self) -> int:
        """How many instances carry pixels."""
        return sum(instance.has_pixels for series in self.series for instance in series.instances)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that could not become part of a study, and why."""

    source: str
    error: MediAssistError
