"""`mediassist train`: makes a bundle from pictures whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.progress import spinner
from mediassist.cli.terminal import Terminal
from mediassist.core.messages import say


def train(
    terminal: Terminal,
    bundle_id: Annotated[
        str, typer.Argument(metavar="ID", help="Bundle to make, for example lung_opacity_xray.")
    ],
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Folder with pictures and manifest.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where the bundle's folder is written (default: the installed bundles).",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint.")
    ] = False,
    leave_out: Annotated[
        str | None,
        typer.Option(
            "--leave-out",
            metavar="SOURCE",
            help="Train without one source and measure on it; makes no bundle.",
            show_default=False,
        ),
    ] = None,
) -> ExitCode:
    """Make a bundle: train, calibrate, measure, write model and card."""
    existing([data])
    from mediassist.models.training import train as train_bundle
    from mediassist.settings import Settings

    target = output_folder(out or Settings().bundles_dir)
    with spinner(terminal) as show:
        written = train_bundle(
            bundle_id, data, target, resume=resume, progress=show, left_out=leave_out
        )
    document = {"bundle": bundle_id, "folder": str(written)}
    told = (
        say("bundle_made", "The bundle {bundle} is in {folder}.", **document)
        if leave_out is None
        else say("left_out_measured", "The figures of {bundle} are in {folder}.", **document)
    )
    terminal.result(document, lambda console: console.print(terminal.text(told), soft_wrap=True))
    return ExitCode.DONE
