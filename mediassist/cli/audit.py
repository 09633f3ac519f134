"""`mediassist audit`: does 95 / 1 / 5 hold on these cases?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from mediassist.cli.exit_codes import ExitCode, strongest
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.progress import spinner
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.audit.compare import FindingComparison
    from mediassist.audit.document import AuditRun
    from mediassist.audit.run import AuditRequest


def audit(
    terminal: Terminal,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    manifest: Annotated[
        Path | None,
        typer.Argument(
            metavar="MANIFEST",
            help="CSV with case, path, label (1 or 0), and what else is known.",
            show_default=False,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions",
            metavar="FILE",
            help="CSV with case, patient, label, score: audit scores made elsewhere.",
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
        str, typer.Option("--interval", metavar="NAME", help="exact or wilson.")
    ] = "exact",
    prevalence: Annotated[
        list[float] | None,
        typer.Option(
            "--prevalence",
            metavar="P",
            help="Also give predictive values at this share of positives (0.06, for example).",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option("--workers", min=1, max=64, metavar="N", help="Cases side by side."),
    ] = 1,
    require_proof: Annotated[
        bool,
        typer.Option("--require-proof", help="Exit with code 4 also where a target is not proved."),
    ] = False,
) -> ExitCode:
    """Prove or refute detection > 95 %, misses < 1 %, false alarms < 5 % on your own cases.

    Writes audit.pdf, audit.html, audit.json and cases.csv. Stop it at any time: the same command
    goes on. Exit code 4: a target is not met.
    """
    if compare is not None:
        return _compare(terminal, compare, manifest or predictions, out)
    existing([path for path in (manifest, predictions) if path is not None])
    from mediassist.audit.case import Unit
    from mediassist.audit.result import AuditOptions
    from mediassist.audit.run import AuditRequest
    from mediassist.audit.targets import Targets

    if unit not in [each.value for each in Unit]:
        raise _not_offered("--unit", unit, "patient, study, image")
    if interval not in ("exact", "wilson"):
        raise _not_offered("--interval", interval, "exact, wilson")
    shares = tuple(prevalence or ())
    if any(not 0.0 < share < 1.0 for share in shares):
        raise _not_offered("--prevalence", str(shares[0]), "shares between 0 and 1")
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
        workers=workers,
        lang=terminal.lang,
    )
    run = _run(terminal, request)
    terminal.result(_document(run, out), lambda console: _show(console, terminal, run, out))
    return _exit_code(run, require_proof)


def _run(terminal: Terminal, request: AuditRequest) -> AuditRun:
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

        return run_audit(request, progress)


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


def _document(run: AuditRun, out: Path) -> dict[str, Any]:
    return {
        "out": str(out),
        "verdict": run.result.verdict.value,
        "findings": {
            one.finding: {
                "verdict": one.verdict.value,
                **{
                    each.rate: {
                        "value": one.rate(each.rate).rate.value,
                        "numerator": one.rate(each.rate).rate.numerator,
                        "denominator": one.rate(each.rate).rate.denominator,
                        "bound": each.bound,
                        "verdict": each.verdict.value,
                    }
                    for each in one.targets
                },
                "coverage": one.coverage.value,
            }
            for one in run.result.findings
        },
        "warnings": [one.name for one in run.safeguards if one.state.value == "warning"],
    }


def _show(console: Console, terminal: Terminal, run: AuditRun, out: Path) -> None:
    from mediassist.audit.wording import counted, percent, target_words

    words = terminal.words
    table = plain_table(
        words.sentence("Finding"),
        words.sentence("Rate"),
        words.sentence("Measured"),
        words.sentence("One-sided bound"),
        words.sentence("Verdict"),
    )
    for one in run.result.findings:
        for place, each in enumerate(one.targets):
            table.add_row(
                words.term(one.finding) if place == 0 else "",
                words.term(each.rate),
                counted(one.rate(each.rate).rate),
                percent(each.bound, 2),
                target_words(each.verdict, words),
            )
    console.print(table)
    for check in run.safeguards:
        if check.state.value == "warning":
            terminal.warn(check.message)
    text = say("audit_written", "The report is {path}.", path=str(out / "audit.pdf"))
    console.print(terminal.text(text), soft_wrap=True)


def _compare(
    terminal: Terminal, folders: tuple[Path, Path], table: Path | None, out: Path
) -> ExitCode:
    if table is not None:
        raise WrongUsage(
            say("audit_compare_alone", "--compare takes two audit folders and no table of cases.")
        )
    existing(folders)
    from mediassist.audit.compare import compare_folders

    target = output_folder(out)
    found = compare_folders(*folders, target)
    document = {
        "out": str(target / "comparison.json"),
        "findings": {
            one.finding: {
                "auc_p_holm": one.auc_p_holm,
                **{rate.rate: rate.p_holm for rate in one.rates},
            }
            for one in found
        },
    }
    terminal.result(document, lambda console: _show_comparison(console, terminal, found))
    return ExitCode.DONE


def _show_comparison(
    console: Console, terminal: Terminal, found: tuple[FindingComparison, ...]
) -> None:
    words = terminal.words
    table = plain_table(
        words.sentence("Finding"),
        words.sentence("Rate"),
        words.sentence("Old"),
        words.sentence("New"),
        words.sentence("p (McNemar or DeLong, Holm)"),
    )
    for one in found:
        table.add_row(
            words.term(one.finding),
            "AUC",
            f"{one.auc.first:.3f}",
            f"{one.auc.second:.3f}",
            f"{one.auc_p_holm:.2g}",
        )
        for rate in one.rates:
            table.add_row(
                "",
                words.term(rate.rate),
                f"{rate.old}/{rate.units}",
                f"{rate.new}/{rate.units}",
                f"{rate.p_holm:.2g}",
            )
    console.print(table)


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
