"""Make a folder that installs MediAssist on a computer without any network.

    python -m tools.offline FOLDER                     # for this kind of computer
    python -m tools.offline FOLDER --platform windows  # for 64-bit Windows

Wheels of every pin of the lock file (checked against its hashes), PyTorch's CPU build where there
is one, MediAssist itself with models and simulated studies, install scripts, and SHA256SUMS.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import Marker

from tools.install import torch_requirement
from tools.lock import PLATFORMS
from tools.sbom import bill_of_materials
from tools.third_parties import read_lock

REPOSITORY = Path(__file__).resolve().parents[1]
FILES = Path(__file__).resolve().parent / "offline_files"
PAPERS = ("LICENSE", "NOTICE", "WEIGHTS_LICENCE.md", "SECURITY.md")
WINDOWS = next(platform for platform in PLATFORMS if platform["sys_platform"] == "win32")


def pip(*arguments: str, may_fail: bool = False) -> bool:
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=may_fail)
    if done.returncode and not may_fail:
        raise SystemExit("The folder could not be filled; see pip's message above.")
    return done.returncode == 0


def pins_for(windows: bool) -> str:
    """The lock as pip reads it; for Windows with its markers decided here, not by this computer."""
    text = (REPOSITORY / "requirements.lock").read_text("utf-8")
    if not windows:
        return text
    lines = []
    for pin in read_lock(text):
        if not pin.marker or Marker(pin.marker).evaluate(dict(WINDOWS)):
            hashes = " ".join(f"--hash=sha256:{digest}" for digest in pin.hashes)
            lines.append(f"{pin.name}=={pin.version} {hashes}")
    return "\n".join(lines)


def fetch_wheels(wheels: Path, windows: bool) -> None:
    target = ["--platform=win_amd64", "--python-version=3.11"] if windows else []
    download = ["download", "--only-binary=:all:", "--no-deps", "--dest", str(wheels), *target]
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pins.txt"
        listed.write_text(pins_for(windows), encoding="utf-8")
        pip(*download, "--require-hashes", "--requirement", str(listed))
    torch = torch_requirement(REPOSITORY)
    if not pip(*download, f"{torch}+cpu", may_fail=True):
        pip(*(part for part in download if windows or part != "--no-deps"), torch)
    pip(*download, "pip")


def build_product(wheels: Path) -> None:
    """From a copy, so that nothing of an earlier build gets in."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "mediassist"
        copy.mkdir()
        for name in ("mediassist", "model_weights", "sample_studies"):
            if (REPOSITORY / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(REPOSITORY / name, copy / name, ignore=ignored)
        for name in ("pyproject.toml", "setup.py", "README.md", *PAPERS):
            shutil.copy2(REPOSITORY / name, copy / name)
        arguments = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(copy)]
        pip("wheel", *arguments)


def write_checksums(folder: Path) -> int:
    """Hash every file; returns the size of the folder in bytes."""
    size, lines = 0, []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "SHA256SUMS":
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            lines.append(f"{digest}  {path.relative_to(folder).as_posix()}")
            size += path.stat().st_size
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--platform", choices=("this", "windows"), default="this")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / "SHA256SUMS").exists():
        raise SystemExit(f"{folder} holds other files: name an empty folder.")
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    fetch_wheels(wheels, options.platform == "windows")
    build_product(wheels)
    for path in [*FILES.iterdir(), *(REPOSITORY / name for name in PAPERS)]:
        if path.is_file():
            shutil.copy2(path, folder / path.name)
    (folder / "sbom.cdx.json").write_text(bill_of_materials() + "\n", "utf-8", newline="\n")
    size = write_checksums(folder)
    count = len(list(wheels.iterdir()))
    print(f"{folder}: {count} wheels, {size / 1e6:.0f} MB in all")


if __name__ == "__main__":
    main()
