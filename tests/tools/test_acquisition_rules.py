"""The published page of the acquisition rules is what the rule files say."""

from __future__ import annotations

from tools.acquisition_rules import main


def test_the_page_is_up_to_date() -> None:
    assert main(["--check"]) == 0, "run: python -m tools.acquisition_rules"
