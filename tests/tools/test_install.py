"""Setting up from a checkout, without pip: what is decided before anything is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import install as set_up
from tools.install import Environment, fingerprint, install_torch, torch_requirement


class RecordingEnvironment(Environment):
    """Answers like a package index that has, or has not, a CPU build of PyTorch."""

    def __init__(self, cpu_build: bool) -> None:
        super().__init__(Path("环境 .venv"), [])
        self.cpu_build = cpu_build
        self.asked: list[tuple[str, ...]] = []

    def has(self, requirement: str) -> bool:
        return False

    def pip(self, *arguments: str, quiet_failure: bool = False) -> bool:
        self.asked.append(arguments)
        return self.cpu_build or not arguments[-1].endswith("+cpu")


def test_pyproject_names_one_exact_torch(repository: Path) -> None:
    assert torch_requirement(repository).startswith("torch==")


def test_the_cpu_build_is_taken_where_the_index_has_one() -> None:
    environment = RecordingEnvironment(cpu_build=True)
    install_torch(environment, "torch==2.13.0", "")
    assert [arguments[-1] for arguments in environment.asked] == ["torch==2.13.0+cpu"]


def test_without_a_cpu_build_the_general_one_is_taken_and_its_size_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = RecordingEnvironment(cpu_build=False)
    install_torch(environment, "torch==2.13.0", "")
    assert environment.asked[-1][-1] == "torch==2.13.0"
    assert "--no-deps" not in environment.asked[-1]
    assert "TORCH_INDEX" in capsys.readouterr().out


def test_an_index_for_torch_is_used_for_torch() -> None:
    environment = RecordingEnvironment(cpu_build=True)
    install_torch(environment, "torch==2.13.0", "file:///中文 索引")
    assert "file:///中文 索引" in environment.asked[0]


def test_a_changed_lock_is_installed_anew(chinese_path: Path) -> None:
    (chinese_path / "pyproject.toml").write_text("x", "utf-8")
    (chinese_path / "requirements.lock").write_text("a==1", "utf-8")
    before = fingerprint(chinese_path, "requirements.lock")
    assert fingerprint(chinese_path, "requirements.lock") == before
    (chinese_path / "requirements.lock").write_text("a==2", "utf-8")
    assert fingerprint(chinese_path, "requirements.lock") != before


def test_another_python_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["install.py"])
    monkeypatch.setattr(set_up, "PYTHON", (2, 7))
    with pytest.raises(SystemExit, match=r"needs Python 3.11.*PYTHON="):
        set_up.main()


def test_make_lists_its_targets(repository: Path, need_program) -> None:
    shown = subprocess.run(
        [need_program("make"), "help"], cwd=repository, capture_output=True, text=True, check=True
    )
    for target in ("make demo", "make test", "make offline", "make sbom", "make audit-deps"):
        assert target in shown.stdout
