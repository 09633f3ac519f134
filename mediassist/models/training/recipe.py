"""What a domain says of its training and its bundles; everything else is common to all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediassist.models.training.augment import Strength
from mediassist.models.training.sample import Sample
from mediassist.models.training.supervised import Losses, Plan

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from mediassist.models.training.scoring import Outputs

# data folder, splits -> samples on the plan's canvas, in the order of the manifest.
Load = Callable[[Path, tuple[str, ...]], list[Sample]]
# Samples, the bundle's outputs for them and the outline's level -> errors of what it measures.
Measured = Callable[[Sequence[Sample], "Outputs", float], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSpec:
    """One bundle that a trained network gives.

    Attributes
    ----------
    answer : which of the network's answers is the finding; `extra_answers` follow it in the
        bundle's first output (an ordinal scale, for instance).
    maps : which of the network's maps the bundle keeps; the first is its evidence map when
        `evidence_map` is true.
    task, task_fields : task kind of the product and further fields of the mediassist block.
    texts : title, task, intended_use, data_source, model, data (sources, truth, ethics), licence,
        known_failures (list of sentences), input (contract without ages).
    counts : whether a sample takes part in thresholds and figures (default: its truth is known).
    groups : names of the subgroups a sample belongs to.
    sets : folders of the sets below the data folder, for hashes in the metadata.
    aggregate : None: a picture is judged alone. Else the rule of the product that makes one score
        of a study out of the logits of its slices (`models.tasks.aggregate`).
    finish : makes the bundle of the trained network in another way than
        `classifier_bundle.finish` (same arguments), where verdicts come of a measurement.
    load : samples for thresholds and figures, where they are others than those of the training.
    judge : scores samples in another way than `classifier_bundle.judge` (same arguments), where
        the score is a measurement.
    label_free : no label taught the network, so that all of train may fix the probability map.
    picture : a sample's picture for the baseline, (3, rows, columns) in 0..1, where it is not the
        whole stored one.
    volumes : figures of the bundle's network on whole volumes of the set, for the card.
    gate_kind : kind of picture that the gate has to see; "" where the task checks by itself.
    measured : how far its measurements, boxes or outlines are off, on the test split.
    baseline : figures of ../shared/datasets/README.md to stand beside ours:
        {"AUC": 0.930, "Sensitivity at 5 % false positives": 0.66, ...}.
    thresholds_on : the splits that fix the thresholds, in the card's words.
    baseline_on : the samples that the README's baseline was fitted to and counted on, where they
        are not all (opacity against normal films only, for instance).
    """

    id: str
    finding: str
    domain: str
    texts: Mapping[str, Any]
    gate_kind: str
    sets: tuple[str, ...]
    answer: int = 0
    extra_answers: tuple[int, ...] = ()
    maps: tuple[int, ...] = ()
    evidence_map: bool = True
    task: str = "classify2d"
    task_fields: Mapping[str, Any] = field(default_factory=dict)
    counts: Callable[[Sample], bool] = lambda sample: True
    groups: Callable[[Sample], Iterable[str]] = lambda sample: (f"source {sample.source}",)
    aggregate: str | None = None
    age_years: tuple[float, float] | None = None
    marks_only: bool = False
    experimental: bool = False
    finish: Callable[..., Path] | None = None
    load: Load | None = None
    judge: Callable[..., Any] | None = None
    label_free: bool = False
    measured: Measured | None = None
    picture: Callable[[Sample], NDArray[np.float32]] | None = None
    volumes: Callable[[torch.nn.Module, Path], Mapping[str, Any]] | None = None
    baseline: Mapping[str, float] = field(default_factory=dict)
    baseline_on: Callable[[Sample], bool] = lambda sample: True
    thresholds_on: str = "calib split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One network to train; several bundles may come of it.

    Attributes
    ----------
    name : folder of checkpoints and curve, below `.training`.
    network : arguments of `FindingNetwork`.
    preprocessing : steps of inference.json (a transform list of MONAI style) from display picture
        to network input; `load` must have applied the same steps.
    sources : names of `Sample.source` that leave-one-source-out makes sense for.
    flip_average : average the answer over the picture and its mirror image.
    short_plan : schedule of leave-one-source-out, where it is not `plan`.
    members : networks of the ensemble, trained alike from different random starts; a source is
        left out of one network alone.
    later_strength : of the pictures' changes from the first restart of the schedule on, where it is
        not `strength`.
    snapshots : the networks at the end of every leg of the schedule answer together (snapshot
        ensembles, Huang et al., ICLR 2017).
    """

    name: str
    load: Load
    network: Mapping[str, Any]
    preprocessing: Sequence[Mapping[str, Any]]
    plan: Plan
    bundles: tuple[BundleSpec, ...]
    losses: Losses = Losses()
    strength: Strength = Strength()
    cell_shares: Mapping[str, float] | None = None
    sources: tuple[str, ...] = ()
    flip_average: bool = True
    short_plan: Plan | None = None
    members: int = 1
    later_strength: Strength | None = None
    snapshots: bool = False

    def spec(self, bundle_id: str) -> BundleSpec:
        return next(spec for spec in self.bundles if spec.id == bundle_id)
