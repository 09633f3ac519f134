"""Figures of whole audits: counted by hand, and unchanged by names and order."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, roc_auc_score

from mediassist.audit import AuditOptions, Case, Targets, TargetVerdict, Unit, audit
from mediassist.audit.rates import predictive_values
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.froc import MarkedImage
from mediassist.statistics.intervals import rate
from tests.audit.tables import case, many

QUICK = AuditOptions(resamples=50)
CASES = st.lists(
    st.builds(
        lambda number, positive, verdict, score, patient, site: case(
            number, positive, verdict, score, patient=patient
        ),
        st.integers(0, 10_000),
        st.booleans(),
        st.sampled_from([verdict.value for verdict in Verdict]),
        st.floats(0, 1),
        st.sampled_from(["", "a", "b", "c", "d"]),
        st.sampled_from(["x", "y"]),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda one: one.case,
)


def counts(cases: list[Case], name: str, unit: Unit = Unit.PATIENT) -> tuple[int, int]:
    (one,) = audit(cases, options=AuditOptions(unit=unit, resamples=20)).findings
    figure = one.rate(name).rate
    return figure.numerator, figure.denominator


def test_enough_perfect_cases_prove_all_three_targets() -> None:
    result = audit(many({"flagged": 299}, {"cleared": 59}), options=QUICK)
    assert result.verdict is TargetVerdict.PROVED
    assert all(target.more_cases == 0 for target in result.findings[0].targets)


def test_one_refused_case_takes_the_proof_away_but_not_the_figure() -> None:
    cases = many({"flagged": 299, "not_applicable": 1}, {"cleared": 59})
    (one,) = audit(cases, options=QUICK).findings
    assert one.rate("false_negative").rate.numerator == 0
    assert one.rate("false_negative").with_refused.numerator == 1
    verdicts = {target.rate: target.verdict for target in one.targets}
    assert verdicts["false_negative"] is TargetVerdict.MET_NOT_PROVED
    assert one.coverage.numerator == 358


def test_too_few_cases_say_how_many_more_are_needed() -> None:
    (one,) = audit(many({"flagged": 100}, {"cleared": 20}), options=QUICK).findings
    more = {target.rate: target.more_cases for target in one.targets}
    assert more == {"detection": 0, "false_negative": 199, "false_positive": 39}
    assert one.verdict is TargetVerdict.TOO_FEW


def test_the_targets_can_be_set() -> None:
    cases = many({"flagged": 90, "review": 10}, {"cleared": 100})
    assert audit(cases, options=QUICK).verdict is TargetVerdict.NOT_MET
    assert audit(cases, Targets(0.80, 0.05, 0.05), QUICK).verdict is TargetVerdict.PROVED


def test_predictive_values_are_those_of_altman_and_bland() -> None:
    # Diagnostic tests 2: predictive values, BMJ 309 (1994) 102: liver scans; 0.88 and 0.67 at the
    # study's prevalence, 0.45 and 0.95 at 25 %.
    found, wrong, cleared, missed = rate(231, 258), rate(32, 86), rate(54, 86), rate(27, 258)
    at_study = predictive_values(found, wrong, cleared, missed, 258 / 344)
    elsewhere = predictive_values(found, wrong, cleared, missed, 0.25)
    assert (at_study.ppv.value, at_study.npv.value) == pytest.approx((0.88, 0.67), abs=0.005)
    assert (elsewhere.ppv.value, elsewhere.npv.value) == pytest.approx((0.45, 0.95), abs=0.006)


def test_predictive_values_at_a_prevalence_are_scikit_learns_with_weights() -> None:
    truth = np.repeat([1, 1, 0, 0], [231, 27, 32, 54])
    flagged = np.repeat([1, 0, 1, 0], [231, 27, 32, 54])
    weights = np.where(truth, 0.06 / 258, 0.94 / 86)
    values = predictive_values(rate(231, 258), rate(32, 86), rate(54, 86), rate(27, 258), 0.06)
    assert values.ppv.value == pytest.approx(precision_score(truth, flagged, sample_weight=weights))
    assert values.npv.value == pytest.approx(
        precision_score(1 - truth, 1 - flagged, sample_weight=weights)
    )


def test_predictive_values_follow_from_the_counts() -> None:
    cases = many({"flagged": 8, "cleared": 2}, {"flagged": 4, "cleared": 16})
    options = AuditOptions(prevalences=(1 / 3,), resamples=20)
    (one,) = audit(cases, options=options).findings
    assert one.rate("ppv").rate.value == pytest.approx(8 / 12)
    assert one.rate("npv").rate.value == pytest.approx(16 / 18)
    # At the set's own prevalence Bayes' rule gives the same.
    assert one.predictive[0].ppv.value == pytest.approx(8 / 12)
    assert one.predictive[0].npv.value == pytest.approx(16 / 18)
    assert one.predictive[0].ppv.low < 8 / 12 < one.predictive[0].ppv.high


def test_a_patient_is_missed_if_any_positive_case_is_cleared() -> None:
    cases = [
        case(1, True, "flagged", 0.9, patient="a"),
        case(2, True, "cleared", 0.1, patient="a"),
        case(3, True, "flagged", 0.9, patient="b"),
    ]
    assert counts(cases, "false_negative") == (1, 2)
    assert counts(cases, "detection") == (1, 2)
    assert counts(cases, "false_negative", Unit.STUDY) == (1, 3)


def test_paired_organs_are_counted_by_patient_and_side() -> None:
    cases = [
        case(1, True, "flagged", patient="a", side="L"),
        case(2, False, "cleared", patient="a", side="R"),
    ]
    assert counts(cases, "detection") == (1, 1)
    assert counts(cases, "cleared_yield") == (1, 1)


def test_cases_without_patient_are_not_joined() -> None:
    cases = [case("a", True, "flagged"), case("b", True, "flagged", patient="a")]
    assert counts(cases, "detection") == (2, 2)


def test_the_area_of_single_cases_is_scikit_learns() -> None:
    source = np.random.default_rng(0)
    truth = source.random(200) < 0.4
    scores = np.clip(source.normal(0.3 + 0.3 * truth, 0.2), 0, 1)
    cases = [
        Case(case=str(i), positive=bool(truth[i]), finding="f", score=float(scores[i]))
        for i in range(200)
    ]
    (one,) = audit(cases, options=QUICK).findings
    assert one.auc.value == pytest.approx(roc_auc_score(truth, scores))
    assert one.without_verdict == 200
    assert one.rate("detection").rate.denominator == 0
    assert "neither a verdict nor thresholds" in str(one.warnings[0])


def test_several_cases_a_patient_widen_the_intervals_by_case() -> None:
    cases = [
        case(
            10 * patient + number,
            True,
            "flagged" if patient % 2 else "review",
            patient=str(patient),
        )
        for patient in range(20)
        for number in range(10)
    ]
    (one,) = audit(cases, options=AuditOptions(resamples=300)).findings
    by_case = dict(one.level_rates)["detection"]
    assert by_case.method == "cluster_bootstrap"
    assert (by_case.rate.numerator, by_case.rate.denominator) == (100, 200)
    exact_of_200 = 0.42
    assert by_case.rate.low < exact_of_200 - 0.08
    assert one.rate("detection").method == "exact"


def test_subgroups_that_differ_are_named_and_small_ones_warned_of() -> None:
    cases = [
        Case(
            case=str(number),
            positive=True,
            finding="fracture",
            score=0.9,
            verdict=Verdict.FLAGGED if number % 2 == 0 or number % 10 == 1 else Verdict.REVIEW,
            groups=(("device", "A" if number % 2 == 0 else "B"), ("age", str(20 + number % 50))),
        )
        for number in range(200)
    ]
    (one,) = audit(cases, options=QUICK).findings
    splits = {split.column: split for split in one.subgroups}
    assert [group.value for group in splits["device"].groups] == ["A", "B"]
    assert [group.detection.numerator for group in splits["device"].groups] == [100, 20]
    assert (splits["device"].p_detection or 1) < 1e-6
    assert len(splits["age"].groups) == 4  # quarters of a column of numbers
    said = " ".join(str(warning) for warning in one.warnings)
    assert "differs between the groups of device" in said
    assert "fewer than 30" in said


def test_of_many_hospitals_the_large_ones_stand_alone() -> None:
    cases = [
        case(
            number,
            number % 2 == 0,
            "flagged" if number % 2 == 0 else "cleared",
            groups=(("hospital", "large" if number < 80 else f"small {number % 20}"),),
        )
        for number in range(200)
    ]
    (one,) = audit(cases, options=QUICK).findings
    groups = {group.value: group.positives + group.negatives for group in one.subgroups[0].groups}
    assert groups == {"large": 80, "...": 120}


def test_a_column_of_names_is_no_subgroup() -> None:
    cases = [
        Case(case=str(i), positive=i % 2 == 0, finding="f", score=0.5, groups=(("note", f"n{i}"),))
        for i in range(40)
    ]
    (one,) = audit(cases, options=QUICK).findings
    assert one.subgroups == ()
    assert "Column note has 40 different values" in " ".join(map(str, one.warnings))


def test_marks_are_counted_against_lesions() -> None:
    marks = [MarkedImage(1, (0.9,), (0,)), MarkedImage(1, (0.8,), (-1,)), MarkedImage(0)]
    cases = [
        Case(case=str(i), positive=one.lesions > 0, finding="f", score=0.5, marks=one)
        for i, one in enumerate(marks)
    ]
    (one,) = audit(cases, options=QUICK).findings
    assert one.lesions is not None
    assert (one.lesions.lesions, one.lesions.images) == (2, 3)
    assert dict(one.lesions.detection_at)[0.5].value == 0.5


def test_the_weakest_finding_stands_first() -> None:
    good = many({"flagged": 299}, {"cleared": 59})
    bad = [case(f"b{i}", True, "cleared", finding="glaucoma") for i in range(70)]
    found = audit([*good, *bad], options=QUICK).findings
    assert [one.finding for one in found] == ["glaucoma", "fracture"]


def test_misses_and_false_alarms_are_listed_the_worst_first() -> None:
    cases = [
        case("slight", True, "cleared", 0.2),
        case("bad", True, "cleared", 0.01),
        case("alarm", False, "flagged", 0.7),
        case("loud", False, "flagged", 0.99),
    ]
    (one,) = audit(cases, options=QUICK).findings
    assert one.missed == ("bad", "slight")
    assert one.false_alarms == ("loud", "alarm")


def test_a_verdict_that_contradicts_its_thresholds_is_said() -> None:
    odd = Case(
        case="1",
        positive=True,
        finding="f",
        score=0.1,
        verdict=Verdict.FLAGGED,
        t_low=0.3,
        t_high=0.6,
    )
    (one,) = audit([odd], options=QUICK).findings
    assert "the verdict given counts" in " ".join(map(str, one.warnings))
    assert one.rate("detection").rate.numerator == 1


@settings(max_examples=15)
@given(CASES, st.integers(0, 100))
def test_order_and_names_change_no_figure(cases: list[Case], seed: int) -> None:
    renamed = [
        Case(
            case=f"x{one.case}",
            positive=one.positive,
            finding=one.finding,
            patient=f"patient {one.patient}" if one.patient else "",
            score=one.score,
            verdict=one.verdict,
        )
        for one in cases
    ]
    random.Random(seed).shuffle(renamed)
    (first,), (second,) = (
        audit(cases, options=QUICK).findings,
        audit(renamed, options=QUICK).findings,
    )
    for name, figure in first.rates:
        other = second.rate(name)
        assert (figure.rate.numerator, figure.rate.denominator) == (
            other.rate.numerator,
            other.rate.denominator,
        )
        assert 0.0 <= figure.rate.low <= (figure.rate.value or 0.0) or figure.rate.value is None
    assert first.verdict == second.verdict
    assert (first.auc.value is None) == (second.auc.value is None)
    assert first.auc.value is None or first.auc.value == pytest.approx(second.auc.value)


@pytest.mark.parametrize("positive", [True, False])
def test_one_case_alone_can_be_audited(positive: bool) -> None:
    (one,) = audit([case("only", positive, "review")]).findings
    assert one.auc.value is None
    assert one.verdict is TargetVerdict.TOO_FEW


def test_all_tied_scores_are_audited() -> None:
    cases = [case(i, i % 2 == 0, "review", 0.5) for i in range(60)]
    (one,) = audit(cases, options=QUICK).findings
    assert one.auc.value == 0.5
    assert one.rate("review_load").rate.value == 1.0
