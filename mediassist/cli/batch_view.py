"""How a batch looks while it runs: a bar on a terminal, else a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

from rich.progress import BarColumn, Progress, TextColumn

from mediassist.batch.discovery import ScanProgress
from mediassist.batch.progress import BatchProgress, duration
from mediassist.batch.runner import Finished
from mediassist.cli.terminal import Terminal
from mediassist.core.messages import Message, say

BatchEvent = ScanProgress | BatchProgress | Finished

# With very many failures the summary is the place to read them.
_MOST_FAILURES_SAID = 20


class BatchView(Protocol):
    """Takes the runner's events."""

    def __call__(self, event: BatchEvent) -> None: ...


@contextmanager
def batch_view(terminal: Terminal, line_every_s: float) -> Iterator[BatchView]:
    """The view that suits where stderr goes."""
    if terminal.options.quiet:
        yield _Failures(terminal)
    elif terminal.err.is_terminal:
        with _Bar(terminal) as bar:
            yield bar
    else:
        yield _Lines(terminal, line_every_s)


class _Failures:
    """Says each failed study, the first of them at least; with --verbose the finished ones too."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._said = 0

    def __call__(self, event: BatchEvent) -> None:
        if not isinstance(event, Finished):
            return
        if event.reason is None:
            self._terminal.detail(
                say("study_done", "Study {study} is done.", study=event.study_key)
            )
            return
        self._said += 1
        if self._said <= _MOST_FAILURES_SAID:
            self._terminal.warn(
                say(
                    "study_failed",
                    "Study {study} failed: {reason}",
                    study=event.study_key,
                    reason=event.reason,
                )
            )
        elif self._said == _MOST_FAILURES_SAID + 1:
            self._terminal.warn(
                say("more_failures", "More studies failed; the summary lists them all.")
            )


class _Lines:
    """For log files: one line every few seconds, and one when the work is done."""

    def __init__(self, terminal: Terminal, every_s: float) -> None:
        self._terminal = terminal
        self._failures = _Failures(terminal)
        self._every_s = every_s
        self._last = time.monotonic()
        self._all_said = False

    def __call__(self, event: BatchEvent) -> None:
        if isinstance(event, Finished):
            self._failures(event)
            return
        now = time.monotonic()
        ended = isinstance(event, BatchProgress) and event.done == event.todo
        due = now - self._last >= self._every_s
        if due or (ended and not self._all_said):
            self._last, self._all_said = now, ended
            sentence = _sentence(event)
            if sentence is not None:
                self._terminal.note(sentence)


class _Bar:
    """For people: one bar that moves."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._failures = _Failures(terminal)
        self._progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            console=terminal.err,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, event: BatchEvent) -> None:
        if isinstance(event, Finished):
            self._failures(event)
            return
        sentence = _sentence(event)
        text = "" if sentence is None else self._terminal.text(sentence)
        if isinstance(event, BatchProgress):
            if event.now and event.done < event.todo:
                text = f"{text}  {event.now}"
            self._progress.update(
                self._task, description=text, total=event.todo, completed=event.done
            )
        else:
            self._progress.update(self._task, description=text)


def _sentence(event: ScanProgress | BatchProgress) -> Message | None:
    """What to say of the progress; nothing where there is and was no study at all."""
    if isinstance(event, ScanProgress):
        return say(
            "batch_scanning",
            "Looking through the input: {files} files, {opened} of them new.",
            files=event.files,
            opened=event.opened,
        )
    if event.todo == 0 and event.before == 0:
        return None
    if event.todo == 0:
        return say(
            "batch_nothing_new",
            "Nothing new: {before} studies were worked off before.",
            before=event.before,
        )
    rate, left = event.per_second, event.seconds_left
    if rate is None or left is None:
        return say(
            "batch_begins",
            "{done} of {todo} studies, {failed} failed.",
            done=event.done,
            todo=event.todo,
            failed=event.failed,
        )
    return say(
        "batch_progress",
        "{done} of {todo} studies, {failed} failed, {rate} a minute, about {left} left.",
        done=event.done,
        todo=event.todo,
        failed=event.failed,
        rate=f"{60 * rate:.1f}",
        left=duration(left),
    )
