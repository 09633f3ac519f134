"""Files and folders that are there whole or not at all, on Windows too."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mediassist.core.errors import OutputNotWritable
from mediassist.core.messages import say


def not_writable(path: Path, error: OSError) -> OutputNotWritable:
    """The error for people, from what the system said."""
    return OutputNotWritable(
        say(
            "output_not_written",
            "{path} cannot be written: {reason}",
            path=str(path),
            reason=error.strerror or str(error),
        )
    )


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no handle for folders and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write under a temporary name beside the target, sync, rename.

    Raises
    ------
    OutputNotWritable
        If the disk is full, the folder is read-only, or the target is open elsewhere (Windows).
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_synced(temporary, content)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise not_writable(path, error) from error


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill; on success it takes the place of `target`, otherwise it is removed.

    A folder cannot replace a filled one in one step on any system, so the old one is first renamed
    aside. If the machine stops between the two renames, `target` is absent and never half filled;
    the next call puts the old one back before it begins, and clears what else was left behind.

    Raises
    ------
    OutputNotWritable
        If the folder cannot be made, synced or renamed.
    """
    making = target.with_name(f".{target.name}.tmp")
    old = target.with_name(f".{target.name}.old")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if old.exists() and not target.exists():
            os.replace(old, target)
        for left_over in (making, old):
            if left_over.exists():
                shutil.rmtree(left_over)
        making.mkdir()
    except OSError as error:
        raise not_writable(target, error) from error
    try:
        yield making
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    try:
        _sync_folder(making)
        if target.exists():
            os.replace(target, old)
        try:
            os.replace(making, target)
        except OSError:
            if old.exists():
                os.replace(old, target)
            raise
        _sync_folder(target.parent)
        if old.exists():
            shutil.rmtree(old)
    except OSError as error:
        raise not_writable(target, error) from error
