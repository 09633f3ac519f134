"""The first page: what a committee must know, in words."""

from __future__ import annotations

from collections.abc import Sequence

from mediassist.audit.content import Block, Heading, TableBlock, Text, Tone
from mediassist.audit.document import AuditRun
from mediassist.audit.result import FindingFigures, PartFigures
from mediassist.audit.safeguards import Safeguard
from mediassist.audit.targets import TargetResult, TargetVerdict
from mediassist.audit.wording import (
    STATE_TONES,
    TONES,
    counted,
    figure,
    finding_words,
    interval,
    percent,
    safeguard_words,
    state_words,
    target_words,
    unit_words,
)
from mediassist.core.messages import Message
from mediassist.core.operating_point import Rate
from mediassist.text import Words

_FEW_FINDINGS = 3


def summary(run: AuditRun, words: Words) -> list[Block]:
    """Verdict of every finding against its targets, the weakest first, and the checks."""
    result = run.result
    targets = result.targets
    return [
        Heading(words.sentence("Sensitivity audit"), 1),
        Text(
            words.sentence(
                "Are more than {detection} of the positives flagged, fewer than {missed} cleared, "
                "and fewer than {alarms} of the negatives flagged? The answer for {source}, made "
                "on {date}:",
                detection=percent(targets.detection, 0),
                missed=percent(targets.false_negative, 0),
                alarms=percent(targets.false_positive, 0),
                source=run.source,
                date=run.provenance.created.date().isoformat(),
            )
        ),
        *_vanished(run, words),
        *_answers(run, words),
        Text(
            words.sentence(
                "The verdict stands on the one-sided 95 % Clopper-Pearson bound. Proved means that "
                "the bound meets the target both with refused cases left out and with refused "
                "cases counted as errors. Coverage is the share of cases that could be judged at "
                "all."
            ),
            small=True,
        ),
        *_domains(result.domains, words),
        Heading(words.sentence("What was checked beside the figures")),
        TableBlock(
            (
                words.sentence("Check"),
                words.sentence("Result"),
                words.sentence("What was found"),
            ),
            tuple(
                (
                    safeguard_words(checks[0].name, words) + _of_findings(checks, words),
                    state_words(checks[0].state, words),
                    words.message(checks[0].message),
                )
                for checks in _alike(run.safeguards)
            ),
            (0.26, 0.13, 0.61),
            tuple(STATE_TONES[checks[0].state] for checks in _alike(run.safeguards)),
        ),
    ]


def _vanished(run: AuditRun, words: Words) -> list[Block]:
    """Findings of which no case is left, since a bundle has seen them all."""
    left = {one.finding for one in run.result.findings}
    gone = dict.fromkeys(each.finding for each in run.excluded if each.finding not in left)
    if not gone:
        return []
    text = words.sentence(
        "Nothing is left to audit for {findings}: a bundle has learnt from every case.",
        findings=_listed([finding_words(name, words) for name in gone], words),
    )
    return [Text(text, tone=Tone.BAD)]


def _answers(run: AuditRun, words: Words) -> list[Block]:
    """A sentence and the targets of each finding; of many, one table, so that it stays one page."""
    findings = run.result.findings
    blocks: list[Block] = []
    if len(findings) <= _FEW_FINDINGS:
        for one in findings:
            blocks += [
                Text(_sentence(run, one, words), tone=TONES[one.verdict]),
                *_few(one, words),
            ]
        return blocks
    colon = "：" if words.lang == "zh_CN" else ": "
    for verdict in dict.fromkeys(one.verdict for one in findings):
        names = [finding_words(one.finding, words) for one in findings if one.verdict is verdict]
        text = target_words(verdict, words) + colon + _listed(names, words)
        blocks.append(Text(text, tone=TONES[verdict]))
    blocks.append(
        TableBlock(
            (
                words.sentence("Finding"),
                words.term("detection"),
                words.term("false_negative"),
                words.term("false_positive"),
                words.term("review_load"),
                words.sentence("Coverage"),
            ),
            tuple(_row(one, words) for one in findings),
            (0.22, 0.17, 0.17, 0.17, 0.14, 0.13),
            tuple(TONES[one.verdict] for one in findings),
        )
    )
    return blocks


def _few(one: FindingFigures, words: Words) -> list[Block]:
    """Everything that a committee asks of one finding."""
    if one.verdict is TargetVerdict.MARKS_ONLY:
        return []
    if one.without_verdict == one.cases:
        text = words.sentence(
            "The table gives scores without verdicts or thresholds (columns verdict, t_low, "
            "t_high): the targets cannot be judged, only how well the scores rank."
        )
        return [Text(text, tone=Tone.UNSURE), Text(_area(one, words))]
    rates = dict(one.rates)
    beside = words.sentence(
        "Review load {review}; disease-free cases cleared {cleared}; area under the ROC curve "
        "{area}.",
        review=_whole(rates["review_load"].rate),
        cleared=_whole(rates["cleared_yield"].rate),
        area=figure(one.auc),
    )
    return [targets_table(one, words), Text(beside)]


