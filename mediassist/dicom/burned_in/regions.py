"""Region rules: parts of a picture that are blanked unseen, because devices write there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.dicom import values


@dataclass(frozen=True, slots=True)
class RegionRule:
    """Areas that a device fills with text.

    Attributes
    ----------
    facts : DICOM keyword and the value that a file must have, compared without case.
    areas : (top, left, bottom, right) in pixels, ends excluded.
    """

    facts: tuple[tuple[str, str], ...]
    areas: tuple[tuple[int, int, int, int], ...]

    def fits(self, dataset: Dataset) -> bool:
        return all(
            str(dataset.get(keyword, "")).strip().casefold() == wanted.casefold()
            for keyword, wanted in self.facts
        )


def read_rules(path: Path) -> tuple[RegionRule, ...]:
    """Rules of a JSON file: `[{"when": {"Modality": "US", "Rows": "768"}, "blank": [[0, 0, 60,
    1024]]}]`; raises `WrongUsage` where it has another form."""
    try:
        rules = json.loads(path.read_text("utf-8"))
        return tuple(_rule(rule) for rule in rules)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WrongUsage(
            say(
                "region_rules_invalid",
                "{path} holds no region rules ({reason}); write a list of objects with 'when'"
                " and 'blank'.",
                path=str(path),
                reason=str(error) or type(error).__name__,
            )
        ) from error


def _rule(rule: Any) -> RegionRule:
    areas = []
    for area in rule["blank"]:
        top, left, bottom, right = (int(edge) for edge in area)
        areas.append((top, left, bottom, right))
    facts = tuple((str(keyword), str(wanted)) for keyword, wanted in rule["when"].items())
    return RegionRule(facts, tuple(areas))


def blanked_unseen(
    dataset: Dataset, modality: str, rules: Sequence[RegionRule]
) -> NDArray[np.bool_]:
    """(rows, columns), True where the picture is blanked whatever it shows.

    In ultrasound that is everything outside the declared regions (PS3.3 C.8.5.5): they hold the
    image and its scales, the rest is the screen's border with name and hospital.
    """
    rows = values.integer(dataset, "Rows") or 0
    columns = values.integer(dataset, "Columns") or 0
    mask = np.zeros((rows, columns), dtype=bool)
    if modality == "US":
        regions = list(_regions(dataset))
        if regions:
            mask[:] = True
            for top, left, bottom, right in regions:
                mask[top:bottom, left:right] = False
    for rule in rules:
        if rule.fits(dataset):
            for top, left, bottom, right in rule.areas:
                mask[top:bottom, left:right] = True
    return mask


def _regions(dataset: Dataset) -> Iterable[tuple[int, int, int, int]]:
    for item in values.items(dataset, "SequenceOfUltrasoundRegions"):
        edges = [
            values.integer(item, keyword)
            for keyword in (
                "RegionLocationMinY0",
                "RegionLocationMinX0",
                "RegionLocationMaxY1",
                "RegionLocationMaxX1",
            )
        ]
        if all(edge is not None and edge >= 0 for edge in edges):
            top, left, bottom, right = (int(edge or 0) for edge in edges)
            if bottom > top and right > left:
                yield top, left, bottom + 1, right + 1
