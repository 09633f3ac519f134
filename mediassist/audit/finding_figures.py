"""All figures of one finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mediassist.audit.case import Case, Unit
from mediassist.audit.columns import Columns
from mediassist.audit.rates import case_rates, predictive_values, study_rates, unit_rates
from mediassist.audit.result import (
    AuditOptions,
    FindingFigures,
    Histogram,
    LesionFigures,
    RateFigure,
    RefusedCases,
    Thresholds,
)
from mediassist.audit.subgroups import subgroup_splits
from mediassist.audit.targets import TargetResult, Targets, judge, marks_only, worst
from mediassist.core.messages import Message, say
from mediassist.core.operating_point import Rate
from mediassist.core.vocabulary import FINDINGS, Verdict
from mediassist.statistics.bootstrap import cluster_bootstrap
from mediassist.statistics.calibration import (
    brier,
    expected_calibration_error,
    reliability_curve,
)
from mediassist.statistics.estimate import (
    UNDEFINED,
    BoolArray,
    Estimate,
    FloatArray,
    IndexArray,
)
from mediassist.statistics.froc import detection_rate_at, froc_curve, froc_intervals
from mediassist.statistics.intervals import rate
from mediassist.statistics.roc import auc_interval, roc_curve
from mediassist.statistics.verdict_rates import CLEARED, FLAGGED, REVIEW

FALSE_MARKS = (0.5, 1.0, 2.0)  # per image, at which lesion detection is quoted
HIT_RULE = "centre of the mark inside the lesion's box"
HIT_RULE_SLICES = "centre of the mark inside the lesion's box, on one of its slices"

_MOST_POINTS = 400  # of a drawn curve
_MOST_LISTED = 200  # false alarms and threshold pairs; cases.csv has every case
_BINS = 20
_MANY = 20_000


def finding_figures(
    cases: Sequence[Case], targets: Targets, options: AuditOptions
) -> FindingFigures:
    """Everything about the cases of one finding."""
    columns = Columns.of(cases, options.unit)
    judged = columns.rows(columns.judged)
    rates = dict(unit_rates(judged, options))
    results = target_results(columns, rates, targets)
    by_case = case_rates(judged, options)
    studies = len(np.unique(columns.study))
    splits, group_warnings = subgroup_splits(columns, options)
    positive_units = len(np.unique(columns.unit[columns.positive]))
    scored = columns.rows(columns.scored)
    calibrated = bool(len(scored.score)) and bool(
        np.all((scored.score >= 0.0) & (scored.score <= 1.0))
    )
    counts = Counter(case.verdict for case in cases)
    first = cases[0].finding
    return FindingFigures(
        finding=first,
        domains=tuple(str(domain) for domain in FINDINGS[first].domains)
        if first in FINDINGS
        else (),
        bundles=tuple(sorted({case.bundle for case in cases if case.bundle})),
        bundle_cases=sum(bool(case.bundle) for case in cases),
        verdict=worst([result.verdict for result in results]),
        targets=results,
        coverage=coverage(cases),
        cases=len(cases),
        units=columns.units(),
        studies=studies,
        positives=positive_units,
        negatives=columns.units() - positive_units,
        not_applicable=counts[Verdict.NOT_APPLICABLE],
        failed=counts[Verdict.FAILED],
        without_verdict=int((~columns.judged).sum()),
        refused=_refused(cases),
        flow=_flow(columns),
        rates=tuple(rates.items()),
        study_rates=by_case if studies == len(cases) else study_rates(judged, options),
        level_rates=by_case,
        predictive=tuple(
            predictive_values(
                rates["detection"].rate,
                rates["false_positive"].rate,
                rates["cleared_yield"].rate,
                rates["false_negative"].rate,
                prevalence,
            )
            for prevalence in options.prevalences
        ),
        thresholds=_thresholds(cases),
        auc=auc_interval(*columns.unit_scores()),
        auc_cases=auc_interval(scored.positive, scored.score, patients=scored.patient)
        if len(scored.score)
        else UNDEFINED,
        brier=_bootstrapped(scored, brier, options) if calibrated else UNDEFINED,
        calibration_error=_bootstrapped(scored, expected_calibration_error, options)
        if calibrated
        else UNDEFINED,
        reliability=reliability_curve(scored.positive, scored.score) if calibrated else (),
        roc=_roc_points(columns),
        histogram=_histogram(columns),
        subgroups=splits,
        lesions=_lesions(cases, options),
        missed=_listed(columns, positive=True, verdict=CLEARED),
        false_alarms=_listed(columns, positive=False, verdict=FLAGGED)[:_MOST_LISTED],
        warnings=(*_warnings(cases, columns, calibrated, options), *group_warnings),
    )


def target_results(
    columns: Columns, rates: Mapping[str, RateFigure], targets: Targets
) -> tuple[TargetResult, ...]:
    """Each target against its rate; bundles without verdicts are not asked."""
    if len(columns.cases) and all(case.marks_only for case in columns.cases):
        return tuple(marks_only(name, target) for name, target in targets.as_pairs())
    return tuple(
        judge(name, target, rates[name].rate, rates[name].with_refused)
        for name, target in targets.as_pairs()
    )


def coverage(cases: Sequence[Case]) -> Rate:
    """Share of cases about which something was said."""
    return rate(sum(not case.refused for case in cases), len(cases))


def _bootstrapped(
    columns: Columns, figure: Callable[[BoolArray, FloatArray], float], options: AuditOptions
) -> Estimate:
    def statistic(rows: IndexArray) -> float:
        return figure(columns.positive[rows], columns.score[rows])

    if len(np.unique(columns.patient)) < 2:
        # One patient drawn again and again is always the same: nothing is known of its interval.
        return Estimate(figure(columns.positive, columns.score), 0.0, 1.0)
    resamples = options.resamples if len(columns.score) <= _MANY else min(options.resamples, 100)
    return cluster_bootstrap(statistic, columns.patient, resamples=resamples, seed=options.seed)


def _refused(cases: Sequence[Case]) -> tuple[RefusedCases, ...]:
    """Refused cases by verdict and kind of reason, the most frequent first."""
    groups: dict[tuple[Verdict, str], list[Case]] = {}
    for case in cases:
        if case.refused and case.verdict is not None and case.reason is not None:
            groups.setdefault((case.verdict, case.reason.code), []).append(case)
    found = [
        RefusedCases(
            verdict, rows[0].reason, len(rows), tuple(row.case for row in rows[:_MOST_LISTED])
        )
        for (verdict, _), rows in groups.items()
        if rows[0].reason is not None
    ]
    return tuple(sorted(found, key=lambda one: -one.count))


def _flow(columns: Columns) -> tuple[tuple[str, int], ...]:
    """Cases by truth and verdict, for the flow diagram; keys like `positive_flagged`."""
    found: list[tuple[str, int]] = []
    for name, truth in (("positive", columns.positive), ("negative", ~columns.positive)):
        found.append((name, int(truth.sum())))
        for verdict in Verdict:
            own = sum(
                case.verdict is verdict
                for case, chosen in zip(columns.cases, truth, strict=True)
                if chosen
            )
            found.append((f"{name}_{verdict.value}", own))
    return tuple(found)


def _thresholds(cases: Sequence[Case]) -> tuple[Thresholds, ...]:
    pairs = Counter((case.t_low, case.t_high) for case in cases if case.t_high is not None)
    return tuple(
        Thresholds(low, high, count)
        for (low, high), count in pairs.most_common(_MOST_LISTED)
        if high is not None
    )


def _roc_points(columns: Columns) -> tuple[tuple[float, float], ...]:
    positive, score = columns.unit_scores()
    if len(score) == 0 or positive.all() or not positive.any():
        return ()
    curve = roc_curve(positive, score)
    count = len(curve.thresholds)
    kept = np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(np.intp))
    return tuple(
        (float(x), float(y))
        for x, y in zip(curve.false_positive_rate[kept], curve.sensitivity[kept], strict=True)
    )


def _histogram(columns: Columns) -> Histogram | None:
    positive, score = columns.unit_scores()
    if len(score) == 0:
        return None
    start, end = float(score.min()), float(score.max())
    if start >= 0.0 and end <= 1.0:
        start, end = 0.0, 1.0
    elif start == end:
        end = start + 1.0
    edges = np.linspace(start, end, _BINS + 1)
    counted = [np.histogram(score[truth], edges)[0] for truth in (positive, ~positive)]
    return Histogram(start, end, *(tuple(int(n) for n in counts) for counts in counted))


def _lesions(cases: Sequence[Case], options: AuditOptions) -> LesionFigures | None:
    marked = [(case.marks, case) for case in cases if case.marks is not None]
    images = [marks for marks, _ in marked]
    curve = froc_curve(images)
    if curve.lesions == 0:
        return None
    patients = [case.unit_name(Unit.PATIENT) for _, case in marked]
    many = len(images) > _MANY
    drawn, mean = froc_intervals(
        images,
        patients,
        FALSE_MARKS,
        resamples=min(options.resamples, 100) if many else options.resamples,
        seed=options.seed,
    )
    shown = rate(int(curve.lesions_hit[-1]), curve.lesions)
    if mean.value is not None:
        # As for the single rates: not narrower than of as many lesions that do not depend.
        exact = rate(round(mean.value * curve.lesions), curve.lesions)
        mean = Estimate(mean.value, min(mean.low, exact.low), max(mean.high, exact.high))
    count = len(curve.thresholds)
    kept = np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(np.intp))
    found = curve.lesions_hit / max(1, curve.lesions)
    return LesionFigures(
        curve.images,
        curve.lesions,
        HIT_RULE_SLICES if any(case.in_slices for _, case in marked) else HIT_RULE,
        tuple(
            (marks, _widened(detection_rate_at(curve, marks), interval))
            for marks, interval in zip(FALSE_MARKS, drawn, strict=True)
        ),
        shown,
        float(curve.false_marks_per_image[-1]),
        mean,
        tuple((float(curve.false_marks_per_image[row]), float(found[row])) for row in kept),
    )


def _widened(plain: Rate, drawn: Estimate) -> Rate:
    """The exact interval takes lesions as independent: never narrower than the bootstrap's."""
    return Rate(
        plain.value,
        plain.numerator,
        plain.denominator,
        min(plain.low, drawn.low),
        max(plain.high, drawn.high),
    )


