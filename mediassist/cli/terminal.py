"""Where a command's words go: results to stdout, everything else to stderr, in one language."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from rich.console import Console

from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message
from mediassist.text import Words

# Wide enough that a path in a table is not cut where the output goes to a file or another program.
_PIPE_WIDTH = 200


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """What every command may be told."""

    lang: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    def joined(self, other: CommonOptions) -> CommonOptions:
        """Options before the command's name and after it count alike; the later language wins."""
        return CommonOptions(
            lang=other.lang or self.lang,
            json=self.json or other.json,
            quiet=self.quiet or other.quiet,
            verbose=self.verbose or other.verbose,
            debug=self.debug or other.debug,
        )


class Terminal:
    """The two streams of one run of a command.

    Attributes
    ----------
    out : for results; with `--json` nothing but one JSON document goes there.
    err : for progress, notes and errors.
    """

    def __init__(self, words: Words, options: CommonOptions) -> None:
        self.words = words
        self.options = options
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr)

    @property
    def lang(self) -> str:
        return self.words.lang

    def text(self, message: Message) -> str:
        return self.words.message(message)

    def result(self, document: Mapping[str, Any], show: Callable[[Console], None]) -> None:
        """Print the result: as JSON where asked for, else as `show` draws it."""
        if self.options.json:
            print(_json(document, sys.stdout), flush=True)
        else:
            show(self.out)

    def note(self, message: Message) -> None:
        """Something good to know; not shown with --quiet."""
        if not self.options.quiet:
            self._line(self.text(message))

    def detail(self, message: Message) -> None:
        """Something to know only with --verbose."""
        if self.options.verbose:
            self._line(self.text(message))

    def warn(self, message: Message) -> None:
        """Something that a person must know; always shown."""
        self._line(self.text(message), "yellow")

    def fault(self, error: MediAssistError) -> None:
        """What is wrong and what to do about it."""
        self._line(self.words.error(error), "red")

    def _line(self, text: str, style: str | None = None) -> None:
        self.err.print(text, style=style, soft_wrap=True)


def _console(stream: TextIO) -> Console:
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def _json(document: Mapping[str, Any], stream: TextIO) -> str:
    # A Windows code page cannot carry every name; \\u escapes can.
    unicode = (stream.encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(document, ensure_ascii=not unicode, indent=2)
