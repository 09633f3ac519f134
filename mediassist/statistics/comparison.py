"""Tests between methods and between groups of patients.

Sources: McNemar, Psychometrika 12 (1947) 153, exact form as in Fagerland, Lydersen & Laake, BMC
Med. Res. Methodol. 13 (2013) 91; Holm, Scand. J. Stat. 6 (1979) 65; Pearson, Philos. Mag. 50
(1900) 157; Fisher, Freeman & Halton, Biometrika 38 (1951) 141.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr
from scipy.stats import chi2_contingency

from mediassist.core.operating_point import Rate

SMALL_GROUP = 30  # below this a subgroup's figure carries a warning
_SHUFFLES = 9999


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Do subgroups differ more than chance makes them? `p_value` is None with under two groups."""

    p_value: float | None
    method: str
    small_groups: tuple[int, ...]


def mcnemar(first: ArrayLike, second: ArrayLike) -> float:
    """Exact two-sided p that two methods are right equally often on the same cases.

    Parameters
    ----------
    first, second : (n,) whether each method is right on each case.

    >>> first = [1] * 59 + [1] * 6 + [0] * 16 + [0] * 80  # 6 against 16 discordant
    >>> second = [1] * 59 + [0] * 6 + [1] * 16 + [0] * 80
    >>> round(mcnemar(first, second), 4)
    0.0525
    """
    one, two = np.asarray(first).astype(np.bool_), np.asarray(second).astype(np.bool_)
    if one.shape != two.shape:
        raise ValueError("both methods must have seen the same cases")
    only_first, only_second = int((one & ~two).sum()), int((two & ~one).sum())
    discordant = only_first + only_second
    if discordant == 0:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(min(only_first, only_second), discordant, 0.5)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p values, in the order given.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def heterogeneity(rates: Sequence[Rate], seed: int = 0) -> Heterogeneity:
    """Test that all subgroups share one rate; groups without cases are left out.

    Pearson's chi-squared; where an expected count is below 5 its null distribution is drawn by
    shuffling cases between groups (9,999 draws from the hypergeometric), so that small groups
    raise no false alarm.

    >>> groups = [Rate(0.9, 90, 100, 0, 1), Rate(0.7, 70, 100, 0, 1)]
    >>> result = heterogeneity(groups)
    >>> round(result.p_value, 5), result.method
    (0.00041, 'chi-squared')
    """
    small = tuple(place for place, group in enumerate(rates) if 0 < group.denominator < SMALL_GROUP)
    counts = np.array(
        [(group.numerator, group.denominator) for group in rates if group.denominator]
    )
    if len(counts) < 2:
        return Heterogeneity(None, "fewer than two groups", small)
    hits, cases = counts[:, 0], counts[:, 1]
    total_hits, total = int(hits.sum()), int(cases.sum())
    if total_hits in (0, total):
        return Heterogeneity(1.0, "chi-squared", small)
    share = total_hits / total
    if min(share, 1.0 - share) * int(cases.min()) >= 5.0:
        test = chi2_contingency(np.stack([hits, cases - hits]), correction=False)
        return Heterogeneity(float(test.pvalue), "chi-squared", small)
    random = np.random.default_rng(seed)
    # The marginals method copes with any number of cases.
    drawn = random.multivariate_hypergeometric(
        cases, total_hits, size=_SHUFFLES, method="marginals"
    )
    expected = cases * share
    observed = float(((hits - expected) ** 2 / cases).sum())
    distances = ((drawn - expected) ** 2 / cases).sum(axis=1)
    beyond = int((distances >= observed - 1e-9).sum())
    return Heterogeneity((beyond + 1) / (_SHUFFLES + 1), "exact by permutation", small)
