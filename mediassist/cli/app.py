"""The command line: every command in the order in which a new user meets them.

A command's module imports nothing heavy at its top, so that `--help` answers at once.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

import mediassist
from mediassist.cli import (
    analyze,
    audit,
    batch,
    bundles,
    calibrate,
    check,
    deidentify,
    demo,
    dicomize,
    doctor,
    find,
    gui,
    index,
    train,
)
from mediassist.cli.door import common_parameters, door, parameters_of, read_common, with_signature

_FIRST = "Read images"
_FILES = "Files"
_MODELS = "Models and how well they work"
_COMPUTER = "This computer"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"MediAssist {mediassist.__version__}")
        raise typer.Exit


def _root(**values: Any) -> None:
    """Assisted reading of medical images, offline. Research use, not for diagnosis.

    Results go to stdout, everything else to stderr. 'mediassist COMMAND --help' says more.
    """
    context: typer.Context = values["context"]
    values.pop("version")
    context.obj = read_common(values)


def _only_version(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """The one option that only the program itself has; Typer reads this signature."""


app.callback()(with_signature(_root, parameters_of(_only_version) + common_parameters()))

app.command("demo", rich_help_panel=_FIRST)(door(demo.demo))
app.command("gui", rich_help_panel=_FIRST)(door(gui.gui))
app.command("analyze", rich_help_panel=_FIRST)(door(analyze.analyze))
app.command("batch", rich_help_panel=_FIRST)(door(batch.batch))
app.command("deidentify", rich_help_panel=_FILES)(door(deidentify.deidentify))
app.command("dicomize", rich_help_panel=_FILES)(door(dicomize.dicomize))
app.command("index", rich_help_panel=_FILES)(door(index.index))
app.command("find", rich_help_panel=_FILES)(door(find.find))
app.command("check", rich_help_panel=_FILES)(door(check.check))
app.command("audit", rich_help_panel=_MODELS)(door(audit.audit))
app.command("calibrate", rich_help_panel=_MODELS)(door(calibrate.calibrate))
app.add_typer(bundles.app, name="bundles", rich_help_panel=_MODELS)
app.command("train", rich_help_panel=_MODELS)(door(train.train))
app.command("doctor", rich_help_panel=_COMPUTER)(door(doctor.doctor))
