"""`mediassist find`: studies of the catalogue by patient, date, words and verdict."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.index import DATABASE, catalogue_file
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.dicom.catalogue import FoundStudy


def find(
    terminal: Terminal,
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD]...",
            help="Words that all stand in name (also in pinyin), IDs or descriptions.",
        ),
    ] = None,
    patient: Annotated[
        str,
        typer.Option(
            "--patient", metavar="NAME", help="Part of the name: 王, wangxiaoming, wxm, Smith."
        ),
    ] = "",
    patient_id: Annotated[str, typer.Option("--id", metavar="ID", help="Patient ID.")] = "",
    date: Annotated[
        str,
        typer.Option("--date", metavar="DATES", help="2024-03-05, 2024-03, 2024, 2024-01..2024-06"),
    ] = "",
    modality: Annotated[str, typer.Option("--modality", metavar="M", help="CT, for example.")] = "",
    description: Annotated[
        str,
        typer.Option("--description", metavar="WORDS", help="Words of study, series or protocol."),
    ] = "",
    verdict: Annotated[
        str,
        typer.Option(
            "--verdict",
            metavar="V",
            help="flagged, review, cleared, not_applicable or failed.",
        ),
    ] = "",
    finding: Annotated[
        str, typer.Option("--finding", metavar="F", help="lung_opacity, for example.")
    ] = "",
    available: Annotated[
        bool, typer.Option("--available", help="Only studies whose files are still there.")
    ] = False,
    files: Annotated[bool, typer.Option("--files", help="Name every file.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many.")] = (
        100
    ),
    database: Annotated[Path | None, DATABASE] = None,
) -> ExitCode:
    """Find studies in the catalogue that 'mediassist index' makes."""
    from mediassist.core.vocabulary import FINDINGS, Verdict
    from mediassist.dicom.catalogue import Catalogue, Search
    from mediassist.dicom.catalogue.dates import days

    _known("--verdict", verdict, [one.value for one in Verdict])
    _known("--finding", finding, list(FINDINGS))
    since, until = days(date) if date else (None, None)
    search = Search(
        text=" ".join(text or ()),
        patient=patient,
        patient_id=patient_id,
        since=since,
        until=until,
        modality=modality,
        description=description,
        verdict=verdict,
        finding=finding,
        available=available,
        limit=limit,
    )
    path = catalogue_file(database)
    if not path.is_file():
        raise WrongUsage(
            say(
                "catalogue_absent",
                "There is no catalogue at {path} yet; 'mediassist index DIR' makes it.",
                path=str(path),
            )
        )
    with Catalogue(path) as catalogue:
        found = list(catalogue.find(search))

    def show(console: Console) -> None:
        _show(console, terminal, found, files)
        if len(found) == limit:
            terminal.note(
                say("find_limit", "Only the first {count} are shown; see --limit.", count=limit)
            )

    terminal.result(
        {"studies": [{**asdict(one), "available": bool(one.files)} for one in found]}, show
    )
    return ExitCode.DONE


def _known(option: str, given: str, allowed: list[str]) -> None:
    if given and given not in allowed:
        raise WrongUsage(
            say(
                "choice_unknown",
                "{option} {given}: choose one of {allowed}.",
                option=option,
                given=given,
                allowed=", ".join(allowed),
            )
        )


def _show(console: Console, terminal: Terminal, found: list[FoundStudy], files: bool) -> None:
    from mediassist.cli.tables import plain_table

    words = terminal.words
    if not found:
        console.print(words.sentence("No study fits."))
        return
    table = plain_table(
        words.sentence("Date"),
        words.sentence("Name"),
        words.sentence("Patient ID"),
        words.sentence("Modality"),
        words.sentence("Description"),
        words.sentence("Images"),
        words.sentence("Verdicts"),
        words.sentence("Where"),
    )
    for study in found:
        table.add_row(
            study.study_date or "-",
            study.patient_name or "-",
            study.patient_id or "-",
            "+".join(study.modalities) or "-",
            study.description or ", ".join(study.series[:3]) or "-",
            str(study.images),
            "\n".join(
                f"{words.term(one.finding)}: {words.term(one.verdict)}"
                for one in study.verdicts
                if one.verdict != "not_applicable"
            ),
            _where(study, terminal, files),
        )
    console.print(table)


def _where(study: FoundStudy, terminal: Terminal, files: bool) -> str:
    lines = list(study.files)
    if not files and lines:
        lines = list(dict.fromkeys(str(Path(path).parent) for path in lines))
    if study.missing:
        gone = say("files_gone_count", "files gone: {count}", count=study.missing)
        lines.append(terminal.text(gone))
    return "\n".join(lines)
