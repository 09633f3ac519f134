"""Manifest and outcomes together: the cases that are counted."""

from __future__ import annotations

from collections.abc import Sequence

from mediassist.audit.case import PAIRED, Case, side_of
from mediassist.audit.lesions import mask_lesions
from mediassist.audit.manifest import Lesion, ManifestCase
from mediassist.audit.outcome import BundleOutcome, CaseOutcome
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message, say
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.froc import MarkedImage, match_marks

# Of several bundles for one finding the most alarming one speaks, as in the worklist.
_ALARM = (Verdict.CLEARED, Verdict.REVIEW, Verdict.FLAGGED)
_REFUSALS = (Verdict.NOT_APPLICABLE, Verdict.FAILED)
_OTHER_MODALITY = "modality_not_allowed"  # code of the refusal in models.applicability


def joined(row: ManifestCase, outcome: CaseOutcome, bundles: Sequence[str]) -> Case:
    """One manifest row with what was said about it.

    Parameters
    ----------
    bundles : ids to look at; empty means every bundle for the finding.
    """
    chosen, reason = _speaker(row, outcome, bundles)
    return _case(row, outcome, chosen, reason)


def silent(
    row: ManifestCase, outcome: CaseOutcome, bundles: Sequence[str], spoken: str
) -> list[Case]:
    """The row as every bundle for the finding saw it that did not speak; `spoken` is the one that
    did.

    A bundle that was not made for the row's modality is not asked: it could only refuse.
    """
    own: dict[str, list[BundleOutcome]] = {}
    for result in _asked(row, outcome, bundles):
        if result.bundle != spoken and not _is_foreign(result):
            own.setdefault(result.bundle, []).append(result)
    return [_case(row, outcome, *_loudest(results)) for results in own.values()]


def _case(
    row: ManifestCase, outcome: CaseOutcome, chosen: BundleOutcome | None, reason: Message | None
) -> Case:
    refused = chosen is None or chosen.verdict in _REFUSALS
    verdict = chosen.verdict if chosen else Verdict.FAILED if outcome.failure else None
    marks, in_slices, lost = None, False, False
    if chosen is not None and not refused:
        try:
            marks, in_slices, lost = _marks(row, outcome, chosen)
        except MediAssistError:
            # A mask that can't be read must not end an audit whose images are all analysed.
            lost = True
    return Case(
        case=row.case,
        positive=row.positive,
        finding=row.finding,
        patient=row.patient,
        side=_side(row, outcome),
        score=None if chosen is None or refused else chosen.probability,
        verdict=verdict or Verdict.NOT_APPLICABLE,
        t_low=chosen.t_low if chosen and not refused else None,
        t_high=chosen.t_high if chosen and not refused else None,
        reason=reason,
        bundle=chosen.bundle if chosen else "",
        groups=row.groups,
        study=row.study or outcome.facts.study,
        marks_only=chosen is not None and chosen.marks_only,
        marks=marks,
        in_slices=in_slices,
        lesions_lost=lost,
        path=str(row.path),
    )


def _side(row: ManifestCase, outcome: CaseOutcome) -> str:
    """Of a paired organ the laterality is the side, where the table gives no other."""
    if row.side or row.finding not in PAIRED:
        return side_of(row.side)
    return side_of(row.laterality or dict(outcome.facts.header).get("laterality", ""))


def _asked(row: ManifestCase, outcome: CaseOutcome, bundles: Sequence[str]) -> list[BundleOutcome]:
    return [
        result
        for result in outcome.results
        if result.finding == row.finding and (not bundles or result.bundle in bundles)
    ]


def _is_foreign(result: BundleOutcome) -> bool:
    return result.reason is not None and result.reason.code == _OTHER_MODALITY


def _speaker(
    row: ManifestCase, outcome: CaseOutcome, bundles: Sequence[str]
) -> tuple[BundleOutcome | None, Message | None]:
    if outcome.failure is not None:
        return None, outcome.failure
    # Of several refusals, that of a bundle made for such images says most.
    asked = sorted(_asked(row, outcome, bundles), key=_is_foreign)
    if asked:
        return _loudest(asked)
    return None, say(
        "audit_no_bundle",
        "No bundle in use looks for {finding}.",
        finding=row.finding,
    )


def _loudest(asked: Sequence[BundleOutcome]) -> tuple[BundleOutcome, Message | None]:
    """The most alarming of several results, and its reason where all refused."""
    spoken = [result for result in asked if result.verdict in _ALARM]
    if spoken:
        # A verdict outweighs candidates without one.
        best = max(
            spoken,
            key=lambda each: (
                not each.marks_only,
                _ALARM.index(each.verdict),
                each.probability or 0.0,
            ),
        )
        return best, None
    best = next((each for each in asked if each.verdict is Verdict.FAILED), asked[0])
    return best, best.reason


def _marks(
    row: ManifestCase, outcome: CaseOutcome, chosen: BundleOutcome
) -> tuple[MarkedImage | None, bool, bool]:
    """Marks against lesions, whether slice by slice, and whether lesions are given in vain.

    Without slices it is clear which image a lesion is on only where there is one.
    """
    lesions = row.lesions
    if row.lesion_mask is not None:
        lesions = mask_lesions(row.lesion_mask, outcome.facts.rows, outcome.facts.columns)
    if lesions is None and not row.positive:
        lesions = ()
    if lesions is None:
        return None, False, False
    single = outcome.facts.images == 1 and outcome.facts.frames <= 1
    if not single and any(lesion.first_slice is None for lesion in lesions):
        return None, False, True
    return _matched(chosen, lesions, in_slices=not single), not single, False


def _matched(chosen: BundleOutcome, lesions: Sequence[Lesion], *, in_slices: bool) -> MarkedImage:
    """A mark hits the lesion in whose box its centre lies, on a slice of that lesion."""
    hits: list[int] = []
    for mark in chosen.marks:
        near = [
            place
            for place, lesion in enumerate(lesions)
            if not in_slices or lesion.holds_slice(mark[5])
        ]
        boxes = [lesions[place].box for place in near]
        hit = match_marks([mark[:4]], [mark[4]], boxes).mark_lesions[0]
        hits.append(near[hit] if hit >= 0 else -1)
    return MarkedImage(len(lesions), tuple(mark[4] for mark in chosen.marks), tuple(hits))
