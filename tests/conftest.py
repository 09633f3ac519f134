"""What every test stands on: no network, no screen, no user settings, no silent warnings.

Sockets are blocked by pytest-socket (`--disable-socket --allow-unix-socket` in pyproject.toml:
Qt and multiprocessing need local sockets). A test that talks over the loopback interface says so:
`@pytest.mark.allow_hosts(["127.0.0.1"])`.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]

# Qt and matplotlib-like libraries read these when they are first imported.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["NO_COLOR"] = "1"

# Same examples in every run, and no time limit on one example: two busy cores must not fail a test.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None, max_examples=1000, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def _why_qt_cannot_start() -> str:
    """Empty when Qt loads; else the loader's words (a bare server lacks libEGL and such)."""
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        return f"Qt cannot be loaded here: {error}"
    return ""


QT_PROBLEM = _why_qt_cannot_start()

# The folder's own conftest imports Qt; tests/test_qt.py says in the summary that it was left out.
collect_ignore = ["ui"] if QT_PROBLEM else []


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """pytest-qt ends the whole run where Qt cannot be loaded; without it only window tests skip."""
    if QT_PROBLEM:
        pluginmanager.unregister(name="pytest-qt")


class _WindowTests(pytest.Module):
    def collect(self) -> Iterator[pytest.Item]:
        raise pytest.skip.Exception(QT_PROBLEM, allow_module_level=True)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """Skip, with the reason, the files that need Qt where it cannot be loaded."""
    if not QT_PROBLEM:
        return None
    text = module_path.read_text("utf-8")
    if re.search(r"PySide6|mediassist\.ui|qtbot|qapp", text) is None:
        return None
    return _WindowTests.from_parent(parent, path=module_path)


def pytest_configure(config: pytest.Config) -> None:
    """Session-wide fixtures that run before the per-test ones must not meet this user's data."""
    home = Path(tempfile.mkdtemp(prefix="mediassist-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("MEDIASSIST_")]:
        del os.environ[name]
    os.environ.update(_clean_environment(home))


def _clean_environment(home: Path) -> dict[str, str]:
    return {
        "MEDIASSIST_DATA_DIR": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"),
    }


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """No setting of this computer reaches a test, and what a test keeps goes with it.

    Returns
    -------
    A folder with a Chinese name that holds this test's data, settings and caches.
    """
    for name in [name for name in os.environ if name.startswith("MEDIASSIST_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("家 home")
    for name, value in _clean_environment(home).items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def chinese_path(tmp_path: Path) -> Path:
    """A fresh folder with Chinese characters and a space in its path (wishes.md, row 7)."""
    folder = tmp_path / "检查 数据"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def qt_problem() -> str:
    """Why Qt cannot be loaded here; empty where it can."""
    return QT_PROBLEM


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the checkout: real data sets, which are never part of it."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder 'shared' with real images is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def sample_studies() -> Path:
    """The simulated studies that come with the program."""
    folder = REPOSITORY / "sample_studies"
    if not (folder / "truth.json").is_file():
        pytest.skip("sample_studies/ is empty; 'python -m tools.samples' makes it")
    return folder


@pytest.fixture(scope="session")
def need_program() -> object:
    """`need_program("dciodvfy")` gives the program's path or skips, naming the Debian package."""
    packages = {
        "dciodvfy": "dicom3tools",
        "dcmdump": "dcmtk",
        "dcmftest": "dcmtk",
        "dcmconv": "dcmtk",
        "pdftoppm": "poppler-utils",
        "pdftotext": "poppler-utils",
        "pdffonts": "poppler-utils",
        "Xvfb": "xvfb",
        "make": "make",
    }

    def need(program: str) -> str:
        found = shutil.which(program)
        if found is None:
            package = packages.get(program, program)
            pytest.skip(f"'{program}' is not installed (Debian package {package})")
        return found

    return need


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def log_fail(request: pytest.FixtureRequest) -> Iterator[None]:
    """A warning that MediAssist logs and the test did not announce fails the test.

    `@pytest.mark.expects_log("part of the sentence")` announces one (a regular expression).
    """
    logger = logging.getLogger("mediassist")
    before = (logger.level, logger.propagate, list(logger.handlers), logger.disabled)
    handler = _Warnings()
    logger.addHandler(handler)
    yield
    logger.level, logger.propagate, logger.handlers, logger.disabled = before
    expected = [mark.args[0] for mark in request.node.iter_markers("expects_log")]
    unexpected = [
        line for line in handler.said if not any(re.search(part, line) for part in expected)
    ]
    if unexpected:
        pytest.fail("unexpected log warnings:\n" + "\n".join(unexpected), pytrace=False)
