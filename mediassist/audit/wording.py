"""Numbers and verdicts of an audit in words."""

from __future__ import annotations

from mediassist.audit.case import Unit
from mediassist.audit.content import Tone
from mediassist.audit.safeguards import SafeguardState
from mediassist.audit.targets import TargetVerdict
from mediassist.core.operating_point import Rate
from mediassist.statistics.estimate import Estimate
from mediassist.text import Words

TONES = {
    TargetVerdict.PROVED: Tone.GOOD,
    TargetVerdict.MET_NOT_PROVED: Tone.UNSURE,
    TargetVerdict.TOO_FEW: Tone.UNSURE,
    TargetVerdict.MARKS_ONLY: Tone.PLAIN,
    TargetVerdict.NOT_MET: Tone.BAD,
}

STATE_TONES = {
    SafeguardState.PASSED: Tone.GOOD,
    SafeguardState.WARNING: Tone.BAD,
    SafeguardState.NOT_CHECKED: Tone.UNSURE,
}


_MOST_DIGITS = 6


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage that never rounds something to nothing or to everything.

    >>> percent(0.973), percent(0.0002), percent(0.99996), percent(0.0), percent(None)
    ('97.3 %', '< 0.1 %', '> 99.9 %', '0.0 %', '-')
    """
    if share is None:
        return "-"
    step = 10.0**-digits
    if 0.0 < share * 100 < step / 2:
        return f"< {step:.{digits}f} %"
    if 0.0 < (1.0 - share) * 100 < step / 2:
        return f"> {100 - step:.{digits}f} %"
    return f"{share * 100:.{digits}f} %"


def counted(rate: Rate) -> str:
    """Value with its counts.

    >>> counted(Rate(0.5, 1, 2, 0.01, 0.99))
    '50.0 % (1/2)'
    """
    return f"{percent(rate.value)} ({rate.numerator}/{rate.denominator})"


def interval(low: float, high: float, digits: int = 1) -> str:
    """An interval of shares; its ends have as many digits as it takes to be neither 0 nor 100.

    >>> interval(0.928, 0.99966), interval(0.0, 0.012)
    ('92.8 – 99.97 %', '0.0 – 1.2 %')
    """
    return f"{_end(low, digits)} – {_end(high, digits)} %"


def _end(share: float, digits: int) -> str:
    while digits < _MOST_DIGITS and 0.0 < share < 1.0:
        if float(f"{share * 100:.{digits}f}") not in (0.0, 100.0):
            break
        digits += 1
    return f"{share * 100:.{digits}f}"


def figure(estimate: Estimate, digits: int = 3) -> str:
    """A figure that is no percentage, with its interval."""
    if estimate.value is None:
        return "-"
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} – {estimate.high:.{digits}f})"


def target_words(verdict: TargetVerdict, words: Words) -> str:
    if verdict is TargetVerdict.PROVED:
        return words.sentence("Proved")
    if verdict is TargetVerdict.MET_NOT_PROVED:
        return words.sentence("Met, but not proved")
    if verdict is TargetVerdict.TOO_FEW:
        return words.sentence("Too few cases to tell")
    if verdict is TargetVerdict.MARKS_ONLY:
        return words.sentence("Shows candidates only, gives no verdict")
    return words.sentence("Not met")


def state_words(state: SafeguardState, words: Words) -> str:
    if state is SafeguardState.PASSED:
        return words.sentence("Passed")
    if state is SafeguardState.WARNING:
        return words.sentence("Warning")
    return words.sentence("Not checked")


def safeguard_words(name: str, words: Words) -> str:
    """The question behind a check."""
    known = {
        "seen_in_training": words.sentence("Seen in training"),
        "duplicates": words.sentence("Duplicate pictures"),
        "patients_across_labels": words.sentence("Patients across labels"),
        "shortcut": words.sentence("Shortcuts beside the picture"),
        "looked_before": words.sentence("Changed after looking"),
        "patients_from_headers": words.sentence("Patients from headers"),
        "truth_from_reviews": words.sentence("Truth from reviews"),
    }
    return known.get(name, name)


def finding_words(finding: str, words: Words) -> str:
    """The finding's name; predictions made elsewhere need not have one."""
    return words.sentence("Finding without a name") if finding == "finding" else words.term(finding)


def unit_words(unit: Unit, words: Words) -> str:
    known = {
        Unit.PATIENT: words.sentence("patient"),
        Unit.STUDY: words.sentence("study"),
        Unit.IMAGE: words.sentence("image"),
    }
    return known[unit]


def promise_words(kind: str, words: Words) -> str:
    known = {
        "none": words.sentence("no promise: nothing is cleared"),
        "marginal": words.sentence("marginal (conformal)"),
        "high_probability": words.sentence("high probability (learn then test)"),
        "cross_conformal": words.sentence("cross-conformal (weaker)"),
    }
    return known.get(kind, "-")
