"""Chooses and makes the pictures of a study: key images with outlines, heat maps beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mediassist.analysis.path import representative_image
from mediassist.analysis.result import StudyResult
from mediassist.core.errors import MediAssistError
from mediassist.core.finding import BundleResult, HeatMap, Region
from mediassist.core.messages import Message, say
from mediassist.core.study import Instance, PixelSpacing, Series, SpacingSource, Study
from mediassist.core.vocabulary import Verdict
from mediassist.report import overlay
from mediassist.report.structures import (
    ON_COLOUR,
    LegendEntry,
    StructureLook,
    is_structure,
    legend_entries,
    structure_looks,
    structure_name,
)
from mediassist.report.verdict_marks import LOOKS
from mediassist.text import Words

# Pixels of one frame as a screen would show them: grey (rows, columns) or RGB (rows, columns, 3).
FrameLoader = Callable[[Path, int], NDArray[np.uint8]]

FRAMES_PER_BUNDLE = 4


def frame_from_file(path: Path, frame: int) -> NDArray[np.uint8]:
    """Display values from the one chain that screen and report share (`mediassist.dicom`)."""
    from mediassist.dicom.display import display_uint8, load_frame

    return display_uint8(load_frame(path, frame))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One frame of a study with what a bundle says about it.

    `key_image` carries outlines and scale bar, `heat_map` the evidence; both are None where the
    file could not be shown, and `failure` says why. `regions` are the suspicious places, numbered
    from 1 in this order; `structures` are outlines with a name, explained by `legend`.
    """

    bundle_id: str
    finding: str
    verdict: Verdict
    series: Series | None
    instance: Instance | None
    frame: int
    regions: tuple[Region, ...] = ()
    structures: tuple[Region, ...] = ()
    legend: tuple[LegendEntry, ...] = ()
    key_image: Image.Image | None = None
    heat_map: Image.Image | None = None
    failure: Message | None = None


@dataclass(frozen=True, slots=True)
class PictureSet:
    """All pictures of one study, most urgent bundle first.

    `left_out` counts marked frames beyond `FRAMES_PER_BUNDLE` by bundle id.
    """

    pictures: tuple[Picture, ...]
    left_out: tuple[tuple[str, int], ...] = ()


def usable_spacing(spacing: PixelSpacing | None) -> PixelSpacing | None:
    """The spacing, unless its numbers cannot be lengths (headers hold anything)."""
    if spacing is None:
        return None
    sizes = (spacing.row_mm, spacing.column_mm)
    if not all(math.isfinite(size) and 1e-4 < size < 1e3 for size in sizes):
        return None
    return spacing


def length_label(length_mm: float, source: SpacingSource, words: Words) -> str:
    """A length as it may be quoted: a length measured at the detector says so."""
    if source is SpacingSource.DETECTOR:
        return words.sentence("{length} mm at detector", length=f"{length_mm:g}")
    if source is SpacingSource.ERMF:
        return words.sentence("{length} mm (magnification estimated)", length=f"{length_mm:g}")
    return words.sentence("{length} mm", length=f"{length_mm:g}")


def find_instance(study: Study, sop_instance_uid: str) -> tuple[Series, Instance] | None:
    """The instance of a study with this UID, and its series."""
    for series in study.series:
        for instance in series.instances:
            if instance.sop_instance_uid == sop_instance_uid:
                return series, instance
    return None


def _marked_frames(result: BundleResult) -> list[tuple[str, int]]:
    """Frames with a region or heat map, the most suspicious first."""
    best: dict[tuple[str, int], float] = {}
    for heat in result.heat_maps:
        peak = float(np.nanmax(heat.values, initial=0.0))
        key = (heat.sop_instance_uid, heat.frame)
        best[key] = max(best.get(key, 0.0), peak * 1e-3)
    for region in result.regions:
        key = (region.sop_instance_uid, region.frame)
        best[key] = max(best.get(key, 0.0), 1.0 + (region.score or 0.0))
    for score in result.image_scores:
        key = (score.sop_instance_uid, score.frame)
        if key in best:
            best[key] += score.probability * 1e-6
    return sorted(best, key=lambda key: (-best[key], key))


