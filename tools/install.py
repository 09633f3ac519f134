"""Set up MediAssist in a virtual environment: `python3.11 tools/install.py [--dev]`.

Installs the exact versions of the lock file, PyTorch first (a CPU build where one is to be had),
then MediAssist itself. Does nothing when that was done before with the same lock. Needs only
Python 3.11; the Makefile calls it, and on Windows it is called by hand:
`py -3.11 tools\\install.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PYTHON = (3, 11)


def torch_requirement(repository: Path) -> str:
    """The one exact version of PyTorch, as pyproject.toml names it: `torch==2.13.0`."""
    found = re.search(r'"(torch==[0-9.]+)"', (repository / "pyproject.toml").read_text("utf-8"))
    if found is None:
        raise SystemExit("pyproject.toml names no exact version of torch.")
    return found[1]


def fingerprint(repository: Path, lock: str) -> str:
    """Changes whenever the environment has to be made anew; moving the folder counts too."""
    digest = hashlib.sha256(str(repository).encode("utf-8"))
    for name in (lock, "pyproject.toml"):
        digest.update((repository / name).read_bytes())
    digest.update(sys.version.encode("utf-8"))
    return digest.hexdigest()


class Environment:
    """A virtual environment in the repository and what was installed into it."""

    def __init__(self, folder: Path, pip_args: list[str]) -> None:
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.pip_args = pip_args

    def stamp(self, lock: str) -> Path:
        return self.folder / f"installed-{Path(lock).stem}.txt"

    def is_current(self, lock: str, mark: str) -> bool:
        stamp = self.stamp(lock)
        return self.python.exists() and stamp.exists() and stamp.read_text("utf-8") == mark

    def create(self) -> None:
        if self.python.exists() and self._runs_pip():
            return
        print(f"Making a virtual environment in {self.folder.name} ...", flush=True)
        make = [sys.executable, "-m", "venv", "--clear", str(self.folder)]
        made = subprocess.run(make, capture_output=True, text=True)
        if made.returncode or not self._runs_pip():
            # Debian's Python without python3.11-venv brings no pip along; another may be there.
            bare = subprocess.run([*make, "--without-pip"], capture_output=True).returncode == 0
            lend = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "pip"]
            if not bare or subprocess.run([*lend, *self.pip_args], capture_output=True).returncode:
                raise SystemExit(
                    "The virtual environment could not be made. On Debian and Ubuntu install the "
                    "package python3.11-venv (sudo apt install python3.11-venv), then start "
                    f"again. {made.stderr.strip()[-300:]}"
                )

    def _runs_pip(self) -> bool:
        asked = [str(self.python), "-m", "pip", "--version"]
        try:
            return subprocess.run(asked, capture_output=True).returncode == 0
        except OSError:
            return False

    def pip(self, *arguments: str, quiet_failure: bool = False) -> bool:
        command = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check"]
        command += ["--quiet", *self.pip_args, *arguments]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=quiet_failure)
        return done.returncode == 0

    def has(self, requirement: str) -> bool:
        """Whether that very version is installed and can be imported."""
        name, _, version = requirement.partition("==")
        asked = f"import {name}; raise SystemExit({name}.__version__.split('+')[0] != {version!r})"
        done = subprocess.run([str(self.python), "-c", asked], capture_output=True)
        return done.returncode == 0


def install_torch(environment: Environment, requirement: str, index: str) -> None:
    """The CPU build if the index, a local folder of wheels or pip's settings offer one.

    On Linux the build under the plain version number may bring CUDA's libraries (several GB);
    it works without a graphics card as well, so it is the second choice and not an error.
    """
    if environment.has(requirement):
        return
    source = ["--index-url", index] if index else []
    print(f"Installing {requirement} (CPU build where there is one) ...", flush=True)
    cpu_build = ["--no-deps", "--only-binary=:all:", *source, f"{requirement}+cpu"]
    if environment.pip(*cpu_build, quiet_failure=True):
        return
    print(
        "No CPU build found at the package index; taking the general one. On Linux it may be "
        "several GB: TORCH_INDEX=<address of PyTorch's CPU index> avoids that.",
        flush=True,
    )
    if not environment.pip("--only-binary=:all:", *source, requirement):
        raise SystemExit("PyTorch could not be installed; see pip's message above.")


def install(environment: Environment, lock: str, torch_index: str) -> None:
    environment.create()
    install_torch(environment, torch_requirement(REPOSITORY), torch_index)
    print(f"Installing the versions of {lock} ...", flush=True)
    if not environment.pip("--no-deps", "--only-binary=:all:", "--require-hashes", "-r", lock):
        raise SystemExit("The packages could not be installed; see pip's message above.")
    if not environment.pip("--no-deps", "--no-build-isolation", "--editable", "."):
        raise SystemExit("MediAssist could not be installed; see pip's message above.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--torch-index", default="", help="package index to take PyTorch from")
    parser.add_argument("--pip-args", default="", help="further options for every pip call")
    options = parser.parse_args()
    if sys.version_info[:2] != PYTHON:
        raise SystemExit(
            "MediAssist needs Python 3.11; this is Python "
            f"{sys.version_info[0]}.{sys.version_info[1]} ({sys.executable}). "
            "Name the right one: make demo PYTHON=/path/to/python3.11"
        )
    lock = "requirements-dev.lock" if options.dev else "requirements.lock"
    environment = Environment(REPOSITORY / ".venv", shlex.split(options.pip_args))
    mark = fingerprint(REPOSITORY, lock)
    complete = "requirements-dev.lock"  # holds all of requirements.lock
    if environment.is_current(lock, mark):
        return
    if environment.is_current(complete, fingerprint(REPOSITORY, complete)):
        return
    install(environment, lock, options.torch_index)
    environment.stamp(lock).write_text(mark, encoding="utf-8")
    print("MediAssist is installed.", flush=True)


if __name__ == "__main__":
    main()
