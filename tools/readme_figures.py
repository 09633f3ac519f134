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
from mediassist.models.training.domains import MODULES, training_of
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
class Cell:
    """One measured rate; `with_refused` counts what the gate refused as errors."""

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
        rate = self.rate
        interval = f"{100 * rate.low:.0f} to {100 * rate.high:.0f} %"
        counts = f"{rate.numerator} of {rate.denominator}; {interval}"
        return f"{shown(rate)} ({counts}): {self.verdict()}"


def shown(rate: Rate) -> str:
    return f"{100 * (rate.value or 0.0):.1f} %"


def cells_of(bundle: BundleInfo) -> dict[str, Cell]:
    """Every rate of a bundle that has a target."""
    refused = bundle.block.figures.get("rates_refused_as_errors", {})
    return {
        name: Cell(
            TARGETS[name],
            Rate(**rate.model_dump()),
            Rate(**refused[name]) if name in refused else None,
        )
        for name, rate in bundle.block.operating_point.rates.items()
        if name in TARGETS and rate.value is not None
    }


def weakness(bundle: BundleInfo) -> float:
    """How far the worst of its rates misses its target."""
    return max((cell.shortfall for cell in cells_of(bundle).values()), default=0.0)


def verdict_row(bundle: BundleInfo) -> str:
    cells = cells_of(bundle)
    words = [str(cells[name]) if name in cells else "not measurable" for name in TARGETS]
    name = f"{bundle.block.title} (`{bundle.id}`)"
    columns = (name, *words, separation(bundle), elsewhere(bundle))
    return f"| {' | '.join(columns)} |"


def separation(bundle: BundleInfo) -> str:
    """AUC with interval, and the simple baseline's on the same images with the p-value."""
    measured = bundle.block.figures.get("discrimination", {})
    auc = next((figure["auc"] for figure in measured.values() if figure.get("auc")), None)
    if auc is None or auc["value"] is None:
        return "-"
    words = f"{auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})"
    comparison = bundle.block.figures.get("comparison") or {}
    if comparison:
        words += (
            f"; single images {comparison['here']:.3f}, baseline {comparison['baseline']:.3f}"
            f" (p = {comparison['p_value']:.2g})"
        )
    return words


def _of_one_source(bundle_id: str) -> bool:
    return bundle_id in MODULES and not training_of(bundle_id).sources


def elsewhere(bundle: BundleInfo) -> str:
    """AUC on sources that a training without them has never seen."""
    left_out = bundle.block.figures.get("left_out", {})
    return "; ".join(f"{source} {row['auc']['value']:.3f}" for source, row in left_out.items()) or (
        "one source only" if _of_one_source(bundle.id) else "not measured"
    )


def marks_row(bundle: BundleInfo) -> str:
    found = bundle.block.figures.get("localisation", {})
    shown_there = "; ".join(f"{name}: {_plain(value)}" for name, value in found.items())
    name = f"{bundle.block.title} (`{bundle.id}`)"
    return f"| {name} | {separation(bundle)} | {elsewhere(bundle)} | {shown_there or '-'} |"


def _plain(value: object) -> str:
    if isinstance(value, dict) and "numerator" in value:
        return (
            f"{100 * (value['value'] or 0):.0f} % ({value['numerator']} of {value['denominator']})"
        )
    return str(value)


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


def figures_text(bundles: list[BundleInfo]) -> str:
    """The part of the README between the marks."""
    offered = {bundle.block.finding for bundle in bundles}
    missing = [term for key, term in FINDINGS.items() if key not in offered]
    judging = sorted((b for b in bundles if not b.block.marks_only), key=weakness, reverse=True)
    marking = [bundle for bundle in bundles if bundle.block.marks_only]
    heads = [f"{target.words} (asked for: {target.asked})" for target in TARGETS.values()]
    lines = [
        f"| model | {' | '.join(heads)} | AUC | AUC at hospitals left out of training |",
        f"|{'---|' * (len(heads) + 3)}",
        *map(verdict_row, judging),
        "",
        '"Proved" means that the whole range of likely values meets what is asked for, not only '
        "the measured value. AUC is the chance that an ill patient's score is higher than a "
        "healthy one's (0.5 is guessing, 1 is perfect); the baseline is a simple classifier on "
        "features that were never trained on medical images.",
    ]
    if marking:
        lines += [
            "",
            "These models **only mark places and give no verdict**: they are too weak for one, or "
            "their images cannot show how often they are wrong on healthy people.",
            "",
            "| model | AUC | AUC at hospitals left out of training | where the marks point |",
            "|---|---|---|---|",
            *map(marks_row, marking),
        ]
    lines += ["", "What the lower threshold of each model promises:", ""]
    lines += [promise_line(bundle) for bundle in judging]
    without = sorted({domain.value for domain in Domain} - {b.block.domain.value for b in bundles})
    lines += ["", "**Not offered in this version:** " + names_of(term.english for term in missing)]
    lines[-1] += (
        "; also nothing else that is not listed above (stroke, aneurysm, pneumothorax ...). Models "
        "called experimental are off unless they are named (`--bundle`) or switched on "
        "(`MEDIASSIST_EXPERIMENTAL=true`)."
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
