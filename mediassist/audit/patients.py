"""Who the cases belong to, where the table does not say: the headers' Patient ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from mediassist.audit.case import Case
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.safeguards import Safeguard, SafeguardState
from mediassist.core.messages import say

NAME = "patients_from_headers"

# One ID on more cases than this, and on so great a share, is a placeholder such as ANONYMOUS.
_MANY_CASES = 10
_GREAT_SHARE = 0.2


def with_patients(
    cases: list[Case], facts: Mapping[str, ImageFacts]
) -> tuple[list[Case], Safeguard | None]:
    """Cases with the patients of their headers, and what to say of it.

    Only where the table names no patient at all. Else every case would count as a patient of its
    own, and the intervals would be too narrow.
    """
    if any(case.patient for case in cases):
        return cases, None
    names = [facts[case.case].patient if case.case in facts else "" for case in cases]
    known = Counter(name for name in names if name)
    if not known:
        return cases, None
    most = known.most_common(1)[0][1]
    if most > max(_MANY_CASES, _GREAT_SHARE * len(cases)):
        message = say(
            "audit_patients_placeholder",
            "The table names no patient, and one Patient ID of the headers stands on {most} cases: "
            "it looks like a placeholder, so every case counts as a patient of its own.",
            most=most,
        )
        return cases, Safeguard(NAME, SafeguardState.WARNING, message)
    found = [replace(case, patient=name) for case, name in zip(cases, names, strict=True)]
    message = say(
        "audit_patients_from_headers",
        "The table names no patient: the headers' Patient IDs tell {patients} patients apart.",
        patients=len(known),
    )
    return found, Safeguard(NAME, SafeguardState.PASSED, message)
