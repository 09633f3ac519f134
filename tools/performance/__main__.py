"""Entry of `python -m tools.performance`."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mediassist.audit import AuditOptions, AuditRequest, Unit, run_audit
from mediassist.audit.columns import Columns
from mediassist.audit.compare import read_cases
from mediassist.core.errors import MediAssistError
from mediassist.models.bundle import BundleInfo
from mediassist.models.registry import list_bundles
from mediassist.settings import Settings
from mediassist.statistics.estimate import Estimate
from mediassist.statistics.roc import fpr_at_sensitivity_interval, sensitivity_at_fpr_interval
from tools.performance.manifests import write_manifest
from tools.performance.page import Measured, page
from tools.performance.test_sets import TESTS

REPOSITORY = Path(__file__).resolve().parents[2]
WORK = REPOSITORY / "build" / "performance"
TARGET = REPOSITORY / "docs" / "performance.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.performance", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--work", type=Path, default=WORK, help="keeps manifests and audits")
    parser.add_argument("--out", type=Path, default=TARGET, help="the page that is written")
    parser.add_argument("--bundle", action="append", default=[], help="only this one; repeatable")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    measured: list[Measured] = []
    without: list[str] = []
    for info in installed(options.bundle):
        if info.id not in TESTS:
            without.append(info.id)
            continue
        print(f"{info.id} ...", file=sys.stderr, flush=True)
        try:
            measured.append(measure(info, options.data, options.work / info.id, options.workers))
        except MediAssistError as error:
            print(f"{info.id}: {error}", file=sys.stderr)
            return 1
    command = "python -m tools.performance --data DATA"
    text = page(measured, without, command, datetime.now(UTC).date().isoformat())
    options.out.write_text(text, encoding="utf-8", newline="\n")
    print(options.out)
    return 0


def installed(asked: list[str]) -> list[BundleInfo]:
    """Sound bundles, experimental ones too; only those asked for, where some are."""
    found = [each for each in list_bundles(Settings().bundles_dir) if isinstance(each, BundleInfo)]
    return [each for each in found if not asked or each.id in asked]


def measure(info: BundleInfo, data: Path, work: Path, workers: int) -> Measured:
    """Audit one bundle; a second call goes on where the first was stopped."""
    test = TESTS[info.id]
    manifest = write_manifest(test, data, work)
    out = work / "audit"
    run_audit(
        AuditRequest(
            out=out,
            manifest=manifest,
            bundles=(info.id,),
            options=AuditOptions(unit=test.unit),
            workers=workers,
        ),
        lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True),
    )
    print(file=sys.stderr)
    document = json.loads((out / "audit.json").read_text(encoding="utf-8"))
    return Measured(
        info.id,
        info.version,
        test,
        document["findings"][test.finding],
        document["safeguards"],
        _curve(out, test.unit),
    )


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


if __name__ == "__main__":
    raise SystemExit(main())
