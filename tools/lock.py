"""Write requirements.lock and requirements-dev.lock from pyproject.toml.

    python -m tools.lock            # keep the pinned versions, add what is new
    python -m tools.lock --upgrade  # take the newest versions that pyproject.toml admits

Every pin carries the hashes of all its files, so pip refuses an altered download, for Linux,
Windows and macOS alike. PyTorch is the exception: which build is right (CPU or CUDA) differs
between computers, so `tools/install.py` installs it first, at the version that pyproject.toml
names, and the lock leaves it and CUDA's libraries out. No address of an index is recorded.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import Marker

from tools.install import torch_requirement

REPOSITORY = Path(__file__).resolve().parents[1]
LOCKS = {"requirements.lock": [], "requirements-dev.lock": ["--extra", "dev"]}

# Stated here, so that the resolver neither asks for CUDA's libraries nor for a build of PyTorch.
TORCH_NEEDS = (
    "filelock",
    "typing-extensions>=4.10.0",
    "setuptools>=77.0.3",
    "sympy>=1.13.3",
    "networkx>=2.5.1",
    "jinja2",
    "fsspec>=0.8.5",
)
# pip comes with the virtual environment. OpenVINO's usage reports need openvino-telemetry and are
# silently absent without it: MediAssist sends nothing anywhere, so it is not installed.
NOT_LOCKED = ("torch", "pip", "openvino-telemetry")

PLATFORMS = tuple(
    {
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_version": "3.11",
        "python_full_version": "3.11.9",
        "sys_platform": sys_platform,
        "platform_system": system,
        "platform_machine": machine,
        "os_name": os_name,
    }
    for sys_platform, system, machine, os_name in (
        ("linux", "Linux", "x86_64", "posix"),
        ("linux", "Linux", "aarch64", "posix"),
        ("win32", "Windows", "AMD64", "nt"),
        ("darwin", "Darwin", "arm64", "posix"),
    )
)


def for_our_platforms(compiled: str) -> str:
    """Keep the pins that some supported platform needs, and a marker only where they differ.

    >>> print(for_our_platforms("a==1 ; python_full_version >= '3.12' \\\\\\n    --hash=x\\nb==2"))
    b==2
    """
    kept = []
    for block in re.split(r"\n(?=\S)", compiled.strip()):
        first, newline, rest = block.partition("\n")
        pin, _, marker = first.partition(";")
        pin = pin.rstrip(" \\")
        if marker:
            marker = marker.strip().rstrip("\\").strip()
            needed = [Marker(marker).evaluate(dict(platform)) for platform in PLATFORMS]
            if not any(needed):
                continue
            if not all(needed):
                pin = f"{pin} ; {marker}"
        kept.append(f"{pin} \\\n{rest}" if newline else pin)
    return "\n".join(kept)


def compile_lock(name: str, extra: list[str], upgrade: bool) -> str:
    """Resolve with uv; pins of the present lock stay unless `upgrade`."""
    version = torch_requirement(REPOSITORY).partition("==")[2]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "uv.toml"
        needs = ", ".join(f'"{need}"' for need in TORCH_NEEDS)
        config.write_text(
            f'[[dependency-metadata]]\nname = "torch"\nversion = "{version}"\n'
            f"requires-dist = [{needs}]\n",
            encoding="utf-8",
        )
        output = Path(folder) / name
        if (REPOSITORY / name).exists():
            output.write_text((REPOSITORY / name).read_text("utf-8"), encoding="utf-8")
        command = [sys.executable, "-m", "uv", "--config-file", str(config), "--quiet"]
        command += ["pip", "compile", "pyproject.toml", *extra, "--universal"]
        command += ["--python-version", "3.11", "--generate-hashes", "--no-header"]
        command += ["--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        command += [f"--no-emit-package={package}" for package in NOT_LOCKED]
        command += ["--output-file", str(output), *(["--upgrade"] if upgrade else [])]
        if name != "requirements.lock":  # one version of each package in both files
            base = Path(folder) / "base.txt"
            text = (REPOSITORY / "requirements.lock").read_text("utf-8")
            pins = re.findall(r"^\S+==[^\\\n]+", text, re.M)
            base.write_text("\n".join(pins), encoding="utf-8")
            command += ["--constraints", str(base)]
        subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
        return output.read_text("utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = parser.parse_args().upgrade
    for name, extra in LOCKS.items():
        pins = for_our_platforms(compile_lock(name, extra, upgrade))
        kind = "with the tools of development" if extra else "to run MediAssist"
        heading = (
            f"# Exact versions {kind}, made by 'python -m tools.lock'; do not edit.\n"
            "# PyTorch is installed before these, see tools/install.py.\n"
        )
        (REPOSITORY / name).write_text(f"{heading}{pins}\n", encoding="utf-8", newline="\n")
        print(f"{name}: {pins.count('==')} pins")


if __name__ == "__main__":
    main()
