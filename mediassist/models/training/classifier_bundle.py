"""From a trained network to a bundle that gives verdicts: map, thresholds, figures, card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.core.operating_point import OperatingPoint, Promise
from mediassist.models.bundle import INFERENCE
from mediassist.models.networks import Ensemble, FindingNetwork, FlipAveraged
from mediassist.models.networks.mobilenet import MobileNetEncoder
from mediassist.models.training import classifier_figures as figures_of
from mediassist.models.training import localisation
from mediassist.models.training.baseline import baseline_scores, compare, whole_picture
from mediassist.models.training.box_marks import HITS_FROM, box_level, drawn_of, seen_in
from mediassist.models.training.bundle_document import document_of
from mediassist.models.training.bundle_writing import HASHES, TRAIN, rounded_state, write_bundle
from mediassist.models.training.card import bundle_card
from mediassist.models.training.classifier_figures import Scored
from mediassist.models.training.fit import FOLDS, imagenet_weights, split_folds
from mediassist.models.training.gate_admission import admitted, bundles_with_gate, gate_rule
from mediassist.models.training.loop import Progress
from mediassist.models.training.picture_hashes import picture_hashes
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import Outputs, by_study, known, look, rows
from mediassist.statistics.intervals import rate
from mediassist.statistics.probability import MapKind, ProbabilityMap, choose_map, fit_map
from mediassist.statistics.thresholds import operating_point

# Below both, a bundle shows marks and gives no verdict (it would only cause work).
LEAST_YIELD, LEAST_DETECTION = 0.10, 0.50
CAUTION = "Source left out of training,"
AS_BASELINE = "as the baseline counts"
_FEW = 40  # patients of a class below which a map with many parameters is not tried


@dataclass(frozen=True, slots=True)
class Judged:
    """Samples of one split with the bundle's outputs; `units` are what a verdict is given for:
    pictures, or studies where the bundle aggregates."""

    samples: list[Sample]
    outputs: Outputs
    pictures: Scored
    units: Scored
    unit_samples: list[Sample]

    def mapped(self, probability_map: ProbabilityMap) -> Judged:
        return replace(
            self,
            pictures=replace(
                self.pictures, probabilities=probability_map.apply(self.pictures.scores)
            ),
            units=replace(self.units, probabilities=probability_map.apply(self.units.scores)),
        )


def exported(
    training: Training, spec: BundleSpec, network: FindingNetwork | Ensemble
) -> torch.nn.Module:
    """The bundle's own network with the weights that the bundle will give back."""
    own = network.only((spec.answer, *spec.extra_answers), spec.maps)
    final: torch.nn.Module = FlipAveraged(own) if training.flip_average else own
    final.load_state_dict(rounded_state(final.state_dict()))
    return final.eval()


def judge(
    spec: BundleSpec,
    network: torch.nn.Module,
    samples: Sequence[Sample],
    bundles: Path | None = None,
) -> Judged:
    """Run a bundle's network; with `bundles` given, ask its gate about every picture too."""
    use = known(spec, samples)
    counted = [sample for sample, counts in zip(samples, use, strict=True) if counts]
    outputs = look(network, counted)
    let_in = None
    if bundles is not None:
        rule = gate_rule(bundles, spec.gate_kind)
        colour = len(counted[0].picture) == 3
        let_in = admitted(bundles, [s.row.path for s in counted], rule, colour)
    pictures = rows(spec, counted, outputs.logits, let_in)
    if spec.aggregate is None:
        return Judged(counted, outputs, pictures, pictures, counted)
    studies, patients = by_study(pictures, spec.aggregate)
    first = {sample.row.patient: sample for sample in reversed(counted)}
    return Judged(counted, outputs, pictures, studies, [first[name] for name in patients])


