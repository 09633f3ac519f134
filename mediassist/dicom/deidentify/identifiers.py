"""What in an original must not come out again: the list that the second pass searches for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from mediassist.dicom.charset import decode_text
from mediassist.dicom.deidentify.actions import Action, action_for, attributes
from mediassist.dicom.deidentify.descriptors import is_descriptor_word
from mediassist.dicom.deidentify.name_forms import date_forms, name_forms, without_accents
from mediassist.dicom.deidentify.profile import Profile
from mediassist.dicom.values import CONVERSION_ERRORS

_STANDARD_ROOT = "1.2.840.10008."
_MIN_LATIN, _MIN_WIDE = 4, 2
_MIN_DIGITS = 5
_TELLING_VRS = frozenset({"PN", "UI", "DA", "DT"})
# A date is searched in dozens of spellings, a name in half as many.
_MOST_WORDS, _MOST_TEXTS = 10_000, 200_000
# Letters that nobody writes by chance inside of a longer word.
_LONG = 10
_WIDE = "\u2e80-\ufaff\U00020000-\U0003ffff"
_BETWEEN = re.compile(
    rf"(?<=\d)[\s./-]+(?=\d)|(?<=[{_WIDE}])[\s.,·・-]+(?=[{_WIDE}])"
    r"|(?<=[^\W\d_])[.·'’-](?=[^\W\d_])|(?<=[^\W\d_])[\s./-]+(?=\d)|(?<=\d)[\s./-]+(?=[^\W\d_])"
)


class TooManyIdentifiersError(Exception):
    """More names, dates and numbers than any real file has."""


@dataclass(slots=True)
class Identifiers:
    """Originals of one file, in normal form (`normal`).

    Attributes
    ----------
    anywhere : found as a word or part of any text, they are a residue.
    dates : as `anywhere`, but searched in texts only: every date in dozens of spellings.
    whole : too short to be searched in text; a residue only as a whole value.
    uids : instance UIDs, searched as they are.
    """

    anywhere: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    uids: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """One whole value, also without its accents, separators and leading zeros."""
        word = normal(text)
        for form in {word, without_accents(word), _BETWEEN.sub("", word)}:
            self._add_form(form)
        stripped = word.lstrip("0")
        if stripped.isdecimal() and len(stripped) >= _MIN_DIGITS:
            self._add_form(stripped)

    def _add_form(self, word: str) -> None:
        if not re.search(r"\w", word) or word in attributes("words_of_nobody"):
            return
        if word.isdecimal() and len(word) < _MIN_LATIN:
            return  # a study "1" is every study "1"
        wide = any(ord(char) > 0x2E80 for char in word)
        longest = max((len(part) for part in re.findall(r"\w+", word)), default=0)
        is_two_words = " " in word and sum(map(str.isalpha, word)) >= _MIN_LATIN
        is_long = len(word) >= (_MIN_WIDE if wide else _MIN_LATIN)
        if is_long and (wide or longest >= 3 or is_two_words):
            self.anywhere.add(word)
        else:
            self.whole.add(word)

    def add_name(self, name: str) -> None:
        """A person name: whole, each group, each component of at least two letters, and as it is
        written in other orders and, of Chinese names, in pinyin."""
        for form in name_forms(name):
            if not is_descriptor_word(form):
                self._add_form(normal(form))
        for group in name.split("="):
            parts = [part for part in re.split(r"[\^\s,]+", group) if part]
            self.add(" ".join(parts))
            self.add("".join(parts))
            for part in parts:
                # A phantom called "perfusion" must not withhold every perfusion.
                if not is_descriptor_word(part):
                    self.add(part)

    def add_date(self, text: str) -> None:
        """A date, also as people write it."""
        match = re.match(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})", text)
        if match and not match[0].startswith(("0001", "1900")):
            year, month, day = match.groups()
            self.anywhere |= {f"{year}{month}{day}", f"{year}-{month}-{day}"}
            self.dates |= set(map(normal, date_forms(int(year), int(month), int(day))))

    @property
    def searched(self) -> int:
        """How many words every text is searched for."""
        return len(self.anywhere) + len(self.dates) + len(self.whole)

    def __len__(self) -> int:
        return len(self.anywhere) + len(self.whole) + len(self.uids)


def normal(text: str) -> str:
    """How texts are compared: without case and invisible characters, separators as single
    spaces; accents are kept."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return re.sub(r"[\s\^=_\0]+", " ", visible).strip()


