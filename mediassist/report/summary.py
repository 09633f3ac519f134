"""summary.json and summary.csv: what a run did, counted, with every rejected file named."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from mediassist.analysis.result import StudyResult
from mediassist.core.acquisition import AcquisitionCheck, Outcome
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message
from mediassist.core.study import Rejected
from mediassist.core.vocabulary import Verdict
from mediassist.report.atomic import write_whole
from mediassist.report.outputs import StudyFiles, json_bytes
from mediassist.report.urgency import URGENCY, study_verdict
from mediassist.text import Words

SCHEMA_VERSION = "1.0"
SUMMARY_FILE = "summary.json"
TABLE_FILE = "summary.csv"
_NOT_CHECKED = "not_checked"

_COLUMNS = (
    "study",
    "study_instance_uid",
    "patient_id",
    "patient_name",
    "date",
    "modalities",
    "images",
    "acquisition",
    "bundle",
    "finding",
    "verdict",
    "probability",
    "t_low",
    "t_high",
    "reason",
)
_FINDING_COLUMNS = _COLUMNS[_COLUMNS.index("bundle") :]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What was asked for. `started` comes from the injected clock."""

    mediassist_version: str
    started: datetime
    language: str
    inputs: tuple[str, ...] = ()
    bundles: tuple[tuple[str, str], ...] = ()


def study_entry(result: StudyResult, files: StudyFiles | None, words: Words) -> dict[str, Any]:
    """One study's entry in `studies` of summary.json, as plain JSON content.

    The patient stands in a block of its own that can be dropped, as in findings.json.
    """
    study = result.study
    return {
        "study": result.study_key,
        "study_instance_uid": study.study_uid,
        "date": study.study_date.isoformat() if study.study_date else None,
        "time": study.study_time.isoformat() if study.study_time else None,
        "modalities": sorted({series.modality for series in study.series} - {""}),
        "description": study.description,
        "accession_number": study.accession_number,
        "images": study.images,
        "patient": {
            "id": study.patient.patient_id,
            "name": study.patient.name,
            "birth_date": (
                study.patient.birth_date.isoformat() if study.patient.birth_date else None
            ),
            "sex": study.patient.sex,
        },
        "verdict": study_verdict(result.results, unreadable=result.unreadable).value,
        "acquisition": _acquisition(result.acquisition, words),
        "findings": [_finding(entry, words) for entry in result.results],
        "failed_images": [
            {"path": failed.source, "reason": words.message(failed.error.message)}
            for failed in result.failed_images
        ],
        "files": list(files.names) if files else [],
        "seconds": result.seconds,
    }


def _acquisition(check: AcquisitionCheck | None, words: Words) -> dict[str, Any] | None:
    """The outcome of the acquisition check and every rule that is not met, worst first."""
    if check is None:
        return None
    rules = check.by_rule
    return {
        "outcome": check.outcome.value,
        "rules": len(rules),
        "warned": sum(rule.outcome is Outcome.WARN for rule in rules),
        "failed": sum(rule.outcome is Outcome.FAIL for rule in rules),
        "broken": [
            {
                "rule": rule.rule,
                "title": words.message(rule.title),
                "outcome": rule.outcome.value,
                "measured": words.message(rule.measured),
                "allowed": words.message(rule.allowed),
                "advice": words.message(rule.advice),
                "source": rule.source,
            }
            for rule in rules
            if rule.outcome is not Outcome.PASS
        ],
    }


def _finding(entry: BundleResult, words: Words) -> dict[str, Any]:
    reason = entry.refusal.reason if entry.refusal else entry.failure
    point = entry.operating_point
    return {
        "bundle": entry.bundle.bundle_id,
        "finding": entry.bundle.finding,
        "verdict": entry.verdict.value,
        "probability": entry.probability,
        "t_low": point.t_low if point else None,
        "t_high": point.t_high if point else None,
        "reason": words.message(reason) if reason else None,
        "reason_code": reason.code if reason else None,
    }


