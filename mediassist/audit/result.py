"""What an audit finds, as plain data: everything that is written or drawn comes from here."""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.audit.case import Unit
from mediassist.audit.targets import TargetResult, Targets, TargetVerdict, worst
from mediassist.core.messages import Message
from mediassist.core.operating_point import Rate
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.calibration import ReliabilityBin
from mediassist.statistics.estimate import Estimate
from mediassist.statistics.intervals import IntervalMethod

RATE_NAMES = (
    "detection",
    "false_negative",
    "false_positive",
    "review_load",
    "cleared_yield",
    "sensitivity_low",
    "specificity_low",
    "sensitivity_high",
    "specificity_high",
    "ppv",
    "npv",
)


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What the user chose; `resamples` is for bootstrap intervals."""

    unit: Unit = Unit.PATIENT
    interval: IntervalMethod = "exact"
    prevalences: tuple[float, ...] = ()
    resamples: int = 1000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RateFigure:
    """A rate without refused cases, and with them counted as errors.

    `one_sided_bound` is the 95 % Clopper-Pearson bound on the unfavourable side. `method` names
    the interval: exact, wilson, or cluster_bootstrap where one unit counts several times (then
    never narrower than the exact one). `exact` and `wilson` are both intervals of the bare counts,
    so that either can be checked whatever was asked for.
    """

    rate: Rate
    one_sided_bound: float
    with_refused: Rate
    bound_with_refused: float
    method: str
    exact: tuple[float, float]
    wilson: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PredictiveValues:
    """PPV and NPV at a stated prevalence; intervals from both exact intervals at once (wide)."""

    prevalence: float
    ppv: Estimate
    npv: Estimate


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One value of one column; counted by unit."""

    value: str
    positives: int
    negatives: int
    detection: Rate
    false_negative: Rate
    false_positive: Rate
    auc: Estimate
    small: bool


@dataclass(frozen=True, slots=True)
class SubgroupSplit:
    """A column of subgroups with the p values that its groups share one rate."""

    column: str
    groups: tuple[Subgroup, ...]
    p_detection: float | None
    p_false_negative: float | None
    p_false_positive: float | None
    method: str


@dataclass(frozen=True, slots=True)
class LesionFigures:
    """Marks against lesions on the images whose lesions are known; `points` is the FROC curve.

    Intervals come from drawing patients, and are never narrower than the exact ones. `as_shown`
    is the detection rate with every mark that was shown, at `shown_false_marks` an image; `mean`
    is the average over 1/8 to 8 false marks an image (the LUNA challenges' CPM).
    """

    images: int
    lesions: int
    hit_rule: str
    detection_at: tuple[tuple[float, Rate], ...]
    as_shown: Rate
    shown_false_marks: float
    mean: Estimate
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of units by score, equal bins from `start` to `end`."""

    start: float
    end: float
    positives: tuple[int, ...]
    negatives: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """One pair of thresholds in use and on how many cases."""

    t_low: float | None
    t_high: float
    cases: int


@dataclass(frozen=True, slots=True)
class RefusedCases:
    """Cases refused for one kind of reason: an example of it, how many, and their first names."""

    verdict: Verdict
    reason: Message
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFigures:
    """All figures of one finding; `bundle_cases` are those that name a bundle.

    `cases_*` count rows of the manifest, `positives` and `negatives` units. `study_rates` and
    `level_rates` are the rates with every study, and every case, counted by itself. `missed` are
    the positives cleared, `false_alarms` the flagged negatives, highest score first; both are case
    names.
    """

    finding: str
    domains: tuple[str, ...]
    bundles: tuple[str, ...]
    bundle_cases: int
    verdict: TargetVerdict
    targets: tuple[TargetResult, ...]
    coverage: Rate
    cases: int
    units: int
    studies: int
    positives: int
    negatives: int
    not_applicable: int
    failed: int
    without_verdict: int
    refused: tuple[RefusedCases, ...]
    flow: tuple[tuple[str, int], ...]
    rates: tuple[tuple[str, RateFigure], ...]
    study_rates: tuple[tuple[str, RateFigure], ...]
    level_rates: tuple[tuple[str, RateFigure], ...]
    predictive: tuple[PredictiveValues, ...]
    thresholds: tuple[Thresholds, ...]
    auc: Estimate
    auc_cases: Estimate
    brier: Estimate
    calibration_error: Estimate
    reliability: tuple[ReliabilityBin, ...]
    roc: tuple[tuple[float, float], ...]
    histogram: Histogram | None
    subgroups: tuple[SubgroupSplit, ...]
    lesions: LesionFigures | None
    missed: tuple[str, ...]
    false_alarms: tuple[str, ...]
    warnings: tuple[Message, ...]

    def rate(self, name: str) -> RateFigure:
        return dict(self.rates)[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigures:
    """The cases of one bundle, or of all findings of one domain, against the targets.

    A bundle is judged on every case that it was asked about, also where another one for the same
    finding was more alarming. In a domain a unit is a patient and a finding, and `verdict` is the
    worst of the findings'.
    """

    name: str
    findings: tuple[str, ...]
    verdict: TargetVerdict
    targets: tuple[TargetResult, ...]
    coverage: Rate
    cases: int
    positives: int
    negatives: int
    rates: tuple[tuple[str, RateFigure], ...]
    auc: Estimate


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The audit of all findings against one set of targets, the weakest first.

    `bundles` and `domains` are the same cases taken together otherwise.
    """

    targets: Targets
    options: AuditOptions
    findings: tuple[FindingFigures, ...]
    bundles: tuple[PartFigures, ...] = ()
    domains: tuple[PartFigures, ...] = ()

    @property
    def verdict(self) -> TargetVerdict:
        """The worst finding's verdict."""
        return worst([finding.verdict for finding in self.findings])
