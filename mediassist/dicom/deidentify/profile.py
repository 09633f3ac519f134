"""Which options of the PS3.15 Basic Profile are asked for, and how DICOM names them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say


class Option(StrEnum):
    """Options of PS3.15 E.3 that are offered; the word is what the command line takes."""

    CLEAN_PIXELS = "clean-pixels"
    CLEAN_DESCRIPTORS = "clean-descriptors"
    CLEAN_GRAPHICS = "clean-graphics"
    CLEAN_STRUCTURED = "clean-structured-content"
    MODIFIED_DATES = "modified-dates"
    FULL_DATES = "full-dates"
    PATIENT_CHARACTERISTICS = "patient-characteristics"
    DEVICE = "device"
    INSTITUTION = "institution"
    UIDS = "uids"


BASIC_CODE = ("113100", "Basic Application Confidentiality Profile")

# CID 7050 De-identification Method.
OPTION_CODES: dict[Option, tuple[str, str]] = {
    Option.CLEAN_PIXELS: ("113101", "Clean Pixel Data Option"),
    Option.CLEAN_GRAPHICS: ("113103", "Clean Graphics Option"),
    Option.CLEAN_STRUCTURED: ("113104", "Clean Structured Content Option"),
    Option.CLEAN_DESCRIPTORS: ("113105", "Clean Descriptors Option"),
    Option.FULL_DATES: ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    Option.MODIFIED_DATES: (
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
    ),
    Option.PATIENT_CHARACTERISTICS: ("113108", "Retain Patient Characteristics Option"),
    Option.DEVICE: ("113109", "Retain Device Identity Option"),
    Option.UIDS: ("113110", "Retain UIDs Option"),
    Option.INSTITUTION: ("113112", "Retain Institution Identity Option"),
}

_NAMED: dict[str, frozenset[Option]] = {
    "basic": frozenset({Option.CLEAN_PIXELS}),
    "strict": frozenset(),
    "research": frozenset(
        {
            Option.CLEAN_PIXELS,
            Option.CLEAN_DESCRIPTORS,
            Option.MODIFIED_DATES,
            Option.PATIENT_CHARACTERISTICS,
        }
    ),
}
PROFILE_WORDS = (*_NAMED, *Option)


@dataclass(frozen=True, slots=True)
class Profile:
    """The Basic Profile with options."""

    options: frozenset[Option]

    @classmethod
    def parse(cls, text: str) -> Profile:
        """From words with commas: `basic` (with clean pixels), `strict` (nothing but the Basic
        Profile), `research`, and options by name; words add up.

        Raises
        ------
        WrongUsage
            An unknown word, or two options that exclude each other.
        """
        options: set[Option] = set()
        for word in filter(None, (part.strip().lower() for part in text.split(","))):
            if word in _NAMED:
                options |= _NAMED[word]
            elif word in list(Option):
                options.add(Option(word))
            else:
                raise WrongUsage(
                    say(
                        "choice_unknown",
                        "{option} {given}: choose one of {allowed}.",
                        option="--profile",
                        given=word,
                        allowed=", ".join(PROFILE_WORDS),
                    )
                )
        if {Option.MODIFIED_DATES, Option.FULL_DATES} <= options:
            raise WrongUsage(
                say("dates_twice", "Dates are either modified or kept in full, not both.")
            )
        return cls(frozenset(options))

    def __contains__(self, option: Option) -> bool:
        return option in self.options

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Value and meaning of each method code, the Basic Profile first."""
        return (BASIC_CODE, *(OPTION_CODES[option] for option in _in_order(self.options)))


def _in_order(options: Iterable[Option]) -> list[Option]:
    return [option for option in OPTION_CODES if option in set(options)]