def finish(
    training: Training,
    spec: BundleSpec,
    network: FindingNetwork | Ensemble,
    data: Path,
    out: Path,
    progress: Progress,
    resamples: int = figures_of.RESAMPLES,
) -> Path:
    """Fix the map on the held-out fold, thresholds on calib, figures on test; write the bundle."""
    bundles = bundles_with_gate(out)
    final = exported(training, spec, network)
    load, judged = spec.load or training.load, spec.judge or judge
    train, held = split_folds(load(data, ("train",)), training.plan.schedule.seed)
    progress(f"{spec.id}: probability map on the held-out fold of train")
    held_out = judged(spec, final, [*train, *held] if spec.label_free else held)
    probability_map, map_scores = probability_map_of(held_out)
    heat_map = _heat_map(spec, held_out)
    progress(f"{spec.id}: thresholds on calib")
    calib = judged(spec, final, load(data, ("calib",))).mapped(probability_map)
    unseen = [held_out.mapped(probability_map)] if spec.label_free else []
    point, bound = operating_point_of([*unseen, calib], spec.thresholds_on)
    progress(f"{spec.id}: figures on test")
    test = judged(spec, final, load(data, ("test",)), bundles).mapped(probability_map)
    level = 0.5 if heat_map is None else float(heat_map["threshold"])
    measured = _figures(spec, test, point, level, resamples)
    measured["probability_map_brier_on_held_out_fold"] = map_scores
    measured["false_positive_bound"] = asdict(bound)
    if spec.volumes is not None:
        measured["measurements"] |= spec.volumes(final, data)
    progress(f"{spec.id}: baseline")
    measured["comparison"] = _comparison(spec, data, [*train, *held, *calib.samples], test)
    measured["baseline"] = _baseline_rows(spec, measured)
    measured["left_out"] = left_out_of(out, spec.id)
    measured["cautions"] = [*cautions(measured), *spec.texts.get("cautions", ())]
    measured["known_failures"] = list(spec.texts["known_failures"])
    silent = _too_weak(measured)
    document = document_of(
        training,
        replace(spec, marks_only=spec.marks_only or silent),
        data=data,
        used=[*train, *held, *calib.samples],
        point=point,
        probability_map=probability_map,
        rule=gate_rule(bundles, spec.gate_kind) if spec.gate_kind else None,
        heat_map=heat_map,
        measured=measured,
    )
    paths = sorted({s.row.path for s in (*train, *held, *calib.samples)})
    write_bundle(
        out / spec.id,
        final.state_dict(),
        {
            INFERENCE: {
                "preprocessing": list(training.preprocessing),
                "network": {**_own_config(spec, network), "flip_average": training.flip_average},
            },
            TRAIN: train_config(training, spec),
            HASHES: picture_hashes(paths),
        },
        document,
        bundle_card(document),
    )
    return out / spec.id


def _own_config(spec: BundleSpec, network: FindingNetwork | Ensemble) -> dict[str, Any]:
    return network.only((spec.answer, *spec.extra_answers), spec.maps).config


def train_config(training: Training, spec: BundleSpec) -> dict[str, Any]:
    plan = training.plan
    return {
        "recipe": f"mediassist train {spec.id}",
        "network": dict(training.network),
        "schedule": asdict(plan.schedule),
        "members": training.members,
        "snapshots": training.snapshots,
        "small_epochs": plan.small_epochs,
        "small_size": plan.small_size,
        "size": plan.size,
        "strength": asdict(training.strength),
        "later_strength": asdict(training.later_strength or training.strength),
        "losses": asdict(training.losses),
        "cell_shares": dict(training.cell_shares or {}),
        "folds": FOLDS,
        "held_out_fold": 0,
    }


def probability_map_of(held_out: Judged) -> tuple[ProbabilityMap, dict[str, float]]:
    """Chosen by cross-validated Brier score on units of the held-out fold that a person read.

    With few patients of a class only the maps of one or two parameters are tried; with less than
    five, none can be chosen and the logit stays as it is.
    """
    units = held_out.units.only(np.array([s.trusted for s in held_out.unit_samples], bool))
    counts = units.counts
    fewest = min(counts["positive_patients"], counts["negative_patients"])
    if fewest < 5:
        return ProbabilityMap(MapKind.IDENTITY, {}), {}
    kinds = tuple(MapKind) if fewest >= _FEW else (MapKind.TEMPERATURE, MapKind.LOGISTIC)
    if fewest < 10:
        return fit_map(MapKind.LOGISTIC, units.positive, units.scores), {}
    return choose_map(units.positive, units.scores, units.patients, kinds=kinds)


def operating_point_of(
    parts: Sequence[Judged], where: str = "calib split"
) -> tuple[OperatingPoint, Promise]:
    """Both thresholds from patients whose truth a person made; `where` names them in the card.

    `parts` is calib, before it train where no label of train taught the network: a threshold at a
    rank of the scores does not notice the probability map, which only rises.
    """
    read = [part.units.only(np.array([s.trusted for s in part.unit_samples])) for part in parts]
    use = Scored(
        np.concatenate([each.patients for each in read]),
        np.concatenate([each.positive for each in read]),
        np.concatenate([each.scores for each in read]),
        np.concatenate([each.probabilities for each in read]),
        np.concatenate([each.applicable for each in read]),
    )
    counts = use.counts
    point, bound = operating_point(
        use.positive, use.probabilities, use.patients, false_positive_delta=None
    )
    measured_on = (
        f"Thresholds fixed on the {where}: {counts['positive_patients']} positive and "
        f"{counts['negative_patients']} negative patients, at most {100 * (bound.alpha or 0):.2g} "
        "% of negatives flagged (marginal bound); rates measured on the test split."
    )
    return replace(point, measured_on=measured_on), bound


def _heat_map(spec: BundleSpec, held_out: Judged) -> dict[str, Any] | None:
    if not spec.maps or not spec.evidence_map:
        return None
    level, hits = localisation.outline_level(
        held_out.samples, held_out.outputs.maps[:, 0], spec.maps[0]
    )
    block = {"show": hits >= localisation.POINTS_FROM, "threshold": level}
    if spec.task_fields.get("regions") != "box":
        return block
    level, boxed = box_level(seen_in(held_out.samples, held_out.outputs), None, drawn_of(spec))
    return block | {"boxes": boxed >= HITS_FROM, "threshold": level}


