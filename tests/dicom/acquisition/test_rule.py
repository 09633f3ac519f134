"""Rule files that can't be meant are refused as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.core.acquisition import Outcome
from mediassist.core.errors import WrongUsage
from mediassist.dicom.acquisition import read_protocol, rulebook, with_own_rules
from mediassist.dicom.acquisition.check import meets
from mediassist.dicom.acquisition.rule import Rule

SOURCE = {"kind": "own", "name": "House rule of the department"}
GOOD = {
    "id": "limb.voltage",
    "title": "Tube voltage",
    "measure": "tag",
    "tag": "KVP",
    "severity": "fail",
    "allowed": {"minimum": 40.0, "maximum": 90.0},
    "advice": "Follow the house rule.",
    "source": SOURCE,
}


@pytest.mark.parametrize(
    "change",
    [
        {"source": {"kind": "own", "name": "?"}},
        {"source": {"kind": "hearsay", "name": "Somebody said so"}},
        {"severity": "pass"},
        {"tag": "KiloVolts"},
        {"tag": ""},
        {"measure": "blur"},
        {"allowed": {}},
        {"allowed": {"minimum": 5.0, "maximum": 1.0}},
        {"allowed": {"minimum": 5.0, "one_of": ["a"]}},
        {"title": "Voltage {x}"},
        {"findings": ["bad_temper"]},
        {"id": "Limb Voltage"},
        {"colour": "red"},
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(change: dict[str, object]) -> None:
    Rule.model_validate(GOOD)
    with pytest.raises(ValueError, match="."):
        Rule.model_validate({**GOOD, **change})


@pytest.mark.parametrize(
    ("allowed", "value", "expected"),
    [
        ({"maximum": 5.0}, 5.0000000001, True),
        ({"maximum": 5.0}, 5.01, False),
        ({"minimum": 2.0, "maximum": 5.0}, 1.9, False),
        ({"one_of": ("L", "R")}, "L", True),
        ({"one_of": ("PA",)}, ("AP", "LL"), False),
        ({"none_of": ("YES",)}, "NO", True),
        ({"all_of": ("CC", "MLO")}, ("CC", "ML", "MLO"), True),
        ({"all_of": ("CC", "MLO")}, ("CC", "ML"), False),
    ],
)
def test_what_meets_a_rule(allowed: dict[str, object], value: object, expected: bool) -> None:
    rule = Rule.model_validate({**GOOD, "allowed": allowed})
    assert meets(rule, value) is expected  # type: ignore[arg-type]


def test_a_measure_that_does_not_exist_is_named(tmp_path: Path) -> None:
    file = tmp_path / "规则.toml"
    head = 'id = "limb"\ntitle = "Limbs"\n'
    rule = """
[[rules]]
id = "limb.r{number}"
title = "Smell"
measure = "smell"
severity = "warn"
allowed = {{ stated = true }}
advice = "Air the room."
source = {{ kind = "own", name = "House rule of the department" }}
"""
    file.write_text(head + "".join(rule.format(number=n) for n in range(6)), encoding="utf-8")
    with pytest.raises(WrongUsage, match="smell"):
        read_protocol(file)


def test_without_rules_of_its_own_a_department_has_ours() -> None:
    assert with_own_rules(()) == rulebook()
    assert {rule.severity for protocol in rulebook() for rule in protocol.rules} == {
        Outcome.WARN,
        Outcome.FAIL,
    }
