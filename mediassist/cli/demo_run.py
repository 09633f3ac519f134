"""The demo's table: each verdict beside what is really in the simulated picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console

from mediassist.analysis.result import StudyResult
from mediassist.cli.analysis_run import AnalysisRun
from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.cli.verdicts import probability, reason
from mediassist.core.errors import UnreadableFile, WrongUsage
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message, say
from mediassist.core.vocabulary import Verdict
from mediassist.report.plain_words import verdict_words
from mediassist.settings import Settings

TRUTH_FILE = "truth.json"
_PACKAGE = Path(__file__).resolve().parents[1]


class Match(StrEnum):
    """How a verdict stands to the truth."""

    RIGHT = "right"
    MISSED = "missed"  # present, but cleared: the worst there is
    FALSE_ALARM = "false_alarm"  # absent, but flagged
    FOR_A_PERSON = "for_a_person"  # in review: nothing is claimed
    NOT_ASSESSED = "not_assessed"  # not applicable or failed
    TRUTH_UNKNOWN = "truth_unknown"


_STYLES = {Match.MISSED: "bold red", Match.FALSE_ALARM: "red", Match.RIGHT: "green"}


@dataclass(frozen=True, slots=True)
class Row:
    """One finding in one study; `entry` is None where no model was asked about the finding."""

    study: str
    finding: str
    present: bool | None
    entry: BundleResult | None
    match: Match


def match_of(verdict: Verdict, present: bool | None) -> Match:
    """Compare a verdict with the truth.

    >>> match_of(Verdict.CLEARED, True).value
    'missed'
    """
    if verdict in (Verdict.NOT_APPLICABLE, Verdict.FAILED):
        return Match.NOT_ASSESSED
    if present is None:
        return Match.TRUTH_UNKNOWN
    if verdict is Verdict.REVIEW:
        return Match.FOR_A_PERSON
    if present:
        return Match.RIGHT if verdict is Verdict.FLAGGED else Match.MISSED
    return Match.RIGHT if verdict is Verdict.CLEARED else Match.FALSE_ALARM


def sample_folder(chosen: Path | None) -> Path:
    """The folder with truth.json; raises `WrongUsage` where there is none."""
    if chosen is not None:
        candidates = [chosen]
    else:
        # In the folder one stands in, beside the package in a checkout, inside it when installed.
        parents = (Path(), _PACKAGE.parent, _PACKAGE)
        candidates = [parent / "sample_studies" for parent in parents]
    for folder in candidates:
        if (folder / TRUTH_FILE).is_file():
            return folder
    raise WrongUsage(
        say(
            "samples_missing",
            "There are no sample studies (no {file} in {folder}); name their folder with "
            "--samples.",
            file=TRUTH_FILE,
            folder=str(candidates[-1]),
        )
    )


def run_demo(terminal: Terminal, folder: Path, out: Path) -> ExitCode:
    """Analyse the samples and print the comparison, wrong rows included."""
    truths = _truths(folder / TRUTH_FILE)
    rows: list[Row] = []

    def compare(result: StudyResult) -> None:
        rows.extend(_rows(result, truths.get(result.study.study_uid, {})))

    inputs = [entry for entry in sorted(folder.iterdir()) if _may_hold_studies(entry)]
    # Nobody is judged by a demo: what is too weak for patients is shown with the rest.
    settings = Settings().model_copy(update={"experimental": True})
    run = AnalysisRun(terminal, out, compare, inputs=inputs, settings=settings)
    run.go()
    document = {
        "simulated": True,
        "rows": [_row_document(row) for row in rows],
        "matches": {match.value: sum(row.match is match for row in rows) for match in Match},
        **run.document(),
    }
    terminal.result(document, lambda console: _show(console, terminal, rows))
    terminal.note(run.closing_words())
    return run.exit_code()


def _may_hold_studies(entry: Path) -> bool:
    return entry.is_dir() or entry.suffix.lower() not in (".json", ".md", ".txt")


def _truths(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {study["study_uid"]: study for study in content["studies"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            say("truth_unreadable", "{path} cannot be read as truth.", path=str(path))
        ) from error


def _rows(result: StudyResult, truth: dict[str, Any]) -> list[Row]:
    """Findings whose truth is told or that a model has judged; the rest would only be noise."""
    name = truth.get("folder") or result.study_key
    told: dict[str, bool] = truth.get("findings", {})
    judged = {e.bundle.finding for e in result.results if e.verdict is not Verdict.NOT_APPLICABLE}
    rows = []
    for entry in result.results:
        finding = entry.bundle.finding
        # Of two models for one finding, a film's and a scan's, only one has something to say.
        if entry.verdict is not Verdict.NOT_APPLICABLE or finding in told.keys() - judged:
            present = told.get(finding)
            rows.append(Row(name, finding, present, entry, match_of(entry.verdict, present)))
    asked = {entry.bundle.finding for entry in result.results}
    rows += [
        Row(name, finding, present, None, Match.NOT_ASSESSED)
        for finding, present in told.items()
        if finding not in asked
    ]
    return rows or [Row(name, "", None, None, Match.NOT_ASSESSED)]


def _row_document(row: Row) -> dict[str, Any]:
    entry = row.entry
    return {
        "sample": row.study,
        "finding": row.finding or None,
        "truth": row.present,
        "bundle": entry.bundle.bundle_id if entry else None,
        "verdict": entry.verdict.value if entry else None,
        "probability": entry.probability if entry else None,
        "match": row.match.value,
    }


def _show(console: Console, terminal: Terminal, rows: list[Row]) -> None:
    words = terminal.words
    table = plain_table(
        words.sentence("Simulated study"),
        words.sentence("Finding"),
        words.sentence("Truth"),
        words.sentence("Verdict"),
        words.sentence("Probability"),
        words.sentence("Compared"),
    )
    truth = {
        True: words.sentence("present"),
        False: words.sentence("absent"),
        None: words.sentence("not told"),
    }
    for row in rows:
        entry = row.entry
        table.add_row(
            row.study,
            words.term(row.finding),
            truth[row.present],
            verdict_words(entry, words) if entry else words.sentence("no model for it"),
            probability(entry) if entry else "",
            _compared(terminal, row),
            style=_STYLES.get(row.match),
        )
    console.print(table)
    counts = {match: sum(row.match is match for row in rows) for match in Match}
    console.print(
        terminal.text(
            say(
                "demo_counts",
                "Correct: {right}. Missed: {missed}. False alarms: {alarms}. For a person to "
                "judge: {person}. Not assessed: {not_assessed}.",
                right=counts[Match.RIGHT],
                missed=counts[Match.MISSED],
                alarms=counts[Match.FALSE_ALARM],
                person=counts[Match.FOR_A_PERSON],
                not_assessed=counts[Match.NOT_ASSESSED],
            )
        ),
        soft_wrap=True,
    )
    console.print(
        terminal.text(
            say(
                "demo_simulated",
                "All pictures are simulated. They show and test the program; they say nothing "
                "about how well it works on patients.",
            )
        ),
        soft_wrap=True,
    )


def _compared(terminal: Terminal, row: Row) -> str:
    entry = row.entry
    if row.match is Match.NOT_ASSESSED and entry is not None:
        return terminal.text(_MATCHES[row.match]) + ": " + reason(terminal.words, entry)
    return terminal.text(_MATCHES[row.match])


_MATCHES: dict[Match, Message] = {
    Match.RIGHT: say("match_right", "correct"),
    Match.MISSED: say("match_missed", "WRONG: missed"),
    Match.FALSE_ALARM: say("match_false_alarm", "WRONG: false alarm"),
    Match.FOR_A_PERSON: say("match_person", "a person must look"),
    Match.NOT_ASSESSED: say("match_not_assessed", "not assessed"),
    Match.TRUTH_UNKNOWN: say("match_unknown", "truth not told"),
}
