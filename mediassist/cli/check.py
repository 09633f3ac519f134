"""`mediassist check`: were the images acquired as they should be?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing
from mediassist.cli.terminal import Terminal


def check(
    terminal: Terminal,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="DICOM files, folders, DICOMDIR, zip archives."),
    ],
    protocol: Annotated[
        str | None,
        typer.Option(
            "--protocol",
            metavar="ID",
            help="Judge every series by this protocol (default: by modality and body part).",
        ),
    ] = None,
    rules: Annotated[
        list[Path] | None,
        typer.Option(
            "--rules",
            metavar="FILE",
            help="A rule file of your own (TOML); one with the id of ours takes its place.",
        ),
    ] = None,
    pixels: Annotated[
        bool,
        typer.Option(
            "--pixels/--no-pixels", help="Look at the pixels too: blur, clipping, motion."
        ),
    ] = True,
) -> ExitCode:
    """Check how images were acquired: pass, warn or fail, with what was measured and what to do.

    Over a folder it also says which scanner and protocol break which rule how often.
    """
    sources = existing([*paths, *(rules or [])])[: len(paths)]
    from mediassist.cli.check_run import CheckRun

    run = CheckRun(terminal, own_rules=tuple(rules or ()), protocol=protocol, pixels=pixels)
    run.go(sources)
    terminal.result(run.document(), run.show_summary)
    return run.exit_code()
