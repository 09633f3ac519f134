"""metadata.json of a bundle, put together from what a domain says and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mediassist.core.operating_point import OperatingPoint
from mediassist.models.training.bundle_writing import HASHES, monai_fields, training_environment
from mediassist.models.training.manifest import manifest_sha256
from mediassist.models.training.recipe import BundleSpec, Training
from mediassist.models.training.sample import Sample
from mediassist.statistics.probability import ProbabilityMap

VERSION = "0.3.0"


def document_of(
    training: Training,
    spec: BundleSpec,
    *,
    data: Path,
    used: Sequence[Sample],
    point: OperatingPoint,
    probability_map: ProbabilityMap,
    rule: Mapping[str, Any] | None,
    heat_map: Mapping[str, Any] | None,
    measured: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole document but for file hashes and seal; `used` trained or calibrated the bundle."""
    texts, size = spec.texts, training.plan.size
    return {
        **monai_fields(
            texts["title"], VERSION, texts["task"], texts["intended_use"], texts["data_source"]
        ),
        "network_data_format": _data_format(training, spec),
        "mediassist": {
            "schema_version": 1,
            "id": spec.id,
            "task": spec.task,
            "finding": spec.finding,
            "domain": spec.domain,
            "title": texts["title"],
            "marks_only": spec.marks_only,
            "experimental": spec.experimental,
            "input": {**texts["input"], "age_years": _ages(spec, used)},
            "gate": None if rule is None else dict(rule),
            "preprocess": {"size": size, "stride": training.network.get("stride", 8)},
            "model": dict(texts["model"]),
            "probability_map": probability_map.to_dict(),
            "operating_point": {
                "t_low": point.t_low,
                "t_high": point.t_high,
                "promise": asdict(point.promise),
                "rates": measured["rates"],
                "measured_on": point.measured_on,
            },
            "heat_map": None if heat_map is None else dict(heat_map),
            **({} if spec.aggregate is None else {"aggregate": spec.aggregate}),
            **spec.task_fields,
            "figures": dict(measured),
            "data": {
                "manifest_sha256": {name: manifest_sha256(data / name) for name in spec.sets},
                "picture_hashes": HASHES.as_posix(),
                **texts["data"],
            },
            "training": training_environment(training.plan.schedule.seed),
            "licence": dict(texts["licence"]),
        },
    }


def _ages(spec: BundleSpec, used: Sequence[Sample]) -> list[float] | None:
    """Stated by the domain, else the range of the pictures used; None where no age is known."""
    if spec.age_years is not None:
        return list(spec.age_years)
    ages = [float(sample.row["age"]) for sample in used if sample.row["age"]]
    return [min(ages), max(ages)] if ages else None


def _data_format(training: Training, spec: BundleSpec) -> dict[str, Any]:
    colour = training.preprocessing and spec.gate_kind == "fundus"
    outputs: dict[str, Any] = {
        "logits": {
            "format": "image-level logits before the probability map, the finding first",
            "num_channels": 1 + len(spec.extra_answers),
        }
    }
    if spec.maps:
        outputs["maps"] = {
            "format": f"logits of maps, stride {training.network.get('stride', 8)}",
            "num_channels": len(spec.maps),
        }
    return {
        "inputs": {
            "image": {
                "type": "image",
                "format": "RGB" if colour else "display grey: air dark, bone bright",
                "num_channels": 3 if colour else 1,
                "spatial_shape": [training.plan.size, training.plan.size],
                "dtype": "float32",
                "value_range": [0, 1],
                "is_patch_data": False,
            }
        },
        "outputs": outputs,
    }
