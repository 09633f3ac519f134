"""comparison.json, .html and .pdf: two audit folders against each other."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import mediassist
from mediassist.audit.case import Unit
from mediassist.audit.compare import Comparison, FindingComparison, compare, read_cases
from mediassist.audit.content import Block, Heading, TableBlock, Text, Tone
from mediassist.audit.html import page_html
from mediassist.audit.pdf import blocks_pdf
from mediassist.audit.wording import figure, finding_words, percent
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.report.atomic import write_whole
from mediassist.report.page import RunningText
from mediassist.text import Words, words

_CHANCE = 0.05


def compare_folders(old: Path, new: Path, out: Path, lang: str = "en") -> Comparison:
    """Compare two audit folders; writes comparison.json, .html and .pdf into `out`.

    Raises
    ------
    WrongUsage
        If a folder holds no audit, or the two share no case with the same truth.
    """
    unit = _unit(old)
    if _unit(new) != unit:
        raise WrongUsage(
            say("audit_units_differ", "The two audits count different units; audit both alike.")
        )
    findings = compare(read_cases(old), read_cases(new), unit)
    found = Comparison(old.name or str(old), new.name or str(new), unit, findings)
    document = {
        "schema_version": "1.0",
        "disclaimer": "Research use, not for diagnosis.",
        "old": str(old),
        "new": str(new),
        "unit": unit.value,
        "findings": {one.finding: _json(one) for one in findings},
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    write_whole(out / "comparison.json", text.encode())
    worded = words(lang)
    title = worded.sentence("Two audits compared")
    blocks = comparison_blocks(found, worded)
    running = RunningText(
        who=f"{title}: {found.old} / {found.new}", made=f"MediAssist {mediassist.__version__}"
    )
    write_whole(out / "comparison.html", page_html(title, blocks, out, worded))
    write_whole(out / "comparison.pdf", blocks_pdf(title, running, blocks, out, worded))
    return found


def comparison_blocks(found: Comparison, words: Words) -> list[Block]:
    """What differs, in a sentence and a table a finding; then how it was tested."""
    blocks: list[Block] = [
        Heading(words.sentence("Two audits compared"), 1),
        Text(
            words.sentence(
                "The same cases in both: {old} (old) and {new} (new). Only cases on which both "
                "said something are compared; the old audit's patients are the units.",
                old=found.old,
                new=found.new,
            )
        ),
        *(_sentence(one, words) for one in found.findings),
    ]
    for one in found.findings:
        blocks += [Heading(finding_words(one.finding, words)), *_finding(one, words)]
    return [*blocks, Heading(words.sentence("Methods")), Text(_method(words))]


def _sentence(one: FindingComparison, words: Words) -> Text:
    """The answer: better, worse, or nothing but chance."""
    better: list[str] = []
    worse: list[str] = []
    difference = one.auc.difference.value
    if difference and one.auc_p_holm < _CHANCE:
        (better if difference > 0 else worse).append(words.sentence("area under the ROC curve"))
    for rate in one.rates:
        if rate.p_holm < _CHANCE and rate.only_new != rate.only_old:
            (better if rate.only_new > rate.only_old else worse).append(words.term(rate.rate))
    finding = finding_words(one.finding, words)
    if better and worse:
        text = words.sentence(
            "{finding}: the new one is better in {better} and worse in {worse}.",
            finding=finding,
            better=", ".join(better),
            worse=", ".join(worse),
        )
        return Text(text, tone=Tone.UNSURE)
    if better:
        text = words.sentence(
            "{finding}: the new one is better in {better}.",
            finding=finding,
            better=", ".join(better),
        )
        return Text(text, tone=Tone.GOOD)
    if worse:
        text = words.sentence(
            "{finding}: the new one is worse in {worse}.", finding=finding, worse=", ".join(worse)
        )
        return Text(text, tone=Tone.BAD)
    text = words.sentence("{finding}: no difference beyond chance was found.", finding=finding)
    return Text(text, tone=Tone.PLAIN)


def _finding(one: FindingComparison, words: Words) -> list[Block]:
    rows = [
        (
            words.sentence("Area under the ROC curve"),
            _area(one.auc.first),
            _area(one.auc.second),
            figure(one.auc.difference),
            f"{one.auc.p_value:.2g}",
            f"{one.auc_p_holm:.2g}",
        )
    ]
    for rate in one.rates:
        rows.append(
            (
                words.term(rate.rate),
                _share(rate.old, rate.units),
                _share(rate.new, rate.units),
                words.sentence(
                    "right in the old one alone {old}, in the new one alone {new}",
                    old=rate.only_old,
                    new=rate.only_new,
                ),
                f"{rate.p_value:.2g}",
                f"{rate.p_holm:.2g}",
            )
        )
    return [
        TableBlock(
            (
                words.sentence("Rate"),
                words.sentence("Old"),
                words.sentence("New"),
                words.sentence("Difference"),
                "p",
                words.sentence("p (Holm)"),
            ),
            tuple(rows),
            (0.22, 0.15, 0.15, 0.28, 0.1, 0.1),
        ),
        Text(
            words.sentence(
                "{common} cases in both; {old} in the old audit alone, {new} in the new one alone.",
                common=one.common,
                old=one.only_in_old,
                new=one.only_in_new,
            ),
            small=True,
        ),
    ]


def _method(words: Words) -> str:
    return words.sentence(
        "Rates: exact McNemar test on the units that differ (Psychometrika 12, 1947). Area under "
        "the ROC curve: paired test of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), "
        "with the 95 % interval of the difference (new minus old). All p values of all findings "
        "are corrected together by Holm (Scand. J. Stat. 6, 1979). A large p value does not show "
        "that the two are equal."
    )


def _area(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def _share(count: int, units: int) -> str:
    return f"{percent(count / units if units else None)} ({count}/{units})"


def _unit(folder: Path) -> Unit:
    try:
        document = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
        return Unit(document["unit"])
    except (OSError, ValueError, KeyError) as error:
        raise WrongUsage(
            say("audit_folder_no_json", "{folder} holds no audit.json.", folder=str(folder))
        ) from error


def _json(one: FindingComparison) -> dict[str, Any]:
    return {
        "common_cases": one.common,
        "only_in_old": one.only_in_old,
        "only_in_new": one.only_in_new,
        "rates": {
            rate.rate: {k: v for k, v in asdict(rate).items() if k != "rate"} for rate in one.rates
        },
        "auc": {
            "old": None if np.isnan(one.auc.first) else one.auc.first,
            "new": None if np.isnan(one.auc.second) else one.auc.second,
            "difference": asdict(one.auc.difference),
            "p_value": one.auc.p_value,
            "p_holm": one.auc_p_holm,
        },
    }
