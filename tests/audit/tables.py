"""Tables and cases for the audit's tests."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mediassist.audit import Case
from mediassist.core.vocabulary import Verdict


def write_table(path: Path, rows: Sequence[Mapping[str, object]], encoding: str = "utf-8") -> Path:
    """A CSV file with the columns of the first row."""
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def scored_rows(cases: int = 300, seed: int = 0, **more: object) -> list[dict[str, object]]:
    """Predictions of a fair model: every third case positive, two cases a patient."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for number in range(cases):
        positive = number // 2 % 3 == 0
        score = float(np.clip(random.normal(0.8 if positive else 0.2, 0.15), 0, 1))
        rows.append(
            {
                "case": f"病例 {number}",
                "patient": f"p{number // 2}",
                "label": int(positive),
                "score": round(score, 6),
                "t_low": 0.3,
                "t_high": 0.6,
                "site": "甲" if number % 3 else "乙",
                **more,
            }
        )
    return rows


def case(
    name: object, positive: bool, verdict: str, score: float | None = 0.5, **more: Any
) -> Case:
    given = Verdict(verdict)
    if given in (Verdict.FAILED, Verdict.NOT_APPLICABLE):
        score = None
    return Case(
        case=str(name),
        positive=positive,
        finding=more.pop("finding", "fracture"),
        score=score,
        verdict=given,
        **more,
    )


def many(positives: Mapping[str, int], negatives: Mapping[str, int]) -> list[Case]:
    """So many positives and negatives of each verdict, each a patient of its own."""
    found: list[Case] = []
    for positive, counts in ((True, positives), (False, negatives)):
        for verdict, count in counts.items():
            for _ in range(count):
                found.append(case(len(found), positive, verdict, 0.9 if positive else 0.1))
    return found
