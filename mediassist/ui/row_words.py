"""What a row of the study list says, for eyes and for screen readers."""

from __future__ import annotations

from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import ReviewState
from mediassist.reading.worklist import AnalysisState, WorklistRow
from mediassist.text import Words
from mediassist.ui.finding_words import only_marks


def short_verdict(verdict: Verdict, words: Words) -> str:
    """One word for a badge; the full term stands in the findings panel and the report."""
    match verdict:
        case Verdict.FLAGGED:
            return words.sentence("Flagged")
        case Verdict.REVIEW:
            return words.sentence("Review")
        case Verdict.CLEARED:
            return words.sentence("Cleared")
        case Verdict.NOT_APPLICABLE:
            return words.sentence("Not applicable")
        case Verdict.FAILED:
            return words.sentence("Failed")


def badge_words(
    row: WorklistRow, words: Words, *, briefly: bool = False
) -> list[tuple[Verdict, str]]:
    """The badges of an analysed study, most urgent first, each with its count above one; marks
    without a verdict have a badge of their own.

    Most models are for something else: `briefly` says so only where none was for this study.
    """
    if row.result is None:
        return []
    given = [(one.verdict, only_marks(one)) for one in row.result.results]
    badges = []
    if row.result.unreadable:
        badges.append((Verdict.FAILED, words.sentence("Unreadable")))
    for verdict, _ in row.verdicts:
        for marks in (False, True):
            count = given.count((verdict, marks))
            word = words.sentence("Marks only") if marks else short_verdict(verdict, words)
            if count:
                badges.append((verdict, word if count == 1 else f"{word} {count}"))
    told = [badge for badge in badges if badge[0] is not Verdict.NOT_APPLICABLE]
    return told if briefly and told else badges


def row_identity(row: WorklistRow) -> str:
    """Patient ID and modalities; the description stands in the tool tip and on the image."""
    parts = (row.study.patient.patient_id, " ".join(row.modalities))
    return "  ·  ".join(part for part in parts if part)


def state_words(row: WorklistRow, words: Words) -> str:
    match row.state:
        case AnalysisState.RUNNING:
            return words.sentence("Being analysed…")
        case AnalysisState.WAITING:
            return words.sentence("Waiting for analysis")
        case AnalysisState.FAILED:
            return words.sentence("The analysis failed")
        case AnalysisState.NOT_ASKED:
            return words.sentence("Not analysed")
        case AnalysisState.DONE:
            return words.sentence("Analysed")


def review_words(state: ReviewState, words: Words) -> str:
    match state:
        case ReviewState.DECIDED:
            return words.sentence("All findings are decided")
        case ReviewState.PARTLY:
            return words.sentence("Some findings are decided")
        case ReviewState.OPEN:
            return words.sentence("No finding is decided yet")
        case ReviewState.NOTHING_TO_DECIDE:
            return words.sentence("No finding awaits a decision")


def row_speech(row: WorklistRow, words: Words) -> str:
    """The whole row in words, separated by semicolons."""
    parts = [
        row.study.patient.name or words.sentence("Name unknown"),
        row.study.patient.patient_id,
        row.study.study_date.isoformat() if row.study.study_date else "",
        " ".join(row.modalities),
        row.study.description,
    ]
    if row.state is AnalysisState.DONE:
        parts += [text for _, text in badge_words(row, words)]
        parts.append(review_words(row.review, words))
    else:
        parts.append(state_words(row, words))
    return "; ".join(part for part in parts if part)
