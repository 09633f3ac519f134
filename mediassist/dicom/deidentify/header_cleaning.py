"""The first pass: every element of a data set gets what its profile asks for, at every depth."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from mediassist.dicom.deidentify.actions import TABLE_EDITION, Action, action_for, attributes
from mediassist.dicom.deidentify.descriptors import clean_descriptor
from mediassist.dicom.deidentify.identifiers import Identifiers, held_in, is_instance_uid, normal
from mediassist.dicom.deidentify.keyed import Key
from mediassist.dicom.deidentify.profile import Option, Profile
from mediassist.dicom.values import CONVERSION_ERRORS

_DUMMY_DATE, _DUMMY_TIME = "19000101", "000000"
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010, 0x7FE00001, 0x7FE00002})
_TEXT_VRS = frozenset({"LO", "LT", "SH", "ST", "UC", "UT", "PN", "UR", "AE"})
_OLDEST_AGE = 90
# As in the second pass: shorter code strings may equal a name by chance.
_SHORTEST_LABEL = 8


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What one patient's files are cleaned with: pseudonym, days of shift, key."""

    profile: Profile
    key: Key
    pseudonym: str
    shift_days: int


def clean_header(dataset: Dataset, cleaning: Cleaning, originals: Identifiers) -> None:
    """Clean a data set in place; pixels are left as they are.

    After the table has been applied, any text that stays and holds one of `originals` is emptied:
    people type names into the fields of protocols.
    """
    _clean_items(dataset, cleaning)
    _empty_texts_with(dataset, originals)
    dataset.PatientName = f"{cleaning.pseudonym}^"
    dataset.PatientID = cleaning.pseudonym


def state_method(dataset: Dataset, profile: Profile, identity_removed: bool) -> None:
    """Say what was done: Patient Identity Removed, method, codes, and what became of dates."""
    dataset.PatientIdentityRemoved = "YES" if identity_removed else "NO"
    dataset.DeidentificationMethod = [f"MediAssist, {TABLE_EDITION}"]
    items = []
    for value, meaning in profile.codes:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = Sequence(items)
    if Option.FULL_DATES in profile:
        temporal = "UNMODIFIED"
    elif Option.MODIFIED_DATES in profile:
        temporal = "MODIFIED"
    else:
        temporal = "REMOVED"
    dataset.LongitudinalTemporalInformationModified = temporal


def _clean_items(dataset: Dataset, cleaning: Cleaning) -> None:
    for tag in list(dataset.keys()):
        if int(tag) in _PIXELS:
            continue
        try:
            element = dataset[tag]
            _clean_element(dataset, element, cleaning)
        except CONVERSION_ERRORS:
            # A value that cannot be read cannot be judged.
            del dataset[tag]


def _clean_element(dataset: Dataset, element: DataElement, cleaning: Cleaning) -> None:
    tag, vr = element.tag, str(element.VR)
    action = action_for(tag, vr, cleaning.profile)
    if vr == "UN" and action is not Action.MAP_UID:
        action = Action.REMOVE
    if action is Action.REMOVE:
        del dataset[tag]
    elif vr == "SQ":
        _clean_sequence(dataset, element, action, cleaning)
    elif action is Action.EMPTY:
        dataset[tag] = DataElement(tag, vr, _empty(vr))
    elif action is Action.DUMMY:
        dataset[tag] = DataElement(tag, vr, _dummy(element, cleaning))
    elif action is Action.MAP_UID:
        element.value = _each(element.value, lambda uid: _new_uid(uid, cleaning.key))
    elif action is Action.SHIFT_DATE:
        element.value = _each(element.value, lambda day: shifted(day, cleaning.shift_days))
    elif action is Action.CLEAN_TEXT:
        element.value = _each(element.value, clean_descriptor)
        if not element.value and keyword_for_tag(tag) in attributes("free_texts"):
            element.value = "REMOVED"  # Type 1 where it stands
    elif keyword_for_tag(tag) == "PatientAge":
        element.value = _each(element.value, _age)


