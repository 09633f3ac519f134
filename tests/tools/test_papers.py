"""NOTICE, the list of parts and the dependency audit say what is so, and no more."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from tools.audit_dependencies import report
from tools.sbom import bill_of_materials
from tools.third_parties import runtime_pins


def test_notice_names_every_installed_package_with_its_version(repository: Path) -> None:
    notice = (repository / "NOTICE").read_text("utf-8")
    listed = set(re.findall(r"^(\S+ \S+): ", notice, re.M))
    pins = {f"{pin.name} {pin.version}" for pin in runtime_pins(repository)}
    assert pins <= listed, "run 'python -m tools.third_parties'"


def test_the_licence_is_the_apache_licence_unchanged(repository: Path) -> None:
    digest = hashlib.sha256((repository / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def test_the_list_of_parts_is_the_same_every_time_and_names_fonts_and_packages() -> None:
    first, second = bill_of_materials(), bill_of_materials()
    assert first == second
    parts = {part["name"]: part for part in json.loads(first)["components"]}
    assert "torch" in parts
    assert "mediassist/report/fonts/NotoSansSC-Regular.ttf" in parts
    hashes = parts["pydicom"]["externalReferences"][0]["hashes"]
    assert hashes[0]["alg"] == "SHA-256"


def test_an_unanswered_audit_is_not_good_news(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = [{"name": "numpy", "skip_reason": "not found"}]
    assert report(skipped, "") == 2
    assert report([], "no route") == 2
    assert "says nothing" in capsys.readouterr().err


def test_a_known_weakness_is_named_with_the_version_that_mends_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = [
        {"name": "pillow", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]},
        {"name": "numpy", "version": "2.0", "vulns": []},
    ]
    assert report(answers, "") == 1
    assert "pillow 1.0: CVE-1, mended in 1.1" in capsys.readouterr().out


def test_a_clean_answer_for_every_pin_is_good_news() -> None:
    assert report([{"name": "numpy", "version": "2.0", "vulns": []}], "") == 0