def _figures(
    spec: BundleSpec, test: Judged, point: OperatingPoint, level: float, resamples: int
) -> dict[str, Any]:
    units = test.units
    discrimination = {"all": units}
    if spec.aggregate is not None:
        discrimination["single pictures"] = test.pictures
    trusted = np.array([s.trusted for s in test.unit_samples], bool)
    if not trusted.all():
        discrimination["truth made by a person"] = units.only(trusted)
    compared = np.array([spec.baseline_on(s) for s in test.samples], bool)
    if not compared.all():
        discrimination[AS_BASELINE] = test.pictures.only(compared)
    all_rates = figures_of.rates(units, point)
    counts = units.counts
    noun = "studies" if spec.aggregate else "pictures"
    return {
        "measured_on": (
            f"The test split of {', '.join(spec.sets)} (patients never used for training, choices "
            f"or thresholds): {counts['positive_patients']} positive and "
            f"{counts['negative_patients']} negative patients. {spec.texts.get('counted', '')} "
            f"Rates count patients, the review load counts {noun}. 95 % intervals: exact for "
            "proportions, DeLong by patient for AUC, patient bootstrap otherwise."
        ),
        "weakest": figures_of.weakest_first(all_rates),
        "rates": all_rates,
        "rates_refused_as_errors": figures_of.rates(units, point, refused_as_errors=True),
        "coverage": figures_of.plain_rate(rate(int(units.applicable.sum()), len(units.scores))),
        "discrimination": {
            name: figures_of.discrimination(some, resamples)
            for name, some in discrimination.items()
        },
        "calibration": figures_of.calibration(units, resamples),
        "localisation": _localisation(spec, test, level),
        "measurements": (
            {} if spec.measured is None else dict(spec.measured(test.samples, test.outputs, level))
        ),
        "subgroups": figures_of.subgroups(units, _groups(spec, test.unit_samples), point),
    }


def _localisation(spec: BundleSpec, test: Judged, level: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    names = spec.texts.get("map_names", ())
    for place, index in enumerate(spec.maps):
        probabilities = test.outputs.maps[:, place]
        if place == 0 and spec.evidence_map:
            found |= localisation.evidence_figures(test.samples, probabilities, index, level)
        elif place < len(names):
            found |= localisation.outline_figures(test.samples, probabilities, index, names[place])
    return found


def _groups(spec: BundleSpec, samples: Sequence[Sample]) -> dict[str, NDArray[np.bool_]]:
    named = [set(spec.groups(sample)) for sample in samples]
    return {
        name: np.array([name in groups for groups in named]) for name in sorted(set().union(*named))
    }


def _comparison(
    spec: BundleSpec, data: Path, fitted_on: Sequence[Sample], test: Judged
) -> dict[str, Any]:
    """Paired with the baseline on the same test pictures (single pictures, also for studies)."""
    encoder = MobileNetEncoder()
    encoder.load_imagenet(imagenet_weights(data))
    use = known(spec, fitted_on)
    usable = [s for s, counts in zip(fitted_on, use, strict=True) if counts and spec.baseline_on(s)]
    compared = np.array([spec.baseline_on(s) for s in test.samples], bool)
    samples = [s for s, counts in zip(test.samples, compared, strict=True) if counts]
    picture = spec.picture or whole_picture
    theirs = baseline_scores(usable, samples, spec.answer, encoder, picture)
    ours = test.pictures.only(compared)
    return compare(ours.positive, theirs, ours.scores, ours.patients)


def _baseline_rows(spec: BundleSpec, measured: dict[str, Any]) -> dict[str, Any]:
    """The table of the sets' README beside ours; single pictures, as there."""
    columns = measured["discrimination"]
    ours = columns.get(AS_BASELINE) or columns.get("single pictures", columns["all"])
    keys = {
        "AUC": "auc",
        "Sensitivity at 5 % false positives": "sensitivity_at_5_fpr",
        "False positives at 95 % sensitivity": "fpr_at_95_sensitivity",
    }
    return {
        name: {"baseline": value, "here": round(ours[keys[name]]["value"], 3)}
        for name, value in spec.baseline.items()
    }


def left_out_of(out: Path, bundle_id: str) -> dict[str, Any]:
    """Figures of earlier leave-one-source-out runs that lie in `out`."""
    path = out / "left_out.json"
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get(bundle_id, {})
    return found


def cautions(measured: dict[str, Any]) -> list[str]:
    """What a hospital that training has not seen would see, as sentences of the card."""
    return [
        f"{CAUTION} {source}: AUC {row['auc']['value']:.3f} "
        f"({row['auc']['low']:.3f}-{row['auc']['high']:.3f})."
        for source, row in measured["left_out"].items()
    ]


def _too_weak(measured: dict[str, Any]) -> bool:
    """This rule only ever takes verdicts away, so measuring it on test flatters nothing."""
    detection, cleared = (measured["rates"][n]["value"] for n in ("detection", "cleared_yield"))
    return (detection or 0.0) < LEAST_DETECTION and (cleared or 0.0) < LEAST_YIELD
