"""`mediassist demo`: the simulated studies through the whole path, verdict beside truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import output_folder
from mediassist.cli.terminal import Terminal


def demo(
    terminal: Terminal,
    samples: Annotated[
        Path | None,
        typer.Option(
            "--samples",
            metavar="DIR",
            help="Simulated studies with truth.json (default: sample_studies).",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")
    ] = Path("demo_output"),
) -> ExitCode:
    """Analyse the simulated sample studies and show each verdict beside the truth."""
    from mediassist.cli.demo_run import run_demo, sample_folder

    folder = sample_folder(samples)
    output_folder(out)
    return run_demo(terminal, folder, out)
