"""docs/performance.md: one table of all bundles, the weakest first, and a section for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.performance.test_sets import BundleTest

Document = dict[str, Any]

_RATES = ("detection", "false_negative", "false_positive", "review_load", "cleared_yield")
_NAMES = {
    "detection": "detection rate",
    "false_negative": "false-negative rate",
    "false_positive": "false-positive rate",
    "review_load": "review load",
    "cleared_yield": "cleared yield",
    "sensitivity_low": "sensitivity at the lower threshold",
    "specificity_low": "specificity at the lower threshold",
    "sensitivity_high": "sensitivity at the upper threshold",
    "specificity_high": "specificity at the upper threshold",
    "ppv": "PPV of flagged, at this set's prevalence",
    "npv": "NPV of cleared, at this set's prevalence",
}
_VERDICTS = {
    "not_met": "not met",
    "too_few": "too few cases",
    "met_not_proved": "met, not proved",
    "proved": "proved",
    "marks_only": "marks only",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One bundle's audit: `finding` is its part of audit.json, `curve` figures read off its ROC."""

    bundle: str
    version: str
    test: BundleTest
    finding: Document
    safeguards: list[Document]
    curve: dict[str, Document]


def page(measured: list[Measured], without: list[str], command: str, date: str) -> str:
    """The whole document."""
    ordered = sorted(measured, key=_weakness)
    lines = [
        "# Performance of the bundles",
        "",
        f"Made on {date} by `{command}`: every installed bundle through `mediassist audit`, on the "
        "test split of its data (patients that no training and no calibration has seen). The "
        "weakest comes first: bundles without verdicts, then by detection rate with refused cases "
        "counted as errors. Intervals hold at 95 % (exact, by patient bootstrap where a patient "
        "counts several times; areas by DeLong).",
        "",
        "None of these sets proves 95 / 1 / 5, and nearly all come from few hospitals: audit a "
        "bundle on your own cases before you rely on it.",
        "",
        *_table(ordered),
        "",
    ]
    if without:
        lines += [f"Not audited, since no test set is known for them: {', '.join(without)}.", ""]
    for one in ordered:
        lines += _section(one)
    return "\n".join(lines).rstrip() + "\n"


def _weakness(one: Measured) -> tuple[int, float, str]:
    if one.finding["verdict"] == "marks_only":
        lesions = one.finding["lesions"]
        found = lesions["detection_at"][1]["detection"]["value"] if lesions else 0.0
        return 0, found or 0.0, one.bundle
    detected = one.finding["rates"]["detection"]["with_refused"]["value"]
    return 1, detected or 0.0, one.bundle


