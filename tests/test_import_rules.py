"""The import contracts break when a rule is broken, so that a typing error cannot disarm them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# One forbidden line for each rule of the architecture: where it would stand, and what it says.
BROKEN = {
    "core imports a layer above": ("core/study.py", "import mediassist.dicom"),
    "statistics imports text": ("statistics/roc.py", "import mediassist.text"),
    "core reads files": ("core/study.py", "import pydicom"),
    "dicom imports models": ("dicom/header.py", "import mediassist.models"),
    "analysis imports report": ("analysis/path.py", "import mediassist.report"),
    "report imports models": ("report/pdf.py", "import mediassist.models.registry"),
    "report imports audit": ("report/pdf.py", "import mediassist.audit"),
    "models imports batch": ("models/registry.py", "import mediassist.batch"),
    "batch shows a window": ("batch/runner.py", "import PySide6.QtCore"),
    "analysis draws a page": ("analysis/path.py", "import reportlab"),
    "report runs torch": ("report/pdf.py", "import torch"),
    "reading runs monai": ("reading/worklist.py", "import monai"),
    "analysis parses options": ("analysis/path.py", "import typer"),
    "batch imports the window": ("batch/runner.py", "import mediassist.ui"),
    "another command imports the window": ("cli/paths.py", "import mediassist.ui"),
    "the window imports the command line": ("ui/__init__.py", "import mediassist.cli"),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The package without its data, in a folder of its own, with the contracts."""
    folder = tmp_path_factory.mktemp("导入 rules")
    ignored = shutil.ignore_patterns("__pycache__", "*.ttf", "*.png", "*.svg")
    shutil.copytree(repository / "mediassist", folder / "mediassist", ignore=ignored)
    shutil.copy2(repository / "pyproject.toml", folder)
    return folder


def _contracts_hold(folder: Path) -> bool:
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert "broken" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def test_the_contracts_hold(copied: Path) -> None:
    assert _contracts_hold(copied)


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(copied: Path, rule: str) -> None:
    name, line = BROKEN[rule]
    path = copied / "mediassist" / name
    text = path.read_text("utf-8")
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    try:
        assert not _contracts_hold(copied)
    finally:
        path.write_text(text, encoding="utf-8")
