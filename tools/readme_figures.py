"""Write the measured figures of the bundles into README.md: `python -m tools.readme_figures`.

The table is made from the bundles' metadata alone, the weakest figure first: the one that falls
furthest short of what the mission asks for. tests/tools/test_readme_figures.py fails when the
README says something else than the bundles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mediassist.core.operating_point import PromiseKind, Rate
from mediassist.core.vocabulary import FINDINGS, Domain
from mediassist.models.bundle import BundleInfo
from mediassist.models.registry import list_bundles
from mediassist.statistics.intervals import lower_bound, upper_bound

REPOSITORY = Path(__file__).resolve().parents[1]
START = "<!-- figures: made by 'make readme', do not edit -->"
END = "<!-- end of figures -->"


@dataclass(frozen=True, slots=True)
class Target:
    """What the mission asks of a rate (product.md); `at_least` tells the direction."""

    words: str
    limit: float
    at_least: bool

    def shortfall(self, value: float) -> float:
        """How far a value is from the limit in units of the room there is; <= 0 is reached.

        >>> round(Target("detected", 0.95, True).shortfall(0.90), 2)
        1.0
        >>> round(Target("missed", 0.01, False).shortfall(0.03), 2)
        2.0
        """
        room = 1 - self.limit if self.at_least else self.limit
        return (self.limit - value if self.at_least else value - self.limit) / room

    def is_proved(self, rate: Rate) -> bool:
        """Whether the one-sided 95 % bound of Clopper and Pearson meets the limit."""
        if self.at_least:
            return lower_bound(rate.numerator, rate.denominator) > self.limit
        return upper_bound(rate.numerator, rate.denominator) < self.limit

    @property
    def asked(self) -> str:
        return f"{'over' if self.at_least else 'under'} {self.limit:.0%}".replace("%", " %")


TARGETS = {
    "detection": Target("ill patients that are flagged", 0.95, True),
    "false_negative": Target("ill patients that are cleared (missed)", 0.01, False),
    "false_positive": Target("healthy patients that are flagged", 0.05, False),
    "review_load": Target("studies left to a person as unsure", 0.10, False),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One measured rate of one bundle; `with_refused` counts what the gate refused as errors."""

    title: str
    target: Target
    rate: Rate
    with_refused: Rate | None = None

    @property
    def shortfall(self) -> float:
        return self.target.shortfall(self.rate.value or 0.0)

    def verdict(self) -> str:
        """Whether the target is reached; a gate that refuses the hard images does not count."""
        if self.shortfall > 0:
            return "not reached"
        if self.with_refused and self.target.shortfall(self.with_refused.value or 0.0) > 0:
            return "reached only without the refused images"
        return "proved" if self.target.is_proved(self.rate) else "reached, not proved"

    def __str__(self) -> str:
        rate, target = self.rate, self.target
        reached = self.verdict()
        interval = f"{100 * rate.low:.1f} to {100 * rate.high:.1f} %"
        value = f"{shown(rate)} ({rate.numerator} of {rate.denominator})"
        refused = shown(self.with_refused) if self.with_refused else "not measured"
        cells = (self.title, target.words, value, interval, refused, target.asked, reached)
        return f"| {' | '.join(cells)} |"


def shown(rate: Rate) -> str:
    return f"{100 * (rate.value or 0.0):.1f} %"


def rows_of(bundles: Iterable[BundleInfo]) -> list[Row]:
    """Every rate that has a target, the weakest first."""
    rows = []
    for bundle in bundles:
        refused = bundle.block.figures.get("rates_refused_as_errors", {})
        for name, rate in bundle.block.operating_point.rates.items():
            if name in TARGETS and rate.value is not None:
                errors = Rate(**refused[name]) if name in refused else None
                measured = Rate(**rate.model_dump())
                rows.append(Row(bundle.block.title, TARGETS[name], measured, errors))
    return sorted(rows, key=lambda row: -row.shortfall)


