"""From trained weights to the lung_opacity_xray bundle: thresholds, figures, card, folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.core.operating_point import OperatingPoint
from mediassist.models.bundle import INFERENCE
from mediassist.models.networks import build_network
from mediassist.models.networks.opacity import OpacityNetwork
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training import classifier_figures as figures_of
from mediassist.models.training.bundle_writing import (
    HASHES,
    TRAIN,
    monai_fields,
    rounded_state,
    training_environment,
    write_bundle,
)
from mediassist.models.training.card import bundle_card
from mediassist.models.training.chest_set import (
    LUNG,
    LUNG_KNOWN,
    OPACITY,
    Example,
    load_examples,
    source_name,
    trusted,
)
from mediassist.models.training.classifier_figures import Scored
from mediassist.models.training.gate_admission import admitted, bundles_with_gate, gate_rule
from mediassist.models.training.loop import Progress
from mediassist.models.training.lung_opacity import (
    BUNDLE_ID,
    FOLDS,
    FULL,
    SIZE,
    Plan,
    left_out_by,
    split_folds,
)
from mediassist.models.training.manifest import manifest_sha256, read_grey
from mediassist.models.training.opacity_texts import DOCUMENT, LICENCE, cautions, known_failures
from mediassist.models.training.picture_hashes import picture_hashes
from mediassist.statistics.froc import dice, mask_iou, pointing_hit
from mediassist.statistics.intervals import rate
from mediassist.statistics.probability import ProbabilityMap, choose_map
from mediassist.statistics.thresholds import operating_point

VERSION = "0.1.0"
NETWORK = {"name": "opacity", "flip_average": True}
PREPROCESSING = [
    {"_target_": "mediassist.models.preprocess.FitSquare", "size": SIZE},
    {"_target_": "mediassist.models.preprocess.StretchGrey"},
]
POINTS_FROM = 0.6  # a map is shown where it hits this share of the held-out fold's boxes


@dataclass(frozen=True, slots=True)
class Outputs:
    """Answers to a list of films: logits (n,), map and lung probabilities (n, h, w)."""

    logits: NDArray[np.float64]
    opacity: NDArray[np.float32]
    lung: NDArray[np.float32]


def look(network: torch.nn.Module, examples: Sequence[Example]) -> Outputs:
    """Run the network as the product will: stored picture, the bundle's preprocessing."""
    fit, stretch = FitSquare(SIZE), StretchGrey()
    parts: list[tuple[torch.Tensor, ...]] = []
    network.eval()
    with torch.no_grad():
        for start in range(0, len(examples), 8):
            films = [stretch(fit(read_grey(e.row.path))) for e in examples[start : start + 8]]
            parts.append(network(torch.from_numpy(np.stack(films))))
    logit, opacity, lung = (torch.cat(part) for part in zip(*parts, strict=True))
    return Outputs(
        logit[:, 0].double().numpy(),
        torch.sigmoid(opacity[:, 0]).numpy(),
        torch.sigmoid(lung[:, 0]).numpy(),
    )


def judged(example: Example) -> bool:
    """Counts as positive or negative; a lone nodule or mass is neither (its own finding)."""
    return example.row.label != "nodule_mass"


def scored(
    examples: Sequence[Example],
    logits: NDArray[np.float64],
    probability_map: ProbabilityMap | None,
    applicable: NDArray[np.bool_] | None = None,
) -> Scored:
    return Scored(
        np.array([e.row.patient for e in examples]),
        np.array([e.positive for e in examples], bool),
        logits,
        np.zeros(len(logits)) if probability_map is None else probability_map.apply(logits),
        np.ones(len(logits), bool) if applicable is None else applicable,
    )


