"""Manifest and outcomes together: the cases that are counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from scipy.ndimage import find_objects, label

from mediassist.audit.case import Case
from mediassist.audit.manifest import Box, ManifestCase
from mediassist.audit.outcome import BundleOutcome, CaseOutcome
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import Message, say
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.froc import MarkedImage, match_marks

# Of several bundles for one finding the most alarming one speaks, as in the worklist.
_ALARM = (Verdict.CLEARED, Verdict.REVIEW, Verdict.FLAGGED)
_REFUSALS = (Verdict.NOT_APPLICABLE, Verdict.FAILED)


def joined(row: ManifestCase, outcome: CaseOutcome, bundles: Sequence[str]) -> Case:
    """One manifest row with what was said about it.

    Parameters
    ----------
    bundles : ids to look at; empty means every bundle for the finding.
    """
    chosen, reason = _speaker(row, outcome, bundles)
    refused = chosen is None or chosen.verdict in _REFUSALS
    verdict = chosen.verdict if chosen else Verdict.FAILED if outcome.failure else None
    return Case(
        case=row.case,
        positive=row.positive,
        finding=row.finding,
        patient=row.patient,
        side=row.side,
        score=None if chosen is None or refused else chosen.probability,
        verdict=verdict or Verdict.NOT_APPLICABLE,
        t_low=chosen.t_low if chosen and not refused else None,
        t_high=chosen.t_high if chosen and not refused else None,
        reason=reason,
        bundle=chosen.bundle if chosen else "",
        groups=row.groups,
        marks=None if refused or chosen is None else _marks(row, outcome, chosen),
        path=str(row.path),
    )


def _speaker(
    row: ManifestCase, outcome: CaseOutcome, bundles: Sequence[str]
) -> tuple[BundleOutcome | None, Message | None]:
    if outcome.failure is not None:
        return None, outcome.failure
    asked = [
        result
        for result in outcome.results
        if result.finding == row.finding and (not bundles or result.bundle in bundles)
    ]
    spoken = [result for result in asked if result.verdict in _ALARM]
    if spoken:
        best = max(spoken, key=lambda each: (_ALARM.index(each.verdict), each.probability or 0.0))
        return best, None
    for verdict in (Verdict.FAILED, Verdict.NOT_APPLICABLE):
        for result in asked:
            if result.verdict is verdict:
                return result, result.reason
    return None, say(
        "audit_no_bundle",
        "No bundle in use looks for {finding}.",
        finding=row.finding,
    )


def _marks(row: ManifestCase, outcome: CaseOutcome, chosen: BundleOutcome) -> MarkedImage | None:
    """Marks against lesions; only where one image was analysed is it clear which they are on."""
    if outcome.facts.images != 1:
        return None
    lesions = row.lesions
    if row.lesion_mask is not None:
        lesions = mask_boxes(row.lesion_mask, outcome.facts.rows, outcome.facts.columns)
    if lesions is None and not row.positive:
        lesions = ()
    if lesions is None:
        return None
    return match_marks(
        [mark[:4] for mark in chosen.marks], [mark[4] for mark in chosen.marks], lesions
    )


def mask_boxes(path: Path, rows: int, columns: int) -> tuple[Box, ...]:
    """Boxes of the connected parts of a mask, in pixels of an image of rows by columns.

    Raises
    ------
    WrongUsage
        If the mask is missing or no picture.
    """
    try:
        with Image.open(path) as image:
            mask = np.asarray(image.convert("L")) > 0
    except (OSError, UnidentifiedImageError) as error:
        raise WrongUsage(
            say(
                "audit_mask_unreadable",
                "The lesion mask {path} cannot be read: {reason}",
                path=str(path),
                reason=str(error),
            )
        ) from error
    down, right = rows / mask.shape[0], columns / mask.shape[1]
    parts, _ = label(mask)
    found: list[Box] = []
    for part in find_objects(parts):
        y, x = part
        found.append((x.start * right, y.start * down, x.stop * right - 1, y.stop * down - 1))
    return tuple(found)