def make_pictures(
    result: StudyResult, words: Words, load: FrameLoader = frame_from_file
) -> PictureSet:
    """Pictures of every bundle that flagged something or asks for review, and one picture of what a
    bundle measured where it cleared the study: a number is checked by its outline.

    Where none does, one plain picture of the study (verdict NOT_APPLICABLE, no bundle): a report
    without any picture can be filed with the wrong patient unnoticed.
    """
    pictures: list[Picture] = []
    left_out: list[tuple[str, int]] = []
    looks = structure_looks(result.results)
    for verdict in (Verdict.FLAGGED, Verdict.REVIEW, Verdict.CLEARED):
        for bundle in result.results:
            if bundle.verdict is not verdict:
                continue
            chosen, more = _chosen_frames(result.study, bundle)
            if more:
                left_out.append((bundle.bundle.bundle_id, more))
            for uid, frame in chosen:
                pictures.append(_picture_of(result.study, bundle, uid, frame, words, load, looks))
    if not pictures and (instance := representative_image(result.study)) is not None:
        pictures.append(_overview(result.study, instance, words, load))
    return PictureSet(tuple(pictures), tuple(left_out))


def _chosen_frames(study: Study, bundle: BundleResult) -> tuple[list[tuple[str, int]], int]:
    """The frames to print, and how many marked ones are left out.

    Where only structures are outlined, a beating heart has them on each frame: the frame on which
    the first of them is largest, and that of the same place on which it is smallest.
    """
    structures = [region for region in bundle.regions if is_structure(region)]
    places = any(not is_structure(region) for region in bundle.regions)
    if bundle.verdict is Verdict.CLEARED and not structures:
        return [], 0
    if places or not structures:
        frames = _marked_frames(bundle)
        return frames[:FRAMES_PER_BUNDLE], max(0, len(frames) - FRAMES_PER_BUNDLE)
    first = structure_name(structures[0].label)
    areas = {
        (region.sop_instance_uid, region.frame): _area(region.points_px)
        for region in structures
        if structure_name(region.label) == first
    }
    largest = max(areas, key=lambda key: areas[key])
    here = _place_of(study, largest)
    same = [key for key in areas if _place_of(study, key) == here]
    smallest = min(same, key=lambda key: areas[key])
    chosen = list(dict.fromkeys((largest, smallest)))
    if bundle.verdict is Verdict.CLEARED:
        chosen = chosen[:1]
    return chosen, len(areas) - len(chosen)


def _place_of(study: Study, key: tuple[str, int]) -> object:
    """Position in the patient, or the object where it has none: what moves stays there."""
    found = find_instance(study, key[0])
    return key[0] if found is None else found[1].position_mm or key[0]


def _area(points: Sequence[tuple[float, float]]) -> float:
    """Area of a closed line in square pixels (shoelace formula)."""
    following = [*points[1:], points[0]] if points else []
    return (
        abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, following, strict=True)))
        / 2
    )


def _overview(study: Study, instance: Instance, words: Words, load: FrameLoader) -> Picture:
    place = find_instance(study, instance.sop_instance_uid)
    plain = Picture(
        bundle_id="",
        finding="",
        verdict=Verdict.NOT_APPLICABLE,
        series=place[0] if place else None,
        instance=instance,
        frame=instance.frames // 2 if instance.frames > 1 else 0,
    )
    return _drawn(plain, (), words, load, {})


def _picture_of(
    study: Study,
    bundle: BundleResult,
    uid: str,
    frame: int,
    words: Words,
    load: FrameLoader,
    looks: dict[str, StructureLook],
) -> Picture:
    place = find_instance(study, uid)
    here = [r for r in bundle.regions if (r.sop_instance_uid, r.frame) == (uid, frame)]
    regions = [region for region in here if not is_structure(region)]
    regions.sort(key=lambda region: -(region.score or 0.0))
    structures = tuple(region for region in here if is_structure(region))
    picture = Picture(
        bundle_id=bundle.bundle.bundle_id,
        finding=bundle.bundle.finding,
        verdict=bundle.verdict,
        series=place[0] if place else None,
        instance=place[1] if place else None,
        frame=frame,
        regions=tuple(regions),
        structures=structures,
        legend=legend_entries(structures, bundle.measurements, looks, words),
    )
    heat = [h for h in bundle.heat_maps if (h.sop_instance_uid, h.frame) == (uid, frame)]
    return _drawn(picture, tuple(heat), words, load, looks)


