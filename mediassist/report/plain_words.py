"""Says in plain words what thresholds, promises and rates mean."""

from __future__ import annotations

from mediassist.core.finding import BundleResult
from mediassist.core.operating_point import OperatingPoint, PromiseKind, Rate
from mediassist.core.vocabulary import Verdict
from mediassist.text import Words


def decimals(value: float) -> str:
    """A probability for people: two decimals, more only where it would read as 0 or 1."""
    for places in (2, 3, 4):
        text = f"{value:.{places}f}"
        if value in (0.0, 1.0) or 0.0 < float(text) < 1.0:
            return text
    return "<0.0001" if value < 0.5 else ">0.9999"


def per_hundred(share: float) -> str:
    """A share as patients of 100: `1`, `1.5`, `0.25`."""
    return f"{100 * share:.3g}"


def percent(share: float) -> str:
    """A share in percent, with one decimal below 10 and above 90 where misses are counted."""
    value = 100 * share
    text = f"{value:.1f}" if value < 10 or value > 90 else f"{value:.0f}"
    return text.removesuffix(".0")


def rate_words(rate: Rate, words: Words) -> str:
    """A rate with its counts and interval; without cases it says so."""
    if rate.value is None or rate.denominator == 0:
        return words.sentence("not measured (no such cases)")
    return words.sentence(
        "{value} % ({numerator} of {denominator}; 95 % interval {low} to {high} %)",
        value=percent(rate.value),
        numerator=rate.numerator,
        denominator=rate.denominator,
        low=percent(rate.low),
        high=percent(rate.high),
    )


def lower_threshold_words(point: OperatingPoint, words: Words) -> str:
    """What the lower threshold is, and what is promised about patients below it."""
    promise = point.promise
    if point.t_low is None:
        return words.sentence(
            "There is no lower threshold: the calibration data hold too few patients with this"
            " finding to clear anybody. Below the upper threshold a person must look."
        )
    below = words.sentence(
        "Below {low} the software calls the study 'nothing of this kind seen'.",
        low=decimals(point.t_low),
    )
    if promise.alpha is None or promise.kind is PromiseKind.NONE:
        given = words.sentence("No promise about missed patients stands behind this threshold.")
    elif promise.kind is PromiseKind.HIGH_PROBABILITY and promise.delta is not None:
        given = words.sentence(
            "Of 100 patients with this finding, the lower threshold lets at most {alpha} through"
            " unseen. This is promised with {confidence} % confidence, on {n} calibration"
            " patients with the finding.",
            alpha=per_hundred(promise.alpha),
            confidence=per_hundred(1 - promise.delta),
            n=promise.n,
        )
    elif promise.kind is PromiseKind.CROSS_CONFORMAL:
        given = words.sentence(
            "Of 100 patients with this finding, the lower threshold is meant to let at most"
            " {alpha} through unseen. The promise is a weak one: it holds on average, and was"
            " made by cross-validation on {n} patients with the finding.",
            alpha=per_hundred(promise.alpha),
            n=promise.n,
        )
    else:
        given = words.sentence(
            "Of 100 patients with this finding, the lower threshold lets at most {alpha} through"
            " unseen on average. The average is over calibrations: this one rests on {n}"
            " calibration patients with the finding and may be better or worse.",
            alpha=per_hundred(promise.alpha),
            n=promise.n,
        )
    return joined([below, given], words)


def upper_threshold_words(point: OperatingPoint, words: Words) -> str:
    """What the upper threshold does."""
    return words.sentence(
        "From {high} upwards the finding is flagged; between the thresholds the software is not"
        " sure and a person must look.",
        high=decimals(point.t_high),
    )


def measured_words(point: OperatingPoint, words: Words) -> list[str]:
    """The measured rates, one line each, headed by the data they were measured on."""
    if not point.rates:
        return [words.sentence("No rates were measured for these thresholds.")]
    known = words.known_text(point.measured_on)
    on = known.rstrip(" .。") or words.sentence("data that are not named")
    lines = [words.sentence("Measured on: {data}.", data=on)]
    lines += [
        words.sentence("{rate}: {value}.", rate=words.term(name), value=rate_words(rate, words))
        for name, rate in point.rates
    ]
    return lines


def marks_only(result: BundleResult) -> bool:
    """Whether a result only marks candidates: its "review" is no verdict of the model."""
    return result.bundle.marks_only and result.verdict is Verdict.REVIEW


def verdict_words(result: BundleResult, words: Words) -> str:
    """The verdict as a term; for a model that only marks, that it gives none."""
    if marks_only(result):
        return words.sentence("Marks only: no verdict")
    return words.term(result.verdict.value)


def bundle_remarks(result: BundleResult, words: Words, *, said_marks: bool = False) -> list[str]:
    """What is special about the model, said wherever its verdict is explained.

    `said_marks` leaves out that it only marks, where that has been said already.
    """
    remarks = []
    if result.bundle.marks_only and not said_marks:
        remarks.append(words.sentence("This model only shows candidates; it never clears a study."))
    if result.bundle.experimental:
        remarks.append(
            words.sentence("This model is experimental: too weak to rely on in any direction.")
        )
    return remarks


def promise_words(result: BundleResult, words: Words) -> str:
    """What stands behind the lower threshold, in short; the details say it in full. Empty where
    no threshold was used."""
    point = result.operating_point
    if point is None or result.probability is None or marks_only(result):
        return ""
    promise = point.promise
    if point.t_low is None:
        return words.sentence("No lower threshold: too few known patients to clear anybody.")
    if promise.alpha is None or promise.kind is PromiseKind.NONE:
        return words.sentence("Lower threshold: no promise about missed patients.")
    alpha = f"{100 * promise.alpha:.3g}"
    if promise.kind is PromiseKind.HIGH_PROBABILITY and promise.delta is not None:
        return words.sentence(
            "Lower threshold: misses at most {alpha} of 100 patients who have it"
            " (promised with {confidence} % confidence, {n} patients).",
            alpha=alpha,
            confidence=f"{100 * (1 - promise.delta):.3g}",
            n=promise.n,
        )
    if promise.kind is PromiseKind.CROSS_CONFORMAL:
        return words.sentence(
            "Lower threshold: meant to miss at most {alpha} of 100 patients who have it"
            " (a weak promise, {n} patients).",
            alpha=alpha,
            n=promise.n,
        )
    return words.sentence(
        "Lower threshold: misses at most {alpha} of 100 patients who have it, on average"
        " ({n} patients).",
        alpha=alpha,
        n=promise.n,
    )


def joined(sentences: list[str], words: Words) -> str:
    """Sentences in a row, with the gap that the language wants."""
    return ("" if words.lang == "zh_CN" else " ").join(
        sentence for sentence in sentences if sentence
    )