def _table(ordered: list[Measured]) -> list[str]:
    lines = [
        "| bundle | positives + negatives | AUC | detection | false negatives | false positives "
        "| review load | cleared yield | coverage | 95 / 1 / 5 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in ordered:
        finding = one.finding
        cells = [
            f"[{one.bundle}](#{one.bundle})",
            f"{finding['positives']} + {finding['negatives']}",
            _estimate(finding["auc"]),
        ]
        if finding["verdict"] == "marks_only":
            cells += [_froc_cell(finding), *("-" for _ in _RATES[1:])]
        else:
            cells += [_short(finding["rates"][rate]) for rate in _RATES]
        cells += [_percent(finding["coverage"]["value"]), _VERDICTS[finding["verdict"]]]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _froc_cell(finding: Document) -> str:
    lesions = finding["lesions"]
    if lesions is None:
        return "no lesions are given"
    at = lesions["detection_at"][1]
    return f"lesions at {at['false_marks_per_image']:g} false mark: {_short(at['detection'])}"


def _section(one: Measured) -> list[str]:
    finding = one.finding
    lines = [
        f"## {one.bundle}",
        "",
        f"Version {one.version}. Data: {', '.join(each.folder for each in one.test.sets)}. "
        f"Truth: {one.test.truth_words}. Counted by {one.test.unit.value}: {finding['positives']} "
        f"positive, {finding['negatives']} negative ({finding['cases']} cases; not applicable "
        f"{finding['not_applicable']}, failed {finding['failed']}).",
        "",
    ]
    if one.test.note:
        lines += [f"**{one.test.note}**", ""]
    if finding["verdict"] == "marks_only":
        lines += ["Shows candidates and gives no verdict.", ""]
    else:
        lines += _rates(finding)
    lines += _figures(one)
    lines += _lesions(finding)
    lines += _sources(finding)
    for each in finding["refused"][:5]:
        lines.append(f"- {each['count']} cases {each['verdict']}: {each['reason']['text']}")
    for check in one.safeguards:
        if check["state"] == "warning":
            lines.append(f"- {check['name']}: {check['message']['text']}")
    return [*lines, ""] if lines[-1] else lines


def _rates(finding: Document) -> list[str]:
    """Every rate with its target; beside it by study and by case, where these differ."""
    levels = [("by study", "study_rates"), ("by case", "case_rates")]
    counted = finding["rates"]["detection"]["denominator"]
    levels = [
        (words, key)
        for words, key in levels
        if finding[key]["detection"]["denominator"] != counted or _differs(finding, key)
    ]
    head = ["rate", "measured", "95 % interval", "one-sided bound", "refused as errors", "verdict"]
    head += [words for words, _ in levels]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, words in _NAMES.items():
        rate = finding["rates"][name]
        cells = [
            words,
            _short(rate),
            _interval(rate),
            _percent(rate["one_sided_bound"], 2),
            f"{_short(rate['with_refused'])}; bound "
            f"{_percent(rate['with_refused']['one_sided_bound'], 2)}",
            _verdict(name, finding["targets"].get(name)),
            *(
                f"{_short(finding[key][name])}, {_interval(finding[key][name])}"
                for _, key in levels
            ),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| prevalence | PPV of flagged | NPV of cleared |", "|---|---|---|"]
    for each in finding["predictive_values"]:
        lines.append(
            f"| {_percent(each['prevalence'])} | {_estimate(each['ppv'])} "
            f"| {_estimate(each['npv'], 4)} |"
        )
    return [*lines, ""]


def _differs(finding: Document, key: str) -> bool:
    return any(
        finding[key][name]["numerator"] != finding["rates"][name]["numerator"] for name in _NAMES
    )


def _verdict(name: str, target: Document | None) -> str:
    """Against the target, and how many further cases without an error would prove it."""
    if target is None:
        return "-"
    sign = "&gt;" if name == "detection" else "&lt;"
    more = target["more_cases"]
    needed = f"; {more} more without an error would prove it" if more else ""
    return f"{sign} {_percent(target['target'], 0)}: {_VERDICTS[target['verdict']]}{needed}"


def _figures(one: Measured) -> list[str]:
    finding = one.finding
    lines = ["| figure | value (95 % interval) |", "|---|---|"]
    for name, key in (
        ("AUC", "auc"),
        ("AUC by case", "auc_cases"),
        ("Brier score", "brier"),
        ("calibration error", "calibration_error"),
    ):
        lines.append(f"| {name} | {_estimate(finding[key])} |")
    lines += [f"| {name} | {_estimate(value)} |" for name, value in one.curve.items()]
    for pair in finding["thresholds"][:1]:
        low = "-" if pair["t_low"] is None else f"{pair['t_low']:.4g}"
        lines.append(f"| thresholds | cleared below {low}, flagged from {pair['t_high']:.4g} |")
    return [*lines, ""]


def _lesions(finding: Document) -> list[str]:
    lesions = finding["lesions"]
    if lesions is None:
        return []
    lines = [
        f"Marks against {lesions['lesions']} lesions on {lesions['images']} images (hit: "
        f"{lesions['hit_rule']}):",
        "",
        "| false marks an image | lesions found | 95 % interval |",
        "|---|---|---|",
    ]
    shown = lesions["as_shown"]
    for name, rate in (
        *((f"{at['false_marks_per_image']:g}", at["detection"]) for at in lesions["detection_at"]),
        (f"{shown['false_marks_per_image']:.2g} (every mark shown)", shown["detection"]),
    ):
        lines.append(f"| {name} | {_short(rate)} | {_interval(rate)} |")
    mean = lesions["mean_detection"]
    lines.append(f"| mean over 1/8 to 8 | {_percent(mean['value'])} | {_interval(mean)} |")
    return [*lines, ""]


def _sources(finding: Document) -> list[str]:
    """The split by source, where there are several."""
    split = next((each for each in finding["subgroups"] if each["column"] == "source"), None)
    if split is None:
        return []
    lines = [
        "| source | positives + negatives | AUC | detection | false negatives | false positives |",
        "|---|---|---|---|---|---|",
    ]
    for group in split["groups"]:
        lines.append(
            f"| {group['value'] or '-'} | {group['positives']} + {group['negatives']} "
            f"| {_estimate(group['auc'], 2)} | {_short(group['detection'])} "
            f"| {_short(group['false_negative'])} | {_short(group['false_positive'])} |"
        )
    return [*lines, ""]


def _percent(share: float | None, digits: int = 1) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def _short(rate: Document) -> str:
    return f"{_percent(rate['value'])} ({rate['numerator']}/{rate['denominator']})"


def _interval(rate: Document) -> str:
    return f"{_percent(rate['low'])} to {_percent(rate['high'])}"


def _estimate(estimate: Document, digits: int = 3) -> str:
    if estimate["value"] is None:
        return "-"
    low, high = estimate["low"], estimate["high"]
    return f"{estimate['value']:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
