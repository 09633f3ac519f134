"""Exact and score intervals for proportions, and how many cases prove a target.

Sources: Clopper & Pearson, Biometrika 26 (1934) 404; Wilson, JASA 22 (1927) 209;
Brown, Cai & DasGupta, Statistical Science 16 (2001) 101.
"""

from __future__ import annotations

from typing import Literal

from scipy.special import betaincinv, ndtri

from mediassist.core.operating_point import Rate

IntervalMethod = Literal["exact", "wilson"]


def clopper_pearson(successes: int, cases: int, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided exact interval of a proportion; without cases it is 0 to 1.

    The limits are quantiles of Beta(k, n-k+1) and Beta(k+1, n-k).

    >>> low, high = clopper_pearson(81, 263)  # Newcombe, Stat. Med. 17 (1998) 857, table I
    >>> round(low, 4), round(high, 4)
    (0.2527, 0.3676)
    """
    _check(successes, cases, confidence)
    tail = (1.0 - confidence) / 2.0
    return (
        lower_bound(successes, cases, 1.0 - tail),
        upper_bound(successes, cases, 1.0 - tail),
    )


def lower_bound(successes: int, cases: int, confidence: float = 0.95) -> float:
    """One-sided exact lower bound: the true rate is above it with this confidence.

    >>> round(lower_bound(59, 59), 4)  # 59 of 59 prove more than 95 %
    0.9505
    """
    _check(successes, cases, confidence)
    if successes == 0:
        return 0.0
    return float(betaincinv(successes, cases - successes + 1, 1.0 - confidence))


def upper_bound(successes: int, cases: int, confidence: float = 0.95) -> float:
    """One-sided exact upper bound: the true rate is below it with this confidence.

    >>> round(upper_bound(0, 299), 5), round(upper_bound(0, 298), 5)
    (0.00997, 0.01)
    """
    _check(successes, cases, confidence)
    if successes == cases:
        return 1.0
    return float(betaincinv(successes + 1, cases - successes, confidence))


def wilson(successes: int, cases: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval, shown beside the exact one on request.

    >>> low, high = wilson(81, 263)  # Newcombe, Statistics in Medicine 17 (1998) 857, table I
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    _check(successes, cases, confidence)
    if cases == 0:
        return 0.0, 1.0
    z = float(ndtri(0.5 + confidence / 2.0))
    share = successes / cases
    centre = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z / (1 + z * z / cases) * (share * (1 - share) / cases + (z / (2 * cases)) ** 2) ** 0.5
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == cases else min(1.0, centre + half)
    return low, high


def rate(
    numerator: int,
    denominator: int,
    confidence: float = 0.95,
    method: IntervalMethod = "exact",
) -> Rate:
    """A proportion as it must be shown: value, counts and interval.

    >>> rate(1, 4).value, rate(0, 0).value
    (0.25, None)
    """
    interval = clopper_pearson if method == "exact" else wilson
    low, high = interval(numerator, denominator, confidence)
    value = numerator / denominator if denominator else None
    return Rate(value, numerator, denominator, low, high)


def cases_needed(errors: int, limit: float, confidence: float = 0.95) -> int:
    """The fewest cases with which `errors` errors still prove a rate below `limit`.

    >>> [cases_needed(misses, 0.01) for misses in (0, 1, 2, 3)]
    [299, 473, 628, 773]
    >>> cases_needed(0, 0.05)
    59
    """
    if not 0.0 < limit < 1.0:
        raise ValueError(f"limit {limit} must lie between 0 and 1")
    few, many = errors, errors + 1
    while upper_bound(errors, many, confidence) >= limit:
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        if upper_bound(errors, middle, confidence) < limit:
            many = middle
        else:
            few = middle
    return many


def _check(successes: int, cases: int, confidence: float) -> None:
    if not 0 <= successes <= cases:
        raise ValueError(f"{successes} of {cases} is not a proportion")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence {confidence} must lie between 0 and 1")
