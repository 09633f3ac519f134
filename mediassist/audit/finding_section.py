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
from mediassist.audit.document import AuditRun, GalleryPicture
from mediassist.audit.result import FindingFigures, RateFigure, SubgroupSplit
from mediassist.audit.summary_section import part_table, targets_table
from mediassist.audit.targets import TargetVerdict
from mediassist.audit.wording import (
    counted,
    figure,
    finding_words,
    interval,
    percent,
    unit_words,
)
from mediassist.report.page import CONTENT_WIDTH
from mediassist.text import Words

_MOST_NAMES = 60
_MOST_REFUSED = 12
_MOST_ALARM_PICTURES = 12


def finding_blocks(run: AuditRun, one: FindingFigures, words: Words) -> list[Block]:
    """One finding from the flow of cases to its errors."""
    excluded = sum(each.finding == one.finding for each in run.excluded)
    judged = one.without_verdict < one.cases
    blocks: list[Block] = [
        NewPage(),
        Heading(finding_words(one.finding, words), 1),
        *(_targets(one, words) if judged else ()),
        Heading(words.sentence("Flow of cases")),
        ChartRow((flow_chart(one, excluded, words, CONTENT_WIDTH),)),
        *_refused(one, words),
        *(Text(words.message(warning), tone=Tone.UNSURE) for warning in one.warnings),
        *_bundles(run, one, words),
        Heading(words.sentence("Curves and scores")),
        *_charts(one, words),
    ]
    wilson = run.result.options.interval == "wilson"
    if judged and one.verdict is not TargetVerdict.MARKS_ONLY:
        blocks += _levels(run, one, words, wilson=wilson)
    blocks += [
        Heading(words.sentence("Discrimination and calibration")),
        _figures_table(one, words),
        *_predictive(one, words),
        *_lesions(one, words),
        *_subgroups(one, words),
        *_errors(run, one, words),
    ]
    return blocks


def _targets(one: FindingFigures, words: Words) -> list[Block]:
    return [Heading(words.sentence("Targets")), targets_table(one, words)]


def _levels(run: AuditRun, one: FindingFigures, words: Words, *, wilson: bool) -> list[Block]:
    """Rates by unit, by study and by case, as far as these differ."""
    unit = unit_words(run.result.options.unit, words)
    blocks: list[Block] = [
        Heading(words.sentence("Truth against verdict, by {unit}", unit=unit)),
        _crossed(one, words),
        Heading(words.sentence("Rates by {unit}", unit=unit)),
        _rates_table(one.rates, words, wilson=wilson),
    ]
    if one.studies not in (one.units, one.cases):
        blocks += [
            Heading(words.sentence("Rates by study")),
            Text(
                words.sentence(
                    "Every study counts by itself; intervals come from drawing patients."
                ),
                small=True,
            ),
            _rates_table(one.study_rates, words, wilson=wilson),
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
            _rates_table(one.level_rates, words, wilson=wilson),
        ]
    return blocks


def _refused(one: FindingFigures, words: Words) -> list[Block]:
    """Why cases were not judged, and which."""
    if not one.refused:
        return []
    return [
        Heading(words.sentence("Cases that were not judged")),
        TableBlock(
            (words.sentence("Verdict"), words.sentence("Reason"), words.sentence("Cases")),
            tuple(
                (
                    f"{words.term(each.verdict.value)}\n{each.count}",
                    words.message(each.reason),
                    _names(each.names, words, most=_MOST_REFUSED, count=each.count),
                )
                for each in one.refused
            ),
            (0.17, 0.45, 0.38),
        ),
    ]


def _bundles(run: AuditRun, one: FindingFigures, words: Words) -> list[Block]:
    """Each bundle by itself, where several speak of the finding."""
    own = [part for part in run.result.bundles if one.finding in part.findings]
    if len(own) < 2:
        return []
    return [
        Heading(words.sentence("By bundle")),
        part_table(own, words.sentence("Bundle"), words),
    ]


def _crossed(one: FindingFigures, words: Words) -> TableBlock:
    """Units by truth and verdict, from which all other rates follow."""
    rates = dict(one.rates)
    rows = []
    for truth, total, flagged, cleared in (
        (words.sentence("positive"), one.positives, "detection", "false_negative"),
        (words.sentence("negative"), one.negatives, "false_positive", "cleared_yield"),
    ):
        judged = rates[flagged].rate.denominator
        up, down = rates[flagged].rate.numerator, rates[cleared].rate.numerator
        counts = (up, judged - up - down, down, total - judged, total)
        rows.append((truth, *(str(count) for count in counts)))
    return TableBlock(
        (
            words.sentence("Truth"),
            *(words.term(name) for name in ("flagged", "review", "cleared")),
            words.sentence("Not judged"),
            words.sentence("All"),
        ),
        tuple(rows),
        (0.2, 0.16, 0.16, 0.16, 0.16, 0.16),
    )


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


