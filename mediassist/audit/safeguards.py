"""What could make an audit's figures look better than they are, looked for in every audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mediassist.audit.case import Case, Unit
from mediassist.audit.outcome import ImageFacts
from mediassist.core.messages import Message, say
from mediassist.core.picture_hash import near_hashes, near_pairs

# A case's name and a finding: the same picture may be new to one bundle and known to another.
CaseOfFinding: TypeAlias = tuple[str, str]


class SafeguardState(StrEnum):
    PASSED = "passed"
    WARNING = "warning"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One check: what it found, in a sentence, and the cases (and finding) concerned."""

    name: str
    state: SafeguardState
    message: Message
    cases: tuple[str, ...] = ()
    finding: str = ""


@dataclass(frozen=True, slots=True)
class SeenPictures:
    """Hashes of the pictures that a bundle learnt from or was calibrated on, for its finding."""

    finding: str
    files_sha256: tuple[str, ...]
    perceptual_hashes: tuple[str, ...]


def patients_across_labels(cases: Sequence[Case]) -> Safeguard:
    """Patients who are positive in one case and negative in another of the same finding."""
    seen: dict[tuple[str, str], set[bool]] = {}
    for case in cases:
        if case.patient:
            key = (case.finding, case.unit_name(Unit.PATIENT))
            seen.setdefault(key, set()).add(case.positive)
    mixed = {key for key, labels in seen.items() if len(labels) == 2}
    concerned = tuple(
        case.case for case in cases if (case.finding, case.unit_name(Unit.PATIENT)) in mixed
    )
    name = "patients_across_labels"
    if not any(case.patient for case in cases):
        message = say(
            "audit_no_patients",
            "No patient is named: every case counts as a patient of its own. If patients have "
            "several cases, the intervals are too narrow.",
        )
        return Safeguard(name, SafeguardState.WARNING, message)
    if mixed:
        message = say(
            "audit_patients_mixed",
            "{patients} patients have positive and negative cases of one finding; they count "
            "as positive.",
            patients=len(mixed),
        )
        return Safeguard(name, SafeguardState.WARNING, message, concerned)
    message = say(
        "audit_patients_clean", "No patient is positive in one case, negative in another."
    )
    return Safeguard(name, SafeguardState.PASSED, message)


def duplicates(facts: Mapping[str, ImageFacts]) -> Safeguard:
    """Cases whose picture is the same, or nearly, as another case's. Keys are case names."""
    name = "duplicates"
    hashed = {case: fact for case, fact in facts.items() if fact.file_sha256}
    if not hashed:
        return _not_checked(name)
    counts = Counter(fact.file_sha256 for fact in hashed.values())
    same = [case for case, fact in hashed.items() if counts[fact.file_sha256] > 1]
    # Each look once: a picture that a thousand cases share must not make a million pairs.
    files: dict[str, set[str]] = {}
    for fact in hashed.values():
        if fact.perceptual_hash:
            files.setdefault(fact.perceptual_hash, set()).add(fact.file_sha256)
    looks = list(files)
    shared = {look for look in looks if len(files[look]) > 1}
    for first, second in near_pairs(looks):
        shared |= {looks[first], looks[second]}
    near = [case for case, fact in hashed.items() if fact.perceptual_hash in shared]
    found = tuple(dict.fromkeys([*same, *near]))
    if found:
        message = say(
            "audit_duplicates",
            "{same} cases show the very same picture as another case, {near} nearly the same; "
            "look at them, they count several times.",
            same=len(same),
            near=len(near),
        )
        return Safeguard(name, SafeguardState.WARNING, message, found)
    message = say("audit_no_duplicates", "No two cases show the same picture.")
    return Safeguard(name, SafeguardState.PASSED, message)


def seen_in_training(
    cases: Sequence[Case], facts: Mapping[str, ImageFacts], bundles: Sequence[SeenPictures]
) -> tuple[Safeguard, frozenset[CaseOfFinding]]:
    """Cases that a bundle for their finding has learnt from or was calibrated on.

    The very same files are left out of all figures of the finding (second value); pictures that
    look the same are named only, since two patients may look alike to a hash.
    """
    name = "seen_in_training"
    files: dict[str, set[str]] = {}
    looks: dict[str, set[str]] = {}
    for bundle in bundles:
        files.setdefault(bundle.finding, set()).update(bundle.files_sha256)
        looks.setdefault(bundle.finding, set()).update(bundle.perceptual_hashes)
    hashed = [
        case
        for case in cases
        if case.case in facts
        and facts[case.case].file_sha256
        and (files.get(case.finding) or looks.get(case.finding))
    ]
    if not hashed:
        return _not_checked(name), frozenset()
    same = frozenset(
        (case.case, case.finding)
        for case in hashed
        if facts[case.case].file_sha256 in files[case.finding]
    )
    alike: list[str] = []
    for finding, known in looks.items():
        others = [
            case.case
            for case in hashed
            if case.finding == finding
            and (case.case, finding) not in same
            and facts[case.case].perceptual_hash
        ]
        matches = near_hashes([facts[case].perceptual_hash for case in others], sorted(known))
        alike += [case for case, match in zip(others, matches, strict=True) if match >= 0]
    if same or alike:
        message = say(
            "audit_seen",
            "{same} cases were used in training or calibration and are left out of every figure; "
            "{near} more look nearly like one that was.",
            same=len(same),
            near=len(alike),
        )
        state = SafeguardState.WARNING
    else:
        message = say("audit_not_seen", "No case was used in training or calibration.")
        state = SafeguardState.PASSED
    concerned = dict.fromkeys([*sorted(case for case, _ in same), *alike])
    return Safeguard(name, state, message, tuple(concerned)), same


def _not_checked(name: str) -> Safeguard:
    message = say(
        "audit_not_checked",
        "Not checked: the pictures, or the record of what the bundle has seen, are not there.",
    )
    return Safeguard(name, SafeguardState.NOT_CHECKED, message)