def finish(
    network: OpacityNetwork,
    data: Path,
    out: Path,
    progress: Progress,
    plan: Plan = FULL,
    resamples: int = figures_of.RESAMPLES,
) -> Path:
    """Fix the map on the held-out fold, thresholds on calib, figures on test; write the bundle."""
    bundles = bundles_with_gate(out)
    rule = gate_rule(bundles, "chest_frontal")
    final = build_network(NETWORK)
    final.load_state_dict(
        rounded_state({f"network.{name}": value for name, value in network.state_dict().items()})
    )
    train, held = split_folds(load_examples(data, SIZE, ("train",)), plan.schedule.seed)
    progress("probability map on the held-out fold of train")
    held_outputs = look(final, held)
    probability_map, map_scores = _probability_map(held, held_outputs)
    threshold, held_hits = _map_threshold(held, held_outputs)
    progress("thresholds on calib")
    calib = load_examples(data, SIZE, ("calib",))
    calib_logits = look(final, calib).logits
    point, bound = _operating_point(calib, scored(calib, calib_logits, probability_map))
    progress("figures on test")
    test = load_examples(data, SIZE, ("test",))
    outputs = look(final, test)
    applicable = admitted(bundles, [e.row.path for e in test], rule)
    rows = scored(test, outputs.logits, probability_map, applicable)
    measured = _figures(test, rows, point, outputs, threshold, resamples)
    measured["probability_map_brier_on_held_out_fold"] = map_scores
    measured["false_positive_bound"] = asdict(bound)
    left_out = out / "left_out.json"
    if left_out.is_file():
        measured["left_out"] = json.loads(left_out.read_text(encoding="utf-8"))
    measured["cautions"] = cautions(measured)
    measured["known_failures"] = known_failures(measured)
    document = _document(data, [*train, *held, *calib], point, probability_map, rule, measured)
    document["mediassist"]["heat_map"] = {
        "show": held_hits >= POINTS_FROM,
        "threshold": threshold,
    }
    folder = out / BUNDLE_ID
    train_config = {
        "recipe": f"mediassist train {BUNDLE_ID}",
        "schedule": asdict(plan.schedule),
        "small_epochs": plan.small_epochs,
        "small_size": plan.small_size,
        "size": SIZE,
        "folds": FOLDS,
        "held_out_fold": 0,
    }
    hashes = picture_hashes([e.row.path for e in (*train, *held, *calib)])
    write_bundle(
        folder,
        final.state_dict(),
        {
            INFERENCE: {"preprocessing": PREPROCESSING, "network": NETWORK},
            TRAIN: train_config,
            HASHES: hashes,
        },
        document,
        bundle_card(document),
    )
    return folder


def _probability_map(
    held: Sequence[Example], outputs: Outputs
) -> tuple[ProbabilityMap, dict[str, float]]:
    """Chosen by cross-validated Brier score on films of the held-out fold that a person read."""
    use = np.array([judged(e) and trusted(e.row) for e in held])
    rows = scored(held, outputs.logits, None).only(use)
    return choose_map(rows.positive, rows.scores, rows.patients)


def _operating_point(calib: Sequence[Example], rows: Scored) -> tuple[OperatingPoint, Any]:
    """Thresholds from films that a person read: report-mined labels are wrong too often.

    Of the films mined as pneumonia, 43 % were read as opacity: a promise about such "positives"
    would be one about the text miner. Both bounds are marginal: so few negative patients carry
    a high-probability bound only at a threshold that flags next to none of the sick.
    """
    use = rows.only(np.array([judged(e) and trusted(e.row) for e in calib]))
    counts = use.counts
    return operating_point(
        use.positive,
        use.probabilities,
        use.patients,
        false_positive_delta=None,
        measured_on=(
            f"Thresholds fixed on the calib split, films that a person read: "
            f"{counts['positive_patients']} positive and {counts['negative_patients']} negative "
            f"patients, at most 5 % of negatives flagged (marginal bound); rates measured on the "
            f"test split, all films."
        ),
    )


