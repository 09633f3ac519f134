"""Which verdict a reader should see first."""

from __future__ import annotations

from collections.abc import Sequence

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import BundleResult
from mediassist.core.vocabulary import Verdict

# A failure stands before "cleared": nobody has looked yet.
URGENCY = (
    Verdict.FLAGGED,
    Verdict.REVIEW,
    Verdict.FAILED,
    Verdict.CLEARED,
    Verdict.NOT_APPLICABLE,
)


def study_verdict(results: Sequence[BundleResult], *, unreadable: bool = False) -> Verdict:
    """The most urgent verdict; a study that no model was asked about is not applicable.

    One with no readable image has failed, also where no model would have taken it.
    """
    verdicts = {entry.verdict for entry in results}
    if unreadable:
        verdicts.add(Verdict.FAILED)
    return next((each for each in URGENCY if each in verdicts), Verdict.NOT_APPLICABLE)


def by_urgency(result: StudyResult) -> list[BundleResult]:
    """Results in the order a reader wants them: flagged first, not applicable last.

    Models that only mark stand after those that give a verdict.
    """
    return sorted(
        result.results,
        key=lambda entry: (
            URGENCY.index(entry.verdict),
            entry.bundle.marks_only,
            -(entry.probability or 0.0),
            entry.bundle.bundle_id,
        ),
    )
