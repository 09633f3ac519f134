"""One page that gathers what the reports of a patient's several studies say."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from reportlab.platypus import Flowable, Spacer

from mediassist.core.messages import Value
from mediassist.core.vocabulary import Verdict
from mediassist.report.blocks import Cell, boxed, headed, label_grid, table
from mediassist.report.page import CONTENT_WIDTH, RunningText, report_canvas, report_template
from mediassist.report.plain_words import decimals
from mediassist.report.study_words import or_not_stated, time_stamp
from mediassist.report.typeface import report_font, shortened
from mediassist.report.typesetting import SMALL, TITLE, Style, TextBlock
from mediassist.report.urgency import URGENCY
from mediassist.report.verdict_marks import LOOKS, VerdictWord
from mediassist.text import Words

_CELL = Style(size=8.0, leading=11.0)
_FINDINGS = 30


def patient_report(patient: dict[str, Any], version: str, made: datetime, words: Words) -> bytes:
    """The page as PDF.

    Parameters
    ----------
    patient : an entry of `patients` in summary.json.
    version, made : of MediAssist, and when the run started (the injected clock).
    """
    report_font()
    title = words.sentence("Summary across a patient's studies")
    name = or_not_stated(patient["name"], words)
    identifier = or_not_stated(patient["id"], words)
    facts = label_grid(
        [
            (words.sentence("Name"), name),
            (words.sentence("Patient ID"), identifier),
            (words.sentence("Date of birth"), or_not_stated(patient["birth_date"] or "", words)),
            (words.sentence("Number of studies"), str(len(patient["studies"]))),
        ]
    )
    head = [
        words.sentence("Verdict"),
        words.sentence("Study date"),
        words.sentence("Modality"),
        words.sentence("Findings that were looked for"),
        words.sentence("Folder of the report"),
    ]
    widths = [104.0, 64.0, 92.0, CONTENT_WIDTH - 360.0, 100.0]
    rows = [_row(study, words) for study in patient["studies"]]
    tints = [LOOKS[Verdict(study["verdict"])].tint for study in patient["studies"]]
    note = words.sentence(
        "This page gathers what the reports of the single studies say. Nothing was compared"
        " between the studies; only findings that were looked for are listed."
    )
    grid = table(head, rows, widths, style=_CELL, tints=tints)
    story: list[Flowable] = [
        TextBlock(title, TITLE),
        Spacer(0, 5),
        boxed([facts]),
        *headed(
            words.sentence("Studies, newest first"),
            [TextBlock(note, SMALL), Spacer(0, 4), grid],
        ),
    ]
    running = RunningText(
        f"{name}  ·  {identifier}", f"MediAssist {version}  ·  {time_stamp(made)}"
    )
    target = BytesIO()
    report_template(target, title, words.lang).build(
        story, canvasmaker=report_canvas(running, words)
    )
    return target.getvalue()


def _row(study: dict[str, Any], words: Words) -> list[Cell]:
    verdict = Verdict(study["verdict"])
    separator = "、" if words.lang == "zh_CN" else ", "
    return [
        VerdictWord(verdict, words.term(verdict.value)),
        study["date"] or words.sentence("not stated"),
        separator.join(words.term(code) for code in study["modalities"]) or "-",
        _findings(study, words) or "-",
        shortened(study["study"], 40),
    ]


def _findings(study: dict[str, Any], words: Words) -> list[Flowable]:
    """One line a finding, the most urgent first."""
    ordered = sorted(study["findings"], key=lambda each: URGENCY.index(Verdict(each["verdict"])))
    lines: list[Flowable] = []
    for finding in ordered[:_FINDINGS]:
        fields: dict[str, Value] = {
            "finding": shortened(words.term(finding["finding"]), 80),
            "verdict": words.term(finding["verdict"]),
        }
        if finding["probability"] is None:
            said = words.sentence("{finding}: {verdict}", **fields)
        else:
            said = words.sentence(
                "{finding}: {verdict}, probability {probability}",
                probability=decimals(finding["probability"]),
                **fields,
            )
        lines.append(VerdictWord(Verdict(finding["verdict"]), said, size=8.0))
    if len(ordered) > _FINDINGS:
        more = words.sentence("and {count} more", count=len(ordered) - _FINDINGS)
        lines.append(TextBlock(more, SMALL))
    return lines
