"""Do intervals cover and do thresholds keep their promise? `python -m benchmarks.audit_coverage`.

Patients with several images are simulated from a binormal model whose truth is known. Printed:
the share of simulated sets whose 95 % interval holds the truth (exact, Wilson, DeLong, Obuchowski,
patient bootstrap, with and without dependence inside patients), and the share of simulated
calibrations whose t_low clears more positives than promised, with the exact binomial test that it
is not above what the promise allows. The default takes minutes; `--runs 200` shows the way.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

from mediassist.audit import AuditOptions, Case, Unit
from mediassist.audit.columns import Columns
from mediassist.audit.rates import case_rates
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.intervals import clopper_pearson, wilson
from mediassist.statistics.roc import auc_bootstrap, auc_interval
from mediassist.statistics.thresholds import high_threshold, low_threshold, patient_scores

SHIFT = 1.8  # distance of the two kinds in standard deviations: area 0.898


@dataclass(frozen=True)
class Simulated:
    """Images of patients; `probability` rises with the score."""

    patient: NDArray[np.intp]
    positive: NDArray[np.bool_]
    score: NDArray[np.float64]

    @property
    def probability(self) -> NDArray[np.float64]:
        return np.asarray(1.0 / (1.0 + np.exp(-self.score)))


def simulate(
    random: np.random.Generator, patients: int, images: int, dependence: float
) -> Simulated:
    """Half of the patients are positive; `dependence` is the correlation inside a patient."""
    patient = np.repeat(np.arange(patients), images)
    positive = patient % 2 == 0
    shared = random.normal(size=patients)[patient]
    own = random.normal(size=len(patient))
    noise = np.sqrt(dependence) * shared + np.sqrt(1.0 - dependence) * own
    return Simulated(patient, positive, noise + SHIFT * positive)


def lowest_below(threshold: float, images: int, dependence: float) -> float:
    """True chance that a positive patient's lowest score lies below a threshold."""
    # Given what a patient's images share, they are independent: integrate over it.
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    within = np.sqrt(max(1.0 - dependence, 1e-12))
    cleared = norm.cdf((threshold - SHIFT - np.sqrt(dependence) * nodes) / within)
    return float(np.sum(weights * (1.0 - (1.0 - cleared) ** images)) / np.sum(weights))