def promise_line(bundle: BundleInfo) -> str:
    """What the lower threshold promises, in words that need no statistics."""
    point = bundle.block.operating_point
    promise = point.promise
    measured = point.measured_on.rstrip(".") + "." if point.measured_on else ""
    if point.t_low is None or promise.alpha is None:
        words = (
            f"is absent, no study is cleared: {promise.n} ill patients are too few to promise how "
            "rarely one would be missed"
        )
    else:
        share = f"{100 * promise.alpha:.2f} %"
        words = {
            PromiseKind.MARGINAL: f"is set so that on average at most {share} of ill patients are "
            "cleared",
            PromiseKind.CROSS_CONFORMAL: f"is set so that on average about {share} of ill patients "
            "are cleared (from cross-validated scores, a weaker guarantee)",
            PromiseKind.HIGH_PROBABILITY: f"is set so that at most {share} of ill patients are "
            f"cleared, with {100 * (1 - (promise.delta or 0)):.0f} % confidence",
            PromiseKind.NONE: "is set without any guarantee",
        }[promise.kind]
        words += f", from {promise.n} ill patients; it holds for patients like those only"
    return f"- **{bundle.block.title}** (`{bundle.id}`): the lower threshold {words}. {measured}"


def about(bundle: BundleInfo) -> list[str]:
    """What stands behind a bundle's rates: how it separates, warns, and is known to fail."""
    figures = bundle.block.figures
    lines = [promise_line(bundle)]
    measured = figures.get("discrimination", {})
    separations = [
        f"{name}: {auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})"
        for name, figure in measured.items()
        if (auc := figure.get("auc"))
    ]
    if separations:
        lines.append(
            "  How well its score tells ill from healthy (AUC, the chance that an ill patient's "
            f"score is the higher one; 0.5 is guessing, 1 is perfect): {'; '.join(separations)}. "
            "Normal means without any finding; the names are those of the public image collections."
        )
    lines += [f"  Caution: {caution}" for caution in figures.get("cautions", ())]
    failures = figures.get("known_failures", ())
    if failures:
        lines.append(f"  Known to fail: {' '.join(failures)}")
    return [lines[0], *(f"  -{line[1:]}" for line in lines[1:])]


def figures_text(bundles: list[BundleInfo]) -> str:
    """The part of the README between the marks."""
    offered = {bundle.block.finding for bundle in bundles}
    missing = [term for key, term in FINDINGS.items() if key not in offered]
    lines = [
        "| model | what is counted | measured | 95 % interval | refused images counted as errors "
        "| asked for | |",
        "|---|---|---|---|---|---|---|",
        *map(str, rows_of(bundles)),
        "",
        '"Proved" means that the whole range of likely values meets what is asked for, not only '
        "the measured value.",
        "",
    ]
    for bundle in bundles:
        lines += about(bundle)
    without = sorted({domain.value for domain in Domain} - {b.block.domain.value for b in bundles})
    lines += ["", "**Not offered in this version:** " + names_of(term.english for term in missing)]
    lines[-1] += (
        "; also nothing else that is not listed above (stroke, aneurysm, pneumothorax ...)."
    )
    if without:
        lines += ["", f"Fields without any model so far: {', '.join(without)}."]
    return "\n".join(lines)


def names_of(names: Iterable[str]) -> str:
    """In the middle of a sentence: `Brain tumour` becomes `brain tumour`."""
    return ", ".join(name[0].lower() + name[1:] for name in names)


def with_figures(readme: str, figures: str) -> str:
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError("README.md lacks the marks of the figures")
    return f"{before}{START}\n{figures}\n{END}{after}"


def installed(repository: Path = REPOSITORY) -> list[BundleInfo]:
    """The bundles of this checkout; a damaged one stops everything."""
    bundles = []
    for entry in list_bundles(repository / "model_weights"):
        if not isinstance(entry, BundleInfo):
            raise entry
        bundles.append(entry)
    return bundles


def main() -> None:
    path = REPOSITORY / "README.md"
    text = with_figures(path.read_text("utf-8"), figures_text(installed()))
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
