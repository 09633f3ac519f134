"""Results that are already on disk: findings.json back to what the window shows.

An output folder of `analyze`, `batch` or an earlier sitting can be opened again. The pictures are
looked for where findings.json says they came from; where they have moved, the findings are still
listed and the viewport says which file is missing. Heat maps come from `reading.evidence`.
"""

from __future__ import annotations

import json
import logging
import string
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from mediassist.analysis.acquisition_json import acquisition_from_json
from mediassist.analysis.result import StudyResult
from mediassist.core.errors import UnreadableFile
from mediassist.core.finding import (
    BundleIdentity,
    BundleResult,
    ImageScore,
    Measurement,
    Refusal,
    Region,
    RegionKind,
)
from mediassist.core.messages import Message, Value, say
from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind, Rate
from mediassist.core.provenance import Provenance
from mediassist.core.study import (
    Instance,
    Patient,
    PixelSpacing,
    Rejected,
    Series,
    SpacingSource,
    Study,
)
from mediassist.core.vocabulary import Code, Verdict

FINDINGS_FILE = "findings.json"
SUMMARY_FILE = "summary.json"
KNOWN_MAJOR = "1"

_log = logging.getLogger(__name__)

Entry = dict[str, Any]


def is_output_folder(path: Path) -> bool:
    """Whether a folder holds results of MediAssist rather than pictures."""
    return path.is_dir() and ((path / SUMMARY_FILE).is_file() or any(result_folders(path)))


def result_folders(folder: Path) -> Iterator[Path]:
    """The study folders of an output folder, in a stable order."""
    for entry in sorted(folder.iterdir()):
        if (entry / FINDINGS_FILE).is_file():
            yield entry


def read_result(study_folder: Path) -> StudyResult:
    """The result in `OUT/<study>/findings.json`, without heat maps.

    Raises
    ------
    UnreadableFile
        If the file is damaged or of a later schema.
    """
    path = study_folder / FINDINGS_FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not str(document["schema_version"]).startswith(f"{KNOWN_MAJOR}."):
            raise UnreadableFile(
                say(
                    "findings_schema",
                    "'{path}' was written by another version of MediAssist (schema {version}).",
                    path=str(path),
                    version=str(document["schema_version"]),
                )
            )
        return _result(document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            say(
                "findings_damaged",
                "'{path}' does not hold readable findings.",
                path=str(path),
            )
        ) from error


def stored_result(folder: Path, study_key: str) -> StudyResult | None:
    """The result that an earlier sitting kept, or None where there is none that can be read."""
    study_folder = folder / study_key
    if not (study_folder / FINDINGS_FILE).is_file():
        return None
    try:
        return read_result(study_folder)
    except UnreadableFile:
        _log.warning("an earlier result could not be read; the study is analysed again")
        return None


def _result(document: Entry) -> StudyResult:
    made = document["provenance"]
    return StudyResult(
        study=_study(document),
        study_key=document["study_key"],
        results=tuple(_bundle_result(entry) for entry in document["findings"]),
        provenance=Provenance(
            mediassist_version=made["mediassist_version"],
            created=datetime.fromisoformat(made["created"]),
            platform=made["platform"],
            python=made["python"],
            libraries=tuple(made["libraries"].items()),
        ),
        warnings=tuple(_message(entry) for entry in document["warnings"]),
        failed_images=tuple(
            Rejected(entry["path"], UnreadableFile(_message(entry["reason"])))
            for entry in document["failed_images"]
        ),
        acquisition=(
            acquisition_from_json(document["acquisition"], _message)
            if document.get("acquisition")
            else None
        ),
        seconds=document["seconds"],
    )


def _study(document: Entry) -> Study:
    study, patient = document["study"], document["patient"]
    return Study(
        study_uid=study["study_instance_uid"],
        patient=Patient(
            patient_id=patient["id"],
            name=patient["name"],
            birth_date=_date(patient["birth_date"]),
            sex=patient["sex"],
            age_years=patient["age_years"],
            name_guessed=patient["name_guessed"],
        ),
        study_date=_date(study["date"]),
        study_time=time.fromisoformat(study["time"]) if study["time"] else None,
        description=study["description"],
        accession_number=study["accession_number"],
        institution=study["institution"],
        series=tuple(_series(entry) for entry in study["series"]),
        warnings=tuple(_message(entry) for entry in study["warnings"]),
    )


