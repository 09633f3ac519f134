"""Install MediAssist from this folder, without any network: `python3.11 install.py [FOLDER]`.

FOLDER (default: mediassist in the home folder) gets a virtual environment with everything. Every
file is checked against SHA256SUMS before anything is installed. Needs only Python 3.11.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def check_files() -> None:
    """Stop at the first missing, changed or additional wheel."""
    listed = {}
    for line in (HERE / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    for name, digest in listed.items():
        path = HERE / name
        if not path.is_file():
            raise SystemExit(f"{name} is missing: copy the folder again.")
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                raise SystemExit(f"{name} was changed or damaged: copy the folder again.")
    foreign = {f"wheels/{path.name}" for path in (HERE / "wheels").iterdir()} - set(listed)
    if foreign:
        raise SystemExit(f"These files do not belong here: {', '.join(sorted(foreign))}")


def one_wheel(start: str) -> str:
    return str(next((HERE / "wheels").glob(f"{start}-*.whl")))


def main() -> None:
    if sys.version_info[:2] != (3, 11):
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SystemExit(f"MediAssist needs Python 3.11; this is Python {found}.")
    target = Path(sys.argv[1] if len(sys.argv) > 1 else Path.home() / "mediassist").resolve()
    print("Checking the files ...", flush=True)
    check_files()
    print(f"Installing into {target} ...", flush=True)
    environment = target / "venv"
    # pip comes from the wheel beside it: Debian's Python may lack the module that brings one.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    python = programs / ("python.exe" if os.name == "nt" else "python")
    pip = [str(python), f"{one_wheel('pip')}/pip", "install", "--no-index", "--no-deps", "--quiet"]
    pip += ["--disable-pip-version-check", f"--find-links={HERE / 'wheels'}"]
    settings = {**os.environ, "PIP_CONFIG_FILE": os.devnull}
    wheels = HERE / "wheels"
    named = [str(path) for path in sorted(wheels.glob("*.whl")) if not path.name.startswith("pip-")]
    subprocess.run([*pip, *named], check=True, env=settings)
    program = programs / ("mediassist.exe" if os.name == "nt" else "mediassist")
    subprocess.run([str(program), "--version"], check=True)
    print(f'MediAssist is installed. Start it with:\n  "{program}" demo\n  "{program}" gui')


if __name__ == "__main__":
    main()
