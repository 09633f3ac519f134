"""Judging samples as scans where the set holds only some slices of a scan, or no scan at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from mediassist.models.tasks.aggregate import aggregate
from mediassist.models.training.classifier_bundle import Judged, judge
from mediassist.models.training.classifier_figures import Scored
from mediassist.models.training.recipe import BundleSpec
from mediassist.models.training.sample import Sample


@dataclass(frozen=True, slots=True)
class UnitJudge:
    """Scores units other than the manifest's patients; takes the place of `judge`.

    Attributes
    ----------
    unit : name of the unit that a sample belongs to.
    copies : how many slices of a whole scan a sample stands for. Neighbouring slices score alike:
        where the set kept every third, the rule of the product (a mean of the highest slices)
        would come out lower than on the whole scan, and with it the measured false positives.
    gated : whether the picture gate has a say; it knows slices, not patches.
    """

    unit: Callable[[Sample], str]
    copies: Callable[[Sample], int] = lambda sample: 1
    gated: bool = True

    def __call__(
        self,
        spec: BundleSpec,
        network: torch.nn.Module,
        samples: Sequence[Sample],
        bundles: Path | None = None,
    ) -> Judged:
        single = replace(spec, aggregate=None)
        judged = judge(single, network, samples, bundles if self.gated else None)
        return self._by_unit(judged, spec.aggregate or "max")

    def _by_unit(self, judged: Judged, rule: str) -> Judged:
        names = np.array([self.unit(sample) for sample in judged.samples])
        copies = np.array([self.copies(sample) for sample in judged.samples])
        units = np.unique(names)
        members = [names == unit for unit in units]
        pictures = judged.pictures
        scored = Scored(
            units,
            np.array([pictures.positive[m].any() for m in members]),
            np.array([aggregate(rule, np.repeat(pictures.scores[m], copies[m])) for m in members]),
            np.zeros(len(units)),
            np.array([pictures.applicable[m].mean() >= 0.5 for m in members]),
        )
        first = {
            name: sample for name, sample in zip(names[::-1], judged.samples[::-1], strict=True)
        }
        return replace(judged, units=scored, unit_samples=[first[unit] for unit in units])
