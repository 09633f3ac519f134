"""The study list raises what is urgent and never loses a study."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.errors import MediAssistError
from mediassist.core.messages import say
from mediassist.core.study import Rejected
from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import ReviewState
from mediassist.reading.worklist import (
    AnalysisState,
    SortOrder,
    Worklist,
    findings_in_order,
)
from tests.reading.results import result_of, study_of

VERDICTS = st.lists(st.sampled_from([None, *Verdict]), max_size=12)


def filled(verdicts: list[Verdict | None]) -> Worklist:
    worklist = Worklist()
    for number, verdict in enumerate(verdicts):
        study = study_of(uid=f"1.{number}")
        worklist.add(study)
        if verdict is not None:
            worklist.finish(result_of(study, verdict), ReviewState.OPEN)
    return worklist


@given(VERDICTS)
def test_no_order_ever_removes_a_study(verdicts: list[Verdict | None]) -> None:
    worklist = filled(verdicts)
    expected = {f"1.{number}" for number in range(len(verdicts))}
    for order in SortOrder:
        assert {row.study.study_uid for row in worklist.rows(order)} == expected


@given(VERDICTS)
def test_flagged_comes_first_then_review_then_the_rest(verdicts: list[Verdict | None]) -> None:
    places = [
        {Verdict.FLAGGED: 0, Verdict.REVIEW: 1}.get(row.headline, 2)
        for row in filled(verdicts).rows()
    ]
    assert places == sorted(places)


def test_a_cleared_study_stands_after_those_nobody_has_looked_at() -> None:
    worklist = filled([Verdict.CLEARED, None, Verdict.FAILED])
    assert [row.study.study_uid for row in worklist.rows()] == ["1.1", "1.2", "1.0"]


def test_the_likelier_of_two_studies_in_review_comes_first() -> None:
    worklist = Worklist()
    for uid, probability in (("1.1", 0.15), ("1.2", 0.45)):
        study = study_of(uid=uid)
        worklist.add(study)
        result = result_of(study, Verdict.REVIEW)
        results = tuple(
            replace(one, probability=probability) if one.verdict is Verdict.REVIEW else one
            for one in result.results
        )
        worklist.finish(replace(result, results=results), ReviewState.OPEN)
    assert [row.study.study_uid for row in worklist.rows()] == ["1.2", "1.1"]


def test_the_same_study_found_twice_is_listed_once() -> None:
    worklist = Worklist()
    worklist.add(study_of())
    worklist.add(study_of())
    assert len(worklist) == 1


def test_a_failed_analysis_is_failed_and_says_why() -> None:
    worklist = filled([None])
    row = worklist.update("1.0", AnalysisState.FAILED, failure=say("x", "No memory."))
    assert row.headline is Verdict.FAILED
    assert str(row.failure) == "No memory."


def test_verdicts_are_counted_most_urgent_first() -> None:
    row = next(iter(filled([Verdict.FLAGGED])))
    assert row.verdicts == (
        (Verdict.FLAGGED, 1),
        (Verdict.CLEARED, 1),
        (Verdict.NOT_APPLICABLE, 1),
    )


def test_the_most_urgent_finding_is_shown_first() -> None:
    verdicts = [one.verdict for one in findings_in_order(result_of(study_of()))]
    assert verdicts == [Verdict.FLAGGED, Verdict.CLEARED, Verdict.NOT_APPLICABLE]


def test_other_studies_of_a_patient_are_those_of_the_same_identifier_and_birth() -> None:
    listed = Worklist()
    born = date(1962, 11, 8)

    def add(uid: str, patient_id: str, birth: date | None, taken: date) -> None:
        made = study_of()
        patient = replace(made.patient, patient_id=patient_id, birth_date=birth)
        listed.add(replace(made, study_uid=uid, patient=patient, study_date=taken))

    add("eye", "P1", born, date(2026, 1, 13))
    add("chest", "P1", born, date(2026, 1, 19))
    add("knee", "P1", born, date(2025, 6, 1))
    add("another", "P1", date(2001, 1, 1), date(2026, 1, 20))
    add("nobody", "", None, date(2026, 1, 20))
    add("nobody else", "", None, date(2026, 1, 21))
    assert [row.study.study_uid for row in listed.others_of_patient("eye")] == ["chest", "knee"]
    assert listed.others_of_patient("another") == ()
    assert listed.others_of_patient("nobody") == ()


def test_a_study_without_a_readable_image_has_failed_though_no_model_would_take_it() -> None:
    study = study_of(images=2)
    (series,) = study.series
    images = tuple(replace(image, source=image.sop_instance_uid) for image in series.instances)
    study = replace(study, series=(replace(series, instances=images),))
    made = result_of(study, Verdict.NOT_APPLICABLE)
    results = tuple(one for one in made.results if one.verdict is Verdict.NOT_APPLICABLE)
    refused = replace(made, results=results)
    torn = MediAssistError(say("torn", "The file is torn."))
    failed = tuple(Rejected(image.source, torn) for image in images)
    listed = Worklist()
    listed.add(study)
    row = listed.finish(replace(refused, failed_images=failed), ReviewState.NOTHING_TO_DECIDE)
    assert row.headline is Verdict.FAILED
    row = listed.finish(replace(refused, failed_images=failed[:1]), ReviewState.NOTHING_TO_DECIDE)
    assert row.headline is Verdict.NOT_APPLICABLE
