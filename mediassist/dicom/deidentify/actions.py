"""What PS3.15 Table E.1-1 asks for each attribute, with the chosen options.

The table itself (edition 2026c, 655 attributes) comes from the package dicom-anonymizer. Its own
engine is not used: it looks at the top level of a data set only, draws new UIDs in every run, and
leaves dates where they should be removed.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.tag import BaseTag

from mediassist.dicom.deidentify.profile import Option, Profile

TABLE_EDITION = "PS3.15 2026c Table E.1-1"


class Action(StrEnum):
    """What happens to an element; letters as in the standard."""

    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    KEEP = "K"
    MAP_UID = "U"
    SHIFT_DATE = "C date"
    CLEAN_TEXT = "C text"


# Where the table leaves the choice to the type of the attribute in its IOD, the choice that is
# valid for the stricter type is taken: an empty Type 3 attribute is as valid as an absent one.
_BASIC_LISTS = {
    "D_TAGS": Action.DUMMY,
    "Z_TAGS": Action.EMPTY,
    "X_TAGS": Action.REMOVE,
    "U_TAGS": Action.MAP_UID,
    "Z_D_TAGS": Action.DUMMY,
    "X_Z_TAGS": Action.EMPTY,
    "X_D_TAGS": Action.DUMMY,
    "X_Z_D_TAGS": Action.DUMMY,
    "X_Z_U_STAR_TAGS": Action.KEEP,
}


# Label, description and comments of an overlay plane.
_OVERLAY_TEXTS = frozenset({0x0022, 0x1500, 0x4000})


@lru_cache
def _lists() -> dict[str, frozenset[str]]:
    text = files("mediassist.dicom.deidentify").joinpath("attributes.json").read_text("utf-8")
    return {name: frozenset(words) for name, words in json.loads(text).items() if name != "source"}


def attributes(group: str) -> frozenset[str]:
    """Keywords of a group in attributes.json: columns of the table, identifying attributes.

    `device`, `institution`, `patient_characteristics` and `cleaned_characteristics` are kept or
    cleaned by their options, `descriptors` cleaned by theirs; no option keeps `personal_dates`,
    which are not those of a disease; `free_texts` are not in the table, but may name anybody;
    `class_uids` name classes and codes, never a patient's object.
    """
    return _lists()[group]


@lru_cache
def _table() -> tuple[dict[int, Action], tuple[tuple[int, int, Action], ...]]:
    """Actions by tag, and by (value, mask) for repeating groups."""
    from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as edition

    single: dict[int, Action] = {}
    repeating = []
    for name, action in _BASIC_LISTS.items():
        for tag in getattr(edition, name):
            value = tag[0] << 16 | tag[1]
            if len(tag) == 4:
                repeating.append((value, tag[2] << 16 | tag[3], action))
            else:
                single[value] = action
    return single, tuple(repeating)


def basic_action(tag: BaseTag) -> Action | None:
    """What the Basic Profile says of an attribute; None where the table does not list it."""
    single, repeating = _table()
    found = single.get(int(tag))
    if found is not None:
        return found
    return next((act for value, mask, act in repeating if int(tag) & mask == value & mask), None)


def action_for(tag: BaseTag, vr: str, profile: Profile) -> Action:
    """What to do with an element; sequences that are kept are cleaned item by item.

    Beyond the table: private attributes, group lengths and tags unknown to the data dictionary are
    removed; names, dates and free texts that the table does not list are treated like those it
    does; UIDs are mapped unless they name a class. Overlay planes stay with clean graphics only,
    without their labels.
    """
    if tag.is_private or tag.element == 0 or not _is_known(tag):
        return Action.REMOVE
    if 0x6000 <= tag.group <= 0x60FF:
        keeps = Option.CLEAN_GRAPHICS in profile and tag.element not in _OVERLAY_TEXTS
        return Action.KEEP if keeps else Action.REMOVE
    keyword = keyword_for_tag(tag)
    if keyword in attributes("free_texts"):
        is_kept = keyword == "TextValue" and Option.CLEAN_STRUCTURED in profile
        return Action.CLEAN_TEXT if is_kept else Action.DUMMY
    if vr == "UI":
        return _uid_action(keyword, profile, tag)
    basic = basic_action(tag)
    if vr in ("DA", "DT", "TM") and keyword not in attributes("personal_dates"):
        return _date_action(vr, basic, profile)
    if basic is None:
        return Action.EMPTY if vr == "PN" else Action.KEEP
    if keyword in _retained(profile):
        return Action.KEEP
    cleaned = Option.CLEAN_DESCRIPTORS in profile and keyword in attributes("descriptors")
    characteristics = Option.PATIENT_CHARACTERISTICS in profile
    if cleaned or (characteristics and keyword in attributes("cleaned_characteristics")):
        return Action.CLEAN_TEXT
    return basic


def _is_known(tag: BaseTag) -> bool:
    return dictionary_has_tag(tag) or basic_action(tag) is not None or _is_repeating(tag)


def _is_repeating(tag: BaseTag) -> bool:
    try:
        dictionary_VR(tag)
    except KeyError:
        return False
    return True


def _uid_action(keyword: str, profile: Profile, tag: BaseTag) -> Action:
    if keyword in attributes("class_uids"):
        return Action.KEEP
    if keyword == "DeviceUID" and Option.DEVICE in profile:
        return Action.KEEP
    if Option.UIDS in profile:
        return Action.KEEP
    return Action.REMOVE if basic_action(tag) is Action.REMOVE else Action.MAP_UID


def _date_action(vr: str, basic: Action | None, profile: Profile) -> Action:
    if Option.FULL_DATES in profile:
        return Action.KEEP
    if Option.MODIFIED_DATES in profile:
        # Whole days are added: times of day stay.
        return Action.KEEP if vr == "TM" else Action.SHIFT_DATE
    if basic is None or basic is Action.KEEP:
        return Action.EMPTY
    return basic


@lru_cache
def _retained(profile: Profile) -> frozenset[str]:
    kept: frozenset[str] = frozenset()
    for option, keywords in (
        (Option.PATIENT_CHARACTERISTICS, attributes("patient_characteristics")),
        (Option.DEVICE, attributes("device")),
        (Option.INSTITUTION, attributes("institution")),
    ):
        if option in profile:
            kept |= keywords
    return kept
