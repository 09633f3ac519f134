"""`mediassist analyze`: studies in, findings and reports out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.analysis.result import StudyResult
    from mediassist.dicom.pictures import PictureFacts

_PICTURES = "For pictures (PNG, JPEG, WebP, TIFF), which cannot say it themselves"


def analyze(
    terminal: Terminal,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="DICOM files, folders, DICOMDIR, zip archives."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    bundle: Annotated[
        list[str] | None,
        typer.Option(
            "--bundle", metavar="ID", help="Only this model; may be repeated (default: all)."
        ),
    ] = None,
    formats: Annotated[
        str,
        typer.Option("--format", metavar="LIST", help="What to write, of: json, pdf."),
    ] = "json,pdf",
    modality: Annotated[
        str | None,
        typer.Option(
            "--modality",
            metavar="M",
            help="CR, DX, CT, MR, MG, US, OP or XA.",
            rich_help_panel=_PICTURES,
            show_default=False,
        ),
    ] = None,
    body_part: Annotated[
        str,
        typer.Option(
            "--body-part", metavar="B", help="CHEST, for example.", rich_help_panel=_PICTURES
        ),
    ] = "",
    view: Annotated[
        str,
        typer.Option("--view", metavar="V", help="PA, for example.", rich_help_panel=_PICTURES),
    ] = "",
    laterality: Annotated[
        str,
        typer.Option("--laterality", metavar="L", help="L or R.", rich_help_panel=_PICTURES),
    ] = "",
) -> ExitCode:
    """Analyse studies: findings.json, pictures and a report for each, and a summary."""
    sources = existing(paths)
    chosen = _chosen_formats(formats)
    facts = _facts(modality, body_part, view, laterality)
    output_folder(out)
    from mediassist.cli.analysis_run import AnalysisRun
    from mediassist.cli.verdicts import show_study

    def show(result: StudyResult) -> None:
        if not terminal.options.json:
            show_study(terminal.out, terminal.words, result)

    run = AnalysisRun(
        terminal,
        out,
        show,
        bundles=tuple(bundle) if bundle else None,
        formats=chosen,
        inputs=sources,
    )
    run.go(facts)
    terminal.result(run.document(), lambda console: terminal.note(run.closing_words()))
    return run.exit_code()


def _chosen_formats(text: str) -> tuple[str, ...]:
    from mediassist.report.outputs import FORMATS

    names = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise WrongUsage(
            say(
                "format_not_offered",
                "--format {given}: MediAssist writes {offered}.",
                given=", ".join(unknown) or "''",
                offered=", ".join(FORMATS),
            )
        )
    return names


def _facts(modality: str | None, body_part: str, view: str, laterality: str) -> PictureFacts | None:
    if modality is None:
        if body_part or view or laterality:
            raise WrongUsage(
                say(
                    "modality_needed",
                    "--body-part, --view and --laterality describe pictures and need --modality.",
                )
            )
        return None
    from mediassist.dicom.pictures import PictureFacts

    return PictureFacts(modality.upper(), body_part, view, laterality)
