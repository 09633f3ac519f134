"""What a log file sees of a batch: a line now and then, every failure, the end."""

from __future__ import annotations

import pytest

from mediassist.batch.discovery import ScanProgress
from mediassist.batch.progress import BatchProgress
from mediassist.batch.runner import Finished
from mediassist.cli.batch_view import batch_view
from mediassist.cli.terminal import CommonOptions, Terminal
from mediassist.core.messages import say
from mediassist.text import words

BAD = say("truncated", "The file ends too early.")


def terminal(**options: bool) -> Terminal:
    return Terminal(words("en"), CommonOptions(**options))


def test_lines_come_at_their_time_and_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with batch_view(terminal(), line_every_s=3600) as view:
        view(ScanProgress(files=10, opened=2))
        for done in range(3):
            view(BatchProgress(todo=2, done=done, seconds=60.0))
        view(BatchProgress(todo=2, done=2, seconds=60.0))
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["2 of 2 studies, 0 failed, 2.0 a minute, about 0:00 left."]


def test_scanning_and_working_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with batch_view(terminal(), line_every_s=0) as view:
        view(ScanProgress(files=10, opened=2))
        view(BatchProgress(todo=2))
    first, second = capsys.readouterr().err.splitlines()
    assert "10 files, 2 of them new" in first
    assert second == "0 of 2 studies, 0 failed."


@pytest.mark.parametrize("quiet", [True, False])
def test_failures_are_said_even_with_quiet_but_not_without_end(
    capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    with batch_view(terminal(quiet=quiet), line_every_s=3600) as view:
        for number in range(30):
            view(Finished(f"study{number}", None, BAD))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Study study0 failed: The file ends too early."
    assert (len(lines), "the summary lists them all" in lines[-1]) == (21, True)
