"""`mediassist calibrate`: thresholds for one site, from its own cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.progress import spinner
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.audit.site_calibration import SiteCalibration


def calibrate(
    terminal: Terminal,
    manifest: Annotated[
        Path,
        typer.Argument(metavar="MANIFEST", help="CSV with case, path, label (1 or 0), patient."),
    ],
    bundle: Annotated[
        str, typer.Option("--bundle", metavar="ID", help="The model whose thresholds are set.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Receives the new version of the bundle.")
    ],
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
) -> ExitCode:
    """Set a model's thresholds on your own cases, with a promise that counts your patients.

    Two thirds of the patients set the thresholds, one third measures the rates. Audit the new
    version on other cases before you rely on it.
    """
    existing([manifest])
    from mediassist.audit.analyses import AUTOMATIC
    from mediassist.audit.run import utc_now
    from mediassist.audit.site_calibration import CalibrationRequest
    from mediassist.audit.site_calibration import calibrate as calibrate_bundle

    request = CalibrationRequest(
        manifest=manifest, bundle=bundle, out=output_folder(out), workers=workers or AUTOMATIC
    )
    with spinner(terminal) as show:

        def progress(done: int, total: int) -> None:
            message = say(
                "audit_progress",
                "{done} of {total} images and studies analysed",
                done=done,
                total=total,
            )
            show(terminal.text(message))

        found = calibrate_bundle(request, utc_now, progress)
    terminal.result(_document(found), lambda console: _show(console, terminal, found))
    return ExitCode.DONE


def _document(found: SiteCalibration) -> dict[str, Any]:
    promise = found.point.promise
    return {
        "bundle": found.bundle,
        "version": found.version,
        "folder": str(found.folder),
        "t_low": found.point.t_low,
        "t_high": found.point.t_high,
        "promise": {
            "kind": promise.kind.value,
            "alpha": promise.alpha,
            "delta": promise.delta,
            "n": promise.n,
        },
        "positive_patients": found.positives,
        "negative_patients": found.negatives,
        "cases_left_out": found.left_out,
        "rates": {
            name: {
                "value": rate.value,
                "numerator": rate.numerator,
                "denominator": rate.denominator,
                "low": rate.low,
                "high": rate.high,
            }
            for name, rate in found.point.rates
        },
    }


def _show(console: Console, terminal: Terminal, found: SiteCalibration) -> None:
    from mediassist.audit.wording import counted, interval, percent, promise_words

    words = terminal.words
    table = plain_table(
        words.sentence("Rate"), words.sentence("Measured"), words.sentence("95 % interval")
    )
    for name, rate in found.point.rates:
        table.add_row(words.term(name), counted(rate), interval(rate.low, rate.high))
    console.print(table)
    low, promise = found.point.t_low, found.point.promise
    lines = [
        say(
            "calibrate_thresholds",
            "Cleared below {low}, flagged from {high}; promise about missed positives: {promise}, "
            "at most {missed}, from {patients} patients.",
            low="-" if low is None else f"{low:.6g}",
            high=f"{found.point.t_high:.6g}",
            promise=promise_words(promise.kind.value, words),
            missed=percent(promise.alpha, 2),
            patients=promise.n,
        ),
        say(
            "calibrate_written",
            "Version {version} of {bundle} is in {folder}.",
            version=found.version,
            bundle=found.bundle,
            folder=str(found.folder),
        ),
        say(
            "calibrate_use",
            "To use it, set MEDIASSIST_BUNDLES_DIR to {folder}, or copy it over the bundle that is "
            "installed.",
            folder=str(found.folder.parent.resolve()),
        ),
    ]
    for line in lines:
        console.print(terminal.text(line), soft_wrap=True)