def highest_above(threshold: float, images: int, dependence: float) -> float:
    """True chance that a negative patient's highest score reaches a threshold."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    within = np.sqrt(max(1.0 - dependence, 1e-12))
    below = norm.cdf((threshold - np.sqrt(dependence) * nodes) / within)
    return float(np.sum(weights * (1.0 - below**images)) / np.sum(weights))


def covered(name: str, runs: int, hit: Callable[[int], bool]) -> str:
    count = sum(hit(seed) for seed in range(runs))
    low, high = clopper_pearson(count, runs)
    interval = f"({100 * low:.1f}-{100 * high:.1f})"
    return f"{name:<58} {count}/{runs} = {100 * count / runs:5.1f} %  {interval}"


def proportion_lines(runs: int) -> list[str]:
    lines = []
    for cases, rate in ((60, 0.02), (300, 0.01), (300, 0.95)):
        for name, interval in (("exact", clopper_pearson), ("Wilson", wilson)):

            def hit(
                seed: int,
                cases: int = cases,
                rate: float = rate,
                interval: Callable[[int, int], tuple[float, float]] = interval,
            ) -> bool:
                hits = int(np.random.default_rng(seed).binomial(cases, rate))
                low, high = interval(hits, cases)
                return low <= rate <= high

            lines.append(covered(f"{name}, {cases} cases, rate {rate:g}", runs, hit))
    return lines


def area_lines(runs: int, bootstrap_runs: int) -> list[str]:
    truth = float(norm.cdf(SHIFT / np.sqrt(2)))
    lines = []
    for patients, images, dependence in ((100, 1, 0.0), (300, 1, 0.0), (100, 4, 0.6)):
        setting = f"{patients} patients x {images}, dependence {dependence:g}"

        def data(
            seed: int,
            patients: int = patients,
            images: int = images,
            dependence: float = dependence,
        ) -> Simulated:
            return simulate(np.random.default_rng(seed), patients, images, dependence)

        def delong(seed: int, data: Callable[[int], Simulated] = data) -> bool:
            one = data(seed)
            found = auc_interval(one.positive, one.score)
            return found.low <= truth <= found.high

        def obuchowski(seed: int, data: Callable[[int], Simulated] = data) -> bool:
            one = data(seed)
            found = auc_interval(one.positive, one.score, patients=one.patient)
            return found.low <= truth <= found.high

        def bootstrap(seed: int, data: Callable[[int], Simulated] = data) -> bool:
            one = data(seed)
            found = auc_bootstrap(one.positive, one.score, one.patient, resamples=300)
            return found.low <= truth <= found.high

        lines.append(covered(f"DeLong (logit), {setting}", runs, delong))
        lines.append(covered(f"Obuchowski (logit), {setting}", runs, obuchowski))
        lines.append(covered(f"patient bootstrap, {setting}", bootstrap_runs, bootstrap))
    return lines


def clustered_rate_lines(runs: int) -> list[str]:
    """Share of positive images at or above a threshold, images of a patient depending on it."""
    threshold = SHIFT - 1.2816  # nine in ten positive images lie above
    lines = []
    for patients, images, dependence in ((100, 4, 0.0), (100, 4, 0.6)):
        setting = f"{patients // 2} patients x {images}, dependence {dependence:g}"

        def bare(
            seed: int,
            patients: int = patients,
            images: int = images,
            dependence: float = dependence,
        ) -> bool:
            one = simulate(np.random.default_rng(seed), patients, images, dependence)
            flagged = one.score[one.positive] >= threshold
            low, high = clopper_pearson(int(flagged.sum()), len(flagged))
            return low <= 0.9 <= high

        def audited(
            seed: int,
            patients: int = patients,
            images: int = images,
            dependence: float = dependence,
        ) -> bool:
            one = simulate(np.random.default_rng(seed), patients, images, dependence)
            cases = [
                Case(
                    case=str(row),
                    positive=True,
                    finding="f",
                    patient=str(one.patient[row]),
                    score=0.5,
                    verdict=Verdict.FLAGGED if one.score[row] >= threshold else Verdict.REVIEW,
                )
                for row in np.flatnonzero(one.positive).tolist()
            ]
            rates = dict(case_rates(Columns.of(cases, Unit.PATIENT), AuditOptions(resamples=300)))
            found = rates["detection"].rate
            return found.low <= 0.9 <= found.high

        lines.append(covered(f"exact, images as if independent, {setting}", runs, bare))
        lines.append(covered(f"as the audit gives it by case, {setting}", runs, audited))
    return lines


def marginal_line(runs: int) -> str:
    """The weaker promise: the *mean* share of cleared positives is at most 1 %."""
    missed = []
    for seed in range(runs):
        one = simulate(np.random.default_rng(seed), 2 * 134, 1, 0.0)
        lows, _ = patient_scores(one.positive, one.probability, one.patient)
        t_low, _ = low_threshold(lows)
        missed.append(0.0 if t_low is None else lowest_below(_logit(t_low), 1, 0.0))
    mean, error = float(np.mean(missed)), float(np.std(missed) / np.sqrt(runs))
    verdict = "kept" if mean - 3.1 * error <= 0.01 else "BROKEN"
    return (
        f"t_low, marginal 1 %, 134 patients: mean of {runs} calibrations {100 * mean:.2f} % "
        f"(standard error {100 * error:.2f}): {verdict}"
    )


def threshold_lines(runs: int) -> list[str]:
    """A promise is broken where the true rate at the threshold found exceeds alpha."""
    lines = []
    for patients, images, dependence in ((300, 1, 0.0), (320, 3, 0.5), (700, 3, 0.5)):
        broken_low = broken_high = 0
        for seed in range(runs):
            one = simulate(np.random.default_rng(seed), 2 * patients, images, dependence)
            lows, highs = patient_scores(one.positive, one.probability, one.patient)
            t_low, _ = low_threshold(lows)
            t_high, _ = high_threshold(highs)
            if t_low is not None:
                broken_low += lowest_below(_logit(t_low), images, dependence) > 0.01
            broken_high += highest_above(_logit(t_high), images, dependence) > 0.05
        for name, broken in (("t_low, 1 %", broken_low), ("t_high, 5 %", broken_high)):
            p_value = binomtest(broken, runs, 0.05, alternative="greater").pvalue
            verdict = "kept" if p_value > 0.001 else "BROKEN"
            lines.append(
                f"{name}, {patients} patients x {images}, dependence {dependence:g}: "
                f"above in {broken}/{runs} = {100 * broken / runs:.1f} % "
                f"(5 % allowed; p = {p_value:.3f}): {verdict}"
            )
    return lines


def _logit(share: float) -> float:
    kept = min(max(share, 1e-300), 1.0 - 1e-16)
    return float(np.log(kept) - np.log1p(-kept))


def main() -> None:
    parser = argparse.ArgumentParser(description="Coverage of the audit's intervals and promises.")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--bootstrap-runs", type=int, default=300)
    options = parser.parse_args()
    print("95 % intervals that hold the truth")
    print("\n".join(proportion_lines(options.runs)))
    print("\n".join(area_lines(options.runs, options.bootstrap_runs)))
    print("\n".join(clustered_rate_lines(options.bootstrap_runs)))
    print("\nPromises, each checked at the true rate of the threshold found")
    print("\n".join(threshold_lines(options.runs)))
    print(marginal_line(options.runs))


if __name__ == "__main__":
    main()
