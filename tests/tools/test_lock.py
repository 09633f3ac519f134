"""The lock files: exact, hashed, portable, and no older than pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import NOT_LOCKED, for_our_platforms
from tools.third_parties import read_lock

LOCKS = ("requirements.lock", "requirements-dev.lock")


def _named_in_pyproject(repository: Path, lock: str) -> list[Requirement]:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    named = list(project["dependencies"])
    if lock == "requirements-dev.lock":
        named += project["optional-dependencies"]["dev"]
    return [Requirement(line) for line in named]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_of_pyproject_is_pinned_as_it_asks(repository: Path, lock: str) -> None:
    pins = {
        canonicalize_name(pin.name): pin.version
        for pin in read_lock((repository / lock).read_text("utf-8"))
    }
    for requirement in _named_in_pyproject(repository, lock):
        name = canonicalize_name(requirement.name)
        if name in NOT_LOCKED:
            continue
        assert name in pins, f"{name} is not in {lock}: run 'make lock'"
        assert requirement.specifier.contains(pins[name]), f"{name}: run 'make lock'"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address_is_recorded(repository: Path, lock: str) -> None:
    text = (repository / lock).read_text("utf-8")
    assert "://" not in text
    assert "index-url" not in text
    for pin in read_lock(text):
        assert pin.hashes, pin.name


@pytest.mark.parametrize("lock", LOCKS)
def test_no_cuda_library_and_no_usage_reports_are_installed(repository: Path, lock: str) -> None:
    names = {pin.name for pin in read_lock((repository / lock).read_text("utf-8"))}
    assert not {name for name in names if name.startswith(("nvidia", "triton", "cuda"))}
    assert "openvino-telemetry" not in names
    assert "torch" not in names


def test_both_locks_agree_on_every_version(repository: Path) -> None:
    base, everything = (
        {pin.name: pin.version for pin in read_lock((repository / lock).read_text("utf-8"))}
        for lock in LOCKS
    )
    assert base.items() <= everything.items()


def test_a_marker_stays_only_where_platforms_differ() -> None:
    compiled = (
        "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:aa\n"
        "numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:bb\n"
        "numpy==2.5.5 ; python_full_version >= '3.12' \\\n    --hash=sha256:cc"
    )
    assert for_our_platforms(compiled).splitlines() == [
        "colorama==0.4.6 ; sys_platform == 'win32' \\",
        "    --hash=sha256:aa",
        "numpy==2.4.6 \\",
        "    --hash=sha256:bb",
    ]
