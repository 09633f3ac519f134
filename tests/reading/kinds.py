"""Results of every kind that bundles make, by hand: `heart_result(study)` and its neighbours.

Each takes a study whose pictures exist (or not), and marks its first series.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import (
    BundleResult,
    ImageScore,
    Measurement,
    Region,
    RegionKind,
)
from mediassist.core.study import Instance, Study
from mediassist.core.vocabulary import Verdict
from tests.reading.results import POINT, identity, result_of

Points = tuple[tuple[float, float], ...]
VOLUME = "brain_intracranial_haemorrhage_ct"
HEART = "heart_cardiomegaly_xray"
DISC = "eye_glaucoma_fundus"
MARKS = "lung_lung_nodule_xray"
CINE = "heart_cardiomyopathy_mr"
VESSELS = "heart_coronary_stenosis_xa"


def result_with(study: Study, *results: BundleResult) -> StudyResult:
    return replace(result_of(study), results=results)


def ellipse(image: Instance, x: float, y: float, wide: float, high: float) -> Points:
    """An outline in shares of the picture's columns and rows."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    columns, rows = image.columns - 1, image.rows - 1
    return tuple(
        (
            round(float((x + wide * np.cos(a)) * columns), 1),
            round(float((y + high * np.sin(a)) * rows), 1),
        )
        for a in angles
    )


def outline(image: Instance, frame: int, points: Points, label: str = "", **more: object) -> Region:
    return Region(RegionKind.CONTOUR, image.sop_instance_uid, frame, points, label=label, **more)  # type: ignore[arg-type]


def line(image: Instance, frame: int, x0: float, x1: float, y: float, label: str) -> Region:
    columns, rows = image.columns - 1, image.rows - 1
    points = ((x0 * columns, y * rows), (x1 * columns, y * rows))
    return Region(RegionKind.POLYGON, image.sop_instance_uid, frame, points, label=label)


def volume_result(study: Study, strongest: int = 3) -> BundleResult:
    """A bleed on the slices round one: outlines, a score for each slice, a volume."""
    images = study.series[0].instances
    chances = [float(np.exp(-((n - strongest) ** 2) / 4)) * 0.93 for n in range(len(images))]
    regions = [
        outline(
            image,
            0,
            ellipse(image, 0.6, 0.45, 0.05 + 0.08 * chance, 0.05 + 0.06 * chance),
            score=round(chance, 3),
            size_mm=(round(30 * chance, 1), round(20 * chance, 1)),
        )
        for image, chance in zip(images, chances, strict=True)
        if chance > 0.4
    ]
    return BundleResult(
        bundle=identity(VOLUME, "intracranial_haemorrhage"),
        verdict=Verdict.FLAGGED,
        probability=0.93,
        operating_point=POINT,
        image_scores=tuple(
            ImageScore(image.sop_instance_uid, 0, chance, chance)
            for image, chance in zip(images, chances, strict=True)
        ),
        regions=tuple(regions),
        measurements=(
            Measurement(
                "Volume of the outlined finding",
                None,
                23.4,
                "mL",
                "sum over slices of outlined area times slice distance",
            ),
        ),
        series_used=(study.series[0].series_uid,),
    )


def heart_result(study: Study, verdict: Verdict = Verdict.FLAGGED) -> BundleResult:
    """Heart and lungs with both diameters: nothing suspicious is marked, a ratio is measured."""
    image = study.series[0].instances[0]
    regions = (
        outline(image, 0, ellipse(image, 0.53, 0.62, 0.21, 0.17), "Heart"),
        outline(image, 0, ellipse(image, 0.29, 0.5, 0.15, 0.28), "Right lung"),
        outline(image, 0, ellipse(image, 0.73, 0.5, 0.13, 0.27), "Left lung"),
        line(image, 0, 0.32, 0.74, 0.64, "Cardiac diameter"),
        line(image, 0, 0.14, 0.86, 0.7, "Thoracic diameter"),
    )
    widths = "greatest width along the rows at the detector"
    return BundleResult(
        bundle=identity(HEART, "cardiomegaly"),
        verdict=verdict,
        probability={Verdict.FLAGGED: 0.91, Verdict.CLEARED: 0.02}.get(verdict, 0.3),
        operating_point=POINT,
        regions=regions,
        measurements=(
            Measurement(
                "cardiothoracic_ratio",
                None,
                0.583,
                "1",
                "greatest width of the heart over greatest width from lung to lung, from the"
                " model's outlines",
            ),
            Measurement("cardiac_diameter", None, 164.2, "mm", widths),
            Measurement("thoracic_diameter", None, 281.6, "mm", widths),
        ),
        series_used=(study.series[0].series_uid,),
    )


