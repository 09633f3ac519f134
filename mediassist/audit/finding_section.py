"""Everything about one finding, in the order of STARD-AI: flow, figures, subgroups, errors."""

from __future__ import annotations

from mediassist.audit.charts import (
    flow_chart,
    forest_chart,
    froc_chart,
    histogram_chart,
    reliability_chart,
    roc_chart,
    subgroup_rows,
)
from mediassist.audit.content import (
    Block,
    ChartRow,
    Heading,
    NewPage,
    Pictures,
    TableBlock,
    Text,
    Tone,
)
from mediassist.audit.document import AuditRun
from mediassist.audit.result import FindingFigures, RateFigure, SubgroupSplit
from mediassist.audit.summary_section import targets_table
from mediassist.audit.wording import counted, figure, interval, percent
from mediassist.report.page import CONTENT_WIDTH
from mediassist.text import Words

_MOST_NAMES = 60
_MOST_ALARM_PICTURES = 12


def finding_blocks(run: AuditRun, one: FindingFigures, words: Words) -> list[Block]:
    """One finding from the flow of cases to its errors."""
    excluded = len({case for case, _ in run.excluded})
    blocks: list[Block] = [
        NewPage(),
        Heading(words.term(one.finding), 1),
        Heading(words.sentence("Targets")),
        targets_table(one, words),
        Heading(words.sentence("Flow of cases")),
        ChartRow((flow_chart(one, excluded, words, CONTENT_WIDTH),)),
        *(Text(words.message(warning), tone=Tone.UNSURE) for warning in one.warnings),
        Heading(words.sentence("Curves and scores")),
        *_charts(one, words),
        Heading(words.sentence("Rates by {unit}", unit=_unit(run, words))),
        _rates_table(one.rates, words),
    ]
    if one.units != one.cases:
        blocks += [
            Heading(words.sentence("Rates by case")),
            Text(
                words.sentence(
                    "Every case counts by itself. Patients have several cases: intervals come "
                    "from drawing patients, and are never narrower than the exact ones."
                ),
                small=True,
            ),
            _rates_table(one.level_rates, words),
        ]
    blocks += [
        Heading(words.sentence("Discrimination and calibration")),
        _figures_table(one, words),
        *_predictive(one, words),
        *_lesions(one, words),
        *_subgroups(one, words),
        *_errors(run, one, words),
    ]
    return blocks


def _unit(run: AuditRun, words: Words) -> str:
    unit = run.result.options.unit.value
    known = {
        "patient": words.sentence("patient"),
        "study": words.sentence("study"),
        "image": words.sentence("image"),
    }
    return known[unit]


def _charts(one: FindingFigures, words: Words) -> list[Block]:
    drawings = [roc_chart(one, words)]
    if one.histogram is not None:
        thresholds = sorted(
            {
                threshold
                for pair in one.thresholds[:2]
                for threshold in (pair.t_low, pair.t_high)
                if threshold is not None
            }
        )
        drawings.append(histogram_chart(one.histogram, thresholds, words))
    if one.reliability:
        drawings.append(reliability_chart(one.reliability, words))
    if one.lesions is not None:
        drawings.append(froc_chart(one.lesions, words))
    return [ChartRow(tuple(drawings[at : at + 2])) for at in range(0, len(drawings), 2)]


def _rates_table(rates: tuple[tuple[str, RateFigure], ...], words: Words) -> TableBlock:
    return TableBlock(
        (
            words.sentence("Rate"),
            words.sentence("Measured"),
            words.sentence("95 % interval"),
            words.sentence("One-sided bound"),
            words.sentence("Refused as errors"),
            words.sentence("Bound, refused as errors"),
        ),
        tuple(
            (
                words.term(name),
                counted(one.rate),
                interval(one.rate.low, one.rate.high),
                percent(one.one_sided_bound, 2),
                counted(one.with_refused),
                percent(one.bound_with_refused, 2),
            )
            for name, one in rates
        ),
        (0.27, 0.17, 0.18, 0.11, 0.16, 0.11),
    )


