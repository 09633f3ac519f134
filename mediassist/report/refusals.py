"""Models that do not apply to a study: those made for another modality, and those that came near.

Of fifteen models a study fits one to four. That a model for CT says nothing about an X-ray needs no
line of its own; that a model for X-rays does not, does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mediassist.core.finding import BundleResult, Refusal
from mediassist.report.study_words import finding_title
from mediassist.report.typeface import shortened
from mediassist.text import Words

_MODALITY = "modality_not_allowed"


def by_modality(
    refused: Sequence[BundleResult],
) -> tuple[list[BundleResult], list[BundleResult]]:
    """Those refused for the study's modality, and the rest."""
    others: list[BundleResult] = []
    rest: list[BundleResult] = []
    for one in refused:
        modality = one.refusal is not None and one.refusal.reason.code == _MODALITY
        (others if modality else rest).append(one)
    return others, rest


def other_modality_words(others: Sequence[BundleResult], words: Words) -> str:
    """What the study is, and each finding with the modalities that its model was made for."""
    comma, between = ("、", "；") if words.lang == "zh_CN" else (", ", "; ")
    measured = dict.fromkeys(one.refusal.measured for one in others if one.refusal is not None)
    findings = between.join(
        words.sentence(
            "{finding} ({modalities})",
            finding=finding_title(one.bundle, words),
            modalities=shortened(one.refusal.allowed if one.refusal else "", 160),
        )
        for one in others
    )
    return words.sentence(
        "The study is of modality {measured}. Models for other modalities say nothing about it:"
        " {findings}.",
        measured=comma.join(each for each in measured if each) or words.sentence("not stated"),
        findings=findings,
    )


def measured_and_allowed(refusal: Refusal | None, words: Words) -> tuple[str, str]:
    """What the failed check measured and what is allowed, worded; either may be empty."""
    if refusal is None:
        return "", ""
    measured, allowed = (_worded(text, refusal, words) for text in _values(refusal))
    return measured, allowed


def _values(refusal: Refusal) -> tuple[str, str]:
    # Body parts have thirty spellings; the first show what is meant.
    return shortened(refusal.measured, 160), shortened(refusal.allowed, 80)


def _worded(text: str, refusal: Refusal, words: Words) -> str:
    """Kinds of pictures have names, ages a unit; the rest stands as the header has it."""
    code = refusal.reason.code
    if not text:
        return ""
    if code == "picture_kind_not_allowed":
        text = re.sub("[a-z_]+", lambda found: words.term(f"kind_{found[0]}"), text)
    elif code in ("patient_is_child", "age_not_allowed"):
        return words.sentence("{years} years", years=text)
    elif code == "picture_inverted":
        text = words.term(text)
    return text.replace(">= ", "≥ ").replace("<= ", "≤ ").replace(" x ", " × ")
