"""Can the label be guessed without looking at the picture? Then the figures may be too good.

A small logistic regression sees only what surrounds the picture: file size, format, size in
pixels, bit depth, manufacturer, and the manifest's own columns. If it tells positives from
negatives on patients left out of its fit, a model may have learnt the same (DeGrave, Janizek &
Lee, Nat. Mach. Intell. 3 (2021) 610).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mediassist.audit.case import Case, Unit
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.safeguards import Safeguard, SafeguardState
from mediassist.core.messages import say
from mediassist.statistics.estimate import FloatArray
from mediassist.statistics.folds import patient_folds
from mediassist.statistics.roc import auc_interval

_FOLDS = 5
_FEWEST = 20  # positives and negatives
# Quick on 100,000 cases, and more would not change the answer.
_MOST_CASES = 10_000


def shortcut_check(
    cases: Sequence[Case], facts: Mapping[str, ImageFacts], seed: int = 0
) -> Safeguard:
    """AUC of a model that sees everything but the picture; `cases` are of one finding."""
    name = "shortcut"
    chosen, finding = _drawn(cases, seed), cases[0].finding
    numbers, words = _features(chosen, facts)
    truth = np.array([case.positive for case in chosen], dtype=np.bool_)
    few = min(int(truth.sum()), int((~truth).sum())) < _FEWEST
    if few or numbers.shape[1] + words.shape[1] == 0:
        message = say(
            "audit_shortcut_not_checked",
            "Shortcuts were not looked for: too few cases, or nothing is known beside the scores.",
        )
        return Safeguard(name, SafeguardState.NOT_CHECKED, message, finding=finding)
    patients = [case.unit_name(Unit.PATIENT) for case in chosen]
    folds = patient_folds(truth, patients, _FOLDS, seed)
    scores = np.zeros(len(chosen))
    table = np.concatenate([numbers.astype(object), words], axis=1)
    for fold in range(_FOLDS):
        inside = folds == fold
        model = make_pipeline(
            ColumnTransformer(
                [
                    ("numbers", StandardScaler(), list(range(numbers.shape[1]))),
                    (
                        "words",
                        OneHotEncoder(handle_unknown="ignore", max_categories=30),
                        list(range(numbers.shape[1], table.shape[1])),
                    ),
                ]
            ),
            LogisticRegression(max_iter=500),
        )
        model.fit(table[~inside], truth[~inside])
        scores[inside] = model.decision_function(table[inside])
    found = auc_interval(truth, scores, patients=patients)
    values = {
        "auc": f"{found.value or 0.0:.2f}",
        "low": f"{found.low:.2f}",
        "high": f"{found.high:.2f}",
    }
    # Worse than chance is no shortcut; below 0.6 whoever uses it gains little.
    if found.low > 0.6:
        message = say(
            "audit_shortcut",
            "File, format and header alone tell positives from negatives (AUC {auc}, "
            "{low} to {high}). A model may use the same shortcut; the figures may be too good.",
            **values,
        )
        return Safeguard(name, SafeguardState.WARNING, message, finding=finding)
    message = say(
        "audit_no_shortcut",
        "File, format and header alone do not give the label away (AUC {auc}, {low} to {high}).",
        **values,
    )
    return Safeguard(name, SafeguardState.PASSED, message, finding=finding)


def _drawn(cases: Sequence[Case], seed: int) -> list[Case]:
    if len(cases) <= _MOST_CASES:
        return list(cases)
    rows = np.random.default_rng(seed).choice(len(cases), _MOST_CASES, replace=False)
    return [cases[row] for row in sorted(rows.tolist())]


def _features(
    cases: Sequence[Case], facts: Mapping[str, ImageFacts]
) -> tuple[FloatArray, np.ndarray]:
    """Numbers (n, k) and words (n, m); columns that never change are left out."""
    numbers: list[list[float]] = []
    words: list[list[str]] = []
    columns = sorted({column for case in cases for column, _ in case.groups})
    for case in cases:
        fact = facts.get(case.case, ImageFacts())
        numbers.append(
            [
                float(np.log1p(fact.file_bytes)),
                float(fact.rows),
                float(fact.columns),
                float(fact.bits),
                float(fact.images),
                # Compression gives more away than size: bytes for each pixel.
                fact.file_bytes / max(1, fact.rows * fact.columns),
            ]
        )
        values = dict(case.groups)
        words.append(
            [
                *(fact.suffix, fact.manufacturer, fact.model_name),
                *(values.get(column, "") for column in columns),
            ]
        )
    number_table, word_table = np.array(numbers), np.array(words, dtype=object)
    changing = [place for place in range(number_table.shape[1]) if np.ptp(number_table[:, place])]
    varied = [place for place in range(word_table.shape[1]) if len(set(word_table[:, place])) > 1]
    return number_table[:, changing], word_table[:, varied]