def _figures_table(one: FindingFigures, words: Words) -> TableBlock:
    return TableBlock(
        (words.sentence("Figure"), words.sentence("Value and 95 % interval")),
        (
            (words.sentence("Area under the ROC curve, by unit (DeLong)"), figure(one.auc)),
            (
                words.sentence("Area under the ROC curve, by case (Obuchowski)"),
                figure(one.auc_cases),
            ),
            (words.sentence("Brier score"), figure(one.brier)),
            (
                words.sentence("Expected calibration error (ten bins of equal mass)"),
                figure(one.calibration_error),
            ),
            *(
                (
                    words.sentence("Thresholds on {cases} cases", cases=pair.cases),
                    words.sentence(
                        "cleared below {low}, flagged from {high}",
                        low="-" if pair.t_low is None else f"{pair.t_low:.6g}",
                        high=f"{pair.t_high:.6g}",
                    ),
                )
                for pair in one.thresholds[:5]
            ),
        ),
        (0.55, 0.45),
    )


def _predictive(one: FindingFigures, words: Words) -> list[Block]:
    if not one.predictive:
        return []
    return [
        Heading(words.sentence("Predictive values at other prevalences")),
        TableBlock(
            (
                words.sentence("Prevalence"),
                words.sentence("PPV of flagged"),
                words.sentence("NPV of cleared"),
            ),
            tuple(
                (
                    percent(values.prevalence),
                    f"{percent(values.ppv.value)} ({interval(values.ppv.low, values.ppv.high)})",
                    f"{percent(values.npv.value, 2)} "
                    f"({interval(values.npv.low, values.npv.high, 2)})",
                )
                for values in one.predictive
            ),
            (0.2, 0.4, 0.4),
        ),
    ]


def _lesions(one: FindingFigures, words: Words) -> list[Block]:
    lesions = one.lesions
    if lesions is None:
        return []
    return [
        Heading(words.sentence("Marks against lesions")),
        Text(
            words.sentence(
                "{lesions} lesions on {images} images. A lesion counts as found where the centre "
                "of a mark lies in its box.",
                lesions=lesions.lesions,
                images=lesions.images,
            )
        ),
        TableBlock(
            (
                words.sentence("False marks an image"),
                words.sentence("Lesions found"),
                words.sentence("95 % interval"),
            ),
            tuple(
                (f"{marks:g}", counted(rate), interval(rate.low, rate.high))
                for marks, rate in lesions.detection_at
            ),
            (0.3, 0.35, 0.35),
        ),
    ]


def _subgroups(one: FindingFigures, words: Words) -> list[Block]:
    blocks: list[Block] = []
    rates = dict(one.rates)
    for split in one.subgroups:
        blocks.append(Heading(words.sentence("Subgroups by {column}", column=split.column)))
        charts = []
        half = (CONTENT_WIDTH - 16) / 2
        for name, is_detection in (("detection", True), ("false_positive", False)):
            rows = subgroup_rows(split.groups, detection=is_detection)
            if rows:
                charts.append(forest_chart(words.term(name), rows, rates[name].rate, half))
        if charts:
            blocks.append(ChartRow(tuple(charts)))
        blocks.append(Text(_p_values(split, words), small=True))
    return blocks


def _p_values(split: SubgroupSplit, words: Words) -> str:
    return words.sentence(
        "Chance alone would make the groups differ so much with p = {detection} (detection) and "
        "p = {alarms} (false positives); not corrected for several columns.",
        detection="-" if split.p_detection is None else f"{split.p_detection:.2g}",
        alarms="-" if split.p_false_positive is None else f"{split.p_false_positive:.2g}",
    )


def _errors(run: AuditRun, one: FindingFigures, words: Words) -> list[Block]:
    files = {(case, finding): name for case, finding, name in run.pictures}
    blocks: list[Block] = [
        Heading(words.sentence("Every positive case that was cleared")),
        Text(_names(one.missed, words)),
    ]
    missed = [
        (files[case, one.finding], case) for case in one.missed if (case, one.finding) in files
    ]
    if missed:
        blocks.append(Pictures(tuple(missed)))
    blocks += [
        Heading(words.sentence("Negative cases that were flagged, the highest score first")),
        Text(_names(one.false_alarms, words)),
    ]
    alarms = [
        (files[case, one.finding], case)
        for case in one.false_alarms
        if (case, one.finding) in files
    ]
    if alarms:
        blocks.append(Pictures(tuple(alarms[:_MOST_ALARM_PICTURES])))
    return blocks


def _names(cases: tuple[str, ...], words: Words) -> str:
    if not cases:
        return words.sentence("None.")
    text = ", ".join(cases[:_MOST_NAMES])
    if len(cases) > _MOST_NAMES:
        return words.sentence(
            "{names} and {more} more; cases.csv lists all.",
            names=text,
            more=len(cases) - _MOST_NAMES,
        )
    return text
