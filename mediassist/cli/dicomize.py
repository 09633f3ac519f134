"""`mediassist dicomize`: pictures and NIfTI to DICOM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.dicom.dicomize import Converted

_PATIENT = "Patient and study"
_GEOMETRY = "Geometry and grey values"


def dicomize(
    terminal: Terminal,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="PNG, JPEG, WebP, TIFF, NIfTI; or folders of them."),
    ],
    modality: Annotated[
        str,
        typer.Option(
            "--modality",
            metavar="M",
            help="CR, DX, MG, CT, MR, US, OP, OPT, XA, or SC (screenshots, documents).",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the DICOM files.")],
    body_part: Annotated[
        str, typer.Option("--body-part", metavar="B", help="CHEST or KNEE, for example.")
    ] = "",
    view: Annotated[
        str,
        typer.Option("--view", metavar="V", help="PA, AP, LATERAL; MG needs it: CC, MLO."),
    ] = "",
    laterality: Annotated[
        str,
        typer.Option("--laterality", metavar="L", help="L or R; MG, OP and OPT need it."),
    ] = "",
    series_description: Annotated[
        str, typer.Option("--series-description", metavar="TEXT", help="Default: the file's name.")
    ] = "",
    spacing: Annotated[
        str,
        typer.Option(
            "--spacing",
            metavar="ROW,COL",
            help="Millimetres between pixels, down and across (one number for both); DX, MG, CT, "
            "MR and OPT pictures need it. 'unknown' writes a stand-in of 1 mm and says so.",
            rich_help_panel=_GEOMETRY,
        ),
    ] = "",
    slice_step: Annotated[
        float | None,
        typer.Option(
            "--slice-step",
            metavar="MM",
            help="From one picture of a CT, MR or OPT stack to the next.",
            rich_help_panel=_GEOMETRY,
        ),
    ] = None,
    window: Annotated[
        str,
        typer.Option(
            "--window",
            metavar="LEVEL,WIDTH",
            help="Window of the image; a CT picture that was made with it becomes HU by it.",
            rich_help_panel=_GEOMETRY,
        ),
    ] = "",
    cine: Annotated[
        bool,
        typer.Option(
            "--cine",
            help="MR: pictures or times of NIfTI are phases of the heart at one place.",
            rich_help_panel=_GEOMETRY,
        ),
    ] = False,
    frame_time: Annotated[
        float,
        typer.Option(
            "--frame-time",
            metavar="MS",
            help="From one frame of a clip to the next.",
            rich_help_panel=_GEOMETRY,
        ),
    ] = 40.0,
    patient_id: Annotated[
        str,
        typer.Option(
            "--patient-id",
            metavar="ID",
            help="Default: made from the first file.",
            rich_help_panel=_PATIENT,
        ),
    ] = "",
    patient_name: Annotated[
        str,
        typer.Option(
            "--patient-name",
            metavar="NAME",
            help="Family^Given; Wang^Ming=王^明 with ideographs.",
            rich_help_panel=_PATIENT,
        ),
    ] = "",
    sex: Annotated[
        str, typer.Option("--sex", metavar="S", help="M, F or O.", rich_help_panel=_PATIENT)
    ] = "",
    age: Annotated[
        str,
        typer.Option("--age", metavar="AGE", help="64 or 064Y, 11M, 5D.", rich_help_panel=_PATIENT),
    ] = "",
    birth_date: Annotated[
        str, typer.Option("--birth-date", metavar="YYYYMMDD", rich_help_panel=_PATIENT)
    ] = "",
    study_date: Annotated[
        str,
        typer.Option(
            "--study-date",
            metavar="YYYYMMDD",
            help="When the images were made.",
            rich_help_panel=_PATIENT,
        ),
    ] = "",
    study_description: Annotated[
        str, typer.Option("--study-description", metavar="TEXT", rich_help_panel=_PATIENT)
    ] = "",
    study: Annotated[
        str,
        typer.Option(
            "--study",
            metavar="KEY",
            help="Calls with the same key and patient ID write into one study.",
            rich_help_panel=_PATIENT,
        ),
    ] = "",
    group: Annotated[
        str,
        typer.Option(
            "--group",
            metavar="study|folder|file",
            help="What becomes one study: all files, those of a folder, each file (as a patient "
            "of its own).",
            rich_help_panel=_PATIENT,
        ),
    ] = "study",
) -> ExitCode:
    """Make DICOM of pictures and NIfTI, in the right SOP class and with geometry.

    What a class must state is asked for, never made up. CT and MR pictures of one call are the
    slices of one stack; every other file is a series of its own.
    """
    sources = existing(paths)
    from datetime import datetime

    from mediassist.core.study import Rejected
    from mediassist.dicom.dicomize import Grouping, Statement
    from mediassist.dicom.dicomize import dicomize as convert

    unknown = spacing.strip().lower() == "unknown"
    statement = Statement(
        modality=modality.upper(),
        patient_id=patient_id,
        patient_name=patient_name,
        patient_sex=sex.upper(),
        patient_age=age,
        birth_date=birth_date,
        study_date=study_date,
        study_key=study,
        study_description=study_description,
        series_description=series_description,
        body_part=body_part.upper(),
        view=view.upper(),
        laterality=laterality.upper(),
        spacing_mm=None if unknown or not spacing else _pair("--spacing", spacing, repeat=True),
        spacing_unknown=unknown,
        slice_step_mm=slice_step,
        window=_pair("--window", window) if window else None,
        frame_time_ms=frame_time,
        is_cine=cine,
    )
    if group not in list(Grouping):
        raise WrongUsage(
            say(
                "choice_unknown",
                "{option} {given}: choose one of {allowed}.",
                option="--group",
                given=group,
                allowed=", ".join(Grouping),
            )
        )
    made: list[Converted] = []
    rejected: list[Rejected] = []
    folder = output_folder(out)
    for result in convert(sources, statement, folder, datetime.now(), grouping=Grouping(group)):
        if isinstance(result, Rejected):
            rejected.append(result)
            terminal.fault(result.error)
            continue
        made.append(result)
        for note in result.notes:
            terminal.warn(note)

    def show(console: Console) -> None:
        words = terminal.words
        table = plain_table(words.sentence("File"), words.sentence("Objects"), words.sentence("To"))
        for one in made:
            target = one.written[0] if len(one.written) == 1 else one.written[0].parent
            count = f" (+{len(one.sources) - 1})" if len(one.sources) > 1 else ""
            table.add_row(f"{one.sources[0]}{count}", str(len(one.written)), str(target))
        if made:
            console.print(table)

    terminal.result(
        {
            "series": [_series(one) for one in made],
            "rejected": [
                {"path": one.source, "reason": terminal.text(one.error.message)} for one in rejected
            ],
        },
        show,
    )
    return ExitCode.SOME_FAILED if rejected else ExitCode.DONE


def _series(one: Converted) -> dict[str, Any]:
    return {
        "sources": [str(path) for path in one.sources],
        "written": [str(path) for path in one.written],
        "sop_class_uid": one.sop_class_uid,
        "study_uid": one.study_uid,
        "series_uid": one.series_uid,
        "notes": [str(note) for note in one.notes],
    }


def _pair(option: str, text: str, repeat: bool = False) -> tuple[float, float]:
    """Two numbers with a comma; with `repeat` one number stands for both."""
    parts = text.replace("x", ",").split(",")
    if repeat and len(parts) == 1:
        parts *= 2
    try:
        first, second = (float(part) for part in parts)
    except ValueError:
        raise WrongUsage(
            say(
                "two_numbers",
                "{option} {given}: give two numbers with a comma, for example 40,80.",
                option=option,
                given=text,
            )
        ) from None
    return first, second
