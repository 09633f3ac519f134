"""`mediassist deidentify`: PS3.15 de-identification with a second pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.paths import existing, output_folder
from mediassist.cli.progress import spinner
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

if TYPE_CHECKING:
    from mediassist.core.study import Rejected
    from mediassist.dicom.deidentify import LeftOut, Profile, Released, Withheld


def deidentify(
    terminal: Terminal,
    paths: Annotated[
        list[Path], typer.Argument(metavar="IN...", help="DICOM files, folders, zip archives.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the clean files.")],
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            metavar="WORDS",
            help="basic (PS3.15 Basic Profile, clean pixels), strict (without cleaning pixels), "
            "research (basic with clean descriptors, modified dates, patient characteristics); "
            "and options to add: clean-pixels, clean-descriptors, modified-dates, full-dates, "
            "patient-characteristics, device, institution, uids, clean-graphics (overlays without "
            "text), clean-structured-content (words of examinations in reports). "
            "Example: basic,modified-dates",
        ),
    ] = "basic",
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="Secret from which pseudonyms, UIDs and date shifts are made; written where it "
            "does not exist. The same key gives the same pseudonyms in every run. Default: a file "
            "in MediAssist's data folder.",
        ),
    ] = None,
    regions: Annotated[
        Path | None,
        typer.Option(
            "--regions",
            metavar="FILE",
            help="JSON with parts of pictures that are always blanked: "
            '[{"when": {"Modality": "US", "Rows": "768"}, "blank": [[0, 0, 60, 1024]]}].',
        ),
    ] = None,
) -> ExitCode:
    """Take identities out of DICOM files: headers, private data, text in the picture.

    Every file is written, read again and searched for everything that its original gave away; a
    file in which something is found is withheld (exit code 3). Where text in the picture may
    remain, Patient Identity Removed stays NO and the file is listed. Faces in head CT and MR are
    not removed.
    """
    sources = existing(paths)
    from mediassist.core.study import Rejected
    from mediassist.dicom.burned_in.regions import read_rules
    from mediassist.dicom.deidentify import Key, LeftOut, Profile, Released
    from mediassist.dicom.deidentify import deidentify as run
    from mediassist.settings import Settings

    chosen = Profile.parse(profile)
    rules = read_rules(regions) if regions is not None else ()
    folder = output_folder(out)
    _check_apart(sources, folder)
    key_file = key or Settings().data_dir / "deidentify.key"
    is_new = not key_file.exists()
    secret = Key.load_or_create(key_file)
    if is_new:
        terminal.warn(
            say(
                "key_made",
                "A new key was written to {path}. Keep it secret and safe: whoever has it can"
                " match pseudonyms, without it later files get other ones.",
                path=str(key_file),
            )
        )
    released: list[Released] = []
    withheld: list[Withheld] = []
    rejected: list[Rejected] = []
    left_out: list[LeftOut] = []
    with spinner(terminal) as now:
        for result in run(sources, folder, chosen, secret, rules):
            if isinstance(result, Rejected):
                rejected.append(result)
                terminal.fault(result.error)
            elif isinstance(result, Released):
                released.append(result)
            elif isinstance(result, LeftOut):
                left_out.append(result)
                terminal.note(
                    say(
                        "deid_left_out",
                        "{file}: {reason}",
                        file=result.source,
                        reason=result.reason,
                    )
                )
            else:
                withheld.append(result)
                terminal.warn(
                    say(
                        "deid_withheld",
                        "{file} was withheld: {reason}",
                        file=result.source,
                        reason=result.reason,
                    )
                )
            done = len(released) + len(withheld) + len(rejected)
            now(terminal.text(say("files_done", "{count} files done", count=done)))
    unsafe = [one for one in released if not one.identity_removed]
    for one in unsafe:
        terminal.warn(
            say(
                "deid_pixels_unsafe",
                "{file}: Patient Identity Removed is NO, because its pixels are not known to be"
                " free of text ({state}). Look at {target}.",
                file=one.source,
                state=one.pixels.state.value,
                target=str(one.target),
            )
        )
    faces = sum(one.may_show_face for one in released)
    if faces:
        terminal.note(
            say(
                "deid_faces",
                "Faces are not removed: {count} of the files are slices of heads, or may be, and a"
                " face can be put together from them. The option Clean Recognizable Visual"
                " Features of PS3.15 is not claimed.",
                count=faces,
            )
        )
    if not (released or withheld or rejected):
        terminal.warn(say("deid_nothing", "No file was found."))

    def show(console: Console) -> None:
        words = terminal.words
        table = plain_table("", "", header=False)
        for name, count in (
            (words.sentence("Written"), len(released)),
            (words.sentence("with text or borders blanked"), _blanked(released)),
            (words.sentence("with Patient Identity Removed NO"), len(unsafe)),
            (words.sentence("Withheld"), len(withheld)),
            (words.sentence("Not read"), len(rejected)),
        ):
            table.add_row(name, str(count))
        console.print(table)

    terminal.result(
        _document(terminal, chosen, secret.fingerprint, released, left_out, withheld, rejected),
        show,
    )
    complete = released and not (withheld or rejected or unsafe)
    return ExitCode.DONE if complete else ExitCode.SOME_FAILED


def _check_apart(sources: list[Path], out: Path) -> None:
    """Originals and results in one folder would be mixed up by the next person."""
    for source in sources:
        if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
            raise WrongUsage(
                say(
                    "deid_out_inside",
                    "{out} lies inside {source}: choose a folder apart from the originals.",
                    out=str(out),
                    source=str(source),
                )
            )


def _blanked(released: list[Released]) -> int:
    return sum(one.pixels.share > 0 for one in released)


def _document(
    terminal: Terminal,
    profile: Profile,
    fingerprint: str,
    released: list[Released],
    left_out: list[LeftOut],
    withheld: list[Withheld],
    rejected: list[Rejected],
) -> dict[str, Any]:
    return {
        "profile": [meaning for _, meaning in profile.codes],
        "key": fingerprint,
        "released": [
            {
                "path": one.source,
                "target": str(one.target),
                "pixels": one.pixels.state.value,
                "text_lines": one.pixels.lines,
                "blanked_share": round(one.pixels.share, 4),
                "patient_identity_removed": one.identity_removed,
                "may_show_face": one.may_show_face,
            }
            for one in released
        ],
        "left_out": [{"path": one.source, "reason": terminal.text(one.reason)} for one in left_out],
        "withheld": [
            {
                "path": one.source,
                "reason": terminal.text(one.reason),
                "places": sorted({residue.place for residue in one.residues}),
            }
            for one in withheld
        ],
        "rejected": [
            {"path": one.source, "reason": terminal.text(one.error.message)} for one in rejected
        ],
    }
