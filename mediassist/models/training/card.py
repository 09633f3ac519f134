"""The model card, made from metadata.json and nothing else; its weakest figure comes first.

Sections follow Mitchell et al., Model Cards for Model Reporting (2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]

_RATE_NAMES = {
    "detection": "Detection rate (positives flagged)",
    "false_negative": "False-negative rate (positives cleared)",
    "false_positive": "False-positive rate (negatives flagged)",
    "review_load": "Review load (pictures left to a person)",
    "cleared_yield": "Cleared yield (negatives cleared)",
}
_ESTIMATE_NAMES = {
    "auc": "AUC",
    "sensitivity_at_5_fpr": "Sensitivity at 5 % false positives",
    "fpr_at_95_sensitivity": "False positives at 95 % sensitivity",
    "fpr_at_99_sensitivity": "False positives at 99 % sensitivity",
    "brier": "Brier score",
    "calibration_error": "Calibration error",
}


_MARKS_ONLY = (
    "**It marks places and gives no verdict.** The verdict rates below are those "
    "that its thresholds would give."
)


def bundle_card(document: Document) -> str:
    """docs/README.md of a bundle that gives verdicts."""
    block = document["mediassist"]
    figures, point = block["figures"], block["operating_point"]
    parts = [
        f"# {block['title']} (`{block['id']}`, version {document['version']})",
        "**Research use, not for diagnosis.** Made by `mediassist train` from metadata.json; "
        "not written by hand.",
        *([_MARKS_ONLY] if block.get("marks_only") else []),
        "## Weakest figures first",
        *[_weak_line(entry) for entry in figures["weakest"]],
        *[f"- {line}" for line in figures["cautions"]],
        "## Model details",
        facts_list(block["model"]),
        "## Intended use",
        document["intended_use"],
        facts_list(contract_facts(block)),
        "## Factors",
        "Measured apart below: " + ", ".join(figures["subgroups"]) + ".",
        "## Metrics and thresholds",
        _promise_text(point),
        "## Evaluation data",
        figures["measured_on"],
        "### Verdict rates",
        _rates_table(
            {
                "refused left out": figures["rates"],
                "refused as errors": figures["rates_refused_as_errors"],
            }
        ),
        f"Coverage (pictures that the gate let in): {rate_text(figures['coverage'])}.",
        "### Discrimination",
        _estimates_table(figures["discrimination"]),
        "### Calibration",
        _estimates_table({"all": figures["calibration"]}),
        "### Against the baseline",
        _baseline_table(figures["baseline"]),
        _comparison_text(figures.get("comparison", {})),
        "### Where the map points",
        _shown(block["heat_map"]),
        facts_list(figures["localisation"]),
        *_measurements(figures.get("measurements", {})),
        "### Other hospitals (leave one source out)",
        _left_out(figures.get("left_out", {})),
        "## Subgroups",
        _subgroup_table(figures["subgroups"]),
        "## Training data",
        *[f"- {line}" for line in block["data"]["sources"]],
        "How truth was established: " + block["data"]["truth"],
        "## Ethical considerations",
        block["data"]["ethics"],
        "## Known failures",
        *[f"- {line}" for line in figures["known_failures"]],
        "## Licence",
        *[f"- {name}: {text}" for name, text in block["licence"].items()],
    ]
    return "\n\n".join(joined(parts)) + "\n"


def gate_card(document: Document) -> str:
    """docs/README.md of the picture gate."""
    block = document["mediassist"]
    figures = block["figures"]
    weakest = sorted(
        [
            *(
                (rate["value"], f"{kind}: let in", rate)
                for kind, rate in figures["kept_in"].items()
            ),
            *(
                (groups["all"]["value"], f"{kind}: other pictures kept out", groups["all"])
                for kind, groups in figures["kept_out"].items()
            ),
            *((rate["value"], name, rate) for name, rate in figures["changes"].items()),
        ],
        key=lambda entry: float(entry[0]),
    )
    parts = [
        f"# Picture gate (version {document['version']})",
        "Says what kind of picture it sees, which way up, inverted or not, and how unlike the "
        "training pictures it is. **Research use, not for diagnosis.** Made by `mediassist train "
        "gate` from metadata.json; not written by hand. All figures are counted per picture on "
        "the test split, on drawn families and on origins of the DICOM corpus that did not "
        "build the gate; interval: exact, 95 %.",
        "## Weakest figures first",
        *[f"- {name}: {rate_text(rate)}" for _, name, rate in weakest[:8]],
        f"A picture is let in at a probability of its kind of {figures['min_probability']:.2f} or "
        "more, upright, not inverted, and not further than `max_ood` (the distance that "
        "99.5 % of the calibration pictures of the kind keep, as they are and after harmless "
        "changes of grey curve, noise, framing and the like, times 1.25 for hospitals that are "
        "not among them).",
        "## Proper pictures let in, others kept out",
        _table(
            (
                "kind",
                "max_ood",
                "let in",
                "kept out: all",
                "other kinds",
                "drawn",
                "corpus",
                "corpus, header unclear",
            ),
            [
                (
                    kind,
                    f"{figures['max_ood'][kind]:.2f}",
                    rate_text(figures["kept_in"][kind]),
                    *(
                        rate_text(figures["kept_out"][kind][group])
                        if group in figures["kept_out"][kind]
                        else "-"
                        for group in ("all", "other_kinds", "drawn", "corpus", "corpus_unclear")
                    ),
                )
                for kind in figures["kept_in"]
            ],
        ),
        "## Chest films let in, by source",
        _table(
            ("source", "let in"), [(k, rate_text(v)) for k, v in figures["chest_by_source"].items()]
        ),
        "## Foreign pictures kept from the chest models, by source",
        _table(
            ("source", "kept out"),
            [(k, rate_text(v)) for k, v in figures["foreign_by_source"].items()],
        ),
        "## Way up and grey scale",
        _table(
            ("question", "right"), [(k, rate_text(v)) for k, v in figures["orientation"].items()]
        ),
        "## Changed chest films",
        _table(("change", "share"), [(k, rate_text(v)) for k, v in figures["changes"].items()]),
        "## Confusion (rows: true kind, columns: called)",
        _confusion(figures["confusion"]),
        "## Training data and licence",
        document["data_source"] + ".",
        *[f"- {name}: {text}" for name, text in block["licence"].items()],
        "## Not measured",
        "Corpus files whose header allows the kind (an MR without a body part may be a head) "
        "stand in a column of their own and in no rate: many are what they may be. Lateral chest "
        "films, whole-body scouts and photographs of screens are not in the sets; the gate has "
        "not learned them. Orientation is judged for chest, knee and spine films, breast "
        "ultrasound and mammograms only, inversion for radiographs only. Kinds with one source "
        "(knee, spine, cardiac MR, angiogram) may lean on that source.",
    ]
    return "\n\n".join(joined(parts)) + "\n"


def rate_text(rate: Mapping[str, Any]) -> str:
    """`0.953 (61/64; 0.869-0.990)`."""
    if rate["value"] is None:
        return f"- (0/{rate['denominator']})"
    return (
        f"{rate['value']:.3f} ({rate['numerator']}/{rate['denominator']}; "
        f"{rate['low']:.3f}-{rate['high']:.3f})"
    )


def estimate_text(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None or estimate["value"] is None:
        return "-"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f}-{estimate['high']:.3f})"


def joined(parts: list[str]) -> list[str]:
    """Blocks separated by blank lines, but items of one list kept together."""
    joined: list[str] = []
    for part in parts:
        if part.startswith("- ") and joined and joined[-1].startswith("- "):
            joined[-1] += "\n" + part
        elif part:
            joined.append(part)
    return joined


def _weak_line(entry: Mapping[str, Any]) -> str:
    sign = ">=" if entry["rate"] == "detection" else "<="
    met = "met" if entry["times"] <= 1 else f"missed: {entry['times']:.1f} times the error allowed"
    name, goal = _RATE_NAMES[entry["rate"]], f"goal {sign} {entry['goal']:.2f}"
    return f"- {name}: {rate_text(entry)}, {goal} ({met})"


def contract_facts(block: Mapping[str, Any]) -> dict[str, Any]:
    contract, gate = block["input"], block["gate"]
    ages = contract["age_years"]
    return {
        "Modality": ", ".join(contract["modalities"]),
        "Body part in the header": ", ".join(contract.get("body_parts", ())) or "any",
        "View": ", ".join(contract.get("views", ())) or "any",
        "Age": "not known of the training pictures, so no age is refused"
        if ages is None
        else f"{ages[0]:g} to {ages[1]:g} years",
        "Photometric": ", ".join(contract.get("photometric", ())) or "any",
        "Picture gate": "none: the task itself looks for the organ"
        if gate is None
        else f"{', '.join(gate['picture_kinds'])} at {gate['min_probability']:.2f} or more, "
        f"distance at most {gate['max_ood']:.2f}",
    }


def _promise_text(point: Mapping[str, Any]) -> str:
    promise = point["promise"]
    low = "no cleared band" if point["t_low"] is None else f"cleared below {point['t_low']:.4f}"
    alpha = "-" if promise["alpha"] is None else f"{100 * promise['alpha']:.2f} %"
    return (
        f"Flagged from a probability of {point['t_high']:.4f}, {low}, review between. Promise "
        f"about missed positives: {promise['kind']}, at most {alpha} of positive patients cleared, "
        f"from {promise['n']} positive calibration patients; it holds for patients like those of "
        f"the calibration split and not for another hospital. {point['measured_on']}"
    )


def _rates_table(columns: Mapping[str, Mapping[str, Any]]) -> str:
    return _table(
        ("rate", *columns),
        [
            (name, *(rate_text(column[key]) for column in columns.values()))
            for key, name in _RATE_NAMES.items()
        ],
    )


def _estimates_table(columns: Mapping[str, Mapping[str, Any]]) -> str:
    keys = [key for key in _ESTIMATE_NAMES if any(key in column for column in columns.values())]
    rows = [
        (_ESTIMATE_NAMES[key], *(estimate_text(column.get(key)) for column in columns.values()))
        for key in keys
    ]
    if all("positive_patients" in column for column in columns.values()):
        rows.append(
            (
                "Patients with / without",
                *(f"{c['positive_patients']} / {c['negative_patients']}" for c in columns.values()),
            )
        )
    return _table(("figure", *columns), rows)


def _baseline_table(baseline: Mapping[str, Mapping[str, Any]]) -> str:
    return _table(
        ("figure", "baseline", "this bundle"),
        [(name, f"{row['baseline']:.3f}", str(row["here"])) for name, row in baseline.items()],
    )


def _comparison_text(comparison: Mapping[str, Any]) -> str:
    """The baseline computed anew on the same pictures: the table's figures are of another run."""
    if not comparison:
        return ""
    difference = comparison["difference"]
    return (
        f"On the same test pictures: baseline AUC {comparison['baseline']:.3f}, this bundle "
        f"{comparison['here']:.3f}, difference {estimate_text(difference)}, p = "
        f"{comparison['p_value']:.2g} ({comparison['test']})."
    )


