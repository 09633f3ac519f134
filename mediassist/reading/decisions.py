"""Where a reader's decisions are kept: one append-only file of JSON lines a study.

They stand beside the study folders (`OUT/decisions/<study>.jsonl`), not in them: writing results
anew replaces a study folder whole, and what a person decided must outlive that.

A line is written in one call and synced, so a crash can at worst tear the last line; a torn line
is skipped when reading and closed before the next one is appended. Nothing is ever rewritten:
changing one's mind adds a line, and the newest decision per bundle counts.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.errors import OutputNotWritable, UnreadableFile
from mediassist.core.finding import BundleResult
from mediassist.core.messages import say
from mediassist.core.vocabulary import Verdict

FOLDER = "decisions"
SCHEMA_VERSION = 1

# A finding that MediAssist raised: these wait for a reader's word.
AWAITS_DECISION = frozenset({Verdict.FLAGGED, Verdict.REVIEW})
# A verdict that a reader can agree or disagree with; a refusal or a failure is not one.
DECIDABLE = AWAITS_DECISION | {Verdict.CLEARED}

_log = logging.getLogger(__name__)


class ReviewState(StrEnum):
    """How far a reader has come with one study."""

    NOTHING_TO_DECIDE = "nothing_to_decide"
    OPEN = "open"
    PARTLY = "partly"
    DECIDED = "decided"


class DecisionStore:
    """Decisions of all studies of one output folder.

    Two windows on the same folder may both append; each reads what the other wrote.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def record(self, study_key: str, decision: Decision) -> None:
        """Append one decision.

        Raises
        ------
        OutputNotWritable
            If the folder cannot be written; the decision is then not kept, and the reader is told.
        """
        path = self._path(study_key)
        line = json.dumps(_to_json(decision), ensure_ascii=False, sort_keys=True)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab+") as stream:
                start = b"\n" if _ends_torn(stream.seek(0, os.SEEK_END), path) else b""
                stream.write(start + line.encode("utf-8") + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise OutputNotWritable(
                say(
                    "decision_not_written",
                    "The decision could not be written to '{path}': {reason}.",
                    path=str(path),
                    reason=error.strerror or type(error).__name__,
                )
            ) from error

    def history(self, study_key: str) -> tuple[Decision, ...]:
        """Every decision of a study, oldest first; none where none was made.

        Raises
        ------
        UnreadableFile
            If there are decisions that cannot be read: showing none would be wrong.
        """
        path = self._path(study_key)
        try:
            lines = path.read_bytes().split(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise UnreadableFile(
                say(
                    "decisions_not_read",
                    "The decisions in '{path}' could not be read: {reason}.",
                    path=str(path),
                    reason=error.strerror or type(error).__name__,
                )
            ) from error
        return tuple(_readable(lines, path))

    def newest(self, study_key: str) -> dict[str, Decision]:
        """The decision that counts, by bundle id."""
        return {decision.bundle_id: decision for decision in self.history(study_key)}

    def valid(self, result: StudyResult) -> dict[str, Decision]:
        """The decisions that were made about these very models, by bundle id.

        A decision about an earlier version of a bundle stays in the file but does not count:
        the reader has not seen what the present version says.
        """
        hashes = {one.bundle.bundle_id: one.bundle.sha256 for one in result.results}
        return {
            bundle_id: decision
            for bundle_id, decision in self.newest(result.study_key).items()
            if hashes.get(bundle_id) == decision.bundle_sha256
        }

    def state(self, result: StudyResult) -> ReviewState:
        """How many of the findings that await a decision have one."""
        waiting = {one.bundle.bundle_id for one in result.results if awaits_decision(one)}
        if not waiting:
            return ReviewState.NOTHING_TO_DECIDE
        decided = waiting & self.valid(result).keys()
        if decided == waiting:
            return ReviewState.DECIDED
        return ReviewState.PARTLY if decided else ReviewState.OPEN

    def _path(self, study_key: str) -> Path:
        return self.folder / FOLDER / f"{study_key}.jsonl"


def awaits_decision(result: BundleResult) -> bool:
    """Whether a person must look: flagged and review, never less (product.md)."""
    return result.verdict in AWAITS_DECISION


def decidable(result: BundleResult) -> bool:
    """Whether accept and reject make sense for this verdict."""
    return result.verdict in DECIDABLE


def _ends_torn(size: int, path: Path) -> bool:
    if size == 0:
        return False
    with path.open("rb") as stream:
        stream.seek(size - 1)
        return stream.read(1) != b"\n"


def _readable(lines: Iterable[bytes], path: Path) -> Iterable[Decision]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _from_json(json.loads(line))
        except (ValueError, KeyError, TypeError):
            _log.warning("line %d of %s is not a decision and is skipped", number, path.name)


def _to_json(decision: Decision) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "study_uid": decision.study_uid,
        "bundle_id": decision.bundle_id,
        "bundle_sha256": decision.bundle_sha256,
        "kind": decision.kind.value,
        "reader": decision.reader,
        "at": decision.at.isoformat(),
        "reason": decision.reason,
    }


def _from_json(entry: dict[str, str]) -> Decision:
    return Decision(
        study_uid=entry["study_uid"],
        bundle_id=entry["bundle_id"],
        bundle_sha256=entry["bundle_sha256"],
        kind=DecisionKind(entry["kind"]),
        reader=entry["reader"],
        at=datetime.fromisoformat(entry["at"]),
        reason=entry.get("reason", ""),
    )
