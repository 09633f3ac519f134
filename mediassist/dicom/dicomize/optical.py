"""OP (fundus photograph, 8 bit) and OPT (optical coherence tomography)."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from mediassist.dicom.dicomize.common import (
    Place,
    Source,
    code_item,
    coded,
    derived_uid,
    ds,
    new_object,
    put_pixels,
    put_window,
)
from mediassist.dicom.dicomize.projection import as_grey, put_clip
from mediassist.dicom.dicomize.screen import as_bytes
from mediassist.dicom.dicomize.statement import Statement, side_of

OP_8_BIT_STORAGE = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
OPT_STORAGE = "1.2.840.10008.5.1.4.1.1.77.1.5.4"


def fundus_photograph(statement: Statement, place: Place, source: Source) -> Dataset:
    """Ophthalmic Photography 8 Bit Image, colour or grey."""
    dataset = new_object(statement, place, source, OP_8_BIT_STORAGE)
    values = as_bytes(source.values)
    put_pixels(dataset, values)
    put_window(dataset, statement, values)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "", "COLOR" if source.is_colour else "REDFREE"]
    if not source.is_colour:
        dataset.PresentationLUTShape = "IDENTITY"
    # The Multi-frame and Cine modules are mandatory here even for one frame.
    put_clip(dataset, len(values), statement.frame_time_ms)
    if len(values) == 1:
        dataset.FrameTime = 0
        del dataset.CineRate, dataset.RecommendedDisplayFrameRate
    _put_times(dataset, statement, place)
    dataset.PatientOrientation = ""
    dataset.BurnedInAnnotation = "NO"
    if statement.spacing_mm is not None:
        dataset.PixelSpacing = [ds(value) for value in statement.spacing_mm]
    _synchronized(dataset, place)
    _eye(dataset, statement, source, coded("body_parts", "RETINA"))
    dataset.AcquisitionDeviceTypeCodeSequence = Sequence(
        [code_item("409898007", "SCT", "Fundus Camera")]
    )
    for keyword in (
        "IlluminationTypeCodeSequence",
        "LightPathFilterTypeStackCodeSequence",
        "ImagePathFilterTypeStackCodeSequence",
        "LensesCodeSequence",
        "RefractiveStateSequence",
        "AcquisitionContextSequence",
    ):
        setattr(dataset, keyword, Sequence())
    dataset.DetectorType = "CCD"
    dataset.PatientEyeMovementCommanded = ""
    dataset.HorizontalFieldOfView = None
    dataset.EmmetropicMagnification = None
    dataset.IntraOcularPressure = None
    dataset.PupilDilated = ""
    return dataset


def tomogram(statement: Statement, place: Place, source: Source) -> Dataset:
    """Ophthalmic Tomography Image: B-scans as frames, with the millimetres of a pixel."""
    frames = len(source.values)
    dataset = new_object(statement, place, source, OPT_STORAGE)
    values = as_grey(source.values)
    put_pixels(dataset, values)
    dataset.NumberOfFrames = frames
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
    dataset.BurnedInAnnotation = "NO"
    _put_times(dataset, statement, place)
    dataset.AcquisitionDuration = 0.0
    dataset.AcquisitionNumber = 1
    dataset.InConcatenationNumber = dataset.InConcatenationTotalNumber = 1
    dataset.ConcatenationFrameOffsetNumber = 0
    dataset.FrameOfReferenceUID = derived_uid(place.seed, "frame of reference")
    dataset.PositionReferenceIndicator = ""
    dataset.AcquisitionContextSequence = Sequence()
    _synchronized(dataset, place)
    _eye(dataset, statement, source, coded("body_parts", "RETINA"))
    _tomograph(dataset)
    _frames(dataset, statement, place, frames)
    return dataset


def _put_times(dataset: Dataset, statement: Statement, place: Place) -> None:
    """Both classes must state times; the conversion's where the acquisition's is not known."""
    dataset.ContentDate = statement.study_date or place.now.strftime("%Y%m%d")
    dataset.ContentTime = place.now.strftime("%H%M%S")
    dataset.AcquisitionDateTime = dataset.ContentDate + dataset.ContentTime


def _synchronized(dataset: Dataset, place: Place) -> None:
    dataset.SynchronizationFrameOfReferenceUID = derived_uid(place.seed, "clock")
    dataset.SynchronizationTrigger = "NO TRIGGER"
    dataset.AcquisitionTimeSynchronized = "N"


def _eye(dataset: Dataset, statement: Statement, source: Source, region: list[Dataset]) -> None:
    dataset.ImageLaterality = side_of(statement, source.name)
    dataset.AnatomicRegionSequence = Sequence(region)
    dataset.BodyPartExamined = "EYE"


def _tomograph(dataset: Dataset) -> None:
    dataset.AcquisitionDeviceTypeCodeSequence = Sequence(
        [code_item("392012008", "SCT", "Optical Coherence Tomography Scanner")]
    )
    dataset.LightPathFilterTypeStackCodeSequence = Sequence()
    dataset.DetectorType = "CCD"
    dataset.RefractiveStateSequence = Sequence()
    dataset.EmmetropicMagnification = None
    dataset.IntraOcularPressure = None
    dataset.HorizontalFieldOfView = None
    dataset.PupilDilated = ""
    dataset.AxialLengthOfTheEye = None


def _frames(dataset: Dataset, statement: Statement, place: Place, frames: int) -> None:
    """Functional groups and the one dimension along which the B-scans lie."""
    assert statement.spacing_mm is not None  # noqa: S101  (checked by the caller)
    organization = derived_uid(place.seed, "dimension")
    uid_item = Dataset()
    uid_item.DimensionOrganizationUID = organization
    dataset.DimensionOrganizationSequence = Sequence([uid_item])
    index = Dataset()
    index.DimensionOrganizationUID = organization
    index.DimensionIndexPointer = Tag("InStackPositionNumber")
    index.FunctionalGroupPointer = Tag("FrameContentSequence")
    dataset.DimensionIndexSequence = Sequence([index])
    measures = Dataset()
    measures.PixelSpacing = [ds(value) for value in statement.spacing_mm]
    measures.SliceThickness = ds(statement.slice_step_mm or statement.spacing_mm[1])
    anatomy = Dataset()
    anatomy.FrameLaterality = dataset.ImageLaterality
    anatomy.AnatomicRegionSequence = Sequence(coded("body_parts", "RETINA"))
    orientation = Dataset()
    # Across the picture to the left, down it into the depth of the eye.
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared = Dataset()
    shared.PlaneOrientationSequence = Sequence([orientation])
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.FrameAnatomySequence = Sequence([anatomy])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [
            _frame(dataset, number, (number - 1) * (statement.slice_step_mm or 0.0))
            for number in range(1, frames + 1)
        ]
    )


def _frame(dataset: Dataset, number: int, height_mm: float) -> Dataset:
    """Content and place of a frame, in a frame of reference of this object alone."""
    content = Dataset()
    content.FrameReferenceDateTime = dataset.AcquisitionDateTime
    content.FrameAcquisitionDateTime = dataset.AcquisitionDateTime
    content.FrameAcquisitionDuration = 0.0
    content.StackID = "1"
    content.InStackPositionNumber = number
    content.DimensionIndexValues = [number]
    content.FrameAcquisitionNumber = number
    item = Dataset()
    item.FrameContentSequence = Sequence([content])
    position = Dataset()
    position.ImagePositionPatient = [0, 0, ds(height_mm)]
    item.PlanePositionSequence = Sequence([position])
    return item
