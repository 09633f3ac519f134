"""A study's verdicts as a short table."""

from __future__ import annotations

from rich.console import Console

from mediassist.analysis.result import StudyResult
from mediassist.cli.tables import plain_table
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message
from mediassist.core.vocabulary import Verdict
from mediassist.report.plain_words import marks_only, verdict_words
from mediassist.text import Words

_STYLES = {
    Verdict.FLAGGED: "bold red",
    Verdict.REVIEW: "yellow",
    Verdict.CLEARED: "green",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.FAILED: "bold magenta",
}
# The most urgent first; what does not apply last.
_ORDER = list(_STYLES)


def show_study(console: Console, words: Words, result: StudyResult) -> None:
    """One heading and one row a bundle."""
    console.print(heading(words, result), style="bold", soft_wrap=True)
    table = plain_table(
        words.sentence("Finding"),
        words.sentence("Verdict"),
        words.sentence("Probability"),
        words.sentence("Why"),
    )
    for entry in sorted(result.results, key=_urgency):
        table.add_row(
            words.term(entry.bundle.finding) or entry.bundle.bundle_id,
            verdict_words(entry, words),
            probability(entry),
            reason(words, entry),
            style=_STYLES[entry.verdict],
        )
    console.print(table)
    console.print()


def heading(words: Words, result: StudyResult) -> str:
    """Who, when, what: enough to know the study again."""
    study = result.study
    modalities = dict.fromkeys(series.modality for series in study.series if series.modality)
    parts = [
        study.patient.name or study.patient.patient_id or words.sentence("(no name)"),
        study.study_date.isoformat() if study.study_date else words.sentence("(no date)"),
        "+".join(modalities),
        study.description,
    ]
    return "  ".join(part for part in parts if part) + f"  [{result.study_key}]"


def probability(entry: BundleResult) -> str:
    return "" if entry.probability is None else f"{entry.probability:.3f}"


def reason(words: Words, entry: BundleResult) -> str:
    """Why a bundle does not apply or has failed, or the thresholds that its verdict rests on."""
    message: Message | None = entry.failure
    if entry.refusal is not None:
        message = entry.refusal.reason
    if message is not None:
        return words.message(message)
    point = entry.operating_point
    if point is None or marks_only(entry):
        return ""
    if point.t_low is None:
        return words.sentence("flagged from {high}", high=f"{point.t_high:.3f}")
    return words.sentence(
        "cleared below {low}, flagged from {high}",
        low=f"{point.t_low:.3f}",
        high=f"{point.t_high:.3f}",
    )


def _urgency(entry: BundleResult) -> tuple[int, str]:
    return _ORDER.index(entry.verdict), entry.bundle.bundle_id
