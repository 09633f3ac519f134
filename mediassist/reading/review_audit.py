"""An audit whose truth is what readers decided while they read (`audit --from-reviews`).

A reader who accepts a finding says that it is there, one who rejects it says that it is not; of a
*cleared* verdict it is the other way round. Such truth is not independent: the reader saw the
verdict, and only what somebody decided on is counted. The audit says so in its first page.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mediassist.analysis.result import StudyResult
from mediassist.audit.audit_log import timestamp
from mediassist.audit.case import Case
from mediassist.audit.case_analysis import image_facts
from mediassist.audit.document import AuditRun, ReferenceStandard, UsedBundle
from mediassist.audit.gathering import Gathered
from mediassist.audit.installed import InstalledBundles
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.run import AuditRequest, Source, audit_gathered, utc_now
from mediassist.audit.safeguards import Safeguard, SafeguardState
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.errors import WrongUsage
from mediassist.core.finding import BundleResult
from mediassist.core.messages import say
from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import DecisionStore, decidable
from mediassist.reading.stored_results import is_output_folder, read_result, result_folders
from mediassist.settings import Settings

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Reviews:
    """Cases that a reader decided on, and how much nobody decided on.

    `undecided` counts verdicts without a decision; `cleared` and `cleared_decided` only those that
    were cleared, since misses hide there.
    """

    gathered: Gathered
    sha256: str
    undecided: int
    cleared: int
    cleared_decided: int


def audit_reviews(
    folder: Path,
    request: AuditRequest,
    progress: Progress = lambda done, total: None,
    *,
    clock: Callable[[], datetime] = utc_now,
    settings: Settings | None = None,
) -> AuditRun:
    """Audit what was decided in an output folder of `analyze`, `batch` or the window.

    `request` says where to write, in which language and against which targets; its tables are not
    used.

    Raises
    ------
    WrongUsage
        If the folder holds no results, or nobody has decided on any.
    UnreadableFile
        If findings or decisions can't be read.
    """
    known = settings or Settings()
    installed = InstalledBundles(known, request.bundles)
    reviews = read_reviews(folder, request.bundles, progress)
    if not reviews.gathered.cases:
        raise WrongUsage(
            say(
                "reviews_none",
                "Nobody has accepted or rejected a finding in {folder} yet: there is no truth to "
                "audit against.",
                folder=str(folder),
            )
        )
    source = Source(folder.name or str(folder), reviews.sha256)
    return audit_gathered(
        request, reviews.gathered, source, installed, known, clock, (_check(reviews),)
    )


def read_reviews(
    folder: Path,
    bundles: tuple[str, ...] = (),
    progress: Progress = lambda done, total: None,
) -> Reviews:
    """Every decision in `folder` that was made about the verdict that is kept there."""
    if not is_output_folder(folder):
        raise WrongUsage(
            say(
                "reviews_no_results",
                "{folder} holds no results of analyze, batch or the window.",
                folder=str(folder),
            )
        )
    store = DecisionStore(folder)
    cases: list[Case] = []
    facts: dict[str, ImageFacts] = {}
    used: dict[str, UsedBundle] = {}
    readers: Counter[str] = Counter()
    days: list[str] = []
    digest = hashlib.sha256()
    undecided = cleared = cleared_decided = 0
    folders = list(result_folders(folder))
    for done, study_folder in enumerate(folders):
        progress(done, len(folders))
        result = read_result(study_folder)
        decisions = store.valid(result)
        own: list[Case] = []
        for one in result.results:
            if not decidable(one) or (bundles and one.bundle.bundle_id not in bundles):
                continue
            decision = decisions.get(one.bundle.bundle_id)
            is_cleared = one.verdict is Verdict.CLEARED
            cleared += is_cleared
            if decision is None:
                undecided += 1
                continue
            cleared_decided += is_cleared
            case = _case(result, one, decision, own)
            own.append(case)
            readers[decision.reader or "-"] += 1
            used.setdefault(one.bundle.bundle_id, _used(one))
            digest.update(_signature(case, decision))
        if own:
            cases += own
            if result.study.study_date:
                days.append(result.study.study_date.isoformat())
            known = _facts(result)
            facts |= {case.case: known for case in own} if known else {}
    progress(len(folders), len(folders))
    reference = ReferenceStandard(
        tuple((f"review by {reader}", count) for reader, count in readers.most_common()),
        len(readers),
        min(days, default=""),
        max(days, default=""),
    )
    bundles_used = tuple(used[name] for name in sorted(used))
    gathered = Gathered(cases, facts, bundles_used, (), reference)
    return Reviews(gathered, digest.hexdigest(), undecided, cleared, cleared_decided)


def _case(result: StudyResult, one: BundleResult, decision: Decision, others: list[Case]) -> Case:
    agreed = decision.kind is DecisionKind.ACCEPTED
    finding, point = one.bundle.finding, one.operating_point
    # A second bundle for the same finding of one study is a case of its own.
    is_second = any(other.finding == finding for other in others)
    suffix = f" {one.bundle.bundle_id}" if is_second else ""
    series = result.study.series
    return Case(
        case=result.study_key + suffix,
        positive=agreed is not (one.verdict is Verdict.CLEARED),
        finding=finding,
        patient=result.study.patient.patient_id,
        score=one.probability,
        verdict=one.verdict,
        t_low=point.t_low if point else None,
        t_high=point.t_high if point else None,
        bundle=one.bundle.bundle_id,
        groups=(
            ("modality", series[0].modality if series else ""),
            ("reader", decision.reader),
            ("sex", result.study.patient.sex),
        ),
        study=result.study.study_uid,
        marks_only=one.bundle.marks_only,
    )


def _facts(result: StudyResult) -> ImageFacts | None:
    """None where the pictures have moved since."""
    try:
        return image_facts([result])
    except OSError:
        return None


def _used(one: BundleResult) -> UsedBundle:
    point = one.operating_point
    return UsedBundle(
        one.bundle.bundle_id,
        one.bundle.version,
        one.bundle.sha256,
        one.bundle.finding,
        point.promise.kind.value if point else "",
        one.bundle.marks_only,
    )


def _signature(case: Case, decision: Decision) -> bytes:
    return json.dumps(
        [case.case, case.bundle, decision.kind.value, decision.reader, timestamp(decision.at)]
    ).encode()


def _check(reviews: Reviews) -> Safeguard:
    return Safeguard(
        "truth_from_reviews",
        SafeguardState.WARNING,
        say(
            "audit_truth_from_reviews",
            "The truth is what readers decided after they had seen the verdict. {decided} verdicts "
            "have a decision, {undecided} have none and are not counted; of {cleared} cleared ones "
            "{cleared_decided} were looked at again. Misses among the others do not show: the "
            "rates are too good.",
            decided=len(reviews.gathered.cases),
            undecided=reviews.undecided,
            cleared=reviews.cleared,
            cleared_decided=reviews.cleared_decided,
        ),
    )
