"""A sentence for a person that has not been worded in a language yet.

Everything MediAssist says about an image (errors, refusals, warnings, advice) travels as a
`Message`: a stable code for programs, the English sentence with named fields, and the values of
the fields. `mediassist.text` words it in the reader's language; `str()` gives English.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "str | int | float | Message"


@dataclass(frozen=True, slots=True)
class Message:
    """One whole sentence with named fields.

    Attributes
    ----------
    code : stable identifier in snake_case, never translated.
    template : the English sentence, `str.format` style with named fields; it is also the key
        under which the catalogue keeps translations.
    values : field names with their values; a value may itself be a message.
    """

    code: str
    template: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return self.template.format(**{name: _plain(value) for name, value in self.values})


def say(code: str, template: str, **values: Value) -> Message:
    """Make a message; the catalogue tool collects sentences from calls of this name."""
    return Message(code, template, tuple(values.items()))


def _plain(value: Value) -> str | int | float:
    return str(value) if isinstance(value, Message) else value
