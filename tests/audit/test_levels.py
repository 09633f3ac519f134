"""Patient, study and image; bundle and domain; candidates without a verdict."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score
from statsmodels.stats.proportion import proportion_confint

from mediassist.audit import AuditOptions, Case, TargetVerdict, Unit, audit
from mediassist.audit.columns import Columns
from mediassist.audit.joining import joined, silent
from mediassist.audit.manifest import Lesion, ManifestCase
from mediassist.audit.outcome import BundleOutcome, CaseOutcome, ImageFacts, Mark
from mediassist.audit.rates import case_rates, study_rates
from mediassist.core.messages import Message
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.froc import MarkedImage
from tests.audit.tables import case, many

QUICK = AuditOptions(resamples=30)
ALARM = {"cleared": 0, "review": 1, "flagged": 2}
JUDGED = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["flagged", "review", "cleared"]),
        st.sampled_from(["p", "q", "r"]),
        st.sampled_from(["s", "t"]),
    ),
    min_size=1,
    max_size=25,
)


def cases_of(rows: list[tuple[bool, str, str, str]]) -> list[Case]:
    """Every study belongs to one patient."""
    return [
        case(place, positive, verdict, 0.5, patient=patient, study=f"{patient}-{study}")
        for place, (positive, verdict, patient, study) in enumerate(rows)
    ]


@settings(max_examples=60)
@given(JUDGED)
def test_study_rates_are_what_counting_studies_by_hand_gives(
    rows: list[tuple[bool, str, str, str]],
) -> None:
    positives: dict[str, list[int]] = defaultdict(list)
    negatives: dict[str, list[int]] = defaultdict(list)
    for positive, verdict, patient, study in rows:
        (positives if positive else negatives)[f"{patient}-{study}"].append(ALARM[verdict])
    for study in positives:
        negatives.pop(study, None)
    every: dict[str, list[int]] = defaultdict(list)
    for _, verdict, patient, study in rows:
        every[f"{patient}-{study}"].append(ALARM[verdict])
    found = dict(study_rates(Columns.of(cases_of(rows), Unit.PATIENT), QUICK))
    counted = {name: (each.rate.numerator, each.rate.denominator) for name, each in found.items()}
    # A study stands where its most alarming image stands, whichever that is.
    assert counted["detection"] == (
        sum(max(every[study]) == 2 for study in positives),
        len(positives),
    )
    assert counted["false_negative"] == (
        sum(max(every[study]) == 0 for study in positives),
        len(positives),
    )
    assert counted["false_positive"] == (
        sum(max(alarms) == 2 for alarms in negatives.values()),
        len(negatives),
    )
    # A study waits for review if nothing in it is flagged and something is unsure.
    assert counted["review_load"] == (
        sum(max(alarms) == 1 for alarms in every.values()),
        len(every),
    )


@settings(max_examples=60)
@given(JUDGED)
def test_images_row_by_row_count_as_their_studies_do(
    rows: list[tuple[bool, str, str, str]],
) -> None:
    by_image = cases_of(rows)
    studies: dict[str, list[Case]] = defaultdict(list)
    for one in by_image:
        studies[one.study].append(one)
    by_study = [
        case(
            study,
            any(one.positive for one in own),
            max((one.verdict or Verdict.FAILED for one in own), key=lambda each: ALARM[each]),
            0.5,
            patient=own[0].patient,
            study=study,
        )
        for study, own in studies.items()
    ]
    (images,), (whole,) = (audit(each, options=QUICK).findings for each in (by_image, by_study))
    assert [figure.rate for _, figure in images.rates] == [figure.rate for _, figure in whole.rates]


@settings(max_examples=40)
@given(JUDGED)
def test_case_rates_are_scikit_learns(rows: list[tuple[bool, str, str, str]]) -> None:
    truth = [positive for positive, *_ in rows]
    flagged = [verdict == "flagged" for _, verdict, *_ in rows]
    found = dict(case_rates(Columns.of(cases_of(rows), Unit.PATIENT), QUICK))
    if any(truth):
        assert found["sensitivity_high"].rate.value == pytest.approx(recall_score(truth, flagged))
    if any(flagged):
        assert found["ppv"].rate.value == pytest.approx(precision_score(truth, flagged))
    if not all(truth):
        specificity = recall_score([not t for t in truth], [not f for f in flagged])
        assert found["specificity_high"].rate.value == pytest.approx(specificity)


def test_counted_by_image_the_patients_still_make_the_intervals() -> None:
    cases = [
        case(
            10 * patient + number,
            True,
            "flagged" if patient % 2 else "review",
            patient=f"{patient}",
        )
        for patient in range(20)
        for number in range(10)
    ]
    (one,) = audit(cases, options=AuditOptions(unit=Unit.IMAGE, resamples=200)).findings
    figure = one.rate("detection")
    assert (figure.rate.numerator, figure.rate.denominator) == (100, 200)
    assert figure.method == "cluster_bootstrap" and figure.rate.low < figure.exact[0] - 0.05
    assert "only 20 patients" in str(one.warnings[0])


def test_both_intervals_stand_beside_each_other_and_agree_with_statsmodels() -> None:
    (one,) = audit(many({"flagged": 40, "review": 9, "cleared": 1}, {"cleared": 50})).findings
    figure = one.rate("false_negative")
    assert figure.exact == pytest.approx(proportion_confint(1, 50, method="beta"))
    assert figure.wilson == pytest.approx(proportion_confint(1, 50, method="wilson"))
    assert (figure.rate.low, figure.rate.high) == figure.exact
    (other,) = audit(
        many({"flagged": 40, "review": 9, "cleared": 1}, {"cleared": 50}),
        options=AuditOptions(interval="wilson"),
    ).findings
    assert (other.rate("false_negative").rate.low, other.rate("false_negative").rate.high) == (
        figure.wilson
    )
    # The verdict stands on the one-sided Clopper-Pearson bound, whatever is shown.
    assert other.targets == one.targets


def test_a_domain_is_as_good_as_its_weakest_finding_and_bundles_stand_apart() -> None:
    strong = [
        case(f"s{i}", i < 300, "flagged" if i < 300 else "cleared", finding="glaucoma", bundle="a")
        for i in range(400)
    ]
    weak = [case(f"w{i}", True, "cleared", finding="cataract", bundle="b") for i in range(10)]
    other = [case(f"x{i}", True, "flagged", finding="glaucoma", bundle="c") for i in range(5)]
    result = audit([*strong, *weak, *other], options=QUICK)
    (eye,) = result.domains
    assert (eye.name, eye.verdict) == ("eye", TargetVerdict.NOT_MET)
    assert set(eye.findings) == {"glaucoma", "cataract"}
    assert dict(eye.rates)["detection"].rate.denominator == 315
    bundles = {one.name: dict(one.rates)["detection"].rate for one in result.bundles}
    assert (bundles["a"].denominator, bundles["c"].denominator) == (300, 5)
    assert bundles["b"].numerator == 0


def test_the_laterality_is_the_side_of_a_paired_organ() -> None:
    said = CaseOutcome(facts=ImageFacts(images=1, header=(("laterality", "R"),)))

    def side(finding: str, **more: str) -> str:
        row = ManifestCase(case="a", path=Path("x"), positive=True, finding=finding, **more)
        return joined(row, said, ()).side

    assert side("glaucoma") == "R"
    assert side("glaucoma", laterality="left") == "L"
    assert side("glaucoma", laterality="R", side="左") == "L"
    assert side("lung_opacity", laterality="R") == ""


def test_each_of_two_bundles_for_one_finding_is_judged_on_all_that_it_saw() -> None:
    def outcome(first: str, second: str, reason: str = "") -> CaseOutcome:
        scores = {"flagged": 0.9, "review": 0.5, "cleared": 0.1}
        return CaseOutcome(
            results=tuple(
                BundleOutcome(
                    bundle=name,
                    version="1",
                    sha256="ab",
                    finding="fracture",
                    verdict=Verdict(verdict),
                    probability=scores.get(verdict),
                    t_low=0.3,
                    t_high=0.6,
                    reason=None if verdict in scores else Message(reason, reason),
                )
                for name, verdict in (("one", first), ("two", second))
            )
        )

    seen = [
        (True, outcome("flagged", "cleared")),
        (True, outcome("review", "flagged")),
        (False, outcome("cleared", "flagged")),
        # Made for another modality: it is not asked. Any other refusal counts as one.
        (False, outcome("cleared", "not_applicable", "modality_not_allowed")),
        (False, outcome("cleared", "not_applicable", "view_not_allowed")),
    ]
    cases, unheard = [], []
    for number, (positive, said) in enumerate(seen):
        row = ManifestCase(case=str(number), path=Path("x"), positive=positive, finding="fracture")
        cases.append(joined(row, said, ()))
        unheard += silent(row, said, (), cases[-1].bundle)
    result = audit(cases, options=QUICK, silent=unheard)
    assert result.findings[0].rate("detection").rate.numerator == 2
    parts = {part.name: (part, dict(part.rates)) for part in result.bundles}
    one, one_rates = parts["one"]
    two, two_rates = parts["two"]
    assert (one.cases, two.cases) == (5, 4)
    assert (one_rates["detection"].rate.numerator, one_rates["false_positive"].rate.numerator) == (
        1,
        0,
    )
    assert (two_rates["false_negative"].rate.numerator, two.coverage.numerator) == (1, 3)
    assert two_rates["false_positive"].rate.numerator == 1


def test_candidates_without_a_verdict_count_in_no_rate() -> None:
    cases = [
        Case(
            case=str(i),
            positive=True,
            finding="coronary_stenosis",
            score=0.5,
            verdict=Verdict.REVIEW,
            bundle="heart_coronary_stenosis_xa",
            marks_only=True,
            marks=MarkedImage(1, (0.9,), (0,)),
        )
        for i in range(4)
    ]
    (one,) = audit(cases, options=QUICK).findings
    assert one.verdict is TargetVerdict.MARKS_ONLY
    assert one.rate("detection").rate.denominator == 0
    assert one.lesions is not None and one.lesions.as_shown.value == 1.0
    assert "audit_marks_only" in [warning.code for warning in one.warnings]


def outcome(marks: tuple[Mark, ...], images: int) -> CaseOutcome:
    return CaseOutcome(
        results=(
            BundleOutcome(
                bundle="lung_nodule_ct",
                version="1",
                sha256="ab",
                finding="lung_nodule",
                verdict=Verdict.REVIEW,
                probability=0.9,
                marks=marks,
            ),
        ),
        facts=ImageFacts(images=images, frames=images, rows=100, columns=100, study="1.2.3"),
    )


def row(*lesions: Lesion) -> ManifestCase:
    return ManifestCase(
        case="a", path=Path("a"), positive=True, finding="lung_nodule", lesions=lesions
    )


def test_in_a_series_a_mark_must_lie_on_the_lesions_slices() -> None:
    marks = ((10.0, 10.0, 20.0, 20.0, 0.9, 4.0), (10.0, 10.0, 20.0, 20.0, 0.8, 9.0))
    one = joined(row(Lesion((8, 8, 24, 24), 3, 5)), outcome(marks, 12), ())
    assert one.marks == MarkedImage(1, (0.9, 0.8), (0, -1))
    assert one.study == "1.2.3" and one.in_slices
    # Without slices nobody knows which image the box is on.
    assert joined(row(Lesion((8, 8, 24, 24))), outcome(marks, 12), ()).marks is None
    assert joined(row(Lesion((8, 8, 24, 24))), outcome(marks[:1], 1), ()).marks == MarkedImage(
        1, (0.9,), (0,)
    )
