"""What moves while a command works: on a terminal only, on stderr, never with --quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mediassist.cli.terminal import Terminal

_LINE_EVERY_S = 10.0


@contextmanager
def spinner(terminal: Terminal) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done.

    Without a terminal (a log file, another program) a new line appears every few seconds at most.
    """
    if terminal.options.quiet:
        yield lambda text: None
    elif terminal.err.is_terminal:
        with terminal.err.status("") as status:
            yield lambda text: status.update(text)
    else:
        yield _now_and_then(terminal)


def _now_and_then(terminal: Terminal) -> Callable[[str], None]:
    said = float("-inf")

    def show(text: str) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= _LINE_EVERY_S:
            said = now
            terminal.err.print(text, soft_wrap=True)

    return show
