"""The radiologist's report as PDF/A4: one page to sign, then the pictures and the proof."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from reportlab.platypus import Flowable

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision
from mediassist.report import annex
from mediassist.report.acquisition_check import acquisition_check_section
from mediassist.report.atomic import write_whole
from mediassist.report.page import RunningText, report_canvas, report_template
from mediassist.report.pictures import FrameLoader, PictureSet, frame_from_file, make_pictures
from mediassist.report.pictures_section import pictures_section
from mediassist.report.results_section import draft, heading, results_table, signature
from mediassist.report.study_words import (
    or_not_stated,
    patient_name,
    study_moment,
    time_stamp,
)
from mediassist.report.typeface import report_font
from mediassist.text import Words, words


def write_report(
    result: StudyResult,
    path: Path,
    lang: str = "en",
    decisions: Sequence[Decision] = (),
    load: FrameLoader = frame_from_file,
) -> None:
    """Write the report of one study; the file is there whole or not at all.

    The same result, decisions and language give the same bytes: the only time in it is
    `result.provenance.created`.

    Raises
    ------
    FontMissing
        If the shipped typeface cannot be loaded.
    OutputNotWritable
        If the file cannot be written.
    """
    wording = words(lang)
    report_font()
    pictures = make_pictures(result, wording, load)
    write_whole(path, report_bytes(result, pictures, wording, decisions))


def report_bytes(
    result: StudyResult,
    pictures: PictureSet,
    words: Words,
    decisions: Sequence[Decision] = (),
) -> bytes:
    """The PDF's content, from pictures that were made before."""
    report_font()
    target = BytesIO()
    document = report_template(
        target, words.sentence("Imaging report with AI assistance"), words.lang
    )
    document.build(
        _story(result, pictures, words, decisions),
        canvasmaker=report_canvas(_running(result, words), words),
    )
    return target.getvalue()


def _story(
    result: StudyResult, pictures: PictureSet, words: Words, decisions: Sequence[Decision]
) -> list[Flowable]:
    return [
        *heading(result, words),
        *results_table(result, decisions, words),
        *draft(result, decisions, words),
        *signature(words),
        *pictures_section(result, pictures, words),
        *annex.measurements_section(result, words),
        *annex.thresholds_section(result, words),
        *annex.not_applicable_section(result, words),
        *acquisition_check_section(result, words),
        *annex.acquisition_section(result, words),
        *annex.limits_section(words),
        *annex.provenance_section(result, words),
    ]


def _running(result: StudyResult, words: Words) -> RunningText:
    study = result.study
    who = [
        patient_name(study.patient, words),
        or_not_stated(study.patient.patient_id, words),
        or_not_stated(study_moment(study), words),
    ]
    made = [
        f"MediAssist {result.provenance.mediassist_version}",
        time_stamp(result.provenance.created),
        result.study_key,
    ]
    return RunningText("  ·  ".join(who), "  ·  ".join(made))
