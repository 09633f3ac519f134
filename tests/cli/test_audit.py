"""`mediassist audit` as from the shell: exit codes, JSON, messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.cli.exit_codes import ExitCode
from tests.audit.tables import scored_rows, write_table
from tests.cli.command_line import Run


def perfect(path: Path, positives: int, negatives: int) -> Path:
    rows = [
        {"case": i, "patient": i, "label": int(i < positives), "score": float(i < positives)}
        | {"t_low": 0.4, "t_high": 0.6, "finding": "fracture"}
        for i in range(positives + negatives)
    ]
    return write_table(path, rows)


def test_a_target_that_is_not_met_ends_with_its_own_code(run: Run, chinese_path: Path) -> None:
    rows = scored_rows(150, finding="fracture")
    for row in rows[:60]:
        row["score"] = 0.5
    table = write_table(chinese_path / "预测.csv", rows)
    ran = run("audit", "--predictions", table, "--out", chinese_path / "出", "--json")
    assert ran.code == ExitCode.TARGET_NOT_MET
    assert ran.document["findings"]["fracture"]["detection"]["verdict"] == "not_met"
    assert {path.name for path in (chinese_path / "出").iterdir()} == {
        *("audit.json", "audit.pdf", "audit.html", "cases.csv"),
    }


def test_proof_ends_well_and_too_few_only_where_proof_is_not_required(
    run: Run, chinese_path: Path
) -> None:
    table = perfect(chinese_path / "all.csv", 299, 59)
    proved = run("audit", "--predictions", table, "--out", chinese_path / "a", "--require-proof")
    assert (proved.code, proved.out.count("Proved")) == (0, 3)
    few = perfect(chinese_path / "few.csv", 40, 20)
    assert run("audit", "--predictions", few, "--out", chinese_path / "b").code == 0
    ran = run("audit", "--predictions", few, "--out", chinese_path / "b", "--require-proof")
    assert ran.code == ExitCode.TARGET_NOT_MET
    easier = ("--targets", "90,10,20")
    ran = run(
        "audit", "--predictions", few, "--out", chinese_path / "c", "--require-proof", *easier
    )
    assert ran.code == 0


def test_a_case_that_failed_is_said_by_the_exit_code(run: Run, chinese_path: Path) -> None:
    rows = scored_rows(30, finding="fracture")
    rows[0]["score"] = ""
    table = write_table(chinese_path / "t.csv", rows)
    ran = run("audit", "--predictions", table, "--out", chinese_path / "o", "--targets", "1,99,99")
    assert ran.code == ExitCode.SOME_FAILED


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--predictions", "absent.csv"),
        ("--predictions", "t.csv", "--targets", "95"),
        ("--predictions", "t.csv", "--unit", "dog"),
        ("--predictions", "t.csv", "--interval", "wald"),
        ("--predictions", "t.csv", "--prevalence", "6"),
        ("t.csv", "--predictions", "t.csv"),
        ("t.csv", "--compare", "absent", "absent"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    run: Run, chinese_path: Path, arguments: tuple[str, ...]
) -> None:
    write_table(chinese_path / "t.csv", scored_rows(10))
    assert run("audit", *arguments, "--out", "out").code == ExitCode.WRONG_USAGE


def test_a_bundle_that_is_not_installed_has_its_own_code(run: Run, chinese_path: Path) -> None:
    write_table(chinese_path / "m.csv", [{"case": "a", "path": "a.dcm", "label": 1}])
    ran = run("audit", "m.csv", "--bundle", "lung_moon_xray", "--out", "out")
    assert ran.code == ExitCode.BUNDLE


def test_two_audits_are_compared(run: Run, chinese_path: Path) -> None:
    for name, seed in (("old", 0), ("new", 1)):
        table = write_table(chinese_path / f"{name}.csv", scored_rows(60, seed))
        run("audit", "--predictions", table, "--out", name)
    ran = run("audit", "--compare", "old", "new", "--out", "both")
    assert ran.code == 0
    assert "McNemar" in ran.out
    assert (chinese_path / "both" / "comparison.json").is_file()


def test_only_one_thing_is_audited_at_a_time(run: Run, chinese_path: Path) -> None:
    write_table(chinese_path / "t.csv", scored_rows(10))
    (chinese_path / "results").mkdir()
    ran = run("audit", "t.csv", "--from-reviews", "results", "--out", "out")
    assert ran.code == ExitCode.WRONG_USAGE
    ran = run("audit", "--from-reviews", "results", "--out", "out")
    assert ran.code == ExitCode.WRONG_USAGE
    assert "holds no results" in ran.err
