"""What `mediassist audit` prints of an audit and of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.audit.compare import Comparison
    from mediassist.audit.document import AuditRun


def audit_document(run: AuditRun, out: Path) -> dict[str, Any]:
    """The headline for programs; audit.json has the rest."""
    return {
        "out": str(out),
        "verdict": run.result.verdict.value,
        "findings": {
            one.finding: {
                "verdict": one.verdict.value,
                **{
                    each.rate: {
                        "value": one.rate(each.rate).rate.value,
                        "numerator": one.rate(each.rate).rate.numerator,
                        "denominator": one.rate(each.rate).rate.denominator,
                        "bound": each.bound,
                        "bound_with_refused": each.bound_with_refused,
                        "more_cases": each.more_cases,
                        "verdict": each.verdict.value,
                    }
                    for each in one.targets
                },
                "coverage": one.coverage.value,
            }
            for one in run.result.findings
        },
        "warnings": [one.name for one in run.safeguards if one.state.value == "warning"],
    }


def show_audit(console: Console, terminal: Terminal, run: AuditRun, out: Path) -> None:
    """One table of the targets, one line a finding of coverage, and the warnings."""
    from mediassist.audit.summary_section import more_words
    from mediassist.audit.wording import counted, finding_words, percent, target_words

    words = terminal.words
    table = plain_table(
        words.sentence("Finding"),
        words.sentence("Rate"),
        words.sentence("Measured"),
        words.sentence("One-sided bound"),
        words.sentence("Verdict"),
        words.sentence("What would prove it"),
    )
    for one in run.result.findings:
        for place, each in enumerate(one.targets):
            table.add_row(
                finding_words(one.finding, words) if place == 0 else "",
                words.term(each.rate),
                counted(one.rate(each.rate).rate),
                percent(each.bound, 2),
                target_words(each.verdict, words),
                more_words(each, words),
            )
        table.add_row(
            "",
            words.sentence("Coverage"),
            counted(one.coverage),
            "",
            words.sentence(
                "not applicable {refused}, failed {failed}",
                refused=one.not_applicable,
                failed=one.failed,
            )
            if one.coverage.numerator < one.coverage.denominator
            else "",
            "",
        )
    console.print(table)
    for check in run.safeguards:
        if check.state.value == "warning":
            terminal.warn(check.message)
    text = say("audit_written", "The report is {path}.", path=str(out / "audit.pdf"))
    console.print(terminal.text(text), soft_wrap=True)


def comparison_document(found: Comparison, out: Path) -> dict[str, Any]:
    """Adjusted p values for programs; comparison.json has the rest."""
    return {
        "out": str(out / "comparison.json"),
        "findings": {
            one.finding: {
                "auc_p_holm": one.auc_p_holm,
                **{rate.rate: rate.p_holm for rate in one.rates},
            }
            for one in found.findings
        },
    }


def show_comparison(console: Console, terminal: Terminal, found: Comparison, out: Path) -> None:
    """One line a rate and one for the area under the curve."""
    from mediassist.audit.wording import finding_words

    words = terminal.words
    table = plain_table(
        words.sentence("Finding"),
        words.sentence("Rate"),
        words.sentence("Old"),
        words.sentence("New"),
        words.sentence("p (McNemar or DeLong, Holm)"),
    )
    for one in found.findings:
        table.add_row(
            finding_words(one.finding, words),
            "AUC",
            f"{one.auc.first:.3f}",
            f"{one.auc.second:.3f}",
            f"{one.auc_p_holm:.2g}",
        )
        for rate in one.rates:
            table.add_row(
                "",
                words.term(rate.rate),
                f"{rate.old}/{rate.units}",
                f"{rate.new}/{rate.units}",
                f"{rate.p_holm:.2g}",
            )
    console.print(table)
    text = say("audit_written", "The report is {path}.", path=str(out / "comparison.pdf"))
    console.print(terminal.text(text), soft_wrap=True)
