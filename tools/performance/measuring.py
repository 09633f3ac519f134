"""One bundle audited on the test split of its data; runs in a process of its own."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediassist import __version__
from mediassist.audit import AuditOptions, AuditRequest, Unit, run_audit
from mediassist.audit.audit_log import sha256_of
from mediassist.audit.columns import Columns
from mediassist.audit.compare import read_cases
from mediassist.models.bundle import BundleInfo
from mediassist.models.registry import list_bundles
from mediassist.settings import Settings
from mediassist.statistics.estimate import Estimate
from mediassist.statistics.roc import fpr_at_sensitivity_interval, sensitivity_at_fpr_interval
from tools.performance.manifests import write_manifest
from tools.performance.test_sets import TESTS

_PREVALENCES = (0.01, 0.1)
_KEPT = "measured.json"


@dataclass(frozen=True, slots=True)
class Job:
    """One bundle to audit; told apart by its id, since a bundle's document is large to pass on."""

    bundle: str
    data: Path
    work: Path


def installed(asked: list[str]) -> list[BundleInfo]:
    """Sound bundles, experimental ones too; only those asked for, where some are."""
    found = [each for each in list_bundles(Settings().bundles_dir) if isinstance(each, BundleInfo)]
    return [each for each in found if not asked or each.id in asked]


def measure(job: Job) -> tuple[dict[str, Any], float]:
    """Audit one bundle: figures of `Measured`, and the seconds of the processor that they took.

    A second call goes on where the first was stopped, and a bundle that is done is not done again
    unless it, its cases or the program have changed.
    """
    started = time.process_time()
    (info,) = installed([job.bundle])
    test = TESTS[info.id]
    manifest = write_manifest(test, job.data, job.work)
    state = {"bundle": info.sha256, "manifest": sha256_of(manifest), "program": __version__}
    kept = job.work / _KEPT
    stored = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    if stored.get("state") != state:
        stored = {"state": state, **_audited(info, manifest, job.work)}
        kept.write_text(json.dumps(stored), encoding="utf-8")
    del stored["state"]
    return stored, time.process_time() - started


def _audited(info: BundleInfo, manifest: Path, work: Path) -> dict[str, Any]:
    """The figures of `page.Measured` as plain data."""
    test = TESTS[info.id]
    out = work / "audit"
    run_audit(
        AuditRequest(
            out=out,
            manifest=manifest,
            bundles=(info.id,),
            options=AuditOptions(unit=test.unit, prevalences=_PREVALENCES),
        ),
        # The log of these audits is not that of the person who runs the tool.
        settings=Settings(data_dir=work),
    )
    document = json.loads((out / "audit.json").read_text(encoding="utf-8"))
    return {
        "bundle": info.id,
        "version": info.version,
        "finding": document["findings"][test.finding],
        "safeguards": document["safeguards"],
        "curve": _curve(out, test.unit),
    }


def _curve(out: Path, unit: Unit) -> dict[str, dict[str, Any]]:
    """Figures read off the ROC curve of the units; patients are drawn for their intervals."""
    columns = Columns.of(read_cases(out), unit)
    positive, score = columns.unit_scores()
    if positive.all() or not positive.any():
        return {}
    units = list(range(len(score)))
    return {
        "sensitivity at 5 % false positives": _json(
            sensitivity_at_fpr_interval(positive, score, units, 0.05)
        ),
        "false positives at 95 % sensitivity": _json(
            fpr_at_sensitivity_interval(positive, score, units, 0.95)
        ),
        "false positives at 99 % sensitivity": _json(
            fpr_at_sensitivity_interval(positive, score, units, 0.99)
        ),
    }


def _json(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