def _clean_sequence(
    dataset: Dataset, element: DataElement, action: Action, cleaning: Cleaning
) -> None:
    if action is Action.EMPTY:
        dataset[element.tag] = DataElement(element.tag, "SQ", [])
        return
    for item in element.value or ():
        _clean_items(item, cleaning)


def _empty(vr: str) -> Any:
    return b"" if vr in ("OB", "OW", "UN", "OF", "OD", "OL", "OV") else None


def _dummy(element: DataElement, cleaning: Cleaning) -> Any:
    """A value of the right form that says nothing (PS3.15 E.1.1, action D)."""
    vr = str(element.VR)
    if vr == "UI":
        return _each(element.value, lambda uid: _new_uid(uid, cleaning.key))
    if vr in ("IS", "DS", "US", "SS", "UL", "SL", "FL", "FD", "SV", "UV"):
        return 0
    if vr in ("OB", "OW", "UN", "OF", "OD", "OL", "OV"):
        return b"\0\0"
    return {
        "DA": _DUMMY_DATE,
        "TM": _DUMMY_TIME,
        "DT": _DUMMY_DATE + _DUMMY_TIME,
        "AS": "000Y",
        "PN": cleaning.pseudonym,
        "UR": "http://removed.invalid",
    }.get(vr, "REMOVED")


def _new_uid(uid: object, key: Key) -> str:
    text = str(uid)
    return key.uid(text) if text and (is_instance_uid(text) or len(text) < 10) else text


def shifted(value: object, days: int) -> str:
    """A date or date-time moved by whole days; what is no date becomes empty.

    >>> shifted("20240301101500.5+0800", -1)
    '20240229101500.5+0800'
    """
    text = str(value).strip()
    match = re.match(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})(.*)", text)
    try:
        if not match:
            return ""
        day = date(int(match[1]), int(match[2]), int(match[3])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    return f"{day:%Y%m%d}".rjust(8, "0") + match[4]


def _age(value: object) -> str:
    """Ages of 90 years and more identify: they become 90 (45 CFR 164.514(b)(2)(i)(C))."""
    text = str(value)
    is_old = re.fullmatch(r"\d{3}Y", text) and int(text[:3]) > _OLDEST_AGE
    return f"{_OLDEST_AGE:03d}Y" if is_old else text


def _each(value: Any, change: Callable[[Any], str]) -> Any:
    if value is None or value == "":
        return value
    if isinstance(value, MultiValue | list | tuple):
        return [change(one) for one in value]
    return change(str(value))


def _empty_texts_with(dataset: Dataset, originals: Identifiers) -> None:
    for tag in list(dataset.keys()):
        if int(tag) in _PIXELS:
            continue
        element = dataset[tag]
        if element.VR == "SQ":
            for item in element.value or ():
                _empty_texts_with(item, originals)
        elif (element.VR in _TEXT_VRS and _holds(element.value, originals)) or (
            element.VR == "CS" and _is_original(element.value, originals)
        ):
            # Type 1 attributes (code meanings) must not become empty.
            removed = None if element.VR in ("PN", "AE", "UR") else "REMOVED"
            dataset[tag] = DataElement(BaseTag(tag), element.VR, removed)


def _holds(value: Any, originals: Identifiers) -> bool:
    texts = value if isinstance(value, MultiValue | list | tuple) else [value]
    for one in texts:
        text = normal(str(one or ""))
        if text in originals.whole or any(held_in(text, originals)):
            return True
    return False


def _is_original(value: Any, originals: Identifiers) -> bool:
    """Whether a code string is an original: labels are free text in capitals. Short words are left
    alone, because they are codes by chance."""
    texts = value if isinstance(value, MultiValue | list | tuple) else [value]
    words = {normal(str(one or "")) for one in texts}
    return any(len(word) >= _SHORTEST_LABEL and word in originals.anywhere for word in words)
