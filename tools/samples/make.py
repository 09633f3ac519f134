"""Writing the whole folder: studies, truth.json, README."""

from __future__ import annotations

import json
from pathlib import Path

from tools.samples.plans import PLANS

NOTE = (
    "Every picture in this folder is SIMULATED. No patient was imaged. Never train, calibrate or "
    "support a claim with them."
)


def make_studies(out: Path, only: list[str] | None = None) -> None:
    """Make the studies under `out`; with `only`, those folders and no truth.json."""
    truths = []
    for plan in PLANS:
        if only and plan.folder not in only:
            continue
        truths.append(plan.make(plan, out / plan.folder).to_json())
        print(f"{plan.folder}: {plan.order.description}", flush=True)
    if only:
        return
    text = {"schema_version": 1, "simulated": True, "note": NOTE, "studies": truths}
    (out / "truth.json").write_text(
        json.dumps(text, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