def _shown(heat_map: Mapping[str, Any] | None) -> str:
    if heat_map is None:
        return "No map is shown."
    if heat_map["show"]:
        return "The map is shown wherever a picture is not cleared."
    if heat_map.get("boxes"):
        return (
            "The map itself is not shown: it points too rarely. Boxes round its hottest places "
            "are, as places to look at."
        )
    return "The map is not shown, nor are boxes: it points too rarely."


def _measurements(figures: Mapping[str, Any]) -> list[str]:
    return ["### How far measurements are off", facts_list(figures)] if figures else []


def _left_out(left_out: Mapping[str, Mapping[str, Any]]) -> str:
    if not left_out:
        return "Not run for this version."
    return _table(
        (
            "left out of training",
            "AUC there",
            "baseline's AUC there (p)",
            "sensitivity at 5 % FPR",
            "patients with / without",
            "schedule",
        ),
        [
            (
                name,
                estimate_text(row["auc"]),
                _baseline_there(row.get("comparison", {})),
                estimate_text(row["sensitivity_at_5_fpr"]),
                f"{row['positive_patients']} / {row['negative_patients']}",
                row["schedule"],
            )
            for name, row in left_out.items()
        ],
    )


def _baseline_there(comparison: Mapping[str, Any]) -> str:
    if not comparison:
        return "-"
    return f"{comparison['baseline']:.3f} (p = {comparison['p_value']:.2g})"


def _subgroup_table(groups: Mapping[str, Mapping[str, Any]]) -> str:
    return _table(
        ("group", "AUC", "detection", "false negatives", "false positives"),
        [
            (
                name,
                estimate_text(row["auc"]),
                rate_text(row["detection"]),
                rate_text(row["false_negative"]),
                rate_text(row["false_positive"]),
            )
            for name, row in groups.items()
        ],
    )


def _confusion(table: Mapping[str, Mapping[str, int]]) -> str:
    kinds = list(table)
    return _table(
        ("", *kinds), [(kind, *(str(table[kind].get(c, "")) for c in kinds)) for kind in kinds]
    )


def facts_list(facts: Mapping[str, Any]) -> str:
    return "\n".join(f"- {name}: {_fact(value)}" for name, value in facts.items())


def _fact(value: Any) -> str:
    if isinstance(value, Mapping) and "numerator" in value:
        return rate_text(value)
    if isinstance(value, Mapping) and "low" in value:
        return estimate_text(value)
    return str(value)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
