"""An append-only record of every audit: who looked, how often, and with which thresholds.

Each line carries the hash of the line before it, so that a line taken out or changed shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mediassist.audit.case import Case
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.safeguards import Safeguard, SafeguardState
from mediassist.core.errors import OutputNotWritable
from mediassist.core.messages import say

LOG_FILE = "audit_log.jsonl"
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """One line of the log. `bundles` are (id, sha256); `thresholds` (finding, t_low, t_high).

    `cases_sha256` is of the cases and their truths alone: a table that was only saved again, or
    whose thresholds were changed, is still the same set.
    """

    time: str
    manifest_sha256: str
    cases_sha256: str
    bundles: tuple[tuple[str, str], ...]
    thresholds: tuple[tuple[str, float | None, float], ...]
    targets: tuple[float, float, float]
    verdicts: tuple[tuple[str, str], ...]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> LoggedRun:
        return cls(
            stored["time"],
            stored["manifest_sha256"],
            # Lines of versions that did not note it.
            stored.get("cases_sha256", ""),
            tuple((one[0], one[1]) for one in stored["bundles"]),
            tuple((one[0], one[1], one[2]) for one in stored["thresholds"]),
            (stored["targets"][0], stored["targets"][1], stored["targets"][2]),
            tuple((one[0], one[1]) for one in stored["verdicts"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "time": self.time,
            "manifest_sha256": self.manifest_sha256,
            "cases_sha256": self.cases_sha256,
            "bundles": [list(one) for one in self.bundles],
            "thresholds": [list(one) for one in self.thresholds],
            "targets": list(self.targets),
            "verdicts": [list(one) for one in self.verdicts],
        }


def read_log(path: Path) -> tuple[list[LoggedRun], bool]:
    """All runs, and whether every line still follows from the one before."""
    if not path.is_file():
        return [], True
    runs: list[LoggedRun] = []
    whole, before = True, _START
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            stored = json.loads(line)
            runs.append(LoggedRun.from_json(stored["run"]))
            whole = whole and stored["before"] == before
        except (ValueError, KeyError, TypeError, IndexError):
            whole = False
        before = hashlib.sha256(line.encode()).hexdigest()
    return runs, whole


def append_run(path: Path, run: LoggedRun) -> None:
    """Add one line to the log."""
    before = _START
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            before = hashlib.sha256(lines[-1].encode()).hexdigest() if lines else _START
        line = json.dumps({"before": before, "run": run.to_json()}, ensure_ascii=False)
        with path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(line + "\n")
    except OSError as error:
        raise OutputNotWritable(
            say(
                "output_not_written",
                "{path} cannot be written: {reason}",
                path=str(path),
                reason=error.strerror or str(error),
            )
        ) from error


def looked_before(runs: Sequence[LoggedRun], whole: bool, current: LoggedRun) -> Safeguard:
    """Were thresholds or bundles changed after these very cases had been audited?"""
    name = "looked_before"
    earlier = [
        run
        for run in runs
        if run.manifest_sha256 == current.manifest_sha256
        or run.cases_sha256 == current.cases_sha256
    ]
    other = [
        run
        for run in earlier
        if (run.bundles, run.thresholds) != (current.bundles, current.thresholds)
    ]
    if not whole:
        message = say("audit_log_broken", "The audit log was altered: its chain is broken.")
        return Safeguard(name, SafeguardState.WARNING, message)
    if other:
        message = say(
            "audit_changed_after_look",
            "The same cases were audited {runs} times before with other thresholds or bundles, "
            "the last time at {time}. What is chosen after looking is not proved by these cases.",
            runs=len(other),
            time=other[-1].time,
        )
        return Safeguard(name, SafeguardState.WARNING, message)
    message = say(
        "audit_first_look",
        "Thresholds and bundles were not changed since these cases were first audited here "
        "({runs} earlier runs).",
        runs=len(earlier),
    )
    return Safeguard(name, SafeguardState.PASSED, message)


def cases_sha256(cases: Iterable[Case], facts: Mapping[str, ImageFacts]) -> str:
    """Hash of which cases are audited for what, whatever their order and thresholds.

    An image is known by its content, whatever it is called; a case without an image by its name
    and by the score that was made elsewhere: another vendor's audit of the same cases is no second
    look.
    """
    lines = []
    for case in cases:
        picture = facts[case.case].file_sha256 if case.case in facts else ""
        known = picture or f"{case.case}\0{case.score!r}"
        lines.append(f"{case.finding}\0{known}\0{case.positive:d}\n")
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode())
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Hash of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
