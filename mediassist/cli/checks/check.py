"""One line of the doctor's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mediassist.core.messages import Message


class Health(StrEnum):
    OK = "ok"
    NOTE = "note"  # works, but something cannot be used on this computer
    FAULT = "fault"  # must be mended


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, what was found, and what to do about it.

    `subject` names the thing for people and programs; `advice` is set where `health` is not OK.
    """

    subject: Message
    health: Health
    found: str
    advice: Message | None = None


Checks = Callable[[], list[Check]]