def _figures(
    test: Sequence[Example],
    rows: Scored,
    point: OperatingPoint,
    outputs: Outputs,
    threshold: float,
    resamples: int,
) -> dict[str, Any]:
    counted = np.array([judged(e) for e in test])
    read = np.array([trusted(e.row) for e in test])
    normal_only = np.array([e.positive or e.row.label == "normal" for e in test]) & counted
    main = rows.only(counted)
    discrimination = {
        "against normal": rows.only(normal_only),
        "against normal, read by a person": rows.only(normal_only & read),
        "against all negatives": main,
        "against all negatives, read by a person": rows.only(counted & read),
    }
    measured = {
        name: figures_of.discrimination(some, resamples) for name, some in discrimination.items()
    }
    all_rates = figures_of.rates(main, point)
    against_normal = measured["against normal"]
    return {
        "measured_on": (
            "The test split of lung/cxr (patients never used for training, choices or "
            "thresholds). Positives: opacity and COVID films; negatives: normal films and films "
            "with other findings; films with a lone nodule or mass are left out and stand among "
            "the subgroups. Rates count patients, the review load counts films. 95 % intervals: "
            "exact for proportions, DeLong by patient for AUC, patient bootstrap otherwise."
        ),
        "weakest": figures_of.weakest_first(all_rates),
        "rates": all_rates,
        "rates_refused_as_errors": figures_of.rates(main, point, refused_as_errors=True),
        "rates_read_by_a_person": figures_of.rates(rows.only(counted & read), point),
        "coverage": figures_of.plain_rate(
            rate(int(rows.applicable[counted].sum()), int(counted.sum()))
        ),
        "discrimination": measured,
        "calibration": figures_of.calibration(main, resamples),
        "localisation": _localisation(test, outputs, threshold),
        "subgroups": figures_of.subgroups(rows, _groups(test, counted), point),
        "baseline": {
            "AUC against normal": {
                "baseline": 0.914,
                "here": round(against_normal["auc"]["value"], 3),
            },
            "Sensitivity at 5 % false positives": {
                "baseline": 0.64,
                "here": round(against_normal["sensitivity_at_5_fpr"]["value"], 3),
            },
            "False positives at 95 % sensitivity": {
                "baseline": 0.36,
                "here": round(against_normal["fpr_at_95_sensitivity"]["value"], 3),
            },
        },
    }


