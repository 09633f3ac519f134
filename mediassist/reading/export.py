"""Writes the report of a study with the reader's decisions in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision


def report_name(result: StudyResult) -> str:
    """File name to propose: made from the study's key, so it carries no patient data."""
    return f"report-{result.study_key}.pdf"


def export_report(
    result: StudyResult, decisions: Sequence[Decision], target: Path, lang: str
) -> Path:
    """Write the PDF report to `target` and give its path.

    Raises
    ------
    FontMissing
        If the report's typeface cannot be loaded.
    OutputNotWritable
        If the file cannot be written.
    """
    # reportlab is loaded with the first report, not with the window.
    from mediassist.report.pdf import write_report

    write_report(result, target, lang, decisions)
    return target
