"""What readers accepted and rejected becomes the truth of an audit, with its bias said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mediassist.audit import AuditOptions, AuditRequest
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.errors import WrongUsage
from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import DecisionStore
from mediassist.reading.review_audit import audit_reviews, read_reviews
from mediassist.report.outputs import write_study
from mediassist.schema import validate
from mediassist.settings import Settings
from tests.reading.results import HEART, NOW, OPACITY, result_of, study_of

QUICK = AuditOptions(resamples=20)
ACCEPTED, REJECTED = DecisionKind.ACCEPTED, DecisionKind.REJECTED


def kept(folder: Path, number: int, verdict: Verdict, **decided: DecisionKind) -> None:
    """One study with its findings, and decisions by bundle (opacity, heart)."""
    result = result_of(study_of(uid=f"1.2.{number}"), verdict)
    write_study(result, folder, formats=("json",))
    for one in result.results:
        kind = decided.get({OPACITY: "opacity", HEART: "heart"}.get(one.bundle.bundle_id, ""))
        if kind is not None:
            DecisionStore(folder).record(
                result.study_key,
                Decision(
                    study_uid=result.study.study_uid,
                    bundle_id=one.bundle.bundle_id,
                    bundle_sha256=one.bundle.sha256,
                    kind=kind,
                    reader="李",
                    at=NOW,
                ),
            )


@pytest.fixture
def reviewed(chinese_path: Path) -> Path:
    folder = chinese_path / "结果"
    kept(folder, 1, Verdict.FLAGGED, opacity=ACCEPTED, heart=ACCEPTED)
    kept(folder, 2, Verdict.FLAGGED, opacity=REJECTED)
    kept(folder, 3, Verdict.CLEARED, opacity=REJECTED)
    kept(folder, 4, Verdict.REVIEW, opacity=ACCEPTED)
    kept(folder, 5, Verdict.FLAGGED)
    return folder


def request(out: Path) -> AuditRequest:
    return AuditRequest(out=out, options=QUICK)


def test_agreement_and_disagreement_tell_what_is_true(reviewed: Path) -> None:
    reviews = read_reviews(reviewed)
    truth = {(case.finding, case.verdict): case.positive for case in reviews.gathered.cases}
    opacity = "lung_opacity"
    assert [
        (case.verdict, case.positive)
        for case in sorted(reviews.gathered.cases, key=lambda one: one.patient)
        if case.finding == opacity
    ] == [
        (Verdict.FLAGGED, True),
        (Verdict.FLAGGED, False),
        (Verdict.CLEARED, True),
        (Verdict.REVIEW, True),
    ]
    # Who agrees that nothing is there says that it is absent.
    assert truth[("cardiomegaly", Verdict.CLEARED)] is False
    assert (reviews.undecided, reviews.cleared, reviews.cleared_decided) == (5, 6, 2)


def test_the_audit_says_that_its_truth_is_biased(reviewed: Path, chinese_path: Path) -> None:
    settings = Settings(bundles_dir=chinese_path, data_dir=chinese_path / "data")
    run = audit_reviews(
        reviewed, request(chinese_path / "审计"), clock=lambda: NOW, settings=settings
    )
    document = json.loads((chinese_path / "审计" / "audit.json").read_text("utf-8"))
    validate(document, "audit")
    one = document["findings"]["lung_opacity"]
    assert (one["positives"], one["negatives"]) == (3, 1)
    assert one["missed"] and one["false_alarms"]
    assert document["reference_standard"]["sources"] == {"review by 李": 5}
    (check,) = [each for each in document["safeguards"] if each["name"] == "truth_from_reviews"]
    assert check["state"] == "warning"
    assert run.source == "结果"


def test_a_decision_about_another_version_of_the_model_does_not_count(
    reviewed: Path,
) -> None:
    before = len(read_reviews(reviewed).gathered.cases)
    newer = result_of(study_of(uid="1.2.1"), Verdict.FLAGGED, version="2.0.0")
    write_study(replace(newer), reviewed, formats=("json",))
    assert len(read_reviews(reviewed).gathered.cases) == before - 2


@pytest.mark.parametrize(("decide", "message"), [(True, "no results"), (False, "Nobody")])
def test_a_folder_without_truth_is_refused(chinese_path: Path, decide: bool, message: str) -> None:
    folder = chinese_path / "空"
    folder.mkdir()
    if not decide:
        kept(folder, 1, Verdict.FLAGGED)
    settings = Settings(bundles_dir=chinese_path, data_dir=chinese_path / "data")
    with pytest.raises(WrongUsage, match=message):
        audit_reviews(folder, request(chinese_path / "o"), settings=settings)