class Summary:
    """Collects a run, one study after the other; entries are kept as text, to stay small."""

    def __init__(self, run: RunInfo, words: Words) -> None:
        self._run = run
        self._words = words
        self._studies: list[str] = []
        self._rejected: list[dict[str, Any]] = []
        self._verdicts: Counter[str] = Counter()
        self._findings: dict[str, Counter[str]] = {}
        self._acquisition: Counter[str] = Counter()
        self._images = 0

    def add(self, result: StudyResult, files: StudyFiles | None = None) -> None:
        """Count and keep one analysed study."""
        self.add_entry(study_entry(result, files, self._words))

    def add_entry(self, entry: dict[str, Any]) -> None:
        """The same from an entry of `study_entry` that was stored before, by whatever version."""
        if "acquisition" not in entry:
            entry = {**entry, "acquisition": None}
        checked = entry["acquisition"]
        self._acquisition[checked["outcome"] if checked else _NOT_CHECKED] += 1
        self._studies.append(json.dumps(entry, ensure_ascii=False))
        self._verdicts[entry["verdict"]] += 1
        self._images += entry["images"]
        for finding in entry["findings"]:
            counts = self._findings.setdefault(finding["bundle"], Counter())
            counts[finding["verdict"]] += 1

    def reject(self, rejected: Rejected) -> None:
        """Keep a file that could not become part of a study, with reason and advice."""
        self.reject_file(rejected.source, rejected.error.message, rejected.error.advice)

    def reject_file(self, path: str, reason: Message, advice: Message | None = None) -> None:
        """The same from a message that was stored before."""
        self._rejected.append(
            {
                "path": path,
                "code": reason.code,
                "reason": self._words.message(reason),
                "advice": self._words.message(advice) if advice else None,
            }
        )

    def document(self, *, patient_reports: bool = False) -> dict[str, Any]:
        """The content of summary.json (schema/summary.schema.json).

        With `patient_reports` each patient with several studies names its page, as `write` makes
        it.
        """
        entries = list(self._entries())
        patients = patients_with_several_studies(entries)
        for patient in patients:
            patient["report"] = patient_file(patient) if patient_reports else None
        return {
            "schema_version": SCHEMA_VERSION,
            "disclaimer": "Research use, not for diagnosis.",
            "run": {
                "mediassist_version": self._run.mediassist_version,
                "started": self._run.started.isoformat(),
                "language": self._run.language,
                "inputs": list(self._run.inputs),
                "bundles": [{"bundle": name, "sha256": seal} for name, seal in self._run.bundles],
            },
            "counts": {
                "studies": len(self._studies),
                "images": self._images,
                "rejected": len(self._rejected),
                "studies_by_verdict": {
                    verdict.value: self._verdicts[verdict.value] for verdict in Verdict
                },
                "studies_by_acquisition": {
                    outcome: self._acquisition[outcome]
                    for outcome in (*(each.value for each in Outcome), _NOT_CHECKED)
                },
                "bundles": {
                    bundle: {verdict.value: counts[verdict.value] for verdict in Verdict}
                    for bundle, counts in sorted(self._findings.items())
                },
            },
            "rejected": self._rejected,
            "studies": entries,
            "patients": patients,
        }

    def write(
        self, out: Path, *, table: bool = False, patient_reports: bool = False
    ) -> tuple[Path, ...]:
        """Write OUT/summary.json and what else is asked for; each file whole or not at all.

        Parameters
        ----------
        table : OUT/summary.csv, for spreadsheets.
        patient_reports : OUT/patients/*.pdf, one page for each patient with several studies.

        Raises
        ------
        OutputNotWritable
            If a file cannot be written.
        """
        document = self.document(patient_reports=patient_reports)
        written = [out / SUMMARY_FILE]
        write_whole(written[0], json_bytes(document))
        if table:
            written.append(out / TABLE_FILE)
            # Excel reads UTF-8 only with the byte order mark.
            write_whole(written[-1], self.table().encode("utf-8-sig"))
        if patient_reports:
            from mediassist.report.patient_pdf import patient_report

            for patient in document["patients"]:
                written.append(out / patient["report"])
                page = patient_report(
                    patient, self._run.mediassist_version, self._run.started, self._words
                )
                write_whole(written[-1], page)
        return tuple(written)

    def table(self) -> str:
        """One row a study and bundle, then one row a rejected file (verdict `rejected`)."""
        stream = StringIO()
        writer = csv.DictWriter(stream, _COLUMNS, restval="", lineterminator="\r\n")
        writer.writeheader()
        for entry in self._entries():
            shared = {
                "study": entry["study"],
                "study_instance_uid": entry["study_instance_uid"],
                "patient_id": entry["patient"]["id"],
                "patient_name": entry["patient"]["name"],
                "date": entry["date"] or "",
                "modalities": " ".join(entry["modalities"]),
                "images": entry["images"],
                "acquisition": (entry["acquisition"] or {}).get("outcome"),
            }
            findings = entry["findings"] or [
                {"verdict": entry["verdict"], "reason": _why_failed(entry)}
            ]
            for finding in findings:
                row = {name: finding.get(name) for name in _FINDING_COLUMNS}
                writer.writerow({name: _cell(value) for name, value in {**shared, **row}.items()})
        for rejected in self._rejected:
            row = {
                "study": rejected["path"],
                "verdict": "rejected",
                "reason": rejected["reason"],
            }
            writer.writerow({name: _cell(value) for name, value in row.items()})
        return stream.getvalue()

    def _entries(self) -> Iterator[dict[str, Any]]:
        return (json.loads(text) for text in self._studies)


