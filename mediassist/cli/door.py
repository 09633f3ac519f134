"""What every command shares: its common options, and the one place where errors get their words.

A command is a function whose first argument is the `Terminal`; it returns an `ExitCode`:

    @door
    def doctor(terminal: Terminal) -> ExitCode: ...

`door` adds --lang, --json, --quiet, --verbose and --debug to its options.
"""

from __future__ import annotations

import functools
import inspect
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from mediassist.batch.log_file import log_path, open_log
from mediassist.cli.exit_codes import ExitCode, code_of
from mediassist.cli.terminal import CommonOptions, Terminal
from mediassist.core.errors import MediAssistError, WrongUsage
from mediassist.core.messages import say
from mediassist.text import words

_PANEL = "Every command"
_log = logging.getLogger("mediassist.cli")


def _common(
    context: typer.Context,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="en|zh",
            help="Language of messages and reports (default: the setting, else English).",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option("--json", help="Print the result on stdout as JSON.", rich_help_panel=_PANEL),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Only results and errors.", rich_help_panel=_PANEL),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Say more about each step.", rich_help_panel=_PANEL),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug", help="Show where in the program an error arose.", rich_help_panel=_PANEL
        ),
    ] = False,
) -> CommonOptions:
    """The options of every command; Typer reads this signature."""
    given = CommonOptions(lang=lang, json=json, quiet=quiet, verbose=verbose, debug=debug)
    before = context.find_object(CommonOptions)
    return before.joined(given) if before else given


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """A function's parameters with their annotations, made keyword-only."""
    return [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(function, eval_str=True).parameters.values()
    ]


def common_parameters() -> list[inspect.Parameter]:
    """Parameters that `door` adds to a command, the context first."""
    return parameters_of(_common)


def read_common(values: dict[str, Any]) -> CommonOptions:
    """Take the common options out of the values that Typer read."""
    names = [parameter.name for parameter in common_parameters()]
    return _common(**{name: values.pop(name) for name in names})


def door(function: Callable[..., ExitCode]) -> Callable[..., None]:
    """Make a Typer command of a function that takes a `Terminal` and gives an exit code."""

    @functools.wraps(function)
    def command(**values: Any) -> None:
        options = read_common(values)
        code = guarded(options, lambda terminal: function(terminal, **values))
        if code is not ExitCode.DONE:
            raise typer.Exit(int(code))

    return with_signature(command, parameters_of(function)[1:] + common_parameters())


def with_signature(
    command: Callable[..., None], parameters: Sequence[inspect.Parameter]
) -> Callable[..., None]:
    """Typer reads the signature and the annotations of what it is given, not of what that calls."""
    replaced: Any = command
    replaced.__signature__ = inspect.Signature(list(parameters))
    replaced.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def guarded(options: CommonOptions, work: Callable[[Terminal], ExitCode]) -> ExitCode:
    """Run `work`; every way it can end becomes an exit code and words that a person understands."""
    terminal = Terminal(words("en"), options)
    try:
        terminal = Terminal(words(options.lang or _lang_of_settings()), options)
        open_log(_log_file(), debug=options.debug)
        return work(terminal)
    except MediAssistError as error:
        _log.info("ended: %s", error)
        _show_trace(options)
        terminal.fault(error)
        return code_of(error)
    except KeyboardInterrupt:
        terminal.warn(say("interrupted", "Interrupted. What was finished is kept."))
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (for example `head`) has gone; nobody is left to tell.
        sys.stdout = None
        return ExitCode.DONE
    except Exception as error:
        return _unexpected(terminal, error)


def _lang_of_settings() -> str:
    from mediassist.settings import Settings, config_file

    try:
        return Settings().lang
    except ValueError as error:
        # pydantic's and tomllib's errors are both ValueErrors.
        raise WrongUsage(
            say(
                "settings_invalid",
                "The settings (environment MEDIASSIST_* or {file}) cannot be used: {what}.",
                file=str(config_file()),
                what=" ".join(str(error).split()),
            )
        ) from error


def _log_file() -> Path:
    from mediassist.settings import Settings

    return log_path(Settings().data_dir)


def _unexpected(terminal: Terminal, error: Exception) -> ExitCode:
    _log.exception("unexpected error")
    _show_trace(terminal.options)
    terminal.warn(
        say(
            "unexpected",
            "An unexpected error ended the command: {kind}: {what}. The log is in {log}.",
            kind=type(error).__name__,
            what=" ".join(str(error).split()),
            log=str(_log_file()),
        )
    )
    return ExitCode.UNEXPECTED


def _show_trace(options: CommonOptions) -> None:
    if options.debug:
        traceback.print_exc(file=sys.stderr)
