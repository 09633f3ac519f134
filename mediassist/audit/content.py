"""What an audit's documents consist of; the PDF and the page are both made from these blocks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reportlab.graphics.shapes import Drawing


class Tone(StrEnum):
    """How a row or a sentence is coloured; the words say the same."""

    PLAIN = "plain"
    GOOD = "good"
    UNSURE = "unsure"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    small: bool = False
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class TableBlock:
    """`widths` are shares of the page's width; `tones` colour the first cell of each row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    tones: tuple[Tone, ...] = ()


@dataclass(frozen=True, slots=True)
class ChartRow:
    """Drawings side by side, in points."""

    drawings: tuple[Drawing, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of the gallery with their captions: (file name, caption)."""

    pictures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    pass


Block: TypeAlias = Heading | Text | TableBlock | ChartRow | Pictures | NewPage