def _groups(test: Sequence[Example], counted: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    def where(test_row: Any) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.array([bool(test_row(e)) for e in test]) & counted
        return found

    nodules = np.array([not judged(e) for e in test])
    return {
        "adults": where(lambda e: e.row["group"] != "child"),
        "children": where(lambda e: e.row["group"] == "child"),
        "PA": where(lambda e: e.row["view"].startswith("PA")),
        "AP": where(lambda e: e.row["view"].startswith("AP")),
        "women": where(lambda e: e.row["sex"] == "F"),
        "men": where(lambda e: e.row["sex"] == "M"),
        "sex not stated": where(lambda e: e.row["sex"] not in ("F", "M")),
        **{
            f"source {name}": where(lambda e, name=name: source_name(e.row) == name)
            for name in ("NIH", "Kermany", "JSRT", "ieee8023", "Hannover")
        },
        "NIH, read by a radiologist": where(
            lambda e: source_name(e.row) == "NIH" and trusted(e.row)
        ),
        "NIH, label mined from reports": where(
            lambda e: source_name(e.row) == "NIH" and not trusted(e.row)
        ),
        "opacity against normal, NIH": where(
            lambda e: source_name(e.row) == "NIH" and (e.positive or e.row.label == "normal")
        ),
        "covid and normal": where(lambda e: e.row.label in ("covid", "normal")),
        "other findings (all negative)": where(lambda e: e.row.label == "other_abnormal"),
        "nodule or mass (counted as negative here only)": nodules,
    }


def _map_threshold(held: Sequence[Example], outputs: Outputs) -> tuple[float, float]:
    """Threshold of the outline with the best mean IoU on the held-out fold, and its hit rate."""
    truths = [(i, _map_truth(e, outputs.opacity.shape[1:])) for i, e in enumerate(held)]
    known = [(i, truth) for i, truth in truths if truth is not None]
    if not known:
        return 0.5, 0.0
    hits = float(np.mean([pointing_hit(outputs.opacity[i], truth) for i, truth in known]))
    grid = [round(0.05 * step, 2) for step in range(2, 17)]
    means = [
        np.mean([mask_iou(outputs.opacity[i] >= level, truth) for i, truth in known])
        for level in grid
    ]
    return grid[int(np.argmax(means))], hits


def _map_truth(example: Example, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """Marked opacity on the map's grid; None where the film is not marked."""
    if not example.positive or not example.targets[OPACITY].any():
        return None
    return _coarse(example.targets[OPACITY], shape)


def _coarse(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    factor = mask.shape[0] // shape[0]
    blocks = mask.reshape(shape[0], factor, shape[1], factor).mean((1, 3))
    coarse: NDArray[np.bool_] = blocks >= 0.5
    return coarse


def _localisation(test: Sequence[Example], outputs: Outputs, threshold: float) -> dict[str, Any]:
    shape = outputs.opacity.shape[1:]
    marked = [
        (i, t) for i, t in ((i, _map_truth(e, shape)) for i, e in enumerate(test)) if t is not None
    ]
    hits = [pointing_hit(outputs.opacity[i], truth) for i, truth in marked]
    overlaps = [mask_iou(outputs.opacity[i] >= threshold, truth) for i, truth in marked]
    lungs = [
        dice(outputs.lung[i] >= 0.5, _coarse(e.targets[LUNG], shape))
        for i, e in enumerate(test)
        if e.targets[LUNG_KNOWN].any()
    ]
    return {
        "Pointing game, hottest point inside a marked opacity": asdict(
            rate(int(np.sum(hits)), len(hits))
        ),
        "Mean IoU of the outline with marked opacities": round(float(np.mean(overlaps)), 3)
        if overlaps
        else None,
        "Films with marked opacities": len(marked),
        "Dice of the lung outline (coarse grid)": round(float(np.mean(lungs)), 3)
        if lungs
        else None,
        "Films with lung masks": len(lungs),
    }


def _document(
    data: Path,
    used: Sequence[Example],
    point: OperatingPoint,
    probability_map: ProbabilityMap,
    rule: Mapping[str, Any],
    measured: dict[str, Any],
) -> dict[str, Any]:
    ages = [float(e.row["age"]) for e in used if e.row["age"]]
    return {
        **monai_fields(
            DOCUMENT["title"],
            VERSION,
            DOCUMENT["task"],
            DOCUMENT["intended_use"],
            DOCUMENT["data_source"],
        ),
        "network_data_format": DOCUMENT["network_data_format"],
        "mediassist": {
            "schema_version": 1,
            "id": BUNDLE_ID,
            "task": "classify2d",
            "finding": "lung_opacity",
            "domain": "lung",
            "title": DOCUMENT["title"],
            "marks_only": False,
            "experimental": False,
            # Kermany's children are 1 to 5 years old by the paper, without single ages.
            "input": {**DOCUMENT["input"], "age_years": [1.0, max(ages)]},
            "gate": dict(rule),
            "preprocess": {"size": SIZE, "stride": 8},
            "model": DOCUMENT["model"],
            "probability_map": probability_map.to_dict(),
            "operating_point": {
                "t_low": point.t_low,
                "t_high": point.t_high,
                "promise": asdict(point.promise),
                "rates": measured["rates"],
                "measured_on": point.measured_on,
            },
            "figures": measured,
            "data": {
                "manifest_sha256": manifest_sha256(data / "lung" / "cxr"),
                "picture_hashes": HASHES.as_posix(),
                **DOCUMENT["data"],
            },
            "training": training_environment(FULL.schedule.seed),
            "licence": LICENCE,
        },
    }


def left_out_figures(
    network: OpacityNetwork, data: Path, source: str, plan: Plan, resamples: int
) -> dict[str, Any]:
    """Figures on calib and test films of a source that training has not seen at all."""
    size = plan.sizes[-1]
    examples = [
        e
        for e in load_examples(data, SIZE, ("train", "calib", "test"))
        if left_out_by(e, source) and (e.positive or e.row.label == "normal")
    ]
    from mediassist.models.training.opacity import predict

    rows = scored(examples, predict(network, examples, size), None)
    schedule = f"{plan.schedule.epochs} epochs of {plan.schedule.steps} steps at {size} px"
    return {**figures_of.discrimination(rows, resamples), "schedule": schedule}
