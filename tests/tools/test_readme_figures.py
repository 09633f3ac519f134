"""The README's figures are those of the bundles, the weakest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.core.operating_point import Rate
from mediassist.statistics.intervals import rate
from tools.readme_figures import END, START, TARGETS, Cell, figures_text, installed, with_figures


def _cell(name: str, numerator: int, denominator: int) -> Cell:
    measured: Rate = rate(numerator, denominator)
    return Cell(TARGETS[name], measured)


def test_the_readme_shows_the_figures_of_the_installed_bundles(repository: Path) -> None:
    text = (repository / "README.md").read_text("utf-8")
    assert with_figures(text, figures_text(installed(repository))) == text, "run 'make readme'"


def test_the_figure_furthest_from_its_target_is_the_weakest() -> None:
    missed, flagged = _cell("false_negative", 5, 100), _cell("detection", 90, 100)
    assert missed.shortfall > flagged.shortfall > 0


@pytest.mark.parametrize(
    ("name", "numerator", "denominator", "said"),
    [
        ("detection", 59, 59, "proved"),
        ("detection", 58, 58, "reached, not proved"),
        ("detection", 90, 100, "not reached"),
        ("false_negative", 0, 299, "proved"),
        ("false_negative", 0, 298, "reached, not proved"),
        ("false_positive", 0, 59, "proved"),
        ("false_positive", 6, 100, "not reached"),
    ],
)
def test_proved_is_said_only_where_the_bound_meets_the_target(
    name: str, numerator: int, denominator: int, said: str
) -> None:
    assert _cell(name, numerator, denominator).verdict() == said


def test_a_target_reached_by_refusing_the_hard_images_is_not_called_reached() -> None:
    cell = Cell(TARGETS["false_negative"], rate(0, 400), with_refused=rate(6, 406))
    assert cell.verdict() == "reached only without the refused images"


def test_every_cell_gives_counts_and_interval() -> None:
    assert str(_cell("detection", 90, 100)) == "90.0 % (90 of 100; 82 to 95 %): not reached"


def test_text_around_the_figures_stays_as_it_is() -> None:
    readme = f"before\n{START}\nold\n{END}\nafter\n"
    assert with_figures(readme, "new") == f"before\n{START}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="marks"):
        with_figures("no marks", "new")


def test_every_link_of_the_papers_leads_somewhere(repository: Path) -> None:
    import re

    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/installation.md"):
        page = repository / name
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{name}: {target}"
