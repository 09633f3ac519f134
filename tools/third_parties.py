"""Write the list of third parties into NOTICE, from the lock file and the installed packages.

    python -m tools.third_parties

A licence is quoted from the package's own metadata, never from memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tools.install import torch_requirement

REPOSITORY = Path(__file__).resolve().parents[1]
START = "---- made by 'python -m tools.third_parties' ----"
END = "---- end of the list ----"


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of the lock: `hashes` are SHA-256 hex digits of every file of the release."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def read_lock(text: str) -> list[Pin]:
    """Pins of a lock file in its order."""
    pins = []
    for block in re.split(r"\n(?=[a-zA-Z])", text):
        found = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\\n]+))?", block)
        if found:
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
            pins.append(Pin(found[1], found[2], (found[3] or "").strip(), hashes))
    return pins


def runtime_pins(repository: Path = REPOSITORY) -> list[Pin]:
    """What an installed MediAssist consists of beside itself, PyTorch included."""
    name, _, version = torch_requirement(repository).partition("==")
    pins = [*read_lock((repository / "requirements.lock").read_text("utf-8"))]
    return sorted([*pins, Pin(name, version, "", ())], key=lambda pin: pin.name.lower())


def licence_of(name: str) -> str:
    """The licence that the installed package states: expression, then classifier, then text."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "see the package (not installed on this platform)"
    if expression := about.get("License-Expression"):
        return expression
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    if classifiers:
        return ", ".join(classifiers)
    text = (about.get("License") or "").strip()
    return text.splitlines()[0][:80] if text else "see the package"


def notice_list(repository: Path = REPOSITORY) -> str:
    lines = [
        f"{pin.name} {pin.version}: {licence_of(pin.name)}" for pin in runtime_pins(repository)
    ]
    return "\n".join(lines)


def with_list(notice: str, listed: str) -> str:
    """NOTICE with the part between the two marks replaced."""
    before, _, rest = notice.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{listed}\n{END}{after}"


def main() -> None:
    path = REPOSITORY / "NOTICE"
    path.write_text(with_list(path.read_text("utf-8"), notice_list()), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
