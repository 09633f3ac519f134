"""Paths that a user typed: checked before any work begins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mediassist.core.errors import OutputNotWritable, WrongUsage
from mediassist.core.messages import say


def existing(paths: Iterable[Path]) -> list[Path]:
    """The same paths; raises `WrongUsage` naming the first that does not exist."""
    checked = list(paths)
    for path in checked:
        if not _exists(path):
            raise WrongUsage(say("path_missing", "{path} does not exist.", path=str(path)))
    return checked


def output_folder(path: Path) -> Path:
    """The folder, made where it is missing; raises `WrongUsage` or `OutputNotWritable`."""
    for folder in (path, *path.parents):
        if _exists(folder) and not folder.is_dir():
            raise WrongUsage(
                say("output_no_folder", "{path} is a file; --out names a folder.", path=str(folder))
            )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputNotWritable(
            say(
                "output_not_writable",
                "Results cannot be written to {path}: {why}.",
                path=str(path),
                why=error.strerror or type(error).__name__,
            )
        ) from error
    return path


def _exists(path: Path) -> bool:
    """Whether it is there to see; a name that the system can't hold (too long, say) is not."""
    try:
        return path.exists()
    except OSError:
        return False
