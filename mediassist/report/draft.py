"""The draft of a report's text: image findings and impression, from verdicts and decisions."""

from __future__ import annotations

from collections.abc import Sequence

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.finding import BundleResult, Measurement
from mediassist.core.messages import Value
from mediassist.core.vocabulary import Verdict
from mediassist.report.pictures import find_instance
from mediassist.report.plain_words import decimals, marks_only
from mediassist.report.structures import is_structure, value_words
from mediassist.report.study_words import decision_on, finding_title, place_words, size_words
from mediassist.report.typeface import shortened
from mediassist.text import Words


def measurement_words(measurements: Sequence[Measurement], words: Words) -> str:
    """What was measured, with its units; how stands in the table of measurements."""
    gap = "；" if words.lang == "zh_CN" else "; "
    return gap.join(
        words.sentence(
            "{name} {value}",
            name=shortened(words.term(one.name), 80),
            value=value_words(one),
        )
        for one in measurements
    )


def _regions_words(result: StudyResult, entry: BundleResult, words: Words) -> str:
    """How many places are marked, where the strongest is and how large.

    Outlines of named structures are no places. Places on several images of a series may be one
    lesion, so that the images are counted then.
    """
    marked = [region for region in entry.regions if region.points_px and not is_structure(region)]
    if not marked:
        # What was measured stands in the lines below.
        return "" if entry.regions else words.sentence("No place is marked.")
    strongest = max(marked, key=lambda region: region.score or 0.0)
    found = find_instance(result.study, strongest.sop_instance_uid)
    series, instance = found if found else (None, None)
    place = place_words(series, instance, strongest.frame, words)
    size = size_words(strongest, words)
    fields: dict[str, Value] = {"count": len(marked), "place": place}
    images = len({(region.sop_instance_uid, region.frame) for region in marked})
    if images > 1:
        fields["count"] = images
        if size:
            return words.sentence(
                "Images with marks: {count}; the strongest: {place}, {size}.", size=size, **fields
            )
        return words.sentence("Images with marks: {count}; the strongest: {place}.", **fields)
    if size:
        return words.sentence(
            "Places marked: {count}; the strongest: {place}, {size}.", size=size, **fields
        )
    return words.sentence("Places marked: {count}; the strongest: {place}.", **fields)


def draft_findings(result: StudyResult, ordered: Sequence[BundleResult], words: Words) -> list[str]:
    """What the software saw, most urgent first; findings not seen share one sentence."""
    gap = "" if words.lang == "zh_CN" else " "
    lines: list[str] = []
    for entry in ordered:
        name = finding_title(entry.bundle, words)
        probability = "-" if entry.probability is None else decimals(entry.probability)
        if entry.verdict is Verdict.FLAGGED:
            said = words.sentence(
                "{finding}: flagged, probability {probability}.",
                finding=name,
                probability=probability,
            )
            lines.append((said + gap + _regions_words(result, entry, words)).rstrip())
        elif marks_only(entry):
            said = words.sentence("{finding}: candidates only, no verdict.", finding=name)
            lines.append((said + gap + _regions_words(result, entry, words)).rstrip())
        elif entry.verdict is Verdict.REVIEW:
            said = words.sentence(
                "{finding}: the software is not sure, probability {probability}.",
                finding=name,
                probability=probability,
            )
            lines.append((said + gap + _regions_words(result, entry, words)).rstrip())
        if entry.measurements:
            lines.append(
                words.sentence(
                    "{finding}, measured: {values}.",
                    finding=name,
                    values=measurement_words(entry.measurements, words),
                )
            )
    cleared = _names(ordered, Verdict.CLEARED, words)
    if cleared:
        lines.append(words.sentence("Nothing of this kind seen: {findings}.", findings=cleared))
    failed = _names(ordered, Verdict.FAILED, words)
    if failed:
        lines.append(words.sentence("Could not be assessed: {findings}.", findings=failed))
    if not lines:
        lines.append(words.sentence("The software has no findings to draft from."))
    return lines


def _names(ordered: Sequence[BundleResult], verdict: Verdict, words: Words) -> str:
    separator = "、" if words.lang == "zh_CN" else "; "
    return separator.join(
        finding_title(entry.bundle, words) for entry in ordered if entry.verdict is verdict
    )


def draft_impression(
    result: StudyResult,
    ordered: Sequence[BundleResult],
    decisions: Sequence[Decision],
    words: Words,
) -> list[str]:
    """One line a finding that needs a word; a reader's decision goes before the verdict."""
    lines: list[str] = []
    for entry in ordered:
        if entry.verdict in (Verdict.NOT_APPLICABLE, Verdict.FAILED):
            continue
        name = finding_title(entry.bundle, words)
        decision = decision_on(result, entry.bundle, decisions)
        raised = entry.verdict in (Verdict.FLAGGED, Verdict.REVIEW)
        if decision is not None:
            reader = shortened(decision.reader or words.sentence("unnamed reader"), 80)
            if decision.kind is DecisionKind.ACCEPTED and raised:
                lines.append(
                    words.sentence("{finding}, accepted by {reader}.", finding=name, reader=reader)
                )
            elif decision.kind is DecisionKind.REJECTED and raised:
                lines.append(
                    words.sentence(
                        "{finding}: not confirmed, rejected by {reader}.",
                        finding=name,
                        reader=reader,
                    )
                )
            elif decision.kind is DecisionKind.REJECTED:
                lines.append(
                    words.sentence(
                        "{finding}: the software saw nothing of this kind, but {reader} disagrees.",
                        finding=name,
                        reader=reader,
                    )
                )
        elif entry.verdict is Verdict.FLAGGED:
            lines.append(words.sentence("Suspected: {finding}; to be confirmed.", finding=name))
        elif marks_only(entry):
            lines.append(words.sentence("{finding}: no verdict; a person must look.", finding=name))
        elif entry.verdict is Verdict.REVIEW:
            lines.append(words.sentence("{finding}: undecided; a person must look.", finding=name))
    assessed = [
        entry
        for entry in ordered
        if entry.verdict in (Verdict.FLAGGED, Verdict.REVIEW, Verdict.CLEARED)
    ]
    if not assessed:
        lines.append(words.sentence("No statement: the software could not assess this study."))
    elif not lines:
        lines.append(
            words.sentence(
                "None of the findings that were looked for was flagged. This does not mean that"
                " the study is normal: nothing else was looked for."
            )
        )
    lines += [
        words.sentence(
            "{finding}: could not be assessed; a person must look.",
            finding=finding_title(entry.bundle, words),
        )
        for entry in ordered
        if entry.verdict is Verdict.FAILED
    ]
    return lines
