"""The first page: who, which study, what the models say, and the draft a reader may sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision
from mediassist.core.finding import BundleResult
from mediassist.core.vocabulary import Verdict
from mediassist.report.blocks import Cell, boxed, headed, label_grid, table, table_style
from mediassist.report.draft import draft_findings, draft_impression
from mediassist.report.page import CONTENT_WIDTH
from mediassist.report.plain_words import (
    bundle_remarks,
    decimals,
    marks_only,
    promise_words,
    verdict_words,
)
from mediassist.report.study_words import (
    age,
    body_parts_and_methods,
    day,
    decision_on,
    decision_words,
    finding_title,
    or_not_stated,
    patient_name,
    study_moment,
)
from mediassist.report.threshold_bar import ThresholdBar
from mediassist.report.typeface import shortened
from mediassist.report.typesetting import (
    BODY,
    LABEL,
    SMALL,
    TITLE,
    VALUE,
    Style,
    TextBlock,
)
from mediassist.report.urgency import URGENCY, by_urgency
from mediassist.report.verdict_marks import LOOKS, VerdictWord
from mediassist.text import Words

_SUBTITLE = Style(size=10.0, leading=14.0, colour=LABEL.colour)
_ITEM = Style(size=9.0, leading=13.0, indent=18.0)
_NUMBERED = Style(size=9.0, leading=13.0, indent=18.0)
_DRAFT_HEAD = Style(size=9.0, leading=13.0, strong=True, before=4.0)
_PROBABILITY = Style(size=11.0, leading=14.0, strong=True)
_PROMISE = Style(size=6.8, leading=8.5, colour=LABEL.colour)


def heading(result: StudyResult, words: Words) -> list[Flowable]:
    """Hospital, title, patient and study."""
    study, patient = result.study, result.study.patient
    institution = study.institution.strip()
    pairs = [
        (words.sentence("Name"), patient_name(patient, words)),
        (words.sentence("Patient ID"), or_not_stated(patient.patient_id, words)),
        (
            words.sentence("Sex"),
            words.term(patient.sex) if patient.sex else words.sentence("not stated"),
        ),
        (words.sentence("Accession no."), or_not_stated(study.accession_number, words)),
        (words.sentence("Age"), or_not_stated(age(study, words), words)),
        (words.sentence("Study date"), or_not_stated(study_moment(study), words)),
        (words.sentence("Date of birth"), or_not_stated(day(patient.birth_date), words)),
        (words.sentence("Referred by"), or_not_stated(study.referring_physician, words)),
        (
            words.sentence("Part and method"),
            or_not_stated(body_parts_and_methods(study, words), words),
        ),
        (words.sentence("Description"), or_not_stated(study.description, words)),
    ]
    title = words.sentence("Imaging report with AI assistance")
    blocks: list[Flowable] = []
    if institution:
        blocks.append(TextBlock(shortened(institution, 120), _SUBTITLE))
    return [*blocks, TextBlock(title, TITLE), Spacer(0, 5), boxed([label_grid(pairs)])]


def counts_line(result: StudyResult, words: Words) -> Flowable:
    """How many findings got which verdict, each with its mark."""
    counts = Counter((entry.verdict, verdict_words(entry, words)) for entry in result.results)
    cells: list[Flowable] = []
    widths: list[float] = []
    # Several models that only mark stand apart from those that are not sure.
    ordered = sorted(counts, key=lambda key: (URGENCY.index(key[0]), key[1] != words.term(key[0])))
    for verdict, word in ordered:
        said = words.sentence("{verdict}: {count}", verdict=word, count=counts[verdict, word])
        cell = VerdictWord(verdict, said, size=8.5)
        cells.append(cell)
        widths.append(cell.natural_width + 12.0)
    return Table(
        [[*cells, ""]],
        colWidths=[*widths, CONTENT_WIDTH - sum(widths)],
        style=table_style(
            [
                ("LEFTPADDING", (0, 0), (-1, -1), 5),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ]
        ),
    )


def results_table(
    result: StudyResult, decisions: Sequence[Decision], words: Words
) -> list[Flowable]:
    """One row a finding that was looked for; what did not apply has its own section."""
    title = words.sentence("AI results")
    looked_for = [
        entry for entry in by_urgency(result) if entry.verdict is not Verdict.NOT_APPLICABLE
    ]
    if not looked_for:
        if result.unreadable:
            said = words.sentence(
                "No image of this study could be read. The software says nothing about it; it must"
                " be read as usual. The reasons are listed below."
            )
        elif result.results:
            said = words.sentence(
                "No installed model applies to this study. The software says nothing about it;"
                " it must be read as usual. The reasons are listed below."
            )
        else:
            said = words.sentence(
                "No model was asked about this study. The software says nothing about it."
            )
        content: list[Flowable] = [TextBlock(said, BODY)]
        if result.results:
            content = [counts_line(result, words), Spacer(0, 3), *content]
        return headed(title, content)
    rows = [_result_row(result, entry, decisions, words) for entry in looked_for]
    head = [
        words.sentence("Verdict"),
        words.sentence("Finding"),
        words.sentence("Probability and thresholds"),
        words.sentence("Reader's decision"),
    ]
    widths = [104.0, 138.0, 148.0, CONTENT_WIDTH - 390.0]
    tints = [LOOKS[entry.verdict].tint for entry in looked_for]
    grid = table(head, rows, widths, tints=tints)
    return headed(title, [counts_line(result, words), Spacer(0, 3), grid])


def _result_row(
    result: StudyResult, entry: BundleResult, decisions: Sequence[Decision], words: Words
) -> list[Cell]:
    finding: list[Flowable] = [
        TextBlock(finding_title(entry.bundle, words), Style(size=9.5, leading=13.0, strong=True)),
        TextBlock(shortened(entry.bundle.bundle_id, 80), SMALL),
        *(TextBlock(remark, SMALL) for remark in bundle_remarks(entry, words)),
    ]
    if entry.failure is not None:
        reason = shortened(words.message(entry.failure), 400)
        probability: list[Flowable] = [TextBlock(reason, VALUE)]
    elif entry.probability is None or marks_only(entry):
        probability = [TextBlock("-", VALUE)]
    else:
        probability = [TextBlock(decimals(entry.probability), _PROBABILITY)]
        if entry.operating_point is not None:
            probability.append(
                ThresholdBar(entry.probability, entry.operating_point, entry.verdict, 138.0)
            )
            probability.append(TextBlock(promise_words(entry, words), _PROMISE))
    decision = decision_on(result, entry.bundle, decisions)
    nothing_to_decide = decision is None and entry.verdict is Verdict.FAILED
    said = "-" if nothing_to_decide else decision_words(decision, entry.bundle, words)
    return [
        VerdictWord(entry.verdict, verdict_words(entry, words)),
        finding,
        probability,
        [TextBlock(said, SMALL)],
    ]


def draft(result: StudyResult, decisions: Sequence[Decision], words: Words) -> list[Flowable]:
    """Findings and impression as a reader may take them over, marked as a draft."""
    ordered = by_urgency(result)
    content: list[Flowable] = [
        TextBlock(
            words.sentence("Draft written by software. A physician must check, correct and sign."),
            SMALL,
        ),
        TextBlock(words.sentence("Image findings (draft)"), _DRAFT_HEAD),
        *(TextBlock(line, _ITEM, "–") for line in draft_findings(result, ordered, words)),
        TextBlock(words.sentence("Impression (draft)"), _DRAFT_HEAD),
        *(
            TextBlock(line, _NUMBERED, f"{number}.")
            for number, line in enumerate(
                draft_impression(result, ordered, decisions, words), start=1
            )
        ),
    ]
    return headed(words.sentence("Draft report"), [boxed(content, dashed=True)], keep=120.0)


def signature(words: Words) -> list[Flowable]:
    """Lines for the people who take responsibility; the software never fills them."""
    first = TextBlock(words.sentence("Reporting physician"), LABEL)
    second = TextBlock(words.sentence("Reviewing physician"), LABEL)
    third = TextBlock(words.sentence("Date"), LABEL)
    gap = 14.0
    width = (CONTENT_WIDTH - 2 * gap) / 3
    lines = Table(
        [[first, "", second, "", third]],
        colWidths=[width, gap, width, gap, width],
        rowHeights=[30],
        style=table_style(
            [
                ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                *(
                    ("LINEBELOW", (column, 0), (column, 0), 0.6, LABEL.colour)
                    for column in (0, 2, 4)
                ),
            ]
        ),
    )
    return [KeepTogether([Spacer(0, 10), lines])]
