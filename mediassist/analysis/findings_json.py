"""findings.json: one study's results as plain data, the contract that everything else reads."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from mediassist.analysis.acquisition_json import acquisition_json
from mediassist.analysis.result import StudyResult, Wording
from mediassist.core.finding import BundleResult, HeatMap, Measurement, Refusal, Region
from mediassist.core.messages import Message
from mediassist.core.operating_point import OperatingPoint
from mediassist.core.provenance import Provenance
from mediassist.core.study import PixelSpacing, Series, Study

SCHEMA_VERSION = "1.0"


def findings_document(result: StudyResult, wording: Wording) -> dict[str, Any]:
    """Content of findings.json; the patient stands in a block of its own that can be dropped."""
    return {
        "schema_version": SCHEMA_VERSION,
        "disclaimer": "Research use, not for diagnosis.",
        "study_key": result.study_key,
        "study": _study(result.study, wording),
        "patient": _patient(result.study),
        "acquisition": (
            acquisition_json(result.acquisition, lambda said: message_json(said, wording))
            if result.acquisition is not None
            else None
        ),
        "findings": [_bundle_result(each, wording) for each in result.results],
        "failed_images": [
            {"path": failed.source, "reason": message_json(failed.error.message, wording)}
            for failed in result.failed_images
        ],
        "warnings": [message_json(warning, wording) for warning in result.warnings],
        "seconds": result.seconds,
        "provenance": _provenance(result.provenance),
    }


def heat_map_file(bundle_id: str, index: int) -> str:
    """Name of the PNG of a bundle's n-th heat map (counting from 1)."""
    return f"heatmap-{bundle_id}-{index}.png"


def message_json(message: Message, wording: Wording) -> dict[str, Any]:
    """A message for programs (code, values) and people (text).

    `template` and `nested` (values that are messages themselves) let it be worded again in
    another language.
    """
    values = {
        name: wording(value) if isinstance(value, Message) else value
        for name, value in message.values
    }
    nested = {
        name: message_json(value, wording)
        for name, value in message.values
        if isinstance(value, Message)
    }
    worded = {"code": message.code, "text": wording(message), "template": message.template}
    return {**worded, "values": values, **({"nested": nested} if nested else {})}


def _study(study: Study, wording: Wording) -> dict[str, Any]:
    return {
        "study_instance_uid": study.study_uid,
        "date": _iso(study.study_date),
        "time": _iso(study.study_time),
        "description": study.description,
        "accession_number": study.accession_number,
        "institution": study.institution,
        "images": study.images,
        "series": [_series(series) for series in study.series],
        "warnings": [message_json(warning, wording) for warning in study.warnings],
    }


def _patient(study: Study) -> dict[str, Any]:
    patient = study.patient
    return {
        "id": patient.patient_id,
        "name": patient.name,
        "name_guessed": patient.name_guessed,
        "birth_date": _iso(patient.birth_date),
        "sex": patient.sex,
        "age_years": patient.age_years,
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        "series_instance_uid": series.series_uid,
        "modality": series.modality,
        "number": series.number,
        "description": series.description,
        "body_part": series.body_part,
        "images": [
            {
                "sop_instance_uid": instance.sop_instance_uid,
                "sop_class_uid": instance.sop_class_uid,
                "path": instance.source,
                "frames": instance.frames,
                "rows": instance.rows,
                "columns": instance.columns,
                "view": instance.view_position,
                "laterality": instance.laterality,
            }
            for instance in series.instances
            if instance.has_pixels
        ],
    }


