"""Loads the rule files, and those that a hospital adds."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.dicom.acquisition.measures import MEASURES
from mediassist.dicom.acquisition.rule import Protocol

EVERY_IMAGE = "any_image"


@cache
def rulebook() -> tuple[Protocol, ...]:
    """The protocols that come with MediAssist, in the order of their ids."""
    folder = resources.files("mediassist.dicom.acquisition").joinpath("rules")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    return tuple(read_protocol(file) for file in files)


def with_own_rules(paths: tuple[Path, ...]) -> tuple[Protocol, ...]:
    """The rulebook with a hospital's own protocols; one of the same id takes the place of ours."""
    own = {protocol.id: protocol for protocol in map(read_protocol, paths)}
    known = {protocol.id: protocol for protocol in rulebook()}
    return tuple({**known, **own}.values())


def read_protocol(file: Path | Traversable) -> Protocol:
    """One rule file.

    Raises
    ------
    WrongUsage
        The file can't be read or does not hold rules as `mediassist.dicom.acquisition.rule`
        wants them; the message names the place.
    """
    try:
        protocol = Protocol.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        unknown = [rule.measure for rule in protocol.rules if rule.measure not in MEASURES]
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise _unusable(str(file), error) from error
    if unknown:
        raise _unusable(str(file), ValueError(f"unknown measures: {', '.join(unknown)}"))
    return protocol


def _unusable(file: str, error: Exception) -> WrongUsage:
    return WrongUsage(
        say(
            "rules_unusable",
            "The acquisition rules in {file} cannot be used: {reason}",
            file=file,
            reason=" ".join(str(error).split()),
        )
    )
