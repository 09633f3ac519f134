"""`mediassist batch`: any number of studies, unattended; the same command again goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from mediassist.cli.exit_codes import ExitCode, strongest
from mediassist.cli.installed import none_installed
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import NoImages
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.batch.folder import FolderEnd

_LINE_EVERY_S = 10.0


def batch(
    terminal: Terminal,
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="Folder with studies at any depth, or a zip.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    bundle: Annotated[
        list[str] | None,
        typer.Option(
            "--bundle",
            metavar="ID",
            help="Only this model; may be repeated (default: all).",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=1,
            max=64,
            metavar="N",
            help="Studies side by side. Each takes about 2 GB of memory and two cores.",
        ),
    ] = 1,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", min=1, metavar="N", help="At most so many studies now.", show_default=False
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d", "%Y%m%d"],
            metavar="DATE",
            help="Only studies of this day (Study Date, as 2026-11-24) or later, and undated ones.",
            show_default=False,
        ),
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first study that fails.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try studies again that failed before.")
    ] = False,
    time_limit: Annotated[
        float,
        typer.Option(
            "--time-limit", min=1, metavar="SECONDS", help="The longest that a study may take."
        ),
    ] = 1200.0,
) -> ExitCode:
    """Analyse a whole folder, unattended. Stop it at any time: the same command goes on.

    Results are those of 'analyze', one folder a study, with summary.json and summary.csv. A study
    is done again when its files or the models change.
    """
    existing([source])
    output_folder(out)
    from mediassist.batch.folder import batch_folder, check_models
    from mediassist.batch.log_file import log_path
    from mediassist.batch.runner import BatchOptions
    from mediassist.cli.batch_view import batch_view
    from mediassist.settings import Settings

    bundles = tuple(bundle) if bundle else None
    models = check_models(bundles)
    for error in models.damaged:
        terminal.fault(error)
    options = BatchOptions(
        source=source,
        out=out,
        workers=workers,
        limit=limit,
        since=since.date() if since else None,
        fail_fast=fail_fast,
        retry_failed=retry_failed,
        time_limit_s=time_limit,
        log=log_path(Settings().data_dir),
    )
    with _interruptible() as stop, batch_view(terminal, _LINE_EVERY_S) as view:
        ended = batch_folder(
            options, bundles, terminal.lang, models=models, watch=view, stop=stop.is_set
        )
    terminal.result(_document(ended, out), lambda console: _show(console, terminal, ended, out))
    return _exit_code(terminal, ended, source)


def _document(ended: FolderEnd, out: Path) -> dict[str, Any]:
    end, counts = ended.end, ended.counts
    return {
        "out": str(out),
        "summary": str(out / "summary.json") if counts else None,
        "interrupted": end.interrupted,
        "files": end.files,
        "this_run": {"studies": end.done, "failed": end.failed},
        "waiting": end.counts.scheduled,
        "studies": counts.studies if counts else end.counts.total,
        "studies_by_verdict": dict(counts.by_verdict) if counts else None,
        "failed": counts.failed if counts else None,
        "rejected": counts.rejected if counts else None,
    }


def _show(console: Console, terminal: Terminal, ended: FolderEnd, out: Path) -> None:
    words, counts = terminal.words, ended.counts
    if counts is None:
        return
    if not counts.studies and not counts.rejected and not ended.end.counts.total:
        # Nothing was there: a table of noughts says less than the message that says so.
        _say_where(console, terminal, out)
        return
    table = plain_table(words.sentence("Studies"), "")
    for verdict, number in counts.by_verdict:
        table.add_row(words.term(verdict), str(number))
    console.print(table)
    lines = [
        say(
            "batch_this_run",
            "This run: {done} studies, {failed} of them failed. Waiting: {waiting}.",
            done=ended.end.done,
            failed=ended.end.failed,
            waiting=ended.end.counts.scheduled,
        ),
        say(
            "batch_unwell",
            "Studies in which something failed: {failed}. Rejected files: {rejected}.",
            failed=counts.failed,
            rejected=counts.rejected,
        ),
    ]
    for line in lines:
        console.print(terminal.text(line), soft_wrap=True)
    _say_where(console, terminal, out)


def _say_where(console: Console, terminal: Terminal, out: Path) -> None:
    line = say("batch_summary", "Summary: {path}", path=str(out / "summary.json"))
    console.print(terminal.text(line), soft_wrap=True)


def _exit_code(terminal: Terminal, ended: FolderEnd, source: Path) -> ExitCode:
    end, counts = ended.end, ended.counts
    codes = []
    if end.interrupted:
        terminal.warn(
            say(
                "batch_interrupted",
                "Interrupted. Finished studies are kept; the same command goes on.",
            )
        )
        codes.append(ExitCode.INTERRUPTED)
    elif end.counts.total == 0:
        nothing = NoImages(say("no_images", "{path} holds no DICOM image.", path=str(source)))
        terminal.fault(nothing)
        codes.append(ExitCode.SOME_FAILED)
    no_bundle = none_installed()
    if no_bundle:
        terminal.fault(no_bundle)
    if no_bundle or ended.damaged:
        codes.append(ExitCode.BUNDLE)
    if counts is not None and (counts.failed or counts.rejected):
        codes.append(ExitCode.SOME_FAILED)
    return strongest(codes)


@contextmanager
def _interruptible() -> Iterator[Event]:
    """Ctrl-C, and the signal by which services are stopped, end the run in good order."""
    stop = Event()
    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in known}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
