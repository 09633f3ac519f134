from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.cli.app import app
from tests.cli.command_line import Ran, Run, silent_bundle


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, chinese_path: Path
) -> Run:
    """`run("bundles", "list")` as from the shell, in a folder with a Chinese name."""
    monkeypatch.chdir(chinese_path)

    def command(*arguments: object) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app([str(one) for one in arguments], prog_name="mediassist")
        captured = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ran(code or 0, captured.out, captured.err)

    return command


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one bundle; tests that alter it copy it."""
    root = tmp_path_factory.mktemp("模型 bundles")
    silent_bundle(root)
    return root


@pytest.fixture
def bundles(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as this test's installed bundles."""
    monkeypatch.setenv("MEDIASSIST_BUNDLES_DIR", str(bundle_folder))
    return bundle_folder
