"""Finished cases, one line each, kept at once: an audit that is stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from mediassist.audit.outcome import CaseOutcome
from mediassist.core.errors import OutputNotWritable
from mediassist.core.messages import say

JOURNAL = "journal.jsonl"


class Journal:
    """Append-only; a line that was cut short by a crash is ignored and its case done again.

    Only where each outcome stands is kept in memory: a hundred thousand outcomes of many bundles
    would not fit.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL
        self._stream: IO[bytes] | None = None
        self._places: dict[str, int] = {}
        self._end = 0

    def __enter__(self) -> Journal:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            whole = self._find()
            self._stream = self._path.open("ab+")
            if not whole:
                self._end += self._stream.write(b"\n")
        except OSError as error:
            raise _not_writable(self._path, error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def keep(self, key: str, outcome: CaseOutcome) -> None:
        """Write the outcome and wait until the disk has it."""
        if self._stream is None:
            raise ValueError("the journal is not open")
        line = json.dumps({"key": key, "outcome": outcome.to_json()}, ensure_ascii=False)
        try:
            written = self._stream.write(line.encode() + b"\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise _not_writable(self._path, error) from error
        self._places[key] = self._end
        self._end += written

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def outcome(self, key: str) -> CaseOutcome:
        """What was kept of a finished case; raises KeyError where there is nothing."""
        place = self._places[key]
        if self._stream is None:
            raise ValueError("the journal is not open")
        self._stream.seek(place)
        return CaseOutcome.from_json(json.loads(self._stream.readline())["outcome"])

    def _find(self) -> bool:
        """Find every whole line; False where the last one lacks its end."""
        if not self._path.is_file():
            return True
        line = b"\n"
        with self._path.open("rb") as stream:
            for line in stream:
                try:
                    stored = json.loads(line)
                    CaseOutcome.from_json(stored["outcome"])
                    self._places[stored["key"]] = self._end
                except (ValueError, KeyError, TypeError):
                    # A torn line, or one of another version: its case is simply not finished.
                    pass
                self._end += len(line)
        return line.endswith(b"\n")


def case_key(
    path: Path, stated: Sequence[str], bundles: Sequence[tuple[str, str]], version: str
) -> str:
    """32 hex digits that change with the files, what is stated of them, bundles and program."""
    digest = hashlib.sha256()
    for part in (str(path), *_stamps(path), *stated, version):
        digest.update(part.encode() + b"\0")
    for bundle, sha256 in bundles:
        digest.update(f"{bundle} {sha256}".encode() + b"\0")
    return digest.hexdigest()[:32]


def _stamps(path: Path) -> list[str]:
    """Size and time of every file under the path, so that a changed file is analysed again."""
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    return [f"{each} {each.stat().st_size} {each.stat().st_mtime_ns}" for each in files]


def _not_writable(path: Path, error: OSError) -> OutputNotWritable:
    return OutputNotWritable(
        say(
            "output_not_written",
            "{path} cannot be written: {reason}",
            path=str(path),
            reason=error.strerror or str(error),
        )
    )
