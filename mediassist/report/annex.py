"""The pages after the signature: thresholds, what did not apply, acquisition, limits, origin."""

from __future__ import annotations

from reportlab.platypus import Flowable, KeepTogether, Spacer

from mediassist.analysis.result import StudyResult
from mediassist.core.vocabulary import Verdict
from mediassist.report.blocks import Cell, headed, table
from mediassist.report.page import CONTENT_WIDTH
from mediassist.report.plain_words import (
    bundle_remarks,
    joined,
    lower_threshold_words,
    marks_only,
    measured_words,
    upper_threshold_words,
)
from mediassist.report.refusals import (
    by_modality,
    measured_and_allowed,
    other_modality_words,
)
from mediassist.report.structures import value_words
from mediassist.report.study_words import finding_title, time_stamp
from mediassist.report.typeface import shortened
from mediassist.report.typesetting import BODY, SMALL, Style, TextBlock
from mediassist.report.urgency import by_urgency
from mediassist.text import Words

_NAME = Style(size=9.0, leading=13.0, strong=True, before=4.0)
_CELL = Style(size=8.0, leading=11.0)
_ITEM = Style(size=8.0, leading=11.0, indent=10.0, after=1.5)
_TINY = Style(size=6.8, leading=9.0)
_VALUE = Style(size=9.0, leading=11.5, strong=True)
# Points for a heading, its note, a table's head and one row: the note never stands alone.
_HEAD_AND_FIRST_ROW = 120.0
_SERIES_ROWS = 40
_WARNING_LINES = 40


def thresholds_section(result: StudyResult, words: Words) -> list[Flowable]:
    """For each finding with a probability: what both thresholds mean and how they measured."""
    blocks: list[Flowable] = []
    for entry in by_urgency(result):
        point = entry.operating_point
        if point is None or entry.probability is None or marks_only(entry):
            continue
        meaning = joined(
            [
                *bundle_remarks(entry, words),
                lower_threshold_words(point, words),
                upper_threshold_words(point, words),
            ],
            words,
        )
        blocks.append(
            KeepTogether(
                [
                    TextBlock(finding_title(entry.bundle, words), _NAME),
                    TextBlock(meaning, BODY),
                    *(TextBlock(line, SMALL) for line in measured_words(point, words)),
                ]
            )
        )
    if not blocks:
        return []
    return headed(words.sentence("What the thresholds mean"), blocks)


def measurements_section(result: StudyResult, words: Words) -> list[Flowable]:
    """Everything that was measured: value, unit and how, by finding."""
    rows: list[list[Cell]] = []
    for entry in by_urgency(result):
        for number, measured in enumerate(entry.measurements):
            method = shortened(words.term(measured.method), 300)
            rows.append(
                [
                    "" if number else finding_title(entry.bundle, words),
                    shortened(words.term(measured.name), 80),
                    [TextBlock(value_words(measured), _VALUE)],
                    method or words.sentence("method not stated"),
                ]
            )
    if not rows:
        return []
    head = [
        words.sentence("Finding"),
        words.sentence("Measurement"),
        words.sentence("Value"),
        words.sentence("How it was measured"),
    ]
    widths = [120.0, 130.0, 70.0, CONTENT_WIDTH - 320.0]
    return headed(
        words.sentence("Measurements"),
        [table(head, rows, widths, style=_CELL)],
        keep=_HEAD_AND_FIRST_ROW,
    )


def not_applicable_section(result: StudyResult, words: Words) -> list[Flowable]:
    """Each model that did not apply: the failed check, what was measured, what is allowed.

    Those made for another modality are most of them and say least: one line has them all.
    """
    rows: list[list[Cell]] = []
    refused = [entry for entry in by_urgency(result) if entry.verdict is Verdict.NOT_APPLICABLE]
    others, near = by_modality(refused)
    for entry in near:
        refusal = entry.refusal
        reason = words.message(refusal.reason) if refusal else words.sentence("not stated")
        measured, allowed = measured_and_allowed(refusal, words)
        rows.append(
            [
                [
                    TextBlock(finding_title(entry.bundle, words), _CELL),
                    TextBlock(shortened(entry.bundle.bundle_id, 80), _TINY),
                ],
                shortened(reason, 400),
                measured or "-",
                allowed or "-",
            ]
        )
    if not refused:
        return []
    head = [
        words.sentence("Finding"),
        words.sentence("Why the model does not apply"),
        words.sentence("Measured"),
        words.sentence("Allowed"),
    ]
    widths = [130.0, CONTENT_WIDTH - 330.0, 90.0, 110.0]
    note = TextBlock(
        words.sentence("Not applicable does not mean clear: these findings were not looked for."),
        SMALL,
    )
    content: list[Flowable] = [note, Spacer(0, 3)]
    if rows:
        content += [table(head, rows, widths, style=_CELL), Spacer(0, 5)]
    if others:
        content.append(TextBlock(other_modality_words(others, words), _CELL))
    return headed(words.sentence("Not applicable"), content, keep=_HEAD_AND_FIRST_ROW)


