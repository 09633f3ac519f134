"""Does the tumour map point on Cheng's pictures, whose yes or no must not be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from mediassist.models.training.domains.brain_tumour_set import CHENG, load
from mediassist.models.training.localisation import marked
from mediassist.models.training.scoring import look
from mediassist.statistics.froc import pointing_hit
from mediassist.statistics.intervals import rate


def boxed_figures(network: torch.nn.Module, data: Path) -> Mapping[str, Any]:
    """Pointing game on the boxed test pictures, for each kind of tumour."""
    samples = [sample for sample in load(data, ("test",)) if sample.source == CHENG]
    maps = look(network, samples).maps[:, 0]
    hits: dict[str, list[bool]] = {}
    for index, cells in marked(samples, 0, maps.shape[-1]):
        hit = bool(pointing_hit(maps[index], cells))
        hits.setdefault(samples[index].row.label, []).append(hit)
    return {
        f"Cheng, {kind}: hottest point inside the boxed tumour": asdict(
            rate(sum(found), len(found))
        )
        for kind, found in sorted(hits.items())
    }
