"""One path of the manifest through the one path of the program; runs in a worker process."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mediassist.analysis import Analyzer, StudyResult
from mediassist.audit.outcome import BundleOutcome, CaseOutcome, ImageFacts, Mark
from mediassist.audit.task import PathTask
from mediassist.core.errors import MediAssistError, WrongUsage
from mediassist.core.finding import BundleResult, Region, RegionKind
from mediassist.core.messages import Message, say
from mediassist.core.picture_hash import SIDE, perceptual_hash
from mediassist.core.study import Instance, Rejected, Series, Study
from mediassist.core.vocabulary import Verdict

_GALLERY_SIDE_PX = 512


def analyse_case(analyzer: Analyzer, task: PathTask, gallery: Path) -> CaseOutcome:
    """Never raises what a case can cause; a case that can't be read is a failed outcome."""
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="mediassist-audit-") as work:
            outcome = _analysed(analyzer, task, gallery, Path(work))
    except MediAssistError as error:
        outcome = CaseOutcome(failure=error.message)
    seconds = round(time.monotonic() - started, 3)
    return CaseOutcome(
        results=outcome.results, facts=outcome.facts, failure=outcome.failure, seconds=seconds
    )


def _analysed(analyzer: Analyzer, task: PathTask, gallery: Path, work: Path) -> CaseOutcome:
    if not task.path.exists():
        return CaseOutcome(
            failure=say("path_missing", "{path} does not exist.", path=str(task.path))
        )
    rejected: list[Rejected] = []
    studies: list[StudyResult] = []
    for found in _found(task, work):
        if isinstance(found, Rejected):
            rejected.append(found)
        else:
            studies.append(analyzer.analyze_study(found))
    if not studies:
        reason = rejected[0].error.message if rejected else _no_image(task.path)
        return CaseOutcome(failure=reason)
    results = tuple(
        _outcome(analyzer, study, result, task, gallery)
        for study in studies
        for result in study.results
    )
    return CaseOutcome(results=results, facts=image_facts(studies))


def _no_image(path: Path) -> Message:
    return say("audit_no_image", "{path} holds no image.", path=str(path))


def _found(task: PathTask, work: Path) -> Iterator[Study | Rejected]:
    """Pictures become DICOM with what the manifest states of them; the rest stays as it is."""
    from mediassist.dicom.find import find_studies
    from mediassist.dicom.pictures import PictureFacts, find_pictures_and_studies, needs_facts

    if task.modality:
        facts = PictureFacts(task.modality, task.body_part, task.view, task.laterality)
        return find_pictures_and_studies([task.path], facts, work)
    if needs_facts(task.path):
        raise WrongUsage(
            say(
                "audit_picture_without_modality",
                "{path} is a picture: the manifest must state its modality.",
                path=str(task.path),
            )
        )
    return find_studies([task.path], work)


def _outcome(
    analyzer: Analyzer, study: StudyResult, result: BundleResult, task: PathTask, gallery: Path
) -> BundleOutcome:
    point = result.operating_point
    reason = result.refusal.reason if result.refusal else result.failure
    truth: Mapping[str, bool] = dict(task.truth)
    name = ""
    if _is_wrong(result, truth.get(result.bundle.finding)):
        seen: BundleResult | None = result
        if result.verdict is Verdict.CLEARED:
            # A cleared picture has no map; what led astray must be seen all the same.
            seen = analyzer.evidence_of(study.study, result.bundle.bundle_id)
        name = _draw(study, seen or result, gallery / f"{task.key}-{result.bundle.bundle_id}.jpg")
    return BundleOutcome(
        bundle=result.bundle.bundle_id,
        version=result.bundle.version,
        sha256=result.bundle.sha256,
        finding=result.bundle.finding,
        verdict=result.verdict,
        probability=result.probability,
        t_low=point.t_low if point else None,
        t_high=point.t_high if point else None,
        promise=point.promise.kind.value if point else "",
        reason=reason,
        marks_only=result.bundle.marks_only,
        marks=_marks(result.regions, study.study),
        picture=name,
    )


def _is_wrong(result: BundleResult, positive: bool | None) -> bool:
    if positive is None:
        return False
    return result.verdict is (Verdict.CLEARED if positive else Verdict.FLAGGED)


def _marks(regions: Sequence[Region], study: Study) -> tuple[Mark, ...]:
    places = {
        instance.sop_instance_uid: place
        for series in study.series
        for place, instance in enumerate(each for each in series.instances if each.has_pixels)
    }
    found: list[Mark] = []
    for region in regions:
        if region.kind is RegionKind.HEAT_MAP or not region.points_px:
            continue
        xs = [point[0] for point in region.points_px]
        ys = [point[1] for point in region.points_px]
        score = 0.0 if region.score is None else region.score
        # A multi-frame image is counted by its frames, a series by its images.
        place = region.frame or places.get(region.sop_instance_uid, 0)
        found.append((min(xs), min(ys), max(xs), max(ys), score, float(place)))
    return tuple(found)


