"""Leave one source out: what a hospital that training has not seen would see."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.models.bundle import METADATA, file_sha256, write_metadata
from mediassist.models.networks.mobilenet import MobileNetEncoder
from mediassist.models.training import classifier_figures as figures_of
from mediassist.models.training.baseline import baseline_scores, compare
from mediassist.models.training.bundle_writing import CARD
from mediassist.models.training.card import bundle_card
from mediassist.models.training.classifier_bundle import CAUTION, cautions, exported, judge
from mediassist.models.training.fit import fit, imagenet_weights
from mediassist.models.training.loop import Progress
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample

LEFT_OUT = "left_out.json"
_SPLITS = ("train", "calib", "test")


def leave_out(
    training: Training, source: str, data: Path, out: Path, resume: bool, progress: Progress
) -> Path:
    """Train without `source` by the short plan and write figures on it to `out/left_out.json`.

    Every bundle of the training for which the source has both classes gets an entry, beside
    the baseline's under the same conditions; single pictures, as scans of one source may all
    be positive.
    """
    if source not in training.sources:
        raise WrongUsage(
            say(
                "train_unknown_source",
                "{source} cannot be left out; these can: {known}.",
                source=source,
                known=", ".join(training.sources) or "-",
            )
        )
    plan = training.short_plan or training.plan
    work = out / ".training" / f"{training.name}-without-{source}"
    network = fit(training, data, work, resume, progress, source, plan)
    samples = training.load(data, _SPLITS)
    inside = [_fitted(s, plan.sizes[-1]) for s in samples if s.source == source]
    outside = [s for s in samples if s.source != source and s.row.split != "test"]
    path = out / LEFT_OUT
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for spec in training.bundles:
        truths = {s.positive[spec.answer] for s in inside if spec.counts(s)} - {None}
        if truths == {True, False}:
            progress(f"{spec.id}: figures on {source}")
            judged = judge(spec, exported(training, spec, network), inside)
            figures = figures_of.discrimination(judged.pictures)
            figures["comparison"] = _comparison(
                spec, data, outside, judged.samples, judged.pictures
            )
            figures["schedule"] = (
                f"{plan.schedule.epochs} epochs of {plan.schedule.steps} steps at "
                f"{plan.sizes[-1]} px"
            )
            table.setdefault(spec.id, {})[source] = figures
    path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8", newline="\n")
    for spec in training.bundles:
        if spec.id in table and (out / spec.id / METADATA).is_file():
            put_into_bundle(out / spec.id, table[spec.id])
    return path


def _fitted(sample: Sample, side: int) -> Sample:
    """The sample at the size that the network was trained at; its maps are not asked for.

    On larger pictures than those of its training a network answers worse: children's pneumonia
    fell from 0.72 at 192 pixels to 0.60 at 256 (240 films of train).
    """
    if sample.picture.shape[1] == side:
        return sample
    picture = torch.from_numpy(sample.picture).float()[None]
    smaller = functional.interpolate(picture, (side, side), mode="bilinear", antialias=True)
    return replace(sample, picture=smaller[0].round().clamp(0, 255).byte().numpy())


def put_into_bundle(folder: Path, figures: dict[str, Any]) -> None:
    """Write figures of left-out sources into a bundle's metadata and card, and seal it anew.

    `figures` has an entry a source. Weights, thresholds and every other figure stay.
    """
    document = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    block = document["mediassist"]
    measured = block["figures"]
    others = [line for line in measured["cautions"] if not line.startswith(CAUTION)]
    measured["left_out"] = figures
    measured["cautions"] = [*cautions(measured), *others]
    (folder / CARD).write_text(bundle_card(document), encoding="utf-8", newline="\n")
    block["files"][CARD.as_posix()] = file_sha256(folder / CARD)
    write_metadata(folder, document)


def _comparison(
    spec: BundleSpec,
    data: Path,
    outside: list[Sample],
    inside: list[Sample],
    pictures: figures_of.Scored,
) -> dict[str, Any]:
    encoder = MobileNetEncoder()
    encoder.load_imagenet(imagenet_weights(data))
    usable = [s for s in outside if s.positive[spec.answer] is not None and spec.counts(s)]
    if len(np.unique([bool(s.positive[spec.answer]) for s in usable])) < 2:
        return {}
    theirs = baseline_scores(usable, inside, spec.answer, encoder)
    return compare(pictures.positive, theirs, pictures.scores, pictures.patients)