def _drawn(
    picture: Picture,
    heat: tuple[HeatMap, ...],
    words: Words,
    load: FrameLoader,
    looks: dict[str, StructureLook],
) -> Picture:
    instance = picture.instance
    if instance is None:
        missing = say("picture_not_in_study", "The marked image is not part of the study.")
        return replace(picture, failure=missing)
    try:
        pixels = load(instance.path, picture.frame)
    except MediAssistError as error:
        return replace(picture, failure=error.message)
    rows, columns = pixels.shape[:2]
    spacing = usable_spacing(instance.spacing)
    grid = overlay.Grid.fitting(rows, columns, spacing)
    plain = overlay.enlarged(pixels, grid)
    key_image = plain.copy()
    for region in picture.structures:
        overlay.draw_structure(key_image, grid, region, looks[region.label])
    outlined = [region for region in picture.regions if len(region.points_px) >= 2]
    for number, region in enumerate(outlined, start=1):
        overlay.draw_outline(
            key_image,
            grid,
            region,
            ON_COLOUR if pixels.ndim == 3 else LOOKS[picture.verdict].outline_rgb,
            dashed=picture.verdict is Verdict.REVIEW,
            number=number if len(outlined) > 1 else None,
        )
    _draw_frame_marks(key_image, grid, instance, spacing, words)
    overlay.draw_legend(key_image, picture.legend)
    notice = (
        words.sentence("AI mark, not verified. Research use, not for diagnosis.")
        if picture.bundle_id
        else words.sentence("No AI mark. Research use, not for diagnosis.")
    )
    key_image = overlay.with_strip(key_image, notice)
    heat_map = None
    if heat and heat[0].values.shape == (rows, columns):
        heat_map = overlay.blend_heat(plain, grid, heat[0].values)
        _draw_frame_marks(heat_map, grid, instance, spacing, words)
        heat_map = _labelled_heat(heat_map, words)
    return replace(picture, key_image=key_image, heat_map=heat_map)


def _labelled_heat(heat_map: Image.Image, words: Words) -> Image.Image:
    ends = (words.sentence("less"), words.sentence("more evidence"))
    return overlay.with_strip(heat_map, words.sentence("AI heat map, not verified"), ends)


def heat_map_picture(
    study: Study, heat: HeatMap, words: Words, load: FrameLoader = frame_from_file
) -> Image.Image:
    """A heat map over its frame; over black where the frame cannot be shown."""
    rows, columns = heat.values.shape
    place = find_instance(study, heat.sop_instance_uid)
    pixels = np.zeros((rows, columns), dtype=np.uint8)
    spacing = None
    if place is not None:
        spacing = usable_spacing(place[1].spacing)
        try:
            shown = load(place[1].path, heat.frame)
        except MediAssistError:
            shown = pixels
        pixels = shown if shown.shape[:2] == (rows, columns) else pixels
    grid = overlay.Grid.fitting(rows, columns, spacing)
    blended = overlay.blend_heat(overlay.enlarged(pixels, grid), grid, heat.values)
    if place is not None:
        _draw_frame_marks(blended, grid, place[1], spacing, words)
    return _labelled_heat(blended, words)


def _draw_frame_marks(
    image: Image.Image,
    grid: overlay.Grid,
    instance: Instance,
    spacing: PixelSpacing | None,
    words: Words,
) -> None:
    """Scale bar where millimetres are known, orientation letters, laterality, the lossy mark."""
    if spacing is not None:
        length = overlay.scale_length_mm(grid.columns * spacing.column_mm)
        overlay.draw_scale_bar(image, grid, spacing, length_label(length, spacing.source, words))
    if instance.orientation is not None:
        overlay.draw_orientation(image, instance.orientation)
    corner = [words.term(instance.laterality)] if instance.laterality in ("L", "R") else []
    if instance.lossy:
        corner.append(words.sentence("lossy"))
    if corner:
        overlay.draw_label(image, (14, 12), "  ".join(corner))
