"""`mediassist check` as a department uses it: words, JSON, exit codes, rules of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.schema import load_schema, validate
from tests.cli.command_line import Run
from tests.dicom.acquisition.breaking import BREAKS
from tests.dicom.acquisition.examinations import GOOD, change, write_study
from tests.dicom.builder import text_report

OWN_RULES = """
id = "bone_xray"
title = "Limbs in our hospital"
domains = ["bone"]
[match]
modalities = ["DX"]
body_parts = ["WRIST"]
"""
OWN_RULE = """
[[rules]]
id = "bone_xray.rule{number}"
title = "Our rule {number}"
measure = "tag"
tag = "KVP"
unit = "kV"
severity = "fail"
allowed = {{ maximum = {limit} }}
advice = "Follow the house rule on the wall."
source = {{ kind = "own", name = "House rule {number} of the department" }}
"""


@pytest.fixture
def films(chinese_path: Path) -> Path:
    return write_study(GOOD["bone_xray"](), chinese_path / "腕")


@pytest.fixture
def lossy_mammogram(chinese_path: Path) -> Path:
    study = GOOD["mammogram"]()
    BREAKS["mammogram.no_lossy"](study)
    return write_study(study, chinese_path / "钼靶")


def test_good_images_pass(run: Run, films: Path) -> None:
    ran = run("check", films)
    assert ran.code == 0
    assert ran.out.startswith("pass")
    assert "Limb radiograph" in ran.out


def test_a_failed_rule_is_said_with_measured_allowed_and_advice(
    run: Run, lossy_mammogram: Path
) -> None:
    ran = run("check", lossy_mammogram)
    assert ran.code == 3
    assert "No lossy compression (mammogram.no_lossy)" in ran.out
    assert "yes (4/4)" in ran.out
    assert "one of: no" in ran.out
    assert "Read the lossless original" in ran.out


def test_the_json_follows_its_schema_and_names_models(
    run: Run, films: Path, lossy_mammogram: Path
) -> None:
    document = run("check", films, lossy_mammogram, "--json").document
    validate(document, "check")
    assert document["outcome"] == "fail"
    assert document["summary"]["outcomes"] == {"pass": 1, "warn": 0, "fail": 1}
    (rate,) = document["summary"]["broken"]
    assert (rate["rule"], rate["checked"], rate["failed"]) == ("mammogram.no_lossy", 1, 1)
    assert rate["scanner"] == "Builder Synthetic 1"


def test_both_schemas_describe_the_check_alike() -> None:
    findings, check = load_schema("findings")["$defs"], load_schema("check")["$defs"]
    for name in ("acquisition", "rule_result", "message"):
        assert findings[name] == check[name]


def test_the_summary_says_which_scanner_breaks_which_rule_how_often(
    run: Run, chinese_path: Path
) -> None:
    for number, voltage in enumerate((60, 125, 125)):
        study = GOOD["bone_xray"]()
        change(study, KVP=voltage, StudyInstanceUID=f"1.2.3.{number}", ProtocolName="Wrist hard")
        for image in study:
            image.SOPInstanceUID += f".{number}"
            image.SeriesInstanceUID += f".{number}"
        write_study(study, chinese_path / str(number))
    ran = run("check", chinese_path)
    assert ran.code == 0
    row = next(line for line in ran.out.splitlines() if line.startswith("Builder Synthetic 1"))
    assert "Wrist hard" in row
    assert "bone_xray.tube_voltage" in row
    assert row.rstrip().endswith("2/3")
    assert "Studies: 3; all rules met: 1, warnings: 2, failed: 0." in ran.out


def test_rules_of_the_department_take_the_place_of_ours(
    run: Run, films: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "规则.toml"
    text = OWN_RULES + "".join(OWN_RULE.format(number=n, limit=50 + 10 * n) for n in range(6))
    rules.write_text(text, encoding="utf-8")
    ran = run("check", films, "--rules", rules)
    assert ran.code == 3
    assert "Our rule 0 (bone_xray.rule0)" in ran.out
    assert "Limbs in our hospital" in ran.out


@pytest.mark.parametrize("text", ["id = 'x'", "not toml at all [", OWN_RULES])
def test_rules_that_are_none_are_wrong_usage(
    run: Run, films: Path, tmp_path: Path, text: str
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(text, encoding="utf-8")
    ran = run("check", films, "--rules", rules)
    assert ran.code == 2
    assert "rules.toml" in ran.err


def test_a_protocol_can_be_forced_and_pixels_left_out(run: Run, films: Path) -> None:
    document = run("check", films, "--protocol", "knee_xray", "--no-pixels", "--json").document
    rules = {entry["rule"] for entry in document["studies"][0]["acquisition"]["rules"]}
    assert "knee_xray.laterality" in rules
    assert "knee_xray.blur" not in rules


def test_an_unknown_protocol_is_wrong_usage_and_the_known_ones_are_named(
    run: Run, films: Path
) -> None:
    ran = run("check", films, "--protocol", "elbow")
    assert ran.code == 2
    assert "knee_xray" in ran.err


def test_a_missing_path_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("check", tmp_path / "nothing").code == 2


def test_a_folder_without_images_and_a_broken_file_are_not_passed(run: Run, tmp_path: Path) -> None:
    text_report(tmp_path / "report.dcm")
    (tmp_path / "notes.txt").write_text("no image", encoding="utf-8")
    ran = run("check", tmp_path, "--json")
    assert ran.code == 3
    validate(ran.document, "check")
    assert any("notes.txt" in entry["path"] for entry in ran.document["rejected"])


def test_the_chinese_words_are_complete(run: Run, lossy_mammogram: Path) -> None:
    ran = run("check", lossy_mammogram, "--lang", "zh")
    assert "有损压缩" in ran.out
    assert "Read the lossless" not in ran.out
