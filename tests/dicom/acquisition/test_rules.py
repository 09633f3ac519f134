"""Every rule has a source and a failing sample, and the good examinations meet them all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mediassist.core.acquisition import Outcome
from mediassist.core.study import Study
from mediassist.core.vocabulary import FINDINGS, Domain
from mediassist.dicom import find_studies
from mediassist.dicom.acquisition import check_study, rulebook
from mediassist.dicom.acquisition.rule import Rule
from mediassist.dicom.acquisition.rulebook import EVERY_IMAGE
from tests.dicom.acquisition.breaking import BREAKS
from tests.dicom.acquisition.examinations import GOOD, write_study

RULES: dict[str, Rule] = {rule.id: rule for protocol in rulebook() for rule in protocol.rules}
# Where the rules for every image are broken: the smallest examination.
_FOR_EVERY_IMAGE = "bone_xray"


def read(folder: Path) -> Study:
    (study,) = [found for found in find_studies([folder]) if isinstance(found, Study)]
    return study


def test_every_rule_has_a_source_and_a_failing_sample() -> None:
    assert all(rule.source.name for rule in RULES.values())
    assert set(BREAKS) == set(RULES)


def test_every_domain_and_examination_has_six_rules_at_least() -> None:
    rules: Counter[Domain] = Counter()
    for protocol in rulebook():
        assert len(protocol.rules) >= 6
        rules.update({domain: len(protocol.rules) for domain in protocol.domains})
    assert set(rules) == set(Domain)


def test_every_finding_but_scoliosis_belongs_to_an_examination() -> None:
    known = {finding for protocol in rulebook() for finding in protocol.findings}
    assert set(FINDINGS) - known == {"scoliosis"}


@pytest.mark.parametrize("protocol", GOOD)
def test_a_good_examination_meets_every_rule(protocol: str, chinese_path: Path) -> None:
    check = check_study(read(write_study(GOOD[protocol](), chinese_path)))
    assert {name for _, name in check.protocols} == {protocol}
    assert [result.rule for result in check.results if result.outcome is not Outcome.PASS] == []
    asked = {rule for rule in RULES if rule.split(".")[0] in (protocol, EVERY_IMAGE)}
    assert {result.rule for result in check.results} == asked


@pytest.mark.parametrize("rule_id", RULES)
def test_the_failing_sample_breaks_its_rule_with_numbers_and_advice(
    rule_id: str, chinese_path: Path
) -> None:
    protocol = rule_id.split(".")[0]
    study = GOOD[_FOR_EVERY_IMAGE if protocol == EVERY_IMAGE else protocol]()
    BREAKS[rule_id](study)
    check = check_study(read(write_study(study, chinese_path)))
    results = [result for result in check.results if result.rule == rule_id]
    broken = [result for result in results if result.outcome is not Outcome.PASS]
    assert broken, [str(result.measured) for result in results]
    assert {result.outcome for result in broken} <= {
        RULES[rule_id].severity,
        RULES[rule_id].when_missing,
    }
    for result in broken:
        assert str(result.measured)
        assert str(result.allowed)
        assert str(result.advice) == RULES[rule_id].advice
        assert result.source
        assert result.field
        assert result.breaking >= 1
