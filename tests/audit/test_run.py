"""Whole audits, from the table to the documents."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psutil
import pypdfium2
import pytest

from mediassist.audit import AuditOptions, AuditRequest, TargetVerdict, run_audit
from mediassist.audit.document import AuditRun
from mediassist.audit.gathering import Gathered
from mediassist.audit.installed import InstalledBundles
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.run import Source, audit_gathered
from mediassist.audit.safeguards import SeenPictures
from mediassist.core.errors import WrongUsage
from mediassist.schema import validate
from mediassist.settings import Settings
from tests.audit.fake_analyser import open_fake
from tests.audit.tables import case, scored_rows, write_table

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
QUICK = AuditOptions(resamples=50, prevalences=(0.06,))


def audited(out: Path, **request: Any) -> tuple[AuditRun, dict[str, Any]]:
    run = run_audit(AuditRequest(out=out, options=QUICK, **request), clock=lambda: NOW)
    document = json.loads((out / "audit.json").read_text("utf-8"))
    validate(document, "audit")
    return run, document


def pdf_text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_predictions_become_four_documents(chinese_path: Path) -> None:
    table = write_table(chinese_path / "预测.csv", scored_rows(finding="fracture"))
    run, document = audited(chinese_path / "审计", predictions=table)
    one = document["findings"]["fracture"]
    assert one["positives"] == 50 and one["cases"] == 300
    assert document["source"]["name"] == "预测.csv"
    assert one["rates"]["detection"]["denominator"] == 50
    assert document["verdict"] == run.result.verdict.value
    text = pdf_text(chinese_path / "审计" / "audit.pdf")
    assert "Research use, not for diagnosis" in text
    assert "Sensitivity audit" in text and "Fracture" in text
    page = (chinese_path / "审计" / "audit.html").read_text("utf-8")
    assert page.count("<svg") >= 4
    # One file, no network, no script.
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    rows = list(
        csv.DictReader(io.StringIO((chinese_path / "审计" / "cases.csv").read_text("utf-8-sig")))
    )
    assert len(rows) == 300
    assert rows[0]["case"] == "病例 0" and rows[0]["site"] == "乙"


def test_the_same_audit_gives_the_same_bytes(chinese_path: Path) -> None:
    table = write_table(chinese_path / "t.csv", scored_rows(60))
    # The audit log remembers a first look, so only the second and third audit are alike.
    for name in ("a", "b", "c"):
        audited(chinese_path / name, predictions=table)
    audited(chinese_path / "c", predictions=table)
    for file in ("audit.html", "cases.csv"):
        first, second = chinese_path / "b" / file, chinese_path / "c" / file
        same = first.read_bytes().replace(b"(1 earlier", b"(3 earlier")
        assert same == second.read_bytes()


def test_the_documents_speak_chinese(chinese_path: Path) -> None:
    table = write_table(chinese_path / "t.csv", scored_rows(finding="fracture"))
    audited(chinese_path / "out", predictions=table, lang="zh")
    page = (chinese_path / "out" / "audit.html").read_text("utf-8")
    assert "灵敏度审计" in page and 'lang="zh-CN"' in page
    assert "Detection rate" not in page
    assert "灵敏度审计" in pdf_text(chinese_path / "out" / "audit.pdf")


def test_markup_in_names_stays_text(chinese_path: Path) -> None:
    rows = scored_rows(30)
    rows[0]["case"] = "<img src=x onerror=alert(1)>"
    rows[0]["label"], rows[0]["score"] = 1, 0.0
    audited(chinese_path / "out", predictions=write_table(chinese_path / "t.csv", rows))
    page = (chinese_path / "out" / "audit.html").read_text("utf-8")
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def manifest(folder: Path, names: dict[str, int], **more: str) -> Path:
    rows = []
    for name, label in names.items():
        (folder / name).write_bytes(name.encode())
        rows.append(
            {"case": name, "path": name, "label": label, "finding": "fracture", "patient": name}
            | more
        )
    return write_table(folder / "清单.csv", rows)


NAMES = {
    **{f"flagged-{n}.png": 1 for n in range(6)},
    **{f"cleared-{n}.png": 0 for n in range(6, 10)},
    "cleared-miss.png": 1,
    "flagged-alarm.png": 0,
    "not_applicable-x.png": 1,
    "unreadable-x.png": 0,
}


def test_a_manifest_is_analysed_and_every_refusal_counted(chinese_path: Path) -> None:
    table = manifest(chinese_path, NAMES)
    out = chinese_path / "out"
    run, document = audited(out, manifest=table, analyser=open_fake)
    one = document["findings"]["fracture"]
    assert (one["not_applicable"], one["failed"]) == (1, 1)
    assert one["missed"] == ["cleared-miss.png"]
    assert one["false_alarms"] == ["flagged-alarm.png"]
    rates = one["rates"]
    assert (rates["detection"]["numerator"], rates["detection"]["denominator"]) == (6, 7)
    with_refused = rates["detection"]["with_refused"]
    assert (with_refused["numerator"], with_refused["denominator"]) == (6, 8)
    assert rates["false_positive"]["with_refused"]["numerator"] == 2
    assert document["bundles"][0]["id"] == "bone_fracture_xray"
    # Miss and false alarm are shown with their pictures.
    page = (out / "audit.html").read_text("utf-8")
    assert page.count("data:image/jpeg;base64,") == 2
    assert run.result.verdict is TargetVerdict.TOO_FEW
    text = (out / "cases.csv").read_text("utf-8-sig")
    assert "This is no bone." in text and "is damaged" in text


def test_how_the_truth_is_known_stands_in_the_documents(chinese_path: Path) -> None:
    table = manifest(
        chinese_path,
        {"flagged-1.png": 1, "cleared-2.png": 0},
        reference="两名医师一致",
        reader="王",
        date="2026-11-20",
    )
    _, document = audited(chinese_path / "out", manifest=table, analyser=open_fake)
    assert document["reference_standard"] == {
        "sources": {"两名医师一致": 2},
        "readers": 1,
        "first_date": "2026-11-20",
        "last_date": "2026-11-20",
    }
    assert "两名医师一致" in pdf_text(chinese_path / "out" / "audit.pdf")


def test_an_audit_goes_on_where_it_was_stopped(chinese_path: Path) -> None:
    table = manifest(chinese_path, NAMES)
    out = chinese_path / "out"
    _, first = audited(out, manifest=table, analyser=open_fake)
    journal = out / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    # Killed in the middle of a line: five cases whole, one torn.
    journal.write_bytes(b"".join(lines[:5]) + lines[5][:40])
    for call in (out / "calls").iterdir():
        call.unlink()
    _, second = audited(out, manifest=table, analyser=open_fake)
    assert len(list((out / "calls").iterdir())) == len(NAMES) - 5
    assert second["findings"] == first["findings"]


def test_a_changed_file_is_analysed_again(chinese_path: Path) -> None:
    table = manifest(chinese_path, {"flagged-1.png": 1, "flagged-2.png": 1})
    audited(chinese_path / "out", manifest=table, analyser=open_fake)
    (chinese_path / "flagged-2.png").write_bytes(b"another picture")
    for call in (chinese_path / "out" / "calls").iterdir():
        call.unlink()
    audited(chinese_path / "out", manifest=table, analyser=open_fake)
    (call,) = (chinese_path / "out" / "calls").iterdir()
    assert call.name.startswith("flagged-2")


def test_a_case_that_kills_its_process_fails_alone(chinese_path: Path) -> None:
    names = {"killer-1.png": 1, **{f"flagged-{n}.png": 1 for n in range(4)}}
    table = manifest(chinese_path, names)
    _, document = audited(chinese_path / "out", manifest=table, analyser=open_fake, workers=2)
    one = document["findings"]["fracture"]
    assert (one["failed"], one["flow"]["positive_flagged"]) == (1, 4)
    assert "ended unexpectedly" in (chinese_path / "out" / "cases.csv").read_text("utf-8-sig")


def test_marks_are_judged_where_lesions_are_given(chinese_path: Path) -> None:
    table = manifest(
        chinese_path, {"flagged-1.png": 1, "cleared-2.png": 1}, lesions="[[8, 8, 22, 22]]"
    )
    _, document = audited(chinese_path / "out", manifest=table, analyser=open_fake)
    lesions = document["findings"]["fracture"]["lesions"]
    assert (lesions["lesions"], lesions["images"]) == (2, 2)
    assert lesions["detection_at"][0]["detection"]["numerator"] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": "2"}, "column label"),
        ({"path": ""}, "column path"),
        ({"modality": "XX"}, "column modality"),
        ({"lesions": "[[1,2,3]]"}, "column lesions"),
        ({"lesions": "[[9,9,3,3]]"}, "column lesions"),
        ({"finding": ""}, "column finding"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    chinese_path: Path, change: dict[str, str], words: str
) -> None:
    row = {"case": "a", "path": "a.png", "label": "1", "finding": "fracture"} | {
        "modality": "DX",
        "lesions": "",
        **change,
    }
    table = write_table(chinese_path / "m.csv", [row])
    with pytest.raises(WrongUsage) as caught:
        audited(chinese_path / "out", manifest=table, analyser=open_fake)
    assert words in str(caught.value)


def test_nothing_to_audit_is_said(chinese_path: Path) -> None:
    path = chinese_path / "t.csv"
    path.write_text("case,label,score\n")
    with pytest.raises(WrongUsage, match="names no case"):
        audited(chinese_path / "out", predictions=path)
    with pytest.raises(WrongUsage, match="either"):
        run_audit(AuditRequest(out=chinese_path / "out"))


def test_without_a_fitting_bundle_the_audit_does_not_begin(
    chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(chinese_path / "none"))
    table = manifest(chinese_path, {"flagged-1.png": 1})
    with pytest.raises(WrongUsage, match="No installed bundle looks for"):
        audited(chinese_path / "out", manifest=table)


def test_a_killed_audit_leaves_no_process_behind_and_loses_no_finished_case(
    chinese_path: Path,
) -> None:
    names = {f"flagged-{n}.png": 1 for n in range(3)}
    table = manifest(chinese_path, {**names, "slow-1.png": 1})
    out = chinese_path / "out"
    program = chinese_path / "audit_run.py"
    program.write_text(
        "from pathlib import Path\n"
        "from mediassist.audit import AuditRequest, run_audit\n"
        "from tests.audit.fake_analyser import open_fake\n"
        "if __name__ == '__main__':\n"
        f"    request = AuditRequest(out=Path({str(out)!r}), manifest=Path({str(table)!r}),\n"
        "        analyser=open_fake, workers=2)\n"
        "    run_audit(request, lambda done, total: print(done, flush=True))\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, str(program)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while process.stdout.readline().strip() != "3":
        assert process.poll() is None
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    # The files are the same as before: only the case that was not finished is analysed.
    (chinese_path / "slow-1.png").rename(chinese_path / "flagged-9.png")
    table.write_text(table.read_text("utf-8").replace("slow-1", "flagged-9"), "utf-8")
    for call in (out / "calls").iterdir():
        call.unlink()
    audited(out, manifest=table, analyser=open_fake)
    (call,) = (out / "calls").iterdir()
    assert call.name.startswith("flagged-9")


class KnownPictures:
    """Stands in for the installed bundles: the one for fractures has seen one picture."""

    def seen(self, findings: set[str]) -> tuple[SeenPictures, ...]:
        return (SeenPictures("fracture", ("known",), ()),)


def test_what_a_bundle_has_learnt_from_proves_nothing(chinese_path: Path) -> None:
    settings = Settings(bundles_dir=chinese_path, data_dir=chinese_path / "data")
    request = AuditRequest(out=chinese_path / "出", predictions=chinese_path / "x")
    known = {"a": ImageFacts(images=1, file_sha256="known")}
    installed = cast(InstalledBundles, KnownPictures())
    cases = [case("a", True, "flagged")]
    with pytest.raises(WrongUsage, match="nothing is left"):
        audit_gathered(
            request, Gathered(cases, known, ()), Source("t.csv", "ab"), installed, settings
        )
    # The same picture is new to the bundle for another finding, which is audited alone.
    both = Gathered([*cases, case("a", True, "flagged", finding="glaucoma")], known, ())
    run = audit_gathered(request, both, Source("t.csv", "ab"), installed, settings)
    assert [one.finding for one in run.result.findings] == ["glaucoma"]
    assert [(one.case, one.finding) for one in run.excluded] == [("a", "fracture")]
    assert "Nothing is left to audit for Fracture" in (request.out / "audit.html").read_text(
        "utf-8"
    )
