"""heart_cardiomegaly_xray from its trained outlines: the ratio is the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.models.letterbox import Letterbox
from mediassist.models.measures.cardiothoracic import chest_outlines
from mediassist.models.networks import Ensemble, FindingNetwork
from mediassist.models.tasks.measure2d import heart_to_chest
from mediassist.models.training import classifier_bundle
from mediassist.models.training.classifier_bundle import Judged
from mediassist.models.training.domains.heart_chest_set import HEART, LUNGS, load_unlabelled
from mediassist.models.training.gate_admission import admitted, gate_rule
from mediassist.models.training.loop import Progress
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import Outputs, known, look, rows
from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.froc import dice
from mediassist.statistics.intervals import rate
from mediassist.statistics.roc import auc_interval

_UNMEASURED = 0.5  # stands in figures for a film that the product refuses to measure


def judge(
    spec: BundleSpec,
    network: torch.nn.Module,
    samples: Sequence[Sample],
    bundles: Path | None = None,
) -> Judged:
    """The measured ratio as score; a film on which it can't be measured is not applicable."""
    use = known(spec, samples)
    counted = [sample for sample, counts in zip(samples, use, strict=True) if counts]
    outputs = look(network, counted)
    ratios = [heart_to_chest(maps.astype(np.float32)) for maps in outputs.maps]
    measured = np.array([ratio is not None for ratio in ratios], bool)
    scores = np.array([_UNMEASURED if ratio is None else ratio for ratio in ratios])
    if bundles is not None:
        rule = gate_rule(bundles, spec.gate_kind)
        measured &= admitted(bundles, [sample.row.path for sample in counted], rule)
    pictures = rows(spec, counted, scores[:, None], measured)
    return Judged(counted, Outputs(scores[:, None], outputs.maps), pictures, pictures, counted)


def finish(
    training: Training,
    spec: BundleSpec,
    network: FindingNetwork | Ensemble,
    data: Path,
    out: Path,
    progress: Progress,
) -> Path:
    """As every bundle, with the errors of outlines and ratio on the outlined test films added."""
    final = classifier_bundle.exported(training, spec, network)
    outlined = [s for s in training.load(data, ("test",)) if s.known[HEART].all()]
    progress(f"{spec.id}: errors of outlines and ratio on {len(outlined)} films")
    errors = outline_errors(outlined, look(final, outlined))
    silent = silent_ratios(final, load_unlabelled(data, ("test",)))

    def measured(samples: Sequence[Sample], outputs: Outputs, level: float) -> Mapping[str, Any]:
        return {**errors, **silent_figures(samples, outputs, silent)}

    spec = replace(spec, measured=measured)
    return classifier_bundle.finish(training, spec, network, data, out, progress)


def silent_ratios(network: torch.nn.Module, samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Ratios of films with opacities and other findings whose report leaves the heart out."""
    found = [heart_to_chest(maps.astype(np.float32)) for maps in look(network, samples).maps]
    return np.array([ratio for ratio in found if ratio is not None])


def silent_figures(
    samples: Sequence[Sample], outputs: Outputs, silent: NDArray[np.float64]
) -> dict[str, Any]:
    """What the figures would be if those films were negatives."""
    truth = [*(bool(sample.positive[0]) for sample in samples), *(False for _ in silent)]
    return {
        "Films of lung/cxr whose report leaves the heart out, ratio above 0.50": asdict(
            rate(int((silent > 0.5).sum()), len(silent))
        ),
        "AUC with these films as further negatives": asdict(
            auc_interval(truth, np.concatenate([outputs.logits[:, 0], silent]))
        ),
    }


def outline_errors(samples: Sequence[Sample], outputs: Outputs) -> dict[str, Any]:
    """Dice of the outlines, and the ratio against that of the outlines drawn by hand."""
    overlaps = {
        name: np.array(
            [
                dice(_on_canvas(maps[place]) >= 0.5, sample.targets[place])
                for sample, maps in zip(samples, outputs.maps, strict=True)
            ]
        )
        for name, place in (("heart", HEART), ("lungs", LUNGS))
    }
    ratios = [chest_outlines(*maps.astype(np.float32)) for maps in outputs.maps]
    pairs = np.array(
        [
            (found.ratio, float(sample.row["ctr_from_mask"]))
            for sample, found in zip(samples, ratios, strict=True)
            if found is not None
        ]
    )
    errors = pairs[:, 0] - pairs[:, 1]
    over = (pairs > 0.5).astype(int)
    return {
        **{f"Dice of the {name} (mean)": _interval(each) for name, each in overlaps.items()},
        "Films with a ratio": asdict(rate(len(pairs), len(samples))),
        "Ratio against drawn outlines, mean absolute error": _interval(np.abs(errors)),
        "Ratio against drawn outlines, mean error": _interval(errors),
        "Ratio within 0.02 of the drawn one": asdict(
            rate(int((np.abs(errors) <= 0.02).sum()), len(errors))
        ),
        "Same side of 0.50 as the drawn ratio": asdict(
            rate(int((over[:, 0] == over[:, 1]).sum()), len(over))
        ),
    }


def _interval(values: NDArray[np.float64]) -> dict[str, Any]:
    """Mean with a bootstrap interval; one film is one patient."""
    return asdict(
        cluster_bootstrap(lambda drawn: float(values[drawn].mean()), np.arange(len(values)))
    )


def _on_canvas(values: NDArray[np.float16]) -> NDArray[np.float32]:
    plane = values.astype(np.float32)
    side = 4 * plane.shape[-1]
    return Letterbox(side, side, side).map_to_stored(plane, 4)