def _rates_table(
    rates: tuple[tuple[str, RateFigure], ...], words: Words, *, wilson: bool
) -> TableBlock:
    """`wilson` asks for Wilson's interval beside the exact one."""
    if wilson:
        return TableBlock(
            (
                words.sentence("Rate"),
                words.sentence("Measured"),
                words.sentence("Exact 95 % interval"),
                words.sentence("Wilson's 95 % interval"),
                words.sentence("One-sided bound"),
                words.sentence("Bound, refused as errors"),
            ),
            tuple(
                (
                    words.term(name),
                    counted(one.rate),
                    interval(*one.exact),
                    interval(*one.wilson),
                    percent(one.one_sided_bound, 2),
                    percent(one.bound_with_refused, 2),
                )
                for name, one in rates
            ),
            (0.26, 0.17, 0.17, 0.17, 0.11, 0.12),
        )
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
                "{lesions} lesions on {images} images or series. A lesion counts as found where "
                "the centre of a mark lies in its box; a second mark on it counts as nothing. "
                "Intervals come from drawing patients.",
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
            (
                *(
                    (f"{marks:g}", counted(rate), interval(rate.low, rate.high))
                    for marks, rate in lesions.detection_at
                ),
                (
                    words.sentence(
                        "every mark shown: {marks}", marks=f"{lesions.shown_false_marks:.2g}"
                    ),
                    counted(lesions.as_shown),
                    interval(lesions.as_shown.low, lesions.as_shown.high),
                ),
                (
                    words.sentence("mean over 1/8 to 8 (CPM)"),
                    percent(lesions.mean.value),
                    interval(lesions.mean.low, lesions.mean.high),
                ),
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
        blocks += [_groups_table(split, words), Text(_p_values(split, words), small=True)]
    return blocks


def _groups_table(split: SubgroupSplit, words: Words) -> TableBlock:
    """Every group with its counts; groups with few cases are marked."""
    return TableBlock(
        (
            words.sentence("Group"),
            words.sentence("Positives and negatives"),
            words.term("detection"),
            words.term("false_negative"),
            words.term("false_positive"),
            words.sentence("Area under the ROC curve"),
        ),
        tuple(
            (
                group.value or "-",
                f"{group.positives} + {group.negatives}",
                *(
                    f"{counted(rate)}\n{interval(rate.low, rate.high)}" if rate.denominator else "-"
                    for rate in (group.detection, group.false_negative, group.false_positive)
                ),
                figure(group.auc, 2),
            )
            for group in split.groups
        ),
        (0.2, 0.14, 0.16, 0.16, 0.16, 0.18),
        tuple(Tone.UNSURE if group.small else Tone.PLAIN for group in split.groups),
    )


def _p_values(split: SubgroupSplit, words: Words) -> str:
    return words.sentence(
        "Chance alone would make the groups differ so much with p = {detection} (detection), "
        "p = {missed} (false negatives) and p = {alarms} (false positives); not corrected for "
        "several columns.",
        detection="-" if split.p_detection is None else f"{split.p_detection:.2g}",
        missed="-" if split.p_false_negative is None else f"{split.p_false_negative:.2g}",
        alarms="-" if split.p_false_positive is None else f"{split.p_false_positive:.2g}",
    )


def _errors(run: AuditRun, one: FindingFigures, words: Words) -> list[Block]:
    shown = {each.case: each for each in run.pictures if each.finding == one.finding}
    blocks: list[Block] = [
        Heading(words.sentence("Every positive case that was cleared")),
        Text(_names(one.missed, words)),
    ]
    missed = [_shown(shown[case]) for case in one.missed if case in shown]
    if missed:
        blocks += [
            Text(
                words.sentence(
                    "Heat maps of misses are stretched to their own maximum, which was low."
                ),
                small=True,
            ),
            Pictures(tuple(missed)),
        ]
    blocks += [
        Heading(words.sentence("Negative cases that were flagged, the highest score first")),
        Text(_names(one.false_alarms, words)),
    ]
    alarms = [_shown(shown[case]) for case in one.false_alarms if case in shown]
    if alarms:
        blocks.append(Pictures(tuple(alarms[:_MOST_ALARM_PICTURES])))
    return blocks


def _shown(picture: GalleryPicture) -> tuple[str, str]:
    """File and caption."""
    score = "" if picture.score is None else f" · {picture.score:.3f}"
    return picture.file, f"{picture.case}{score}"


def _names(
    cases: tuple[str, ...], words: Words, most: int = _MOST_NAMES, count: int | None = None
) -> str:
    """The first names, and how many of `count` are not named."""
    if not cases:
        return words.sentence("None.")
    text = ", ".join(cases[:most])
    more = (len(cases) if count is None else count) - min(most, len(cases))
    if more:
        return words.sentence(
            "{names} and {more} more; cases.csv lists all.", names=text, more=more
        )
    return text