def acquisition_section(result: StudyResult, words: Words) -> list[Flowable]:
    """Which series there are, who used them, why others did not, and every warning."""
    used: dict[str, list[str]] = {}
    for entry in result.results:
        for uid in entry.series_used:
            used.setdefault(uid, []).append(finding_title(entry.bundle, words))
    separator = "、" if words.lang == "zh_CN" else ", "
    rows: list[list[Cell]] = []
    for series in result.study.series[:_SERIES_ROWS]:
        images = sum(instance.frames for instance in series.instances if instance.has_pixels)
        device = " ".join(word for word in (series.manufacturer, series.model_name) if word)
        rows.append(
            [
                "-" if series.number is None else str(series.number),
                series.modality or "-",
                shortened(series.description, 80) or "-",
                shortened(device, 80) or "-",
                str(images),
                separator.join(used.get(series.series_uid, [])) or "-",
            ]
        )
    head = [
        words.sentence("No."),
        words.sentence("Modality"),
        words.sentence("Description"),
        words.sentence("Device"),
        words.sentence("Images"),
        words.sentence("Used for"),
    ]
    widths = [30.0, 48.0, 120.0, 110.0, 42.0, CONTENT_WIDTH - 350.0]
    content: list[Flowable] = [table(head, rows, widths, style=_CELL)] if rows else []
    more = len(result.study.series) - _SERIES_ROWS
    if more > 0:
        content.append(TextBlock(words.sentence("and {count} more", count=more), SMALL))
    lines = _remarks(result, words)
    content.append(Spacer(0, 4))
    if lines:
        content += [TextBlock(line, _ITEM, "–") for line in lines[:_WARNING_LINES]]
        if len(lines) > _WARNING_LINES:
            rest = len(lines) - _WARNING_LINES
            content.append(TextBlock(words.sentence("and {count} more", count=rest), SMALL))
    else:
        content.append(TextBlock(words.sentence("No warnings."), _CELL))
    return headed(words.sentence("Acquisition and warnings"), content)


def _remarks(result: StudyResult, words: Words) -> list[str]:
    """Warnings of study and models, then the series that a model passed over; each once."""
    numbers = {series.series_uid: series.number for series in result.study.series}
    lines: dict[str, None] = {}
    for warning in (*result.study.warnings, *result.warnings):
        lines[shortened(words.message(warning), 400)] = None
    for rejected in result.failed_images:
        said = words.message(rejected.error.message)
        if rejected.source not in said:
            said = words.sentence(
                "{path} could not be shown: {reason}", path=rejected.source, reason=said
            )
        lines[shortened(said, 400)] = None
    separator = "、" if words.lang == "zh_CN" else ", "
    for said, names in _warned(result, words).items():
        lines[words.sentence("{finding}: {remark}", finding=separator.join(names), remark=said)] = (
            None
        )
    for entry in result.results:
        name = finding_title(entry.bundle, words)
        if entry.verdict is Verdict.NOT_APPLICABLE:
            continue
        for uid, reason in entry.series_not_used:
            number = numbers.get(uid)
            said = words.sentence(
                "{finding}: series {series} was not used: {reason}",
                finding=name,
                series="?" if number is None else number,
                reason=words.message(reason),
            )
            lines[shortened(said, 400)] = None
    if any(instance.lossy for series in result.study.series for instance in series.instances):
        lines[words.sentence("The study holds images with lossy compression.")] = None
    return list(lines)


def _warned(result: StudyResult, words: Words) -> dict[str, list[str]]:
    """Each warning of a model with the findings it is about: models that read the same picture
    warn alike."""
    warned: dict[str, list[str]] = {}
    for entry in result.results:
        for warning in entry.warnings:
            said = shortened(words.message(warning), 400)
            warned.setdefault(said, []).append(finding_title(entry.bundle, words))
    return warned


def limits_section(words: Words) -> list[Flowable]:
    """What the software is not; the same in every report."""
    limits = [
        words.sentence(
            "MediAssist is for research and teaching. It is not registered as a medical device"
            " and must not be used for diagnosis."
        ),
        words.sentence(
            "It looks only for the findings named in this report. Any other disease is not looked"
            " for and not mentioned."
        ),
        words.sentence(
            "'Nothing of this kind seen' is not a normal report. Every study is read by a"
            " physician, and keeps its place in the queue."
        ),
        words.sentence(
            "The promises hold for patients and devices like those of the calibration data."
            " Another hospital should run the audit on its own cases first."
        ),
        words.sentence(
            "Outlines and heat maps show where the evidence lies; they are not borders of a"
            " lesion. The pictures here are not for diagnosis; the original images are unaltered."
        ),
    ]
    return headed(
        words.sentence("Limits of the software"), [TextBlock(line, _ITEM, "–") for line in limits]
    )


def provenance_section(result: StudyResult, words: Words) -> list[Flowable]:
    """Which program, models and files made this report, so that it can be made again."""
    made = result.provenance
    facts = [
        f"MediAssist {made.mediassist_version}",
        time_stamp(made.created),
        made.platform,
        f"Python {made.python}",
        *(f"{name} {version}" for name, version in made.libraries),
    ]
    content: list[Flowable] = [
        TextBlock("  ·  ".join(fact for fact in facts if fact), _CELL),
        TextBlock(f"Study Instance UID: {shortened(result.study.study_uid, 80)}", _CELL),
        TextBlock(
            words.sentence("Output folder: {folder}", folder=shortened(result.study_key, 80)),
            _CELL,
        ),
        Spacer(0, 4),
    ]
    rows = [
        [
            shortened(entry.bundle.bundle_id, 80),
            shortened(entry.bundle.version, 30),
            entry.bundle.sha256[:64] or "-",
            shortened(entry.runtime, 60) or "-",
        ]
        for entry in sorted(result.results, key=lambda entry: entry.bundle.bundle_id)
    ]
    if rows:
        head = [
            words.sentence("Model"),
            words.sentence("Version"),
            words.sentence("SHA-256 of the bundle"),
            words.sentence("Runtime"),
        ]
        widths = [124.0, 40.0, CONTENT_WIDTH - 242.0, 78.0]
        content.append(table(head, rows, widths, style=_TINY))
    return headed(words.sentence("Origin of this report"), content)
