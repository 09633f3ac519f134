"""The acquisition check in the report: what was not as it should be, measured against allowed."""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from mediassist.analysis.result import StudyResult
from mediassist.core.acquisition import Outcome, RuleResult
from mediassist.report.blocks import Cell, headed, table
from mediassist.report.page import CONTENT_WIDTH
from mediassist.report.typeface import shortened
from mediassist.report.typesetting import BODY, SMALL, Style, TextBlock
from mediassist.text import Words

_CELL = Style(size=8.0, leading=11.0)
_TINY = Style(size=6.8, leading=9.0)
_HEAD_AND_FIRST_ROW = 120.0
_MOST_ROWS = 30


def acquisition_check_section(result: StudyResult, words: Words) -> list[Flowable]:
    """Counts, then one row a rule that is not met; nothing where the images were not checked."""
    check = result.acquisition
    if check is None or not check.results:
        return []
    rules = check.by_rule
    broken = [rule for rule in rules if rule.outcome is not Outcome.PASS]
    counts = TextBlock(
        words.sentence(
            "Rules of acquisition: {count} looked at, {warned} with a warning, {failed} failed.",
            count=len(rules),
            warned=sum(rule.outcome is Outcome.WARN for rule in rules),
            failed=sum(rule.outcome is Outcome.FAIL for rule in rules),
        ),
        BODY,
    )
    content: list[Flowable] = [counts]
    if broken:
        head = [
            words.sentence("Outcome"),
            words.sentence("Rule"),
            words.sentence("Measured"),
            words.sentence("Allowed"),
            words.sentence("What to do"),
        ]
        widths = [48.0, 124.0, 74.0, 88.0, CONTENT_WIDTH - 334.0]
        rows = [_row(rule, words) for rule in broken[:_MOST_ROWS]]
        content += [Spacer(0, 3), table(head, rows, widths, style=_CELL)]
    if len(broken) > _MOST_ROWS:
        rest = len(broken) - _MOST_ROWS
        content.append(TextBlock(words.sentence("and {count} more", count=rest), SMALL))
    return headed(words.sentence("Acquisition check"), content, keep=_HEAD_AND_FIRST_ROW)


def _row(rule: RuleResult, words: Words) -> list[Cell]:
    return [
        words.term(f"outcome_{rule.outcome.value}"),
        [
            TextBlock(words.message(rule.title), _CELL),
            TextBlock(shortened(rule.source, 160), _TINY),
        ],
        shortened(words.message(rule.measured), 120),
        shortened(words.message(rule.allowed), 120),
        words.message(rule.advice),
    ]
