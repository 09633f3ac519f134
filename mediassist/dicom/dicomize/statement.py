"""What the user states about files that can't say it themselves, checked at the door."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say

MODALITIES = ("CR", "DX", "MG", "CT", "MR", "US", "OP", "OPT", "XA", "SC")
_MAMMOGRAPHY = "MG"
_SIDED = frozenset({"MG", "OP", "OPT"})
# Their classes demand a spacing (PS3.3 C.8.11.4, C.7.6.2, C.7.6.16.2.1).
_MEASURED = frozenset({"DX", "MG", "CT", "MR", "OPT"})
_AGE = re.compile(r"(\d{1,3})\s*([DWMYdwmy]?)")
# File names such as 20586908_R_CC.png or left_mlo-003.jpg; also OD and OS of the eyes.
_SIDES_IN_NAMES = {
    "R": "R",
    "RIGHT": "R",
    "OD": "R",
    "RCC": "R",
    "RMLO": "R",
    "L": "L",
    "LEFT": "L",
    "OS": "L",
    "LCC": "L",
    "LMLO": "L",
    "OU": "B",
}
_VIEWS_IN_NAMES = {
    "CC": "CC",
    "MLO": "MLO",
    "ML": "ML",
    "LM": "LM",
    "RCC": "CC",
    "LCC": "CC",
    "RMLO": "MLO",
    "LMLO": "MLO",
}


class Grouping(StrEnum):
    """Which files become one study."""

    STUDY = "study"  # all of one call
    FOLDER = "folder"  # those of one folder
    FILE = "file"  # each for itself, a patient of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Facts about every file of one call.

    Attributes
    ----------
    patient_name : DICOM's form, for example `Wang^Xiaoming=王^小明`.
    patient_age : with its unit, for example `064Y`; a bare number is years.
    study_date, birth_date : YYYYMMDD, or empty where not known.
    study_key : files with the same key and patient ID are one study, also in a later call.
    spacing_mm : (row, column) distance of pixel centres; at the detector for projections.
    spacing_unknown : the user says so where the class must state a spacing: a stand-in of 1 mm is
        written and Image Comments say what it is.
    is_cine : the pages or times of an MR are phases of the heart at one place.
    slice_step_mm : from one picture of a CT or MR stack to the next.
    window : (level, width). An 8-bit CT picture was made with it and becomes HU by it.
    frame_time_ms : from one frame of a clip to the next.

    Raises
    ------
    WrongUsage
        If a value cannot stand in its DICOM attribute.
    """

    modality: str
    patient_id: str = ""
    patient_name: str = ""
    patient_sex: str = ""
    patient_age: str = ""
    birth_date: str = ""
    study_date: str = ""
    study_key: str = ""
    study_description: str = ""
    series_description: str = ""
    body_part: str = ""
    view: str = ""
    laterality: str = ""
    spacing_mm: tuple[float, float] | None = None
    spacing_unknown: bool = False
    slice_step_mm: float | None = None
    window: tuple[float, float] | None = None
    frame_time_ms: float = 40.0
    is_cine: bool = False

    def __post_init__(self) -> None:
        if self.spacing_unknown and self.spacing_mm is None:
            object.__setattr__(self, "spacing_mm", (1.0, 1.0))
        checks = (
            (self.modality in MODALITIES, "--modality", self.modality, ", ".join(MODALITIES)),
            (self.patient_sex in ("", "M", "F", "O"), "--sex", self.patient_sex, "M, F, O"),
            (self.laterality in ("", "L", "R", "B", "U"), "--laterality", self.laterality, "L, R"),
            (_is_date(self.birth_date), "--birth-date", self.birth_date, "YYYYMMDD"),
            (_is_date(self.study_date), "--study-date", self.study_date, "YYYYMMDD"),
            (_is_age(self.patient_age), "--age", self.patient_age, "064Y, 11M, 3W, 5D"),
            (len(self.patient_id) <= 64, "--patient-id", self.patient_id, "1-64"),
            (_is_name(self.patient_name), "--patient-name", self.patient_name, "Wang^Ming=王^明"),
            (_is_code(self.body_part), "--body-part", self.body_part, "CHEST, KNEE, BREAST"),
            (
                self.modality != "DX" or not self.body_part or self.body_part in known_parts(),
                "--body-part",
                self.body_part,
                ", ".join(known_parts()),
            ),
            (_is_code(self.view), "--view", self.view, ", ".join(known_views())),
            (
                self.modality != _MAMMOGRAPHY or not self.view or self.view in mammography_views(),
                "--view",
                self.view,
                ", ".join(mammography_views()),
            ),
        )
        for is_right, option, given, allowed in checks:
            if not is_right:
                raise WrongUsage(
                    say(
                        "dicomize_value",
                        "{option} {given}: this cannot stand in DICOM; allowed or for example:"
                        " {allowed}.",
                        option=option,
                        given=given,
                        allowed=allowed,
                    )
                )
        lengths = (*(self.spacing_mm or ()), self.slice_step_mm or 1.0, self.frame_time_ms)
        width = 1.0 if self.window is None else self.window[1]
        # Maps of MR have values of millions, and windows as wide.
        if not all(0 < length < 1e5 for length in lengths) or not 0 < width < 1e12:
            raise WrongUsage(
                say(
                    "dicomize_not_positive",
                    "Spacings, window widths and frame times must be greater than 0.",
                )
            )

    @property
    def keeps_colour(self) -> bool:
        return self.modality in ("US", "OP", "SC")

    @property
    def age(self) -> str:
        """Patient's Age as DICOM writes it, for example `064Y`."""
        match = _AGE.fullmatch(self.patient_age.strip())
        return f"{int(match[1]):03d}{match[2].upper() or 'Y'}" if match else ""


