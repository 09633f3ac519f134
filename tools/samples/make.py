"""Writing the whole folder: studies, truth.json, DICOMDIR."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tools.samples.objects.dicomdir import write_dicomdir
from tools.samples.plans import PLANS

NOTE = (
    "Every picture in this folder is SIMULATED. No patient was imaged. Never train, calibrate or "
    "support a claim with them."
)


def _make(folder: str, out: Path) -> dict[str, Any]:
    """One study, found by its folder's name: plans themselves need not travel to workers."""
    plan = next(plan for plan in PLANS if plan.folder == folder)
    return plan.make(plan, out / folder).to_json()


def make_studies(out: Path, only: list[str] | None = None, workers: int = 1) -> None:
    """Make the studies under `out`; with `only`, those folders, no truth.json and no DICOMDIR."""
    folders = [plan.folder for plan in PLANS if not only or plan.folder in only]
    truths = []
    with ProcessPoolExecutor(workers) as pool:
        for folder, truth in zip(
            folders, pool.map(_make, folders, [out] * len(folders)), strict=True
        ):
            truths.append(truth)
            print(f"{folder}: {truth['description']}", flush=True)
    if only:
        return
    text = {"schema_version": 1, "simulated": True, "note": NOTE, "studies": truths}
    (out / "truth.json").write_text(
        json.dumps(text, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    write_dicomdir(out)
