"""Every measure that a rule file may name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mediassist.dicom.acquisition import (
    header_measures,
    picture_measures,
    series_measures,
    study_measures,
)
from mediassist.dicom.acquisition.rule import Rule
from mediassist.dicom.acquisition.study_measures import Reading
from mediassist.dicom.acquisition.subject import ImageSubject, PictureMeasure, SeriesSubject


class Scope(StrEnum):
    FACTS = "facts"  # every image, from what the scan has read already
    HEADER = "header"  # images spread over the series, whose headers are read again
    PICTURE = "picture"  # images whose pixels are decoded
    SERIES = "series"
    STUDY = "study"


ImageMeasure: TypeAlias = Callable[[ImageSubject, Rule], float | str | None]
SeriesMeasure: TypeAlias = Callable[[SeriesSubject], float | None]
StudyMeasure: TypeAlias = Callable[[Sequence[SeriesSubject]], Iterator[Reading]]


@dataclass(frozen=True, slots=True)
class Measure:
    """How a value is got. `field` names the DICOM elements, or says that the picture is measured;
    exactly one of the functions is set."""

    scope: Scope
    field: str
    of_image: ImageMeasure | None = None
    of_series: SeriesMeasure | None = None
    of_study: StudyMeasure | None = None
    decodes: bool = False


def _facts(field: str, function: ImageMeasure) -> Measure:
    return Measure(Scope.FACTS, field, of_image=function)


def _header(field: str, function: ImageMeasure) -> Measure:
    return Measure(Scope.HEADER, field, of_image=function)


def _series(field: str, function: SeriesMeasure, decodes: bool = False) -> Measure:
    return Measure(Scope.SERIES, field, of_series=function, decodes=decodes)


def _study(field: str, function: StudyMeasure) -> Measure:
    return Measure(Scope.STUDY, field, of_study=function)


PICTURE_MEASURES: dict[str, PictureMeasure] = {
    function.__name__: function
    for function in (
        picture_measures.clipped_white_percent,
        picture_measures.clipped_black_percent,
        picture_measures.contrast_percent,
        picture_measures.content_percent,
        picture_measures.blur,
        picture_measures.coloured_percent,
        picture_measures.field_percent,
        picture_measures.field_brightness,
        picture_measures.overexposed_percent,
        picture_measures.illumination_ratio,
        picture_measures.ghosting_percent,
        picture_measures.air_hu,
    )
}


def _of_picture(name: str) -> Measure:
    def read(image: ImageSubject, _rule: Rule) -> float | None:
        return None if image.picture is None else image.picture[name]

    return Measure(Scope.PICTURE, "pixels", of_image=read, decodes=True)


_POSITION = "Image Position (Patient) (0020,0032)"
_PLACES = f"{_POSITION}, Image Orientation (Patient) (0020,0037)"
_WORDS = "Series Description (0008,103E), Protocol Name (0018,1030)"

MEASURES: dict[str, Measure] = {
    "tag": _header("", header_measures.tag),
    "pixel_spacing_mm": _facts(
        "Pixel Spacing (0028,0030), Imager Pixel Spacing (0018,1164)",
        header_measures.pixel_spacing_mm,
    ),
    "spacing_source": _facts(
        "Pixel Spacing (0028,0030), Sequence of Ultrasound Regions (0018,6011)",
        header_measures.spacing_source,
    ),
    "slice_thickness_mm": _facts("Slice Thickness (0018,0050)", header_measures.slice_thickness_mm),
    "shorter_side_px": _facts(
        "Rows (0028,0010), Columns (0028,0011)", header_measures.shorter_side_px
    ),
    "bits_stored": _facts("Bits Stored (0028,0101)", header_measures.bits_stored),
    "samples": _facts("Samples per Pixel (0028,0002)", header_measures.samples),
    "view": _facts(
        "View Position (0018,5101), View Code Sequence (0054,0220)", header_measures.view
    ),
    "laterality": _facts(
        "Image Laterality (0020,0062), Laterality (0020,0060)", header_measures.laterality
    ),
    "body_part": _facts(
        "Body Part Examined (0018,0015), Anatomic Region Sequence (0008,2218)",
        header_measures.body_part,
    ),
    "presentation_intent": _facts(
        "Presentation Intent Type (0008,0068)", header_measures.presentation_intent
    ),
    "burned_in": _facts("Burned In Annotation (0028,0301)", header_measures.burned_in),
    "lossy": _facts("Lossy Image Compression (0028,2110)", header_measures.lossy),
    "compression_ratio": _header(
        "Lossy Image Compression Ratio (0028,2112), size of the pixels in the file",
        header_measures.compression_ratio,
    ),
    "frame_rate": _header(
        "Frame Time (0018,1063), Frame Time Vector (0018,1065), Cine Rate (0018,0040)",
        header_measures.frame_rate,
    ),
    "run_seconds": _header(
        "Number of Frames (0028,0008), Frame Time (0018,1063)", header_measures.run_seconds
    ),
    "depth_mm": _header(
        "Depth of Scan Field (0018,5050), Sequence of Ultrasound Regions (0018,6011)",
        header_measures.depth_mm,
    ),
    "pixels_per_degree": _header(
        "Columns (0028,0011), Horizontal Field of View (0022,000C)",
        header_measures.pixels_per_degree,
    ),
    "weight_bearing": _header(
        f"{_WORDS}, Patient Orientation Modifier Code Sequence (0054,0412)",
        header_measures.weight_bearing,
    ),
    "pixels_readable": Measure(
        Scope.PICTURE, "pixels", of_image=header_measures.pixels_readable, decodes=True
    ),
    **{name: _of_picture(name) for name in PICTURE_MEASURES},
    "step_mm": _series(_POSITION, series_measures.step_mm),
    "gap_mm": _series(f"{_POSITION}, Slice Thickness (0018,0050)", series_measures.gap_mm),
    "unevenness_mm": _series(_PLACES, series_measures.unevenness_mm),
    "coverage_mm": _series(_PLACES, series_measures.coverage_mm),
    "slice_places": _series(_POSITION, series_measures.slice_places),
    "phases": _series(f"{_POSITION}, images at one place", series_measures.phases),
    "tilt_degrees": _series(_PLACES, series_measures.tilt_degrees),
    "temporal_resolution_ms": _series(
        "Trigger Time (0018,1060), Nominal Interval (0018,1062)",
        series_measures.temporal_resolution_ms,
    ),
    "slice_jump_mm": _series("pixels", series_measures.slice_jump_mm, decodes=True),
    "sides": _study("Image Laterality (0020,0062), Laterality (0020,0060)", study_measures.sides),
    "views_per_side": _study(
        "View Position (0018,5101), Image Laterality (0020,0062)", study_measures.views_per_side
    ),
    "view_count": _study(
        "View Position (0018,5101), Body Part Examined (0018,0015), Laterality (0020,0060)",
        study_measures.view_count,
    ),
    "images_per_side": _study(
        "Image Laterality (0020,0062), Laterality (0020,0060)", study_measures.images_per_side
    ),
    "frontal_views": _study("View Position (0018,5101)", study_measures.frontal_views),
    "mr_sequences": _study(
        f"{_WORDS}, Echo Time (0018,0081), Repetition Time (0018,0080),"
        " Inversion Time (0018,0082), Contrast/Bolus Agent (0018,0010)",
        study_measures.mr_sequences,
    ),
    "cardiac_planes": _study(_WORDS, study_measures.cardiac_planes),
    "projections": _study(
        "Positioner Primary Angle (0018,1510), Positioner Secondary Angle (0018,1511)",
        study_measures.projections,
    ),
}