def _instances(studies: Sequence[StudyResult]) -> list[tuple[Series, Instance]]:
    return [
        (series, instance)
        for study in studies
        for series in study.study.series
        for instance in series.instances
        if instance.has_pixels
    ]


def image_facts(studies: Sequence[StudyResult]) -> ImageFacts:
    """Facts of the middle image; its file must still be there."""
    from mediassist.dicom.pictures import needs_facts

    images = _instances(studies)
    if not images:
        return ImageFacts()
    series, instance = images[len(images) // 2]
    # Pictures were wrapped as DICOM: what counts is the file that the site has.
    stated = Path(instance.source)
    source = stated if stated.is_file() else instance.path
    is_wrapped = stated.is_file() and needs_facts(stated)
    return ImageFacts(
        images=len(images),
        frames=sum(instance.frames for _, instance in images),
        study="" if is_wrapped else studies[0].study.study_uid,
        patient="" if is_wrapped else _pseudonym(studies[0].study.patient.patient_id),
        file_bytes=source.stat().st_size,
        suffix=source.suffix.lower(),
        rows=instance.rows,
        columns=instance.columns,
        bits=instance.bits_stored,
        # The wrapping's own header says nothing of how the picture was made.
        manufacturer="" if is_wrapped else series.manufacturer,
        model_name="" if is_wrapped else series.model_name,
        header=() if is_wrapped else _header(series, instance),
        file_sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        perceptual_hash=_looks(instance),
    )


def _pseudonym(patient_id: str) -> str:
    """The same for the same Patient ID; results of an audit are passed on, so not the ID itself."""
    known = patient_id.strip()
    return f"header-{hashlib.sha256(known.encode()).hexdigest()[:12]}" if known else ""


def _header(series: Series, instance: Instance) -> tuple[tuple[str, str], ...]:
    """Header values that no reader would judge by; those that are empty are left out."""
    spacing = instance.spacing
    values = {
        "modality": series.modality,
        "body_part": series.body_part,
        "series_description": series.description,
        "protocol": series.protocol,
        "presentation_intent": series.presentation_intent,
        "photometric": instance.photometric,
        "image_type": "\\".join(instance.image_type),
        "transfer_syntax": instance.transfer_syntax_uid,
        "view": instance.view_position,
        "laterality": instance.laterality,
        "pixel_spacing": f"{spacing.row_mm:g}" if spacing else "",
        "frames": str(instance.frames),
    }
    if instance.slice_thickness_mm is not None:
        values["slice_thickness"] = f"{instance.slice_thickness_mm:g}"
    return tuple((name, value) for name, value in values.items() if value)


def _looks(instance: Instance) -> str:
    """The middle frame's perceptual hash; empty where it can't be decoded."""
    from mediassist.dicom.display import display_picture, load_frame

    try:
        picture = display_picture(load_frame(instance.path, instance.frames // 2))
    except MediAssistError:
        # The bundles' own results say what is wrong with the picture.
        return ""
    if picture.ndim == 3:
        grey = np.asarray(Image.fromarray(picture).convert("L"), np.float32) / np.float32(255)
    else:
        grey = np.ascontiguousarray(picture, np.float32)
    # As training scales a picture: a filter that widens when it reduces, whatever the aspect.
    small = Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return perceptual_hash(np.asarray(small))


def _shown(values: NDArray[np.float32], verdict: Verdict) -> NDArray[np.float32]:
    """A miss had little evidence anywhere: its map is stretched, so that the most of it shows."""
    most = float(np.nanmax(values, initial=0.0))
    if verdict is Verdict.FLAGGED or most <= 0.0:
        return values
    return np.asarray(values / np.float32(most))


def _draw(study: StudyResult, result: BundleResult, target: Path) -> str:
    """The image that decided, with its heat map and outlines; the file's name, or nothing."""
    from mediassist.dicom.display import display_uint8, load_frame
    from mediassist.report.overlay import Grid, blend_heat, draw_outline, enlarged

    best = max(result.image_scores, key=lambda score: score.probability, default=None)
    if best is None:
        return ""
    for _, instance in _instances([study]):
        if instance.sop_instance_uid != best.sop_instance_uid:
            continue
        pixels = display_uint8(load_frame(instance.path, best.frame))
        rows, columns = pixels.shape[:2]
        grid = Grid.fitting(rows, columns, instance.spacing, _GALLERY_SIDE_PX)
        picture: Image.Image = enlarged(pixels, grid)
        for heat in result.heat_maps:
            if (heat.sop_instance_uid, heat.frame) == (best.sop_instance_uid, best.frame):
                picture = blend_heat(picture, grid, _shown(heat.values, result.verdict))
        for region in result.regions:
            if (region.sop_instance_uid, region.frame) == (best.sop_instance_uid, best.frame):
                draw_outline(picture, grid, region, (255, 196, 0))
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(target, "JPEG", quality=85)
        return target.name
    return ""
