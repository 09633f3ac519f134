"""Does the label give itself away beside the picture?

A model can score well on a set whose positives are larger files, or come from another scanner,
without having looked. A tiny model is fitted on such facts alone: where it tells positives from
negatives, the audit's figures may be those of the same shortcut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from mediassist.audit.case import Case, Unit
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.safeguards import Safeguard, SafeguardState
from mediassist.core.messages import say
from mediassist.statistics.estimate import BoolArray, Estimate, FloatArray, IndexArray
from mediassist.statistics.folds import patient_folds
from mediassist.statistics.logistic import logistic_scores, logistic_weights
from mediassist.statistics.roc import auc_interval

_FOLDS = 5
_FEWEST = 20  # positives and negatives
# Quick on 100,000 cases, and more would not change the answer.
_MOST_CASES = 10_000
_SURPRISING_AREA = 0.6  # below it whoever uses the shortcut gains little
_MOST_NAMED = 3
_WORDS = 29  # of one fact that are told apart

# Columns of the table that say how a picture was made or kept. Others (age, sex, grade) are facts
# of the patient, which a reader may use as well.
_HEADER_COLUMNS = frozenset(
    {
        *("modality", "body_part", "view", "laterality", "site", "hospital", "institution"),
        *("manufacturer", "vendor", "model", "model_name", "device", "scanner", "station"),
        *("format", "suffix", "compression", "transfer_syntax", "photometric", "protocol"),
        *("source", "dataset", "series_description", "study_description"),
        *("file_size", "file_bytes", "bytes", "width", "height", "rows", "columns", "bits"),
        *("pixel_spacing", "slice_thickness", "kvp", "exposure", "kernel"),
    }
)


def shortcut_check(
    cases: Sequence[Case], facts: Mapping[str, ImageFacts], seed: int = 0
) -> Safeguard:
    """AUC of a model that sees everything but the picture; `cases` are of one finding."""
    name = "shortcut"
    chosen, finding = _drawn(cases, seed), cases[0].finding
    columns = _columns(chosen, facts)
    truth = np.array([case.positive for case in chosen], dtype=np.bool_)
    few = min(int(truth.sum()), int((~truth).sum())) < _FEWEST
    if few or not columns:
        message = say(
            "audit_shortcut_not_checked",
            "Shortcuts were not looked for: too few cases, or nothing is known beside the scores.",
        )
        return Safeguard(name, SafeguardState.NOT_CHECKED, message, finding=finding)
    patients = [case.unit_name(Unit.PATIENT) for case in chosen]
    folds = patient_folds(truth, patients, _FOLDS, seed)
    found = _area(truth, patients, folds, list(columns.values()))
    values = {
        "auc": f"{found.value or 0.0:.2f}",
        "low": f"{found.low:.2f}",
        "high": f"{found.high:.2f}",
        "looked": ", ".join(columns),
    }
    # Worse than chance is no shortcut.
    if found.low > _SURPRISING_AREA:
        alone = {
            fact: _area(truth, patients, folds, [column]).value or 0.0
            for fact, column in columns.items()
        }
        most = sorted(alone, key=lambda fact: -alone[fact])[:_MOST_NAMED]
        message = say(
            "audit_shortcut",
            "File, format and header alone tell positives from negatives (AUC {auc}, {low} to "
            "{high}), most of all {most}. A model may use the same shortcut; the figures may be "
            "too good.",
            auc=values["auc"],
            low=values["low"],
            high=values["high"],
            most=", ".join(f"{fact} ({alone[fact]:.2f})" for fact in most),
        )
        return Safeguard(name, SafeguardState.WARNING, message, finding=finding)
    message = say(
        "audit_no_shortcut",
        "File, format and header alone do not give the label away (AUC {auc}, {low} to {high}). "
        "Looked at: {looked}.",
        **values,
    )
    return Safeguard(name, SafeguardState.PASSED, message, finding=finding)


def _drawn(cases: Sequence[Case], seed: int) -> list[Case]:
    if len(cases) <= _MOST_CASES:
        return list(cases)
    rows = np.random.default_rng(seed).choice(len(cases), _MOST_CASES, replace=False)
    return [cases[row] for row in sorted(rows.tolist())]


def _area(
    truth: BoolArray, patients: Sequence[str], folds: IndexArray, columns: Sequence[FloatArray]
) -> Estimate:
    """AUC of logistic regressions, each on the patients that it was not fitted on."""
    table = np.concatenate(columns, axis=1)
    scores = np.zeros(len(truth))
    for fold in range(_FOLDS):
        inside = folds == fold
        # A fold's own base rate does not enter, since both classes weigh alike: scores of all
        # folds are ranked together.
        weights = logistic_weights(table[~inside], truth[~inside])
        scores[inside] = logistic_scores(table[inside], weights)
    return auc_interval(truth, scores, patients=patients)


def _columns(cases: Sequence[Case], facts: Mapping[str, ImageFacts]) -> dict[str, FloatArray]:
    """(n, k) of each fact: a number and its quintiles, or one column a word."""
    found: dict[str, FloatArray] = {}
    for name, values in _values(cases, facts).items():
        if len(set(values)) < 2:
            continue
        numbers = _as_numbers(values)
        found[name] = _of_numbers(numbers) if numbers is not None else _of_words(values)
    return found


def _values(cases: Sequence[Case], facts: Mapping[str, ImageFacts]) -> dict[str, list[str]]:
    """Every fact of every case as text; what is not known is empty."""
    table: dict[str, list[str]] = {}
    for row, case in enumerate(cases):
        fact = facts.get(case.case, ImageFacts())
        known = {name: value for name, value in case.groups if name in _HEADER_COLUMNS}
        known |= dict(fact.header)
        if fact.file_bytes:
            pixels = max(1, fact.rows * fact.columns)
            known |= {
                "file_size": str(fact.file_bytes),
                # Compression gives more away than size.
                "bytes_per_pixel": f"{fact.file_bytes / pixels:.4g}",
                "rows": str(fact.rows),
                "columns": str(fact.columns),
                "aspect": f"{fact.columns / max(1, fact.rows):.3f}",
                "bits": str(fact.bits),
                "images": str(fact.images),
                "format": fact.suffix,
                "manufacturer": fact.manufacturer,
                "model_name": fact.model_name,
            }
        for name, value in known.items():
            table.setdefault(name, [""] * len(cases))[row] = value
    return table


def _as_numbers(values: Sequence[str]) -> FloatArray | None:
    """NaN where empty; None where a value is no number, or there are few different ones."""
    try:
        numbers = np.array([float(value) if value else np.nan for value in values])
    except ValueError:
        return None
    return numbers if len(set(values)) > 8 and np.isfinite(numbers).any() else None


def _of_numbers(numbers: FloatArray) -> FloatArray:
    """Missing values, logarithm and quintiles: a shortcut need not be a straight line."""
    missing = ~np.isfinite(numbers)
    filled = np.where(missing, np.nanmedian(numbers), numbers)[:, None]
    # Signed, since a header may hold anything.
    scaled = np.sign(filled) * np.log1p(np.abs(filled))
    scaled = (scaled - scaled.mean()) / (scaled.std() or 1.0)
    edges = np.unique(np.quantile(filled, (0.2, 0.4, 0.6, 0.8)))
    binned = np.eye(len(edges) + 1)[np.searchsorted(edges, filled[:, 0], side="right")]
    return np.concatenate([missing[:, None].astype(np.float64), scaled, binned], axis=1)


def _of_words(values: Sequence[str]) -> FloatArray:
    """One column each of the most frequent words, and one of all others."""
    places = {word: place for place, (word, _) in enumerate(Counter(values).most_common(_WORDS))}
    numbers = np.array([places.get(word, len(places)) for word in values])
    return np.asarray(np.eye(len(places) + 1)[numbers])