def _listed(columns: Columns, *, positive: bool, verdict: int) -> tuple[str, ...]:
    """Names of wrong cases, the worst score first."""
    rows = np.flatnonzero((columns.positive == positive) & (columns.verdict == verdict))
    scores = np.nan_to_num(columns.score[rows], nan=0.0)
    order = np.argsort(scores if positive else -scores, kind="stable")
    return tuple(columns.cases[row].case for row in rows[order].tolist())


def _warnings(
    cases: Sequence[Case], columns: Columns, calibrated: bool, options: AuditOptions
) -> list[Message]:
    found: list[Message] = []
    patients = len(np.unique(columns.patient))
    if options.unit is not Unit.PATIENT and patients < columns.units():
        found.append(
            say(
                "audit_unit_depends",
                "{units} units of only {patients} patients are counted: intervals come from "
                "drawing patients, but the Clopper-Pearson bounds and the verdicts take the units "
                "as independent. Counted by patient they would be stricter.",
                units=columns.units(),
                patients=patients,
            )
        )
    without = int((~columns.judged).sum())
    candidates = sum(case.marks_only for case in cases)
    if candidates:
        found.append(
            say(
                "audit_marks_only",
                "The bundle shows candidates and gives no verdicts: {cases} cases count in the "
                "AUC and in the marks against lesions, and in no rate of 95 / 1 / 5.",
                cases=candidates,
            )
        )
    if without > candidates:
        found.append(
            say(
                "audit_no_verdict",
                "{cases} cases have a score but neither a verdict nor thresholds: "
                "they count in the AUC and in no rate.",
                cases=without - candidates,
            )
        )
    if columns.scored.any() and not calibrated:
        found.append(
            say(
                "audit_not_probabilities",
                "The scores are no probabilities between 0 and 1: calibration is not judged.",
            )
        )
    lost = sum(case.lesions_lost for case in cases)
    if lost:
        found.append(
            say(
                "audit_lesions_lost",
                "In {cases} cases the lesions that are given can't be placed (the mask can't be "
                "read, or a box in a series names no slices): they count in no figure of lesions.",
                cases=lost,
            )
        )
    differing = _differing(cases, columns)
    if differing:
        found.append(
            say(
                "audit_verdict_differs",
                "In {cases} cases the verdict given is not what score and thresholds say; "
                "the verdict given counts.",
                cases=differing,
            )
        )
    return found


def _differing(cases: Sequence[Case], columns: Columns) -> int:
    """Cases whose given verdict is not what their score and thresholds say."""
    low = np.array([np.nan if case.t_low is None else case.t_low for case in cases])
    high = np.array([np.nan if case.t_high is None else case.t_high for case in cases])
    known = ~np.isnan(high) & columns.scored & (columns.verdict >= 0)
    score, given = columns.score[known], columns.verdict[known]
    # Nothing is below a t_low that is not known (NaN).
    below = score < low[known]
    expected = np.where(score >= high[known], FLAGGED, np.where(below, CLEARED, REVIEW))
    return int((expected != given).sum())
