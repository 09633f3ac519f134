"""`mediassist gui`: the reading window; the only place that imports it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import say


class WindowUnavailable(MediAssistError):
    """This computer cannot show a window: a library or a screen is missing."""

    advice = say("advice_window", "Run 'mediassist doctor'; it names what the window lacks here.")


def gui(
    terminal: Terminal,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Files or folders with studies, or an output folder of analyze or batch.",
            show_default=False,
        ),
    ] = None,
) -> ExitCode:
    """Open the reading window: studies, images, findings, reports."""
    chosen = existing(paths or [])
    try:
        from mediassist.ui.application import run
    except ImportError as error:
        raise WindowUnavailable(
            say("window_unavailable", "The window cannot start here: {why}.", why=str(error))
        ) from error
    if terminal.options.lang is not None:
        # The window and its analysis process read their settings themselves.
        os.environ["MEDIASSIST_LANG"] = terminal.options.lang
    return ExitCode(run(chosen))