def disc_result(study: Study) -> BundleResult:
    """Optic disc and cup, one inside the other."""
    image = study.series[0].instances[0]
    return BundleResult(
        bundle=identity(DISC, "glaucoma"),
        verdict=Verdict.REVIEW,
        probability=0.34,
        operating_point=POINT,
        regions=(
            outline(image, 0, ellipse(image, 0.62, 0.5, 0.06, 0.07), "Optic disc", score=0.99),
            outline(image, 0, ellipse(image, 0.625, 0.505, 0.035, 0.045), "Optic cup", score=0.97),
        ),
        measurements=(
            Measurement(
                "cup_disc_ratio", None, 0.64, "{ratio}", "vertical extents of both outlines"
            ),
        ),
        series_used=(study.series[0].series_uid,),
    )


def marks_result(study: Study) -> BundleResult:
    """Boxes of a model that gives no verdict, and that is off unless switched on."""
    image = study.series[0].instances[0]

    def box(x: float, y: float, score: float) -> Region:
        left, top = x * image.columns, y * image.rows
        points = ((left, top), (left + 0.08 * image.columns, top + 0.07 * image.rows))
        return Region(RegionKind.BOX, image.sop_instance_uid, 0, points, score=score)

    return BundleResult(
        bundle=replace(identity(MARKS, "lung_nodule"), marks_only=True, experimental=True),
        verdict=Verdict.REVIEW,
        probability=0.41,
        operating_point=POINT,
        regions=(box(0.3, 0.3, 0.22), box(0.66, 0.35, 0.41), box(0.25, 0.55, 0.13)),
        series_used=(study.series[0].series_uid,),
    )


def cine_result(study: Study) -> BundleResult:
    """Ventricles and myocardium on every frame of a multi-frame object, with an ejection
    fraction."""
    image = study.series[0].instances[0]
    regions = []
    for frame in range(image.frames):
        beat = 1 - 0.3 * np.sin(np.pi * frame / max(1, image.frames - 1))
        left = 0.14 * beat
        moment = {0: ", end-diastole", image.frames // 2: ", end-systole"}.get(frame, "")
        regions += [
            outline(image, frame, ellipse(image, 0.55, 0.5, left, left), f"Left ventricle{moment}"),
            outline(
                image,
                frame,
                ellipse(image, 0.55, 0.5, left + 0.06, left + 0.06),
                f"Myocardium{moment}",
            ),
            outline(
                image,
                frame,
                ellipse(image, 0.27, 0.48, 0.1 * beat, 0.16 * beat),
                f"Right ventricle{moment}",
            ),
        ]
    method = "volumes of the outlined slices, largest and smallest"
    return BundleResult(
        bundle=identity(CINE, "cardiomyopathy"),
        verdict=Verdict.REVIEW,
        probability=0.44,
        operating_point=POINT,
        regions=tuple(regions),
        measurements=(
            Measurement("ejection_fraction", None, 47.3, "%", method),
            Measurement("lv_end_diastolic_volume", None, 148.0, "mL", method),
            Measurement("lv_end_systolic_volume", None, 78.0, "mL", method),
        ),
        series_used=(study.series[0].series_uid,),
    )


def vessel_result(study: Study) -> BundleResult:
    """A narrowing on some frames of an angiogram."""
    image = study.series[0].instances[0]
    middle = image.frames // 2
    frames = range(max(0, middle - 1), min(image.frames, middle + 2))
    return BundleResult(
        bundle=replace(identity(VESSELS, "coronary_stenosis"), marks_only=True),
        verdict=Verdict.REVIEW,
        probability=0.5,
        operating_point=POINT,
        image_scores=tuple(
            ImageScore(image.sop_instance_uid, frame, 0.6 if frame in frames else 0.1, 0.0)
            for frame in range(image.frames)
        ),
        regions=tuple(
            outline(
                image,
                frame,
                ellipse(image, 0.5 + 0.01 * frame, 0.4, 0.04, 0.03),
                score=0.6 - 0.1 * abs(frame - middle),
            )
            for frame in frames
        ),
        series_used=(study.series[0].series_uid,),
    )
