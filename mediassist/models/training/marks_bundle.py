"""A bundle that only marks places: boxes from its map, FROC on the test split, no verdict.

For sets in which every picture holds the finding: there is nothing to clear and nothing to tell
apart, so neither AUC nor verdict rates exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind
from mediassist.models.bundle import INFERENCE
from mediassist.models.networks import Ensemble, FindingNetwork
from mediassist.models.training.box_marks import Drawn, Seen, box_level, marked_images, see
from mediassist.models.training.bundle_document import document_of
from mediassist.models.training.bundle_writing import HASHES, TRAIN, write_bundle
from mediassist.models.training.classifier_bundle import exported, train_config
from mediassist.models.training.fit import split_folds
from mediassist.models.training.gate_admission import admitted, bundles_with_gate, gate_rule
from mediassist.models.training.localisation import POINTS_FROM
from mediassist.models.training.loop import Progress
from mediassist.models.training.marks_card import marks_card
from mediassist.models.training.picture_hashes import picture_hashes
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.statistics.froc import (
    detection_rate_at,
    dice,
    froc_curve,
    froc_intervals,
    pointing_hit,
)
from mediassist.statistics.intervals import rate
from mediassist.statistics.probability import MapKind, ProbabilityMap

HIT_IOU = 0.2
DRAWN = Drawn(least_share=0.0004, most=5)
_RATES = (0.5, 1.0, 2.0)


def finish(
    training: Training,
    spec: BundleSpec,
    network: FindingNetwork | Ensemble,
    data: Path,
    out: Path,
    progress: Progress,
) -> Path:
    """Fix the boxes' level on the held-out fold and calib, measure on test, write the bundle."""
    bundles = bundles_with_gate(out)
    final = exported(training, spec, network)
    train, held = split_folds(training.load(data, ("train",)), training.plan.schedule.seed)
    calib = training.load(data, ("calib",))
    progress(f"{spec.id}: level of the boxes on the held-out fold and calib")
    unseen = see(final, [*held, *calib])
    level, _ = box_level(unseen, HIT_IOU, DRAWN)
    points = np.mean([pointing_hit(each.heat, each.sample.targets[0]) for each in unseen])
    progress(f"{spec.id}: figures on test")
    test = training.load(data, ("test",))
    measured = figures(spec, see(final, test), level)
    rule = gate_rule(bundles, spec.gate_kind)
    let_in = admitted(bundles, [sample.row.path for sample in test], rule)
    measured["coverage"] = asdict(rate(int(let_in.sum()), len(test)))
    measured["cautions"] = list(spec.texts.get("cautions", ()))
    measured["known_failures"] = list(spec.texts["known_failures"])
    used = [*train, *held, *calib]
    fields = {**spec.task_fields, **DRAWN.task_fields}
    document = document_of(
        training,
        replace(spec, marks_only=True, task_fields=fields),
        data=data,
        used=used,
        point=OperatingPoint(
            None,
            1.0,
            Promise(PromiseKind.NONE, None, None, 0),
            measured_on="No thresholds: the set holds no picture without the finding.",
        ),
        probability_map=ProbabilityMap(MapKind.IDENTITY, {}),
        rule=rule,
        heat_map={"show": bool(points >= POINTS_FROM), "threshold": level},
        measured=measured,
    )
    config = network.only((spec.answer,), spec.maps).config
    write_bundle(
        out / spec.id,
        final.state_dict(),
        {
            INFERENCE: {
                "preprocessing": list(training.preprocessing),
                "network": {**config, "flip_average": training.flip_average},
            },
            TRAIN: train_config(training, spec),
            HASHES: picture_hashes(sorted({sample.row.path for sample in used})),
        },
        document,
        marks_card(document),
    )
    return out / spec.id


def figures(spec: BundleSpec, seen: Sequence[Seen], level: float) -> dict[str, Any]:
    """FROC by both hit rules, pointing game, overlap; the interval draws whole patients."""
    images = marked_images(seen, level, HIT_IOU, DRAWN)
    patients = [each.sample.row.patient for each in seen]
    by_rate, mean = froc_intervals(images, patients, _RATES)
    centres = froc_curve(marked_images(seen, level, None, DRAWN))
    lesions = sum(image.lesions for image in images)
    hits = sum(pointing_hit(each.heat, each.sample.targets[0]) for each in seen)
    hit = sum(len(set(image.mark_lesions) - {-1}) for image in images)
    false = sum(mark < 0 for image in images for mark in image.mark_lesions)
    overlaps = [dice(each.heat >= level, each.sample.targets[0]) for each in seen]
    return {
        "measured_on": (
            f"The test split of {', '.join(spec.sets)}: {len(seen)} pictures of "
            f"{len(set(patients))} patients (or clusters of look-alikes) with {lesions} outlined "
            f"places, never used for training or choices. {spec.texts.get('counted', '')} A box "
            f"hits a place if their boxes overlap by {HIT_IOU} (intersection over union). 95 % "
            "intervals: patient bootstrap for FROC, exact for proportions."
        ),
        "rates": {},
        "froc": {
            **{
                f"places hit with at most {limit:g} false marks a picture": asdict(found)
                for limit, found in zip(_RATES, by_rate, strict=True)
            },
            "mean over 1/8 to 8 false marks a picture": asdict(mean),
        },
        "localisation": {
            "Boxes as shown: places hit": asdict(rate(hit, lesions)),
            "Boxes as shown: false marks a picture": round(false / len(seen), 2),
            "Places that hold the centre of a box, at most 1 false mark": asdict(
                detection_rate_at(centres, 1.0)
            ),
            "Pointing game, hottest point inside an outlined place": asdict(rate(hits, len(seen))),
            "Mean Dice of the map at the boxes' level": round(float(np.mean(overlaps)), 3),
            "Level of the boxes": level,
        },
    }
