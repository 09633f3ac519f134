"""`mediassist bundles`: which models are installed, what they promise, whether they are whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from mediassist.cli.door import door
from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import BundleDamaged, MediAssistError
from mediassist.core.messages import Message, say

if TYPE_CHECKING:
    from mediassist.models.bundle import BundleInfo
    from mediassist.models.metadata import RateBlock

app = typer.Typer(
    no_args_is_help=True, help="List, show and verify the models (bundles) that are installed."
)


def list_(terminal: Terminal) -> ExitCode:
    """List the installed bundles."""
    from mediassist.models import list_bundles
    from mediassist.models.bundle import BundleInfo
    from mediassist.settings import Settings

    folder = Settings().bundles_dir
    installed = list_bundles(folder)
    good = [entry for entry in installed if isinstance(entry, BundleInfo)]
    bad = [entry for entry in installed if isinstance(entry, MediAssistError)]
    words = terminal.words

    def show(console: Console) -> None:
        table = plain_table(
            words.sentence("Bundle"),
            words.sentence("Finding"),
            words.sentence("Medical field"),
            words.sentence("Version"),
            words.sentence("Remark"),
        )
        for info in good:
            table.add_row(
                info.id,
                words.term(info.block.finding),
                words.term(info.block.domain.value),
                info.version,
                ", ".join(terminal.text(remark) for remark in _remarks(info)),
            )
        if good:
            console.print(table)

    terminal.result(
        {
            "folder": str(folder),
            "bundles": [_summary(info) for info in good],
            "damaged": [str(error) for error in bad],
        },
        show,
    )
    for error in bad:
        terminal.fault(error)
    if not installed:
        terminal.warn(say("no_bundles", "No bundle is installed in {folder}.", folder=str(folder)))
    return ExitCode.BUNDLE if bad or not installed else ExitCode.DONE


def show(
    terminal: Terminal,
    bundle_id: Annotated[str, typer.Argument(metavar="ID", help="A bundle of the list.")],
    card: Annotated[
        bool, typer.Option("--card", help="Print the whole model card (English).")
    ] = False,
) -> ExitCode:
    """Show one bundle: what it sees, its thresholds, what was measured, licences."""
    from mediassist.models import find_bundle

    info = find_bundle(bundle_id)
    if card:
        text = _card(info)
        terminal.result(
            {"bundle": info.id, "card": text}, lambda console: console.print(text, soft_wrap=True)
        )
        return ExitCode.DONE
    rows = _facts(info, terminal)

    def draw(console: Console) -> None:
        table = plain_table("", "", header=False)
        for name, value in rows:
            table.add_row(name, value)
        console.print(table)

    terminal.result({**_summary(info), "metadata": info.document}, draw)
    return ExitCode.DONE


def verify(
    terminal: Terminal,
    bundle_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Only these (default: all, and the picture gate)."),
    ] = None,
) -> ExitCode:
    """Compare every file of the bundles with its recorded hash."""
    from mediassist.models.registry import GATE_ID, bundle_folders, verify_bundle

    names = bundle_ids or [*(folder.name for folder in bundle_folders()), GATE_ID]
    outcome: dict[str, MediAssistError | None] = {}
    for name in names:
        outcome[name] = _problem(partial(verify_bundle, name))

    def draw(console: Console) -> None:
        for name, error in outcome.items():
            message = (
                say("bundle_whole", "{bundle}: whole", bundle=name)
                if error is None
                else say("bundle_refused", "{bundle}: REFUSED", bundle=name)
            )
            console.print(terminal.text(message), soft_wrap=True)

    terminal.result(
        {
            "bundles": [
                {"bundle": name, "whole": error is None, "reason": str(error) if error else None}
                for name, error in outcome.items()
            ]
        },
        draw,
    )
    faults = [error for error in outcome.values() if error is not None]
    for error in faults:
        terminal.fault(error)
    return ExitCode.BUNDLE if faults else ExitCode.DONE


app.command("list")(door(list_))
app.command("show")(door(show))
app.command("verify")(door(verify))


def _card(info: BundleInfo) -> str:
    path = info.folder / "docs" / "README.md"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleDamaged(
            say("card_missing", "The model card {path} is missing or unreadable.", path=str(path))
        ) from error


def _problem(check: Callable[[], None]) -> MediAssistError | None:
    try:
        check()
    except MediAssistError as error:
        return error
    return None


def _remarks(info: BundleInfo) -> list[Message]:
    remarks = []
    if info.block.marks_only:
        remarks.append(say("remark_marks_only", "shows candidates, gives no verdict"))
    if info.block.experimental:
        remarks.append(say("remark_experimental", "experimental, off unless named"))
    return remarks


def _summary(info: BundleInfo) -> dict[str, Any]:
    block = info.block
    return {
        "bundle": info.id,
        "title": block.title,
        "finding": block.finding,
        "domain": block.domain.value,
        "version": info.version,
        "sha256": info.sha256,
        "marks_only": block.marks_only,
        "experimental": block.experimental,
        "folder": str(info.folder),
    }


def _facts(info: BundleInfo, terminal: Terminal) -> list[tuple[str, str]]:
    block, words = info.block, terminal.words
    point, age = block.operating_point, block.input.age_years
    anything = words.sentence("any")
    facts = [
        (words.sentence("Title"), block.title),
        (words.sentence("Finding"), words.term(block.finding)),
        (words.sentence("Medical field"), words.term(block.domain.value)),
        (words.sentence("Version"), info.version),
        (words.sentence("SHA-256 of the metadata"), info.sha256),
        (words.sentence("Modality"), ", ".join(block.input.modalities)),
        (words.sentence("Body part"), ", ".join(block.input.body_parts) or anything),
        (words.sentence("View position"), ", ".join(block.input.views) or anything),
        (words.sentence("Age in years"), f"{age[0]:g}-{age[1]:g}" if age else anything),
        (words.sentence("Flagged from"), f"{point.t_high:.4f}"),
        (
            words.sentence("Cleared below"),
            words.sentence("never") if point.t_low is None else f"{point.t_low:.4f}",
        ),
        (words.sentence("Promise of the lower threshold"), _promise(info)),
        (words.sentence("Measured on"), words.known_text(point.measured_on) or "-"),
    ]
    facts += [(words.term(name), _rate(rate)) for name, rate in point.rates.items()]
    facts += [
        (words.sentence("Licence of {part}", part=str(part)), str(licence))
        for part, licence in block.licence.items()
    ]
    facts.append((words.sentence("Folder"), str(info.folder)))
    return facts


def _rate(rate: RateBlock) -> str:
    """A proportion as it must always be shown: with counts and interval."""
    value = "" if rate.value is None else f" = {100 * rate.value:.1f} %"
    interval = f"95 %: {100 * rate.low:.1f}-{100 * rate.high:.1f} %"
    return f"{rate.numerator} / {rate.denominator}{value} ({interval})"


def _promise(info: BundleInfo) -> str:
    promise = info.block.operating_point.promise
    parts = [promise.kind.value]
    if promise.alpha is not None:
        parts.append(f"alpha {promise.alpha:g}")
    if promise.delta is not None:
        parts.append(f"delta {promise.delta:g}")
    parts.append(f"n {promise.n}")
    return ", ".join(parts)