def patients_with_several_studies(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each patient with more than one study: all verdicts across modalities, newest first.

    Patients are told apart by identifier and date of birth: identifiers of different hospitals
    may coincide. Studies without an identifier belong to nobody.
    """
    groups: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for entry in entries:
        patient = entry["patient"]
        if patient["id"]:
            groups.setdefault((patient["id"], patient["birth_date"]), []).append(entry)
    several = []
    for (patient_id, birth_date), studies in sorted(
        groups.items(), key=lambda item: (item[0][0], item[0][1] or "")
    ):
        if len(studies) < 2:
            continue
        newest_first = sorted(
            studies, key=lambda entry: (entry["date"] or "", entry["study"]), reverse=True
        )
        verdicts = {entry["verdict"] for entry in studies}
        several.append(
            {
                "id": patient_id,
                "name": newest_first[0]["patient"]["name"],
                "birth_date": birth_date,
                "verdict": next(each.value for each in URGENCY if each.value in verdicts),
                "studies": [_across(entry) for entry in newest_first],
            }
        )
    return several


def patient_file(patient: dict[str, Any]) -> str:
    """Name of a patient's page below OUT: from a hash, so that no patient data are in paths."""
    key = f"mediassist patient {patient['id']}\n{patient['birth_date']}"
    return f"patients/{hashlib.sha256(key.encode()).hexdigest()[:16]}.pdf"


def _across(entry: dict[str, Any]) -> dict[str, Any]:
    """A study as a line of the patient's summary: only findings that were assessed."""
    return {
        "study": entry["study"],
        "date": entry["date"],
        "modalities": entry["modalities"],
        "verdict": entry["verdict"],
        "findings": [
            {
                "finding": finding["finding"],
                "verdict": finding["verdict"],
                "probability": finding["probability"],
            }
            for finding in entry["findings"]
            if finding["verdict"] != Verdict.NOT_APPLICABLE.value
        ],
    }


def _why_failed(entry: dict[str, Any]) -> str:
    """The reasons of a study that failed as a whole, each once: it has no finding to hold them."""
    return "; ".join(dict.fromkeys(failed["reason"] for failed in entry["failed_images"]))


def _cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@")):
        return "'" + value
    return "" if value is None else value
