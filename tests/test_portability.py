"""No call that only Linux has, and no text file read in the computer's own encoding.

On a Chinese Windows the default encoding is not UTF-8, and modules such as `resource` are absent:
both faults show up only there, so they are looked for in the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

POSIX_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios"}
POSIX_CALLS = {
    "fork", "forkpty", "getuid", "geteuid", "getgid", "killpg", "mkfifo", "setsid", "setpgrp",
    "SIGKILL", "SIGALRM", "SIGHUP", "SIGUSR1", "alarm", "sched_getaffinity", "statvfs",
}  # fmt: skip


def _sources(repository: Path) -> list[Path]:
    return sorted((repository / "mediassist").rglob("*.py"))


def _guarded(tree: ast.Module) -> set[ast.AST]:
    """Nodes inside a try, or inside an if that asks for the system."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        asks = isinstance(node, ast.If) and any(
            word in ast.unparse(node.test) for word in ("os.name", "sys.platform", "hasattr")
        )
        if asks or isinstance(node, ast.Try):
            inside.update(ast.walk(node))
    return inside


def _posix_only(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    guarded = _guarded(tree)
    for node in ast.walk(tree):
        if node in guarded:
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name in POSIX_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in POSIX_MODULES:
            names = [str(node.module)]
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("os", "signal"):
            names = [node.attr] if node.attr in POSIX_CALLS else []
        for name in names:
            yield f"{path.name}:{node.lineno}: {name}"


def _without_encoding(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        named = any(keyword.arg == "encoding" for keyword in node.keywords)
        position = {"read_text": 0, "write_text": 1}.get(node.func.attr)
        if position is not None and not named and len(node.args) <= position:
            yield f"{path.name}:{node.lineno}: {node.func.attr} without encoding"


@pytest.mark.parametrize("faults", [_posix_only, _without_encoding])
def test_the_package_has_no_call_that_breaks_on_windows(repository: Path, faults) -> None:
    assert [fault for path in _sources(repository) for fault in faults(path)] == []


def test_the_search_finds_what_it_looks_for(chinese_path: Path) -> None:
    source = chinese_path / "坏.py"
    source.write_text(
        "import fcntl\nimport os\nos.killpg(1, 9)\npath.read_text()\n"
        "try:\n    import resource\nexcept ImportError:\n    resource = None\n",
        encoding="utf-8",
    )
    assert [fault.partition(": ")[2] for fault in _posix_only(source)] == ["fcntl", "killpg"]
    assert len(list(_without_encoding(source))) == 1