def _bundle_result(result: BundleResult, wording: Wording) -> dict[str, Any]:
    bundle = result.bundle
    return {
        "bundle": bundle.bundle_id,
        "finding": bundle.finding,
        "domain": bundle.domain,
        "title": bundle.title,
        "marks_only": bundle.marks_only,
        "experimental": bundle.experimental,
        "verdict": result.verdict.value,
        "applicability": _applicability(result.refusal, wording),
        "failure": message_json(result.failure, wording) if result.failure else None,
        "probability": result.probability,
        "operating_point": _operating_point(result.operating_point),
        "image_scores": [
            {
                "sop_instance_uid": score.sop_instance_uid,
                "frame": score.frame,
                "probability": score.probability,
                "score": score.score,
            }
            for score in result.image_scores
        ],
        "regions": [
            *(_region(region) for region in result.regions),
            *(
                _heat_map(heat, heat_map_file(bundle.bundle_id, index))
                for index, heat in enumerate(result.heat_maps, start=1)
            ),
        ],
        "measurements": [_measurement(measurement) for measurement in result.measurements],
        "series_used": list(result.series_used),
        "series_not_used": [
            {"series_instance_uid": uid, "reason": message_json(reason, wording)}
            for uid, reason in result.series_not_used
        ],
        "warnings": [message_json(warning, wording) for warning in result.warnings],
        "seconds": result.seconds,
        "provenance": {
            "bundle_version": bundle.version,
            "bundle_sha256": bundle.sha256,
            "runtime": result.runtime,
        },
    }


def _applicability(refusal: Refusal | None, wording: Wording) -> dict[str, Any]:
    if refusal is None:
        return {"applicable": True, "reason": None, "measured": "", "allowed": ""}
    return {
        "applicable": False,
        "reason": message_json(refusal.reason, wording),
        "measured": refusal.measured,
        "allowed": refusal.allowed,
    }


def _operating_point(point: OperatingPoint | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {
        "t_low": point.t_low,
        "t_high": point.t_high,
        "promise": {
            "kind": point.promise.kind.value,
            "alpha": point.promise.alpha,
            "delta": point.promise.delta,
            "n": point.promise.n,
        },
        "rates": {
            name: {
                "value": rate.value,
                "numerator": rate.numerator,
                "denominator": rate.denominator,
                "low": rate.low,
                "high": rate.high,
            }
            for name, rate in point.rates
        },
        "measured_on": point.measured_on,
    }


def _region(region: Region) -> dict[str, Any]:
    return {
        "type": region.kind.value,
        "sop_instance_uid": region.sop_instance_uid,
        "frame": region.frame,
        "label": region.label,
        "score": region.score,
        "points_px": [list(point) for point in region.points_px],
        "points_mm": [list(point) for point in region.points_mm],
        "size_mm": list(region.size_mm) if region.size_mm else None,
        "spacing": _spacing(region.spacing),
        "file": None,
    }


def _heat_map(heat: HeatMap, file: str) -> dict[str, Any]:
    return {
        "type": "heat_map",
        "sop_instance_uid": heat.sop_instance_uid,
        "frame": heat.frame,
        "label": "",
        "score": round(float(heat.values.max()), 4),
        "points_px": [],
        "points_mm": [],
        "size_mm": None,
        "spacing": None,
        "file": file,
    }


def _spacing(spacing: PixelSpacing | None) -> dict[str, Any] | None:
    if spacing is None:
        return None
    return {
        "row_mm": spacing.row_mm,
        "column_mm": spacing.column_mm,
        "source": spacing.source.value,
    }


def _measurement(measurement: Measurement) -> dict[str, Any]:
    code = measurement.code
    return {
        "name": measurement.name,
        "code": (
            {"scheme": code.scheme, "value": code.value, "meaning": code.meaning} if code else None
        ),
        "value": measurement.value,
        "unit": measurement.unit,
        "method": measurement.method,
    }


def _provenance(provenance: Provenance) -> dict[str, Any]:
    return {
        "mediassist_version": provenance.mediassist_version,
        "created": provenance.created.isoformat(),
        "platform": provenance.platform,
        "python": provenance.python,
        "libraries": dict(provenance.libraries),
    }


def _iso(value: date | time | None) -> str | None:
    return value.isoformat() if value is not None else None
