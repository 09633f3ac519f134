"""What headers say of single images."""

from __future__ import annotations

import math

from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset

from mediassist.core.errors import MediAssistError
from mediassist.dicom import syntaxes, values
from mediassist.dicom.acquisition.rule import Rule
from mediassist.dicom.acquisition.subject import ImageSubject
from mediassist.dicom.header import read_header

_DEEPEST = 3
_TEXT = frozenset({"LO", "SH", "ST", "LT", "UT", "PN", "UC"})


def tag(image: ImageSubject, rule: Rule) -> float | str | None:
    """A DICOM element wherever it stands: in the header itself, or in the first item of a
    sequence (functional groups of enhanced objects, ultrasound regions)."""
    dataset = holder(image.dataset, rule.tag)
    if dataset is None:
        return None
    if rule.allowed.is_numeric:
        number = values.number(dataset, rule.tag)
        return None if number is None else number * rule.scale
    if dictionary_VR(rule.tag) == "SQ":
        return "stated" if values.items(dataset, rule.tag) else None
    if dictionary_VR(rule.tag) in _TEXT:
        return values.text(dataset, rule.tag, values.character_sets(image.dataset)) or None
    numbers = values.numbers(dataset, rule.tag)
    return values.code(dataset, rule.tag) or (f"{numbers[0]:g}" if numbers else None)


def holder(dataset: Dataset, keyword: str) -> Dataset | None:
    """The data set that holds the element: itself, else an item down to three sequences deep."""
    level = [dataset]
    for _ in range(_DEEPEST + 1):
        for each in level:
            if values.has(each, keyword):
                return each
        level = [
            item
            for each in level
            for sequence in _sequences(each)
            for item in values.items(each, sequence)[:1]
        ]
    return None


def _sequences(dataset: Dataset) -> list[str]:
    """Keywords of the standard sequences in a data set; nothing is converted for that."""
    return [
        keyword_for_tag(int(tag))
        for tag in dataset.keys()  # noqa: SIM118  (iterating a Dataset converts its elements)
        if dictionary_has_tag(int(tag)) and dictionary_VR(int(tag)) == "SQ"
    ]


def pixel_spacing_mm(image: ImageSubject, _rule: Rule) -> float | None:
    spacing = image.instance.spacing
    return None if spacing is None else max(spacing.row_mm, spacing.column_mm)


def spacing_source(image: ImageSubject, _rule: Rule) -> str | None:
    spacing = image.instance.spacing
    return None if spacing is None else spacing.source.value


def slice_thickness_mm(image: ImageSubject, _rule: Rule) -> float | None:
    return image.instance.slice_thickness_mm


def shorter_side_px(image: ImageSubject, _rule: Rule) -> float | None:
    return float(min(image.instance.rows, image.instance.columns)) or None


def bits_stored(image: ImageSubject, _rule: Rule) -> float | None:
    return float(image.instance.bits_stored) or None


def samples(image: ImageSubject, _rule: Rule) -> float | None:
    is_palette = image.instance.photometric == "PALETTE COLOR"
    return 3.0 if is_palette else float(image.instance.samples_per_pixel)


def view(image: ImageSubject, _rule: Rule) -> str | None:
    return image.instance.view_position or None


def laterality(image: ImageSubject, _rule: Rule) -> str | None:
    return image.instance.laterality or None


def body_part(image: ImageSubject, _rule: Rule) -> str | None:
    return image.series.body_part.strip().upper() or None


def presentation_intent(image: ImageSubject, _rule: Rule) -> str | None:
    return image.series.presentation_intent or None


def burned_in(image: ImageSubject, _rule: Rule) -> str | None:
    return image.instance.burned_in_annotation or None


def lossy(image: ImageSubject, _rule: Rule) -> str:
    return "yes" if image.instance.lossy else "no"


def compression_ratio(image: ImageSubject, _rule: Rule) -> float | None:
    """How many times smaller the pixels became with loss; 1 without loss.

    Lossy Image Compression Ratio, the product of all steps; where it is not stated, the size of
    the pixels in the file against their decoded size.
    """
    instance = image.instance
    if not instance.lossy:
        return 1.0
    stated = values.numbers(image.dataset, "LossyImageCompressionRatio")
    if stated:
        return math.prod(stated)
    if instance.transfer_syntax_uid not in syntaxes.LOSSY:
        return None
    try:
        header = read_header(instance.path)
    except MediAssistError:
        return None
    if header.pixels is None or header.size <= header.pixels.offset:
        return None
    allocated = values.integer(header.dataset, "BitsAllocated") or 8
    decoded = instance.rows * instance.columns * instance.frames * instance.samples_per_pixel
    return decoded * allocated / 8 / (header.size - header.pixels.offset)


def frame_rate(image: ImageSubject, _rule: Rule) -> float | None:
    """Frames a second as they were acquired."""
    dataset = image.dataset
    milliseconds = values.number(dataset, "FrameTime")
    vector = [value for value in values.numbers(dataset, "FrameTimeVector") if value > 0]
    if not milliseconds and vector:
        milliseconds = sum(vector) / len(vector)
    if milliseconds:
        return 1000.0 / milliseconds
    return values.number(dataset, "CineRate") or None


def run_seconds(image: ImageSubject, rule: Rule) -> float | None:
    """Length of a run."""
    rate = frame_rate(image, rule)
    return None if not rate else image.instance.frames / rate


def depth_mm(image: ImageSubject, _rule: Rule) -> float | None:
    """Depth of the ultrasound picture: as stated, else the height of the tallest region."""
    stated = values.number(image.dataset, "DepthOfScanField")
    if stated:
        return stated
    heights = []
    for region in values.items(image.dataset, "SequenceOfUltrasoundRegions"):
        top = values.number(region, "RegionLocationMinY0")
        bottom = values.number(region, "RegionLocationMaxY1")
        centimetres = values.number(region, "PhysicalDeltaY")
        is_length = values.integer(region, "PhysicalUnitsYDirection") == 3
        if top is not None and bottom is not None and centimetres and is_length:
            heights.append((bottom - top + 1) * abs(centimetres) * 10)
    return max(heights, default=None)


def pixels_per_degree(image: ImageSubject, _rule: Rule) -> float | None:
    """Resolution on the retina; None where the field of view is not stated."""
    degrees = values.number(image.dataset, "HorizontalFieldOfView")
    return None if not degrees else image.instance.columns / degrees


_STANDING = ("standing", "weight", "erect", "upright", " wb", "wb ", "立位", "站立", "负重")


def weight_bearing(image: ImageSubject, _rule: Rule) -> str | None:
    """Whether the words of series and study, or the coded position, say that the patient stood."""
    series = image.series
    position = values.first_item(image.dataset, "PatientOrientationModifierCodeSequence")
    said = " ".join(
        (
            series.description,
            series.protocol,
            image.study.description,
            values.text(image.dataset, "AcquisitionDeviceProcessingDescription"),
            values.text(position, "CodeMeaning"),
        )
    ).lower()
    return "standing" if any(word in said for word in _STANDING) else None


def pixels_readable(image: ImageSubject, _rule: Rule) -> str:
    """A film is sound, though nothing here decodes it."""
    if image.picture is not None:
        return "yes"
    return "video" if image.instance.transfer_syntax_uid in syntaxes.VIDEO else "no"
