"""What is installed, what it promises, whether it is whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mediassist.cli.exit_codes import ExitCode
from mediassist.models.bundle import WEIGHTS
from tests.cli.command_line import BUNDLE_ID, Run


@pytest.fixture
def altered(bundle_folder: Path, chinese_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bundles of which one byte of the weights was changed."""
    root = chinese_path / "altered"
    shutil.copytree(bundle_folder, root)
    weights = root / BUNDLE_ID / WEIGHTS
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(root))
    return weights


def test_the_list_names_every_bundle_with_finding_and_field(run: Run, bundles: Path) -> None:
    shown = run("bundles", "list")
    assert shown.code == 0
    assert BUNDLE_ID in shown.out and "Lung opacity" in shown.out
    [entry] = run("bundles", "list", "--json").document["bundles"]
    assert (entry["bundle"], entry["domain"], len(entry["sha256"])) == (BUNDLE_ID, "lung", 64)


def test_show_tells_thresholds_and_promise(run: Run, bundles: Path) -> None:
    shown = run("bundles", "show", BUNDLE_ID)
    assert "marginal, alpha 0.01, n 134" in shown.out
    assert run("bundles", "show", BUNDLE_ID, "--json").document["metadata"]["version"] == "0.0.1"


def test_a_mistyped_bundle_is_corrected(run: Run, bundles: Path) -> None:
    wrong = run("bundles", "show", "lung_opacity_xrai")
    assert (wrong.code, BUNDLE_ID in wrong.err) == (ExitCode.BUNDLE, True)


def test_a_bundle_without_a_card_says_so(run: Run, bundles: Path) -> None:
    shown = run("bundles", "show", BUNDLE_ID, "--card")
    assert (shown.code, "Traceback" in shown.err) == (ExitCode.BUNDLE, False)


def test_verify_accepts_a_whole_bundle_and_names_the_altered_file(
    run: Run, bundles: Path, altered: Path
) -> None:
    refused = run("bundles", "verify", BUNDLE_ID)
    assert refused.code == ExitCode.BUNDLE
    assert str(altered) in refused.err
    assert "REFUSED" in refused.out


def test_verify_of_whole_bundles_is_done(run: Run, bundles: Path) -> None:
    whole = run("bundles", "verify", BUNDLE_ID, "--json")
    assert whole.code == 0
    assert whole.document["bundles"] == [{"bundle": BUNDLE_ID, "whole": True, "reason": None}]


def test_no_bundles_at_all_is_said(run: Run, chinese_path: Path, monkeypatch: object) -> None:
    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(chinese_path / "none"))
    empty = run("bundles", "list")
    assert (empty.code, "No bundle is installed" in empty.err) == (ExitCode.BUNDLE, True)