def side_of(statement: Statement, name: str) -> str:
    """L, R or B: stated, else as the file's name says; empty where neither tells."""
    return statement.laterality or _word_of(name, _SIDES_IN_NAMES)


def mammography_view_of(statement: Statement, name: str) -> str:
    """View of a mammogram: stated, else as the file's name says; empty where neither tells."""
    return statement.view or _word_of(name, _VIEWS_IN_NAMES)


def check_said(statement: Statement, name: str, frames: int) -> None:
    """Refuse a picture whose class must state what neither options nor file name say.

    `frames` are the pages of a picture or the pictures of a stack.
    """
    missing = []
    if statement.modality in _MEASURED and statement.spacing_mm is None:
        missing.append("--spacing ROW,COLUMN|unknown")
    if statement.slice_step_mm is None and frames > 1 and _is_stack(statement):
        missing.append("--slice-step MM")
    if statement.modality in _SIDED and side_of(statement, name) not in ("L", "R", "B"):
        missing.append("--laterality L|R")
    if statement.modality == _MAMMOGRAPHY and not mammography_view_of(statement, name):
        missing.append("--view CC|MLO")
    if missing:
        raise WrongUsage(
            say(
                "dicomize_missing",
                "{file}: a {modality} object must state {what}. Nothing is made up, so add the"
                " option.",
                file=name,
                modality=statement.modality,
                what=", ".join(missing),
            )
        )


def _is_stack(statement: Statement) -> bool:
    return statement.modality in ("CT", "MR", "OPT") and not statement.is_cine


def _word_of(name: str, words: Mapping[str, str]) -> str:
    """The one meaning that the words of a file name have; empty for none or several."""
    found = {words[part.upper()] for part in re.split(r"[^A-Za-z]+", name) if part.upper() in words}
    return found.pop() if len(found) == 1 else ""


@lru_cache
def codes() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Coded body parts and views: keyword -> (SNOMED CT code, meaning); see codes.json."""
    text = files("mediassist.dicom.dicomize").joinpath("codes.json").read_text("utf-8")
    return {
        table: {word: (entry[0], entry[1]) for word, entry in entries.items()}
        for table, entries in json.loads(text).items()
        if table != "source"
    }


def known_parts() -> tuple[str, ...]:
    return tuple(codes()["body_parts"])


def known_views() -> tuple[str, ...]:
    return tuple(codes()["views"])


def mammography_views() -> tuple[str, ...]:
    return tuple(codes()["mammography_views"])


def _is_date(text: str) -> bool:
    return not text or re.fullmatch(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", text) is not None


def _is_age(text: str) -> bool:
    return not text or _AGE.fullmatch(text.strip()) is not None


def _is_name(text: str) -> bool:
    groups = text.split("=")
    return len(groups) <= 3 and all(
        len(group) <= 64 and group.count("^") <= 4 and "\\" not in group for group in groups
    )


def _is_code(text: str) -> bool:
    """What a Code String may hold (PS3.5 6.2)."""
    return re.fullmatch(r"[A-Z0-9 _]{0,16}", text) is not None
