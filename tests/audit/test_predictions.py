"""Tables as hospitals make them: separators, encodings, and every mistake named with its row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from mediassist.audit.gathering import reference_standard
from mediassist.audit.predictions import read_predictions, read_truth
from mediassist.core.errors import UnreadableFile, WrongUsage
from mediassist.core.vocabulary import Verdict
from tests.audit.tables import scored_rows, write_table

ROW = {"case": "a", "patient": "p", "label": 1, "score": 0.5}


def test_a_verdict_follows_from_score_and_thresholds(chinese_path: Path) -> None:
    rows = [
        {**ROW, "case": str(score), "score": score, "t_low": 0.3, "t_high": 0.6}
        for score in (0.1, 0.3, 0.6)
    ]
    cases = list(read_predictions(write_table(chinese_path / "t.csv", rows), "fracture"))
    assert [case.verdict for case in cases] == [Verdict.CLEARED, Verdict.REVIEW, Verdict.FLAGGED]
    assert {case.finding for case in cases} == {"fracture"}


def test_with_one_threshold_what_is_not_flagged_counts_as_cleared(chinese_path: Path) -> None:
    rows = [{**ROW, "case": str(score), "score": score, "t_high": 0.6} for score in (0.5, 0.6)]
    cases = list(read_predictions(write_table(chinese_path / "t.csv", rows)))
    assert [case.verdict for case in cases] == [Verdict.CLEARED, Verdict.FLAGGED]


def test_an_empty_lower_threshold_clears_nothing(chinese_path: Path) -> None:
    rows = [{**ROW, "score": 0.0, "t_low": "", "t_high": 0.6}]
    (case,) = read_predictions(write_table(chinese_path / "t.csv", rows))
    assert case.verdict is Verdict.REVIEW


def test_scores_of_other_vendors_may_have_any_scale(chinese_path: Path) -> None:
    rows = [
        {**ROW, "case": str(score), "score": score, "t_low": 20, "t_high": 60}
        for score in (-3, 45, 99)
    ]
    cases = list(read_predictions(write_table(chinese_path / "t.csv", rows)))
    assert [case.verdict for case in cases] == [Verdict.CLEARED, Verdict.REVIEW, Verdict.FLAGGED]


def test_a_case_without_score_has_failed_and_a_refusal_keeps_its_reason(chinese_path: Path) -> None:
    rows = [
        {**ROW, "case": "a", "score": "", "verdict": "", "reason": ""},
        {**ROW, "case": "b", "score": "0.4", "verdict": "not_applicable", "reason": "侧位片"},
    ]
    first, second = read_predictions(write_table(chinese_path / "t.csv", rows))
    assert (first.verdict, first.score) == (Verdict.FAILED, None)
    assert (second.verdict, second.score, str(second.reason)) == (
        Verdict.NOT_APPLICABLE,
        None,
        "侧位片",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_tables_are_read_in_the_encodings_that_excel_writes(
    chinese_path: Path, encoding: str
) -> None:
    table = write_table(chinese_path / "预测.csv", scored_rows(6), encoding)
    cases = list(read_predictions(table))
    assert cases[0].case == "病例 0"
    assert cases[0].groups == (("site", "乙"),)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_recognised(chinese_path: Path, separator: str) -> None:
    path = chinese_path / "t.csv"
    path.write_text(
        separator.join(["case", "label", "score"]) + "\n" + separator.join(["a", "1", "0.5"])
    )
    (case,) = read_predictions(path)
    assert case.positive


def test_how_the_truth_is_known_is_no_subgroup(chinese_path: Path) -> None:
    path = chinese_path / "t.csv"
    path.write_text("case,label,score,reference,reader\na,1,0.5,CT,王\nb,0,0.1,CT,李\n", "utf-8")
    assert [case.groups for case in read_predictions(path)] == [(), ()]
    found = reference_standard(read_truth(path))
    assert (found.sources, found.readers) == ((("CT", 2),), 2)
    path.write_text("case,label,score\na,1,0.5\n", "utf-8")
    assert list(read_truth(path)) == []


def test_what_spreadsheets_do_to_a_table_is_understood(chinese_path: Path) -> None:
    path = chinese_path / "表.csv"
    path.write_bytes(
        "sep=;\r\nCase;Label;Score; 科室 ;;\r\na;TRUE;0,75;眼科;;\r\nb;0;0.25\r\n;;;;;\r\n".encode()
    )
    first, second = read_predictions(path)
    assert (first.positive, first.score, first.groups) == (True, 0.75, (("科室", "眼科"),))
    assert (second.positive, second.score, second.groups) == (False, 0.25, (("科室", ""),))
    path.write_bytes(b"PK\x03\x04 a workbook")
    with pytest.raises(UnreadableFile, match="save its sheet as CSV"):
        list(read_predictions(path))
    path.write_bytes(b"case,label,score\n\xff\xff\xff\xff,1,0.5\n")
    with pytest.raises(UnreadableFile, match="no readable CSV"):
        list(read_predictions(path))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": "yes"}, "row 2: column label holds 'yes'"),
        ({"score": "high"}, "column score holds 'high', expected a number"),
        ({"score": "nan"}, "column score"),
        ({"verdict": "positive"}, "column verdict holds 'positive'"),
        ({"case": ""}, "column case"),
        ({"t_low": "0.5"}, "column t_high"),
        ({"t_low": "0.7", "t_high": "0.6"}, "column t_low"),
        ({"score": "", "verdict": "flagged"}, "column score"),
    ],
)
def test_a_cell_that_makes_no_sense_is_named(
    chinese_path: Path, change: dict[str, str], words: str
) -> None:
    row = {**ROW, "verdict": "", "t_low": "", "t_high": "", **change}
    with pytest.raises(WrongUsage, match="t.csv") as caught:
        list(read_predictions(write_table(chinese_path / "t.csv", [row])))
    assert words in str(caught.value)


def test_missing_columns_rows_and_files_are_named(chinese_path: Path) -> None:
    path = chinese_path / "t.csv"
    path.write_text("case,patient\na,b\n")
    with pytest.raises(WrongUsage, match="label, score"):
        list(read_predictions(path))
    path.write_text("case,label,score\na,1,0.5,0.6\n")
    with pytest.raises(WrongUsage, match="row 2: 4 cells under 3 columns"):
        list(read_predictions(path))
    path.write_text("case,label,score,score\n")
    with pytest.raises(WrongUsage, match="two columns"):
        list(read_predictions(path))
    with pytest.raises(WrongUsage, match="no table"):
        list(read_predictions(chinese_path / "absent.csv"))


def test_a_case_that_occurs_twice_is_refused(chinese_path: Path) -> None:
    path = write_table(chinese_path / "t.csv", [ROW, ROW])
    with pytest.raises(WrongUsage, match="row 3: case 'a' occurs twice"):
        list(read_predictions(path))


def test_parquet_and_csv_say_the_same(chinese_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"case": "甲", "patient": 12, "label": 1, "score": 0.75, "when": date(2026, 1, 2)},
        {"case": "乙", "patient": None, "label": 0, "score": 0.125, "when": None},
        {"case": "丙", "patient": 13, "label": 0, "score": float("nan"), "when": None},
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), chinese_path / "预测.parquet")
    text = [{**row, "score": "" if row["case"] == "丙" else row["score"]} for row in rows]
    written = list(read_predictions(write_table(chinese_path / "p.csv", text)))
    read = list(read_predictions(chinese_path / "预测.parquet"))
    assert read == written
    assert [one.verdict for one in read] == [None, None, Verdict.FAILED]


def test_a_damaged_parquet_table_is_named(chinese_path: Path) -> None:
    (chinese_path / "坏.parquet").write_bytes(b"PAR1" + b"\0" * 40)
    with pytest.raises(UnreadableFile, match=r"坏\.parquet is no readable Parquet table"):
        list(read_predictions(chinese_path / "坏.parquet"))
