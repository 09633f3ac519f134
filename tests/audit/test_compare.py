"""Two audits of the same cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mediassist.audit import AuditOptions, AuditRequest, run_audit
from mediassist.audit.compare import compare
from mediassist.audit.comparison_report import compare_folders
from mediassist.core.errors import WrongUsage
from tests.audit.tables import case, scored_rows, write_table


def test_a_better_audit_is_told_from_chance() -> None:
    old = [case(i, True, "flagged" if i >= 40 else "review", 0.4) for i in range(100)]
    new = [case(i, True, "flagged", 0.9) for i in range(100)]
    (one,) = compare(old, new)
    rates = {rate.rate: rate for rate in one.rates}
    assert (rates["detection"].old, rates["detection"].new) == (60, 100)
    assert (rates["detection"].only_old, rates["detection"].only_new) == (0, 40)
    assert rates["detection"].p_value < rates["detection"].p_holm < 1e-9
    assert rates["false_negative"].p_holm == 1.0


def test_cases_that_one_audit_refused_are_left_out_of_the_comparison() -> None:
    old = [case(1, True, "flagged"), case(2, True, "not_applicable")]
    new = [case(1, True, "review"), case(2, True, "flagged")]
    (one,) = compare(old, new)
    assert one.rates[0].units == 1


def test_audits_that_disagree_on_the_truth_or_share_nothing_are_refused() -> None:
    with pytest.raises(WrongUsage, match="truth"):
        compare([case(1, True, "flagged")], [case(1, False, "flagged")])
    with pytest.raises(WrongUsage, match="share no case"):
        compare([case(1, True, "flagged")], [case(2, True, "flagged")])


def test_two_audit_folders_are_compared(chinese_path: Path) -> None:
    for name, seed in (("旧", 0), ("新", 1)):
        table = write_table(chinese_path / f"{name}.csv", scored_rows(90, seed))
        run_audit(
            AuditRequest(
                out=chinese_path / name, predictions=table, options=AuditOptions(resamples=20)
            )
        )
    compared = compare_folders(chinese_path / "旧", chinese_path / "新", chinese_path / "比较")
    (one,) = compared.findings
    assert (chinese_path / "比较" / "comparison.pdf").read_bytes().startswith(b"%PDF")
    assert "</html>" in (chinese_path / "比较" / "comparison.html").read_text("utf-8")
    assert one.common == 90
    stored = json.loads((chinese_path / "比较" / "comparison.json").read_text("utf-8"))
    assert stored["findings"]["finding"]["auc"]["p_holm"] == one.auc_p_holm
    with pytest.raises(WrongUsage, match="holds no audit"):
        compare_folders(chinese_path / "旧", chinese_path, chinese_path / "比较")
