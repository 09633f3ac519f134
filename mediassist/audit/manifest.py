"""The manifest of an audit: which images, and what is true of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from mediassist.audit.predictions import twice
from mediassist.audit.table import Row, Table
from mediassist.core.messages import say
from mediassist.core.vocabulary import FINDINGS, MANIFEST_MODALITIES

Groups: TypeAlias = tuple[tuple[str, str], ...]
Box: TypeAlias = tuple[float, float, float, float]

_BOXES = "[[x0, y0, x1, y1], ...], [[x0, y0, x1, y1, first slice, last slice], ...]"
_FACTS = ("modality", "body_part", "view", "laterality")
_KNOWN = (
    *("case", "path", "label", "finding", "patient", "side", "study", *_FACTS),
    *("lesions", "reference", "reader", "date"),
)


@dataclass(frozen=True, slots=True)
class Lesion:
    """A box in pixels of the image; in a series also the first and last slice, from 0."""

    box: Box
    first_slice: int | None = None
    last_slice: int | None = None

    def holds_slice(self, place: float) -> bool:
        """Whether the lesion reaches this slice; a lesion without slices is on the only one."""
        if self.first_slice is None or self.last_slice is None:
            return True
        return self.first_slice <= place <= self.last_slice


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestCase:
    """One row: one finding in one image, series or study.

    Attributes
    ----------
    path : file or folder; relative paths start at the manifest.
    modality, body_part, view, laterality : needed for pictures, which have no header.
    study : joins rows of one study; empty where the headers tell.
    lesions : None where nothing is stated; without any the image is said to have none.
    lesion_mask : picture whose non-zero pixels are lesions.
    reference, reader, date : how the truth was found, by whom, and when the image was made.
    groups : (column, value) of the subgroups: every column that has no other meaning, and
        modality, body part, view and laterality.
    """

    case: str
    path: Path
    positive: bool
    finding: str
    patient: str = ""
    side: str = ""
    study: str = ""
    modality: str = ""
    body_part: str = ""
    view: str = ""
    laterality: str = ""
    lesions: tuple[Lesion, ...] | None = None
    lesion_mask: Path | None = None
    groups: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    reader: str = ""
    date: str = ""


def read_manifest(path: Path, finding: str = "") -> Iterator[ManifestCase]:
    """Rows of the CSV manifest; `finding` is used where the manifest has no such column.

    Raises
    ------
    WrongUsage
        If a column is missing, a cell can't be understood, or a case occurs twice.
    """
    table = Table(path)
    table.require("case", "path", "label", *([] if finding else ["finding"]))
    groups = (
        *(name for name in _FACTS if name in table.columns),
        *table.others(*_KNOWN),
    )
    seen: set[tuple[str, str]] = set()
    # Few different combinations in many rows: each is kept once.
    shared: dict[Groups, Groups] = {}
    for row in table.rows():
        case = _case(row, path.parent, finding, groups, shared)
        key = (case.case, case.finding)
        if key in seen:
            raise twice(path, row.number, case.case)
        seen.add(key)
        yield case


def _case(
    row: Row, folder: Path, finding: str, groups: tuple[str, ...], shared: dict[Groups, Groups]
) -> ManifestCase:
    for column in ("case", "path"):
        if not row.text(column):
            raise row.wrong(column, say("expected_value", "a value"))
    modality = row.text("modality").upper()
    if modality and modality not in MANIFEST_MODALITIES:
        raise row.wrong("modality", ", ".join(MANIFEST_MODALITIES))
    lesions, mask = _lesions(row, folder)
    named = _finding(row.text("finding")) or finding
    if not named:
        raise row.wrong("finding", say("expected_finding", "the name of a finding"))
    # DICOM's codes are upper case; chest and CHEST must not be two groups, or be analysed twice.
    values = tuple(
        (name, row.text(name).upper() if name in _FACTS else row.text(name)) for name in groups
    )
    return ManifestCase(
        case=row.text("case"),
        path=_place(folder, row.text("path")),
        positive=row.truth("label"),
        finding=sys.intern(named),
        patient=row.text("patient"),
        side=row.text("side"),
        study=row.text("study"),
        modality=sys.intern(modality),
        body_part=sys.intern(row.text("body_part").upper()),
        view=sys.intern(row.text("view").upper()),
        laterality=sys.intern(row.text("laterality").upper()),
        lesions=lesions,
        lesion_mask=mask,
        groups=shared.setdefault(values, values),
        reference=row.text("reference"),
        reader=row.text("reader"),
        date=row.text("date"),
    )


def _finding(text: str) -> str:
    """A known finding however it is written, anything else as it is."""
    key = text.lower().replace(" ", "_").replace("-", "_")
    return key if key in FINDINGS else text


def _place(folder: Path, text: str) -> Path:
    """A path as written, relative to the table; also one that was written on Windows."""
    path = folder / text
    if os.sep != "\\" and "\\" in text and not path.exists():
        return folder / text.replace("\\", "/")
    return path


def _lesions(row: Row, folder: Path) -> tuple[tuple[Lesion, ...] | None, Path | None]:
    """JSON boxes (with first and last slice, or without), or the path of a mask."""
    text = row.text("lesions")
    if not text:
        return None, None
    if not text.startswith("["):
        mask = _place(folder, text)
        if not mask.is_file():
            # Said before hours of analysis, not after them.
            raise row.wrong("lesions", say("expected_mask", "boxes, or the path of a mask"))
        return None, mask
    try:
        boxes = [[float(number) for number in box] for box in json.loads(text)]
    except (ValueError, TypeError):
        raise row.wrong("lesions", _BOXES) from None
    found: list[Lesion] = []
    for box in boxes:
        slices = (int(box[4]), int(box[5])) if len(box) == 6 else (None, None)
        if (
            len(box) not in (4, 6)
            or box[0] > box[2]
            or box[1] > box[3]
            or box[4:] != sorted(box[4:])
        ):
            raise row.wrong("lesions", _BOXES)
        found.append(Lesion((box[0], box[1], box[2], box[3]), *slices))
    return tuple(found), None
