"""Clean Descriptors (PS3.15 E.3.5): names of protocols and series without anything else in them.

A list of what may stay is safe where a list of what must go never is: a name that nobody thought
of is no body part, plane, sequence or phase, so it goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"[A-Za-z]+\d*[A-Za-z]*|\d+(?:\.\d+)?(?:mm|cm|ms|s|kv|d|ch)?|[\u2E80-\uFFEF]+")
_MAX_DIGITS = 3


@lru_cache
def _words() -> tuple[frozenset[str], tuple[str, ...]]:
    """Latin words in lower case; Chinese ones, the longest first."""
    path = files("mediassist.dicom.deidentify").joinpath("descriptor_words.json")
    table = json.loads(path.read_text("utf-8"))
    chinese = sorted(table["chinese"], key=len, reverse=True)
    return frozenset(table["latin"]), tuple(chinese)


def clean_descriptor(text: str) -> str:
    """The words of `text` that name anatomy, technique or view, and numbers of up to 3 digits.

    >>> clean_descriptor("T1 ax brain 5mm Dr. Miller 20240305")
    'T1 ax brain 5mm'
    """
    return " ".join(_kept(text))


def is_descriptor_word(word: str) -> bool:
    """Whether the word says something of an examination, so that it tells nothing of a person."""
    latin, chinese = _words()
    return word.lower() in latin or word in chinese


def _kept(text: str) -> Iterator[str]:
    latin, chinese = _words()
    for match in _WORD.finditer(text.replace("_", " ")):
        word = match[0]
        if word[0] >= "\u2e80":
            yield from _chinese(word, chinese)
        elif word[0].isdigit():
            if len(re.sub(r"\D", "", word)) <= _MAX_DIGITS:
                yield word
        elif word.lower() in latin or len(word) == 1:
            yield word


def _chinese(run: str, words: tuple[str, ...]) -> Iterator[str]:
    """Known words of a run of ideographs, read from the left, the longest match first."""
    position = 0
    while position < len(run):
        found = next((word for word in words if run.startswith(word, position)), None)
        if found:
            yield found
        position += len(found) if found else 1
