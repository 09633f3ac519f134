"""Every fitted model, in one go (about half an hour on one core)."""

from __future__ import annotations

from pathlib import Path

from tools.samples.fitting.chest import fit_chest
from tools.samples.fitting.head_ct import fit_head_ct


def fit_models(datasets: Path, out: Path) -> None:
    """Refit all models from the training pictures under `datasets` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    fit_head_ct(datasets, out)
    fit_chest(datasets, out, "adult")
    fit_chest(datasets, out, "child")
