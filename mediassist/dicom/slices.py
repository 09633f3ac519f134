"""Where each frame of a series lies in the patient: the input of every volume."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from mediassist.core.study import Instance, Series, SpacingSource
from mediassist.dicom import values
from mediassist.dicom.functional_groups import functional_group
from mediassist.dicom.header import read_header
from mediassist.dicom.spacing import pixel_spacing

Triple = tuple[float, float, float]
Cosines = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a frame: upper left pixel and size."""

    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One frame with a place: LPS mm, direction cosines of its rows and columns.

    `frame` counts from 0 in the instance. `spacing_mm` is (row, column). `tile` is set where the
    slice is only a part of its frame (mosaics).
    """

    instance: Instance
    frame: int
    position_mm: Triple
    cosines: Cosines
    spacing_mm: tuple[float, float]
    thickness_mm: float | None
    tile: Tile | None = None

    @property
    def rows(self) -> int:
        return self.instance.rows if self.tile is None else self.tile.rows

    @property
    def columns(self) -> int:
        return self.instance.columns if self.tile is None else self.tile.columns

    @property
    def label(self) -> str:
        """How to name it to people."""
        if self.instance.frames == 1:
            return self.instance.source
        return f"{self.instance.source} [{self.frame + 1}]"


def is_localizer(instance: Instance) -> bool:
    return "LOCALIZER" in (part.upper() for part in instance.image_type)


def is_mosaic(instance: Instance) -> bool:
    """Siemens mosaics show all slices of a volume side by side in one picture; the position in
    the header is that of the whole sheet, so it places no slice."""
    return "MOSAIC" in (part.upper() for part in instance.image_type)


def placed_slices(series: Series) -> tuple[list[Slice], list[Instance]]:
    """The frames of a series that have a place and a scale, and the images that have none."""
    placed: list[Slice] = []
    unplaced: list[Instance] = []
    for instance in series.instances:
        if not instance.has_pixels:
            continue
        found = _all_frames(instance)
        placed.extend(found)
        if not found:
            unplaced.append(instance)
    return placed, unplaced


def _all_frames(instance: Instance) -> list[Slice]:
    if is_mosaic(instance):
        # Imported late: mosaics are made of slices.
        from mediassist.dicom.mosaics import mosaic_slices

        return mosaic_slices(instance)
    return _single(instance) if instance.frames == 1 else _multiple(instance)


def _single(instance: Instance) -> list[Slice]:
    spacing = instance.spacing
    if instance.position_mm is None or instance.orientation is None or spacing is None:
        return []
    if spacing.source is not SpacingSource.PATIENT:
        return []
    return [
        Slice(
            instance=instance,
            frame=0,
            position_mm=instance.position_mm,
            cosines=instance.orientation,
            spacing_mm=(spacing.row_mm, spacing.column_mm),
            thickness_mm=instance.slice_thickness_mm,
        )
    ]


def _multiple(instance: Instance) -> list[Slice]:
    """Frames of a multi-frame object; all of them or none."""
    dataset = read_header(instance.path).dataset
    offsets = _frame_offsets(dataset, instance.frames)
    found = []
    for frame in range(instance.frames):
        placed = _frame(dataset, instance, frame, offsets)
        if placed is None:
            return []
        found.append(placed)
    return found


def _frame(
    dataset: Dataset, instance: Instance, frame: int, offsets: tuple[float, ...]
) -> Slice | None:
    position = _position(dataset, frame)
    cosines = _orientation(dataset, frame)
    spacing = pixel_spacing(dataset, instance.modality, frame)
    if position is None or cosines is None or spacing is None:
        return None
    if functional_group(dataset, frame, "PlanePositionSequence") is None:
        # One position for all frames: without offsets they would lie in one plane (a cine).
        if not offsets:
            return None
        normal = cross(cosines)
        x, y, z = (p + n * offsets[frame] for p, n in zip(position, normal, strict=True))
        position = (x, y, z)
    measures = functional_group(dataset, frame, "PixelMeasuresSequence")
    return Slice(
        instance=instance,
        frame=frame,
        position_mm=position,
        cosines=cosines,
        spacing_mm=(spacing.row_mm, spacing.column_mm),
        thickness_mm=values.number(measures or dataset, "SliceThickness"),
    )


def cross(cosines: Cosines) -> Triple:
    """Normal of a slice: row direction x column direction."""
    a, b, c, d, e, f = cosines
    return b * f - c * e, c * d - a * f, a * e - b * d


def _position(dataset: Dataset, frame: int) -> Triple | None:
    for keyword in ("PlanePositionSequence", "PlanePositionVolumeSequence"):
        group = functional_group(dataset, frame, keyword)
        if group is not None:
            name = "ImagePositionPatient" if "Volume" not in keyword else "ImagePositionVolume"
            return _triple(values.numbers(group, name))
    detector = values.first_item(dataset, "DetectorInformationSequence")
    return _triple(values.numbers(dataset, "ImagePositionPatient")) or _triple(
        values.numbers(detector, "ImagePositionPatient")
    )


def _orientation(dataset: Dataset, frame: int) -> Cosines | None:
    for keyword in ("PlaneOrientationSequence", "PlaneOrientationVolumeSequence"):
        group = functional_group(dataset, frame, keyword)
        if group is not None:
            name = (
                "ImageOrientationPatient" if "Volume" not in keyword else "ImageOrientationVolume"
            )
            return _six(values.numbers(group, name))
    detector = values.first_item(dataset, "DetectorInformationSequence")
    return _six(values.numbers(dataset, "ImageOrientationPatient")) or _six(
        values.numbers(detector, "ImageOrientationPatient")
    )


def _frame_offsets(dataset: Dataset, frames: int) -> tuple[float, ...]:
    """Distances of the frames from the first: Grid Frame Offset Vector (RT dose), or even steps
    of Spacing Between Slices (reconstructed nuclear medicine)."""
    vector = values.numbers(dataset, "GridFrameOffsetVector")
    if len(vector) == frames:
        return tuple(offset - vector[0] for offset in vector)
    step = values.number(dataset, "SpacingBetweenSlices")
    is_tomographic = values.integer(dataset, "NumberOfSlices") == frames
    if step and is_tomographic:
        return tuple(step * frame for frame in range(frames))
    return ()


def _triple(numbers: tuple[float, ...]) -> Triple | None:
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _six(numbers: tuple[float, ...]) -> Cosines | None:
    if len(numbers) != 6:
        return None
    a, b, c, d, e, f = numbers
    return a, b, c, d, e, f