@lru_cache(maxsize=4096)
def views(text: str) -> tuple[str, ...]:
    """A normal text as it is, without accents, and with what people put between the parts of
    numbers and names ("123-456", "wang.xiaodong", "王 小东") left out."""
    plain = without_accents(text)
    return tuple(dict.fromkeys((text, plain, _BETWEEN.sub("", plain))))


def held_in(text: str, originals: Identifiers) -> Iterator[str]:
    """The originals that a normal text holds."""
    names = originals.anywhere
    if any(char.isdigit() for char in text):
        names = names | originals.dates
    yield from (name for name in names if stands_in(name, text))


def stands_in(name: str, text: str) -> bool:
    """Whether a normal text holds a normal name: not as a part of a longer word or number;
    ideographs and long names need no border.

    A digit beside letters is a border ("pid12345678a"), and so are the time that follows a date
    and the digits around a birth date in a Chinese identity number.
    """
    return any(_stands_in(name, view) for view in views(text))


def _stands_in(name: str, text: str) -> bool:
    if name not in text:
        return False
    if any(ord(char) > 0x2E80 for char in name) or (len(name) >= _LONG and name.isalpha()):
        return True
    before = r"(?<!\d)" if name[0].isdigit() else r"(?<![^\W\d_])"
    after = r"(?!\d)" if name[-1].isdigit() else r"(?![^\W\d_])"
    pattern = before + re.escape(name) + after
    if len(name) == 8 and name.isdecimal():
        with_time = rf"{name}(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?"
        in_identity_number = rf"\d{{6}}{name}\d{{3}}[\dx]"
        pattern = rf"{before}(?:{with_time}|{in_identity_number}){after}"
    return re.search(pattern, text) is not None


def identifiers_of(dataset: Dataset, profile: Profile, declared: Iterable[str]) -> Identifiers:
    """Collect what `profile` takes out of a data set, in all sequences and private attributes.

    Raises
    ------
    TooManyIdentifiersError
        There are more than can be searched for.
    """
    found = Identifiers()
    known: set[tuple[str, str]] = set()
    charsets = tuple(declared)
    for element, keyword in _elements(dataset):
        vr = element.VR
        action = action_for(element.tag, vr, profile)
        kind = vr if vr in _TELLING_VRS else "word" if keyword in attributes("identifying") else ""
        if not kind or vr == "SQ" or (action is Action.KEEP and not element.tag.is_private):
            continue
        for text in _texts(element.value, charsets):
            if (kind, text) in known:
                continue
            known.add((kind, text))
            if found.searched > _MOST_WORDS or len(known) > _MOST_TEXTS:
                raise TooManyIdentifiersError
            _add(found, kind, text)
    return found


def _add(found: Identifiers, kind: str, text: str) -> None:
    if kind == "PN":
        found.add_name(text)
    elif kind == "word":
        found.add(text)
    elif kind != "UI":
        found.add_date(text)
    elif is_instance_uid(text):
        found.uids.add(text)


def is_instance_uid(text: str) -> bool:
    """Whether a UID could name a patient's object: not one of the standard, and of real length."""
    return (
        not text.startswith(_STANDARD_ROOT)
        and len(text) >= 10
        and re.fullmatch(r"[0-9.]+", text) is not None
    )


def _elements(dataset: Dataset) -> Iterator[tuple[Any, str]]:
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
        except CONVERSION_ERRORS:
            continue  # removed from the output, too
        yield element, keyword_for_tag(tag)
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _elements(item)


def _texts(value: object, charsets: tuple[str, ...]) -> Iterator[str]:
    if value is None:
        return
    for one in value if isinstance(value, MultiValue | list | tuple) else (value,):
        if isinstance(one, bytes):
            yield decode_text(one, charsets).text
        else:
            yield str(one)
            original = getattr(one, "original_string", None)
            if isinstance(original, bytes):
                yield decode_text(original, charsets).text
