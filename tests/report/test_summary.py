"""The summary of a run: every study counted, every rejected file named."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest

from mediassist.core.acquisition import AcquisitionCheck, Outcome, RuleResult
from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import Patient, Rejected
from mediassist.core.vocabulary import Verdict
from mediassist.report import RunInfo, Summary, study_entry
from mediassist.report.outputs import StudyFiles
from mediassist.report.urgency import study_verdict
from mediassist.schema import validate
from mediassist.text import words
from tests.report.pdf_reading import joined_text
from tests.report.studies import cleared, failed, flagged, refused, result, review, study

RUN = RunInfo(
    mediassist_version="0.1.0",
    started=datetime(2026, 11, 22, 14, 0, tzinfo=UTC),
    language="zh_CN",
    inputs=("检查/一",),
    bundles=(("lung_opacity_xray", "3f" * 32),),
)
BROKEN = Rejected(
    "检查/坏.dcm", UnreadableFile(say("not_dicom", "{path} is not a DICOM file.", path="坏.dcm"))
)


def _other_study(uid: str, **changes: object):  # type: ignore[no-untyped-def]
    return replace(study(), study_uid=uid, **changes)  # type: ignore[arg-type]


@pytest.fixture
def summary() -> Summary:
    made = Summary(RUN, words("zh"))
    made.add(result(flagged(), cleared(), refused()), StudyFiles(Path("x"), ("report.pdf",)))
    made.add(
        replace(
            result(review(), failed(), of=_other_study("2.2", study_date=date(2026, 1, 2))),
            study_key="00000000000000bb",
        )
    )
    made.add(
        replace(
            result(of=_other_study("3.3", patient=Patient("", "无号"))),
            study_key="00000000000000cc",
        )
    )
    made.reject(BROKEN)
    return made


def test_the_summary_fits_its_schema_and_counts_every_study_once(summary: Summary) -> None:
    document = summary.document()
    validate(document, "summary")
    counts = document["counts"]
    assert counts["studies"] == 3
    assert counts["rejected"] == 1
    assert counts["studies_by_verdict"] == {
        "flagged": 1,
        "review": 1,
        "cleared": 0,
        "not_applicable": 1,
        "failed": 0,
    }
    assert counts["bundles"]["lung_opacity_xray"]["flagged"] == 1
    assert counts["bundles"]["bone_scoliosis_xray"]["failed"] == 1


def test_what_the_acquisition_check_found_stands_beside_the_verdict() -> None:
    """A department reads from the summary which studies were taken badly, and why."""
    broken = RuleResult(
        rule="matrix",
        protocol="chest_xray",
        domains=("lung",),
        findings=(),
        series_uid="1.2",
        title=say("t", "Matrix"),
        outcome=Outcome.FAIL,
        measured=say("m", "80 px"),
        allowed=say("a", "at least 700 px"),
        advice=say("d", "Send the image at full resolution."),
        source="IEC",
        field="Rows",
    )
    made = Summary(RUN, words("en"))
    made.add(replace(result(cleared()), acquisition=AcquisitionCheck(results=(broken,))))
    made.add(result(cleared(), of=_other_study("2.2")))
    document = made.document()
    validate(document, "summary")
    assert document["counts"]["studies_by_acquisition"] == {
        "pass": 0,
        "warn": 0,
        "fail": 1,
        "not_checked": 1,
    }
    assert document["studies"][0]["acquisition"]["broken"][0]["measured"] == "80 px"
    assert document["studies"][1]["acquisition"] is None
    assert next(csv.DictReader(StringIO(made.table())))["acquisition"] == "fail"


def test_a_rejected_file_stands_with_reason_and_advice(summary: Summary) -> None:
    (rejected,) = summary.document()["rejected"]
    assert rejected["path"] == "检查/坏.dcm"
    assert rejected["code"] == "not_dicom"
    assert "坏.dcm" in rejected["reason"]
    assert rejected["advice"] == words("zh").message(UnreadableFile.advice)


def test_a_patient_with_several_studies_is_summed_up_across_them(summary: Summary) -> None:
    (patient,) = summary.document()["patients"]
    assert patient["id"] == "P-000123"
    assert patient["verdict"] == "flagged"
    assert [each["date"] for each in patient["studies"]] == ["2026-11-22", "2026-01-02"]
    assert {finding["verdict"] for finding in patient["studies"][0]["findings"]} == {
        "flagged",
        "cleared",
    }


def test_one_identifier_of_two_people_is_two_patients() -> None:
    made = Summary(RUN, words("en"))
    for uid, born in (("1.1", date(1961, 4, 3)), ("2.2", date(1990, 1, 1))):
        patient = Patient("P-1", "同号", born)
        made.add(result(cleared(), of=_other_study(uid, patient=patient)))
    assert made.document()["patients"] == []


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ((), Verdict.NOT_APPLICABLE),
        ((refused(), cleared()), Verdict.CLEARED),
        ((cleared(), failed()), Verdict.FAILED),
        ((failed(), review()), Verdict.REVIEW),
        ((review(), flagged()), Verdict.FLAGGED),
    ],
)
def test_a_study_counts_under_its_most_urgent_verdict(results: tuple, verdict: Verdict) -> None:  # type: ignore[type-arg]
    assert study_verdict(results) is verdict


def test_a_study_without_a_readable_image_counts_as_failed_whoever_it_was_for() -> None:
    assert study_verdict((refused(),), unreadable=True) is Verdict.FAILED
    assert study_verdict((), unreadable=True) is Verdict.FAILED


def test_a_stored_entry_counts_like_the_study_itself() -> None:
    direct, stored = Summary(RUN, words("en")), Summary(RUN, words("en"))
    made = result(flagged(), refused())
    direct.add(made)
    stored.add_entry(json.loads(json.dumps(study_entry(made, None, words("en")))))
    assert direct.document() == stored.document()


def test_files_are_written_whole_and_the_table_opens_in_a_spreadsheet(
    summary: Summary, tmp_path: Path
) -> None:
    out = tmp_path / "结果"
    written = summary.write(out, table=True)
    assert [path.name for path in written] == ["summary.json", "summary.csv"]
    assert sorted(path.name for path in out.iterdir()) == ["summary.csv", "summary.json"]
    assert (out / "summary.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(summary.table())))
    assert [row["verdict"] for row in rows] == [
        "flagged",
        "cleared",
        "not_applicable",
        "review",
        "failed",
        "not_applicable",
        "rejected",
    ]
    assert rows[0]["patient_name"] == "王小明"
    assert rows[-1]["study"] == "检查/坏.dcm"


def test_a_formula_in_a_header_does_not_run_in_a_spreadsheet() -> None:
    made = Summary(RUN, words("en"))
    patient = Patient("=1+1", "@SUM(A1)")
    made.add(result(cleared(), of=_other_study("1.1", patient=patient)))
    (row,) = csv.DictReader(StringIO(made.table()))
    assert row["patient_id"] == "'=1+1"
    assert row["patient_name"] == "'@SUM(A1)"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_patient_with_several_studies_gets_a_page_across_them(tmp_path: Path, lang: str) -> None:
    made = Summary(RUN, words(lang))
    made.add(result(flagged(), cleared(), refused()))
    made.add(
        replace(
            result(review(), failed(), of=_other_study("2.2", study_date=date(2026, 1, 2))),
            study_key="00000000000000bb",
        )
    )
    written = made.write(tmp_path / "结果", patient_reports=True)
    document = json.loads(written[0].read_text(encoding="utf-8"))
    validate(document, "summary")
    (page,) = written[1:]
    assert page == tmp_path / "结果" / document["patients"][0]["report"]
    assert "P-000123" not in str(page)
    text = joined_text(page)
    for fact in ("王小明", "P-000123", "2026-11-22", "2026-01-02", "00000000000000bb", "0.87"):
        assert fact in text
    assert "仅供科研教学，不作为临床诊断依据" in text


def test_the_table_says_why_a_whole_study_failed() -> None:
    """Such a study has no finding whose reason could stand in the row."""
    from mediassist.batch.summary import failed_entry

    made = Summary(RUN, words("en"))
    reason = "The files no longer hold this study."
    made.add_entry(failed_entry("1.2.9", "f" * 16, None, path="甲.dcm", reason=reason))
    (row,) = csv.DictReader(StringIO(made.table()))
    assert (row["verdict"], row["reason"]) == ("failed", reason)
