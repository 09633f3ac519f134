"""Words what was measured and what is allowed."""

from __future__ import annotations

from typing import TypeAlias

from pydicom.datadict import dictionary_description, tag_for_keyword

from mediassist.core.messages import Message, say
from mediassist.dicom.acquisition.rule import Allowed, Protocol

Value: TypeAlias = float | str | tuple[str, ...] | None


def measured_words(value: Value, unit: str, *, decoded: bool) -> Message:
    if value is None and decoded:
        return say("not_measurable", "could not be measured")
    if value is None:
        return say("not_stated", "not stated")
    return say("quantity", "{value}", value=quantity(value, unit))


def quantity(value: float | str | tuple[str, ...], unit: str) -> str:
    """A value with its unit, numbers to four digits."""
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, str):
        return value
    return f"{value:.4g} {unit}".strip() if abs(value) < 1e4 else f"{value:.0f} {unit}".strip()


def plain(value: Value) -> float | str | None:
    """The value for programs: a number as it is, names as text."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return value


def allowed_words(allowed: Allowed, unit: str) -> Message:
    if allowed.minimum is not None and allowed.maximum is not None:
        return say(
            "allowed_range",
            "{low} to {high}",
            low=quantity(allowed.minimum, ""),
            high=quantity(allowed.maximum, unit),
        )
    if allowed.minimum is not None:
        return say("allowed_least", "at least {limit}", limit=quantity(allowed.minimum, unit))
    if allowed.maximum is not None:
        return say("allowed_most", "at most {limit}", limit=quantity(allowed.maximum, unit))
    if allowed.one_of:
        return say("allowed_one_of", "one of: {names}", names=", ".join(allowed.one_of))
    if allowed.none_of:
        return say("allowed_none_of", "none of: {names}", names=", ".join(allowed.none_of))
    if allowed.all_of:
        return say("allowed_all_of", "all of: {names}", names=", ".join(allowed.all_of))
    return say("allowed_stated", "stated")


def field_name(keyword: str) -> str:
    """`Slice Thickness (0018,0050)`."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        return keyword
    return f"{dictionary_description(tag)} ({tag >> 16:04X},{tag & 0xFFFF:04X})"


def protocol_title(protocol: Protocol) -> Message:
    return Message(f"protocol_{protocol.id}", protocol.title)
