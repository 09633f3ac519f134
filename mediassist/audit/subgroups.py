"""Rates by subgroup, and whether the groups differ more than chance makes them."""

from __future__ import annotations

from collections import Counter

import numpy as np

from mediassist.audit.columns import Columns
from mediassist.audit.result import AuditOptions, Subgroup, SubgroupSplit
from mediassist.core.messages import Message, say
from mediassist.statistics.comparison import SMALL_GROUP, heterogeneity
from mediassist.statistics.estimate import BoolArray
from mediassist.statistics.roc import auc_interval
from mediassist.statistics.verdict_rates import verdict_rates

# A column with more values than this is split into quarters if it holds numbers; of words, the
# frequent ones stay and the others are taken together.
_MOST_VALUES = 12
OTHERS = "..."  # names the group of all other values; no language of its own
_SURPRISING = 0.05


def subgroup_splits(
    columns: Columns, options: AuditOptions
) -> tuple[tuple[SubgroupSplit, ...], tuple[Message, ...]]:
    """One split per column that parts the cases, and what to warn about."""
    splits: list[SubgroupSplit] = []
    warnings: list[Message] = []
    for column, values in _values_by_column(columns).items():
        parts = _parts(values)
        if parts is None:
            warnings.append(
                say(
                    "audit_column_too_many",
                    "Column {column} has {values} different values and is not used for subgroups.",
                    column=column,
                    values=len(set(values)),
                )
            )
        elif len(parts) > 1:
            split = _split(columns, column, parts, options)
            splits.append(split)
            warnings.extend(_warnings(split))
    return tuple(splits), tuple(warnings)


def _values_by_column(columns: Columns) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    count = len(columns.cases)
    for row, case in enumerate(columns.cases):
        for column, value in case.groups:
            if column not in found:
                found[column] = [""] * count
            found[column][row] = value
    return found


def _parts(values: list[str]) -> list[tuple[str, BoolArray]] | None:
    """(name, rows) of each group; None where there are too many."""
    distinct = Counter(values)
    if len(distinct) <= _MOST_VALUES:
        column = np.array(values, dtype=object)
        return [(value, column == value) for value in sorted(distinct)]
    try:
        numbers = np.array([float(value) if value else np.nan for value in values])
    except ValueError:
        return _frequent(values, distinct)
    known = numbers[np.isfinite(numbers)]
    if len(known) == 0:
        return None
    edges = np.unique(np.quantile(known, [0.0, 0.25, 0.5, 0.75, 1.0]))
    parts: list[tuple[str, BoolArray]] = []
    for place in range(len(edges) - 1):
        last = place == len(edges) - 2
        below = numbers <= edges[place + 1] if last else numbers < edges[place + 1]
        closing = "]" if last else ")"
        name = f"[{edges[place]:g}, {edges[place + 1]:g}{closing}"
        parts.append((name, (numbers >= edges[place]) & below))
    unknown = ~np.isfinite(numbers)
    if unknown.any():
        parts.append(("", unknown))
    return parts


def _frequent(values: list[str], distinct: Counter[str]) -> list[tuple[str, BoolArray]] | None:
    """The most frequent words, and all others as one group; None where no word is frequent."""
    kept = sorted(
        word for word, count in distinct.most_common(_MOST_VALUES - 1) if count >= SMALL_GROUP
    )
    if not kept:
        return None
    column = np.array(values, dtype=object)
    parts: list[tuple[str, BoolArray]] = [(word, column == word) for word in kept]
    others = ~np.logical_or.reduce([rows for _, rows in parts])
    return [*parts, (OTHERS, np.asarray(others, dtype=np.bool_))]


def _split(
    columns: Columns, column: str, parts: list[tuple[str, BoolArray]], options: AuditOptions
) -> SubgroupSplit:
    groups = tuple(_group(columns.rows(rows), value, options) for value, rows in parts)
    detection = heterogeneity([group.detection for group in groups])
    missed = heterogeneity([group.false_negative for group in groups])
    alarms = heterogeneity([group.false_positive for group in groups])
    return SubgroupSplit(
        column, groups, detection.p_value, missed.p_value, alarms.p_value, detection.method
    )


def _group(columns: Columns, value: str, options: AuditOptions) -> Subgroup:
    judged = columns.rows(columns.judged).by_study()
    rates = verdict_rates(judged.unit, judged.positive, judged.verdict, method=options.interval)
    positive = np.unique(columns.unit[columns.positive])
    negatives = columns.units() - len(positive)
    return Subgroup(
        value,
        len(positive),
        negatives,
        rates.detection,
        rates.false_negative,
        rates.false_positive,
        auc_interval(*columns.unit_scores()),
        small=min(len(positive), negatives) < SMALL_GROUP,
    )


def _warnings(split: SubgroupSplit) -> list[Message]:
    small = [group.value or "-" for group in split.groups if group.small]
    found = []
    if small:
        found.append(
            say(
                "audit_groups_small",
                "Column {column}: fewer than {fewest} positives or negatives in {groups}; "
                "their figures say little.",
                column=split.column,
                fewest=SMALL_GROUP,
                groups=", ".join(small),
            )
        )
    for p_value, rate in (
        (split.p_detection, say("audit_rate_detection", "detection rate")),
        (split.p_false_negative, say("audit_rate_false_negative", "false-negative rate")),
        (split.p_false_positive, say("audit_rate_false_positive", "false-positive rate")),
    ):
        if p_value is not None and p_value < _SURPRISING:
            found.append(
                say(
                    "audit_groups_differ",
                    "The {rate} differs between the groups of {column} "
                    "(p = {p}, not corrected for several columns).",
                    rate=rate,
                    column=split.column,
                    p=f"{p_value:.2g}",
                )
            )
    return found