def _series(entry: Entry) -> Series:
    return Series(
        series_uid=entry["series_instance_uid"],
        modality=entry["modality"],
        number=entry["number"],
        description=entry["description"],
        body_part=entry["body_part"],
        instances=tuple(
            Instance(
                path=Path(image["path"]),
                source=image["path"],
                sop_instance_uid=image["sop_instance_uid"],
                sop_class_uid=image["sop_class_uid"],
                modality=entry["modality"],
                frames=image["frames"],
                rows=image["rows"],
                columns=image["columns"],
                view_position=image["view"],
                laterality=image["laterality"],
            )
            for image in entry["images"]
        ),
    )


def _bundle_result(entry: Entry) -> BundleResult:
    applicability, made = entry["applicability"], entry["provenance"]
    return BundleResult(
        bundle=BundleIdentity(
            bundle_id=entry["bundle"],
            version=made["bundle_version"],
            sha256=made["bundle_sha256"],
            finding=entry["finding"],
            domain=entry["domain"],
            title=entry["title"],
            marks_only=entry["marks_only"],
            experimental=entry["experimental"],
        ),
        verdict=Verdict(entry["verdict"]),
        probability=entry["probability"],
        operating_point=_operating_point(entry["operating_point"]),
        refusal=(
            None
            if applicability["applicable"]
            else Refusal(
                _message(applicability["reason"]),
                applicability["measured"],
                applicability["allowed"],
            )
        ),
        failure=_message(entry["failure"]) if entry["failure"] else None,
        image_scores=tuple(ImageScore(**score) for score in entry["image_scores"]),
        regions=tuple(
            _region(region) for region in entry["regions"] if region["type"] != RegionKind.HEAT_MAP
        ),
        measurements=tuple(_measurement(one) for one in entry["measurements"]),
        series_used=tuple(entry["series_used"]),
        series_not_used=tuple(
            (one["series_instance_uid"], _message(one["reason"]))
            for one in entry["series_not_used"]
        ),
        warnings=tuple(_message(warning) for warning in entry["warnings"]),
        runtime=made["runtime"],
        seconds=entry["seconds"],
    )


def _operating_point(entry: Entry | None) -> OperatingPoint | None:
    if entry is None:
        return None
    promise = entry["promise"]
    return OperatingPoint(
        t_low=entry["t_low"],
        t_high=entry["t_high"],
        promise=Promise(
            PromiseKind(promise["kind"]), promise["alpha"], promise["delta"], promise["n"]
        ),
        rates=tuple((name, Rate(**rate)) for name, rate in entry["rates"].items()),
        measured_on=entry["measured_on"],
    )


def _region(entry: Entry) -> Region:
    spacing = entry["spacing"]
    size = entry["size_mm"]
    return Region(
        kind=RegionKind(entry["type"]),
        sop_instance_uid=entry["sop_instance_uid"],
        frame=entry["frame"],
        points_px=tuple((x, y) for x, y in entry["points_px"]),
        score=entry["score"],
        label=entry["label"],
        points_mm=tuple((x, y, z) for x, y, z in entry["points_mm"]),
        size_mm=(size[0], size[1]) if size else None,
        spacing=(
            PixelSpacing(spacing["row_mm"], spacing["column_mm"], SpacingSource(spacing["source"]))
            if spacing
            else None
        ),
    )


def _measurement(entry: Entry) -> Measurement:
    code = entry["code"]
    return Measurement(
        name=entry["name"],
        code=Code(**code) if code else None,
        value=entry["value"],
        unit=entry["unit"],
        method=entry["method"],
    )


def _message(entry: Entry) -> Message:
    """The message as it was said, to be worded in the reader's language.

    One without a pattern (an older file) or whose pattern does not fit its values stays in the
    language that it was kept in.
    """
    values: dict[str, Value] = dict(entry.get("values", {}))
    values |= {name: _message(inner) for name, inner in entry.get("nested", {}).items()}
    template = entry.get("template")
    if not isinstance(template, str) or not _fits(template, values):
        template = str(entry["text"]).replace("{", "{{").replace("}", "}}")
    return Message(entry["code"], template, tuple(values.items()))


def _fits(template: str, values: dict[str, Value]) -> bool:
    """Whether a pattern from a file can be filled: plain fields that have values, no more."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return False
    return all(
        name is None or (name in values and not spec and conversion is None)
        for _, name, spec, conversion in parts
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
