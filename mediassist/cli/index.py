"""`mediassist index`: take folders into the catalogue."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing
from mediassist.cli.terminal import Terminal
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.core.study import Rejected
    from mediassist.dicom.catalogue import IndexCounts

_MOST_SAID = 20

DATABASE = typer.Option(
    "--db",
    metavar="FILE",
    help="The catalogue's file (default: in the data folder of the settings).",
    show_default=False,
)


def index(
    terminal: Terminal,
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Folders, all their levels.")
    ],
    database: Annotated[Path | None, DATABASE] = None,
) -> ExitCode:
    """Take folders into the catalogue, to find studies with 'mediassist find'.

    What has not changed since the last time is not opened. Results of analyze and batch in these
    folders give the verdicts.
    """
    roots = existing(folders)
    from mediassist.cli.progress import spinner
    from mediassist.dicom.catalogue import Catalogue

    refusals: list[Rejected] = []

    def refuse(refused: Rejected) -> None:
        refusals.append(refused)
        if len(refusals) <= _MOST_SAID:
            terminal.fault(refused.error)

    path = catalogue_file(database)
    with Catalogue(path) as catalogue, spinner(terminal) as show:

        def progress(so_far: IndexCounts) -> None:
            message = say(
                "index_step",
                "Files: {files}, opened: {opened}",
                files=so_far.files,
                opened=so_far.opened,
            )
            show(terminal.text(message))

        counts = catalogue.index(roots, progress=progress, on_refused=refuse)
    closing = say(
        "index_end",
        "Files: {files}, new or changed: {opened}, moved: {moved}, gone: {missing}, not DICOM:"
        " {other}, refused: {refused}. Here are {studies} studies. Catalogue: {path}",
        files=counts.files,
        opened=counts.opened,
        moved=counts.moved,
        missing=counts.missing,
        other=counts.other,
        refused=counts.refused,
        studies=counts.studies,
        path=str(path),
    )
    terminal.result(
        {
            "catalogue": str(path),
            **asdict(counts),
            "rejected": [
                {"path": one.source, "reason": terminal.text(one.error.message)} for one in refusals
            ],
        },
        lambda console: console.print(terminal.text(closing), soft_wrap=True),
    )
    return ExitCode.DONE if counts.images and not refusals else ExitCode.SOME_FAILED


def catalogue_file(database: Path | None) -> Path:
    """Where the catalogue lies unless told otherwise."""
    if database is not None:
        return database
    from mediassist.dicom.catalogue.opened import CATALOGUE_FILE
    from mediassist.settings import Settings

    return Settings().data_dir / CATALOGUE_FILE
