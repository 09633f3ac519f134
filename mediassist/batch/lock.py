"""One run at a time per output folder; the system frees the lock of a run that dies."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say


class OutputInUse(WrongUsage):
    """Another run works on the same output folder."""

    advice = say(
        "advice_in_use", "Wait for the other run to end, stop it, or choose another --out folder."
    )


@contextmanager
def only_run(private: Path, started: datetime) -> Iterator[None]:
    """Hold the output folder; raises `OutputInUse`, naming the run that holds it."""
    lock = FileLock(private / "lock", timeout=0)
    holder = private / "run.json"
    try:
        lock.acquire()
    except Timeout:
        raise OutputInUse(
            say(
                "output_in_use",
                "Another run is working on {out} ({who}).",
                out=str(private.parent),
                who=_who(holder),
            )
        ) from None
    try:
        run = {"pid": os.getpid(), "computer": platform.node(), "since": started.isoformat()}
        holder.write_text(json.dumps(run), encoding="utf-8")
        yield
    finally:
        lock.release()


def _who(holder: Path) -> str:
    try:
        run = json.loads(holder.read_text(encoding="utf-8"))
        return f"{run['computer']}, process {run['pid']}, since {run['since']}"
    except (OSError, ValueError, KeyError):
        # The other run has only just begun.
        return "?"