def _area(one: FindingFigures, words: Words) -> str:
    return words.sentence("Area under the ROC curve: {area}.", area=figure(one.auc))


def _whole(rate: Rate) -> str:
    """A rate with its counts and its interval, within a sentence."""
    return f"{counted(rate)[:-1]}; {interval(rate.low, rate.high)})"


def _listed(names: Sequence[str], words: Words) -> str:
    return ("、" if words.lang == "zh_CN" else ", ").join(names)


def _alike(checks: Sequence[Safeguard]) -> list[list[Safeguard]]:
    """Checks that found the very same thing in several findings, together."""
    groups: dict[tuple[str, Message], list[Safeguard]] = {}
    for check in checks:
        groups.setdefault((check.name, check.message), []).append(check)
    return list(groups.values())


def _of_findings(checks: Sequence[Safeguard], words: Words) -> str:
    names = [finding_words(check.finding, words) for check in checks if check.finding]
    return f" ({_listed(names, words)})" if names else ""


def _domains(domains: Sequence[PartFigures], words: Words) -> list[Block]:
    """The domains, where some finding has company in its own."""
    if not any(len(one.findings) > 1 for one in domains):
        return []
    return [
        Heading(words.sentence("By domain")),
        Text(
            words.sentence(
                "All findings of a domain together; a unit is a patient and a finding. The verdict "
                "is that of the weakest finding."
            ),
            small=True,
        ),
        part_table(domains, words.sentence("Domain"), words),
    ]


def part_table(parts: Sequence[PartFigures], name: str, words: Words) -> TableBlock:
    """Bundles or domains side by side; `name` heads the first column."""
    return TableBlock(
        (
            name,
            words.sentence("Verdict"),
            words.term("detection"),
            words.term("false_negative"),
            words.term("false_positive"),
            words.term("cleared_yield"),
            words.sentence("Coverage"),
        ),
        tuple(
            (
                words.term(one.name),
                target_words(one.verdict, words),
                *(
                    counted(dict(one.rates)[rate].rate)
                    for rate in ("detection", "false_negative", "false_positive", "cleared_yield")
                ),
                counted(one.coverage),
            )
            for one in parts
        ),
        (0.22, 0.16, 0.13, 0.13, 0.13, 0.12, 0.11),
        tuple(TONES[one.verdict] for one in parts),
    )


def _sentence(run: AuditRun, one: FindingFigures, words: Words) -> str:
    return words.sentence(
        "{finding}: {verdict}. Coverage {coverage}, not applicable {refused}, failed {failed}. "
        "Counted by {unit}: {positives} positive, {negatives} negative.",
        finding=finding_words(one.finding, words),
        verdict=target_words(one.verdict, words),
        coverage=_whole(one.coverage),
        refused=one.not_applicable,
        failed=one.failed,
        unit=unit_words(run.result.options.unit, words),
        positives=one.positives,
        negatives=one.negatives,
    )


def _row(one: FindingFigures, words: Words) -> tuple[str, ...]:
    rates = dict(one.rates)
    cells = [finding_words(one.finding, words)]
    if one.verdict is TargetVerdict.MARKS_ONLY:
        said = target_words(one.verdict, words)
        return (*cells, said, "-", "-", "-", counted(one.coverage))
    for each in one.targets:
        sign = "≥" if each.rate == "detection" else "≤"
        cells.append(
            f"{counted(rates[each.rate].rate)}\n{sign} {percent(each.bound, 2)}\n"
            f"{target_words(each.verdict, words)}"
        )
    return (*cells, counted(rates["review_load"].rate), counted(one.coverage))


def targets_table(one: FindingFigures, words: Words) -> TableBlock:
    """Each target of one finding with what decides it, and how many more cases would."""
    rates = dict(one.rates)
    rows = []
    for each in one.targets:
        rate = rates[each.rate]
        wanted = "> " if each.rate == "detection" else "< "
        rows.append(
            (
                words.term(each.rate),
                wanted + percent(each.target, 0),
                f"{counted(rate.rate)}\n{interval(rate.rate.low, rate.rate.high)}",
                percent(each.bound, 2),
                percent(each.bound_with_refused, 2),
                target_words(each.verdict, words),
                more_words(each, words),
            )
        )
    return TableBlock(
        (
            words.sentence("Rate"),
            words.sentence("Target"),
            words.sentence("Measured, 95 % interval"),
            words.sentence("One-sided bound"),
            words.sentence("Bound, refused as errors"),
            words.sentence("Verdict"),
            words.sentence("What would prove it"),
        ),
        tuple(rows),
        (0.18, 0.08, 0.18, 0.11, 0.12, 0.14, 0.19),
        tuple(TONES[each.verdict] for each in one.targets),
    )


def more_words(result: TargetResult, words: Words) -> str:
    """How many more positives or negatives without an error would prove the target."""
    count = result.more_cases
    if result.verdict is TargetVerdict.PROVED or count == 0:
        return "-"
    if result.rate != "false_positive":
        return words.sentence("{count} more positives without an error", count=count)
    return words.sentence("{count} more negatives without an error", count=count)
