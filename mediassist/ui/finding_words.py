"""What the findings panel says of a result; thresholds and promises in the report's own words."""

from __future__ import annotations

from collections.abc import Collection

from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message
from mediassist.core.operating_point import OperatingPoint
from mediassist.core.vocabulary import FINDINGS, Verdict
from mediassist.text import Words


def threshold_labels(probability: float, point: OperatingPoint) -> tuple[str, tuple[str, ...]]:
    """The probability and the thresholds (lower first) as text."""
    from mediassist.report.plain_words import decimals

    thresholds = tuple(decimals(v) for v in (point.t_low, point.t_high) if v is not None)
    return decimals(probability), thresholds


def only_marks(result: BundleResult) -> bool:
    """Whether the model marks candidates and gives no verdict on them."""
    from mediassist.report.plain_words import marks_only

    return marks_only(result)


def verdict_badge(result: BundleResult, words: Words) -> str:
    """The verdict in words, as the report has it."""
    from mediassist.report.plain_words import verdict_words

    return verdict_words(result, words)


def meaning_sentence(result: BundleResult, words: Words) -> str:
    """What the verdict means for the reader, in one sentence."""
    if only_marks(result):
        return words.sentence(
            "This model only shows candidates, the strongest first. It gives no verdict and clears"
            " nobody."
        )
    match result.verdict:
        case Verdict.FLAGGED:
            return words.sentence("At or above the upper threshold: marked for you to check.")
        case Verdict.REVIEW:
            return words.sentence("The program is not sure. A person must look.")
        case Verdict.CLEARED:
            return words.sentence(
                "Below the lower threshold: nothing of this kind seen. Read the study as usual."
            )
        case Verdict.FAILED:
            if result.failure is not None:
                return words.message(result.failure)
            return words.sentence("The analysis failed.")
        case Verdict.NOT_APPLICABLE:
            if result.refusal is not None:
                return words.message(result.refusal.reason)
            return words.sentence("This model does not apply to the study.")


def promise_sentence(result: BundleResult, words: Words) -> str:
    """What stands behind the lower threshold, in the report's words."""
    from mediassist.report.plain_words import promise_words

    return promise_words(result, words)


def step_words(bundle_id: str, words: Words) -> str:
    """What an analysis is doing, from the id of the bundle that runs.

    An id is domain_finding_token; a finding that begins with its domain is not said twice.
    """
    parts = bundle_id.split("_")
    names = ("_".join(parts[1:-1]), "_".join(parts[:-1]))
    finding = next((name for name in names if name in FINDINGS), None)
    if finding is None:
        return bundle_id
    return words.sentence("Looking for: {finding}", finding=words.term(finding))


def refusal_numbers(result: BundleResult, words: Words) -> str:
    """Measured and allowed value of the check that failed; empty where the check has none."""
    from mediassist.report.refusals import measured_and_allowed

    measured, allowed = measured_and_allowed(result.refusal, words)
    if not measured and not allowed:
        return ""
    if not allowed:
        return words.sentence("Found: {measured}", measured=measured)
    if not measured:
        return words.sentence("Allowed: {allowed}", allowed=allowed)
    return words.sentence(
        "Found: {measured}; allowed: {allowed}", measured=measured, allowed=allowed
    )


def warning_lines(result: BundleResult, words: Words, said: Collection[Message] = ()) -> list[str]:
    """What is special about the model, and its warnings but for those `said` elsewhere."""
    from mediassist.report.plain_words import bundle_remarks

    remarks = bundle_remarks(result, words, said_marks=only_marks(result))
    return [*remarks, *(words.message(each) for each in result.warnings if each not in said)]


def details_lines(result: BundleResult, words: Words) -> list[str]:
    """Thresholds, measured rates, series, model identity: what a careful reader asks for."""
    lines: list[str] = []
    if result.operating_point is not None and not only_marks(result):
        from mediassist.report.plain_words import (
            lower_threshold_words,
            measured_words,
            upper_threshold_words,
        )

        lines.append(lower_threshold_words(result.operating_point, words))
        lines.append(upper_threshold_words(result.operating_point, words))
        lines += measured_words(result.operating_point, words)
    if result.series_used:
        lines.append(words.sentence("Series used: {number}.", number=len(result.series_used)))
    lines += [
        words.sentence("Series not used: {reason}", reason=words.message(reason))
        for _, reason in result.series_not_used
    ]
    bundle = result.bundle
    lines.append(
        words.sentence(
            "Model {bundle}, version {version}, SHA-256 {hash}; {runtime}, {seconds} s.",
            bundle=bundle.bundle_id,
            version=bundle.version or "-",
            hash=bundle.sha256[:12] or "-",
            runtime=result.runtime or "-",
            seconds=f"{result.seconds:.1f}",
        )
    )
    return lines
