"""`mediassist audit`: does 95 / 1 / 5 hold on these cases?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mediassist.cli.audit_view import (
    audit_document,
    comparison_document,
    show_audit,
    show_comparison,
)
from mediassist.cli.exit_codes import ExitCode, strongest
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.progress import spinner
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.audit.document import AuditRun
    from mediassist.audit.run import AuditRequest


def audit(
    terminal: Terminal,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    manifest: Annotated[
        Path | None,
        typer.Argument(
            metavar="MANIFEST",
            help="CSV or Parquet with case, path, label (1 or 0), and what else is known.",
            show_default=False,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions",
            metavar="FILE",
            help="CSV or Parquet with case, patient, label, score: audit scores made elsewhere.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--compare",
            metavar="OLD NEW",
            help="Two audit folders of the same cases against each other.",
            show_default=False,
        ),
    ] = None,
    from_reviews: Annotated[
        Path | None,
        typer.Option(
            "--from-reviews",
            metavar="DIR",
            help="Results that readers accepted and rejected: their word is the truth.",
            show_default=False,
        ),
    ] = None,
    targets: Annotated[
        str,
        typer.Option(
            "--targets",
            metavar="D,M,F",
            help="Detection above D %, false negatives below M %, false positives below F %.",
        ),
    ] = "95,1,5",
    bundle: Annotated[
        list[str] | None,
        typer.Option(
            "--bundle",
            metavar="ID",
            help="Only this model; may be repeated (default: all for the findings named).",
            show_default=False,
        ),
    ] = None,
    unit: Annotated[
        str,
        typer.Option("--unit", metavar="UNIT", help="What is counted: patient, study or image."),
    ] = "patient",
    interval: Annotated[
        str,
        typer.Option(
            "--interval", metavar="NAME", help="exact, or wilson: Wilson's beside the exact one."
        ),
    ] = "exact",
    prevalence: Annotated[
        list[str] | None,
        typer.Option(
            "--prevalence",
            metavar="P",
            help="Also give predictive values at this share of positives (0.06, for example); "
            "may be repeated, or several with commas.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=64,
            metavar="N",
            help="Cases side by side (default: as many as the computer has cores for, at most 4).",
            show_default=False,
        ),
    ] = None,
    require_proof: Annotated[
        bool,
        typer.Option("--require-proof", help="Exit with code 4 also where a target is not proved."),
    ] = False,
) -> ExitCode:
    """Prove or refute detection > 95 %, misses < 1 %, false alarms < 5 % on your own cases.

    Writes audit.pdf, audit.html, audit.json and cases.csv. Stop it at any time: the same command
    goes on. Exit code 4: a target is not met.
    """
    sources = [path for path in (manifest, predictions, from_reviews) if path is not None]
    if compare is not None:
        return _compare(terminal, compare, sources, out)
    existing(sources)
    if len(sources) != 1:
        raise WrongUsage(
            say(
                "audit_one_source",
                "Name one thing to audit: a manifest of images, a table of predictions, or a "
                "folder of reviewed results.",
            )
        )
    from mediassist.audit.analyses import AUTOMATIC
    from mediassist.audit.case import Unit
    from mediassist.audit.result import AuditOptions
    from mediassist.audit.run import AuditRequest
    from mediassist.audit.targets import Targets

    if unit not in [each.value for each in Unit]:
        raise _not_offered("--unit", unit, "patient, study, image")
    if interval not in ("exact", "wilson"):
        raise _not_offered("--interval", interval, "exact, wilson")
    shares = tuple(_share(part) for text in prevalence or () for part in text.split(","))
    request = AuditRequest(
        out=output_folder(out),
        manifest=manifest,
        predictions=predictions,
        bundles=tuple(bundle or ()),
        targets=Targets.from_text(targets),
        options=AuditOptions(
            unit=Unit(unit),
            interval="wilson" if interval == "wilson" else "exact",
            prevalences=shares,
        ),
        workers=workers or AUTOMATIC,
        lang=terminal.lang,
    )
    run = _run(terminal, request, from_reviews)
    terminal.result(
        audit_document(run, out), lambda console: show_audit(console, terminal, run, out)
    )
    return _exit_code(run, require_proof)


def _run(terminal: Terminal, request: AuditRequest, from_reviews: Path | None) -> AuditRun:
    from mediassist.audit.run import run_audit

    with spinner(terminal) as show:

        def progress(done: int, total: int) -> None:
            show(
                terminal.text(
                    say(
                        "audit_progress",
                        "{done} of {total} images and studies analysed",
                        done=done,
                        total=total,
                    )
                )
            )

        if from_reviews is None:
            return run_audit(request, progress)
        from mediassist.reading.review_audit import audit_reviews

        return audit_reviews(from_reviews, request, progress)


def _exit_code(run: AuditRun, require_proof: bool) -> ExitCode:
    from mediassist.audit.targets import TargetVerdict

    verdicts = [each.verdict for one in run.result.findings for each in one.targets]
    codes = []
    if any(one.failed for one in run.result.findings):
        codes.append(ExitCode.SOME_FAILED)
    if TargetVerdict.NOT_MET in verdicts:
        codes.append(ExitCode.TARGET_NOT_MET)
    if require_proof and any(each is not TargetVerdict.PROVED for each in verdicts):
        codes.append(ExitCode.TARGET_NOT_MET)
    return strongest(codes)


def _compare(
    terminal: Terminal, folders: tuple[Path, Path], sources: list[Path], out: Path
) -> ExitCode:
    if sources:
        raise WrongUsage(
            say("audit_compare_alone", "--compare takes two audit folders and no table of cases.")
        )
    existing(folders)
    from mediassist.audit.comparison_report import compare_folders

    target = output_folder(out)
    found = compare_folders(*folders, target, lang=terminal.lang)
    terminal.result(
        comparison_document(found, target),
        lambda console: show_comparison(console, terminal, found, target),
    )
    return ExitCode.DONE


def _share(text: str) -> float:
    """A share above 0 and below 1."""
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.0 < share < 1.0:
        raise _not_offered("--prevalence", text, "shares between 0 and 1")
    return share


def _not_offered(option: str, given: str, offered: str) -> WrongUsage:
    return WrongUsage(
        say(
            "option_not_offered",
            "{option} {given}: MediAssist offers {offered}.",
            option=option,
            given=given,
            offered=offered,
        )
    )
