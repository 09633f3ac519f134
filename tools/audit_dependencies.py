"""Look the pinned versions up in an advisory database: `python -m tools.audit_dependencies`.

The only command of this repository that needs the network for its purpose; it sends the names and
versions of the lock file, nothing else. Exit code 0: every pin was looked up and none has a known
weakness; 1: some have (each is listed); 2: the database was not reachable or does not know some
pins, so nothing is known of those either way.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.third_parties import runtime_pins


def ask(pins: str) -> tuple[list[dict[str, Any]], str]:
    """What pip-audit says of each pin, and its complaint where it gave no answer."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pins.txt"
        listed.write_text(pins, encoding="utf-8")
        asked = [sys.executable, "-m", "pip_audit", "--requirement", str(listed), "--no-deps"]
        asked += ["--disable-pip", "--progress-spinner=off", "--format=json", "--timeout=30"]
        done = subprocess.run(asked, capture_output=True, text=True)
    try:
        return json.loads(done.stdout)["dependencies"], ""
    except (json.JSONDecodeError, KeyError):
        return [], (done.stderr.strip() or "no answer").splitlines()[-1]


def report(answers: list[dict[str, Any]], complaint: str) -> int:
    """Print what is known and return the exit code; silence about a pin is not good news."""
    unknown = [item["name"] for item in answers if "skip_reason" in item]
    if len(unknown) == len(answers):
        print(
            "The advisory database was not reachable or knows none of the pinned versions: this "
            f"audit says nothing about them. Run it where the database is. {complaint[:200]}",
            file=sys.stderr,
        )
        return 2
    weak = [item for item in answers if item.get("vulns")]
    for item in weak:
        for weakness in item["vulns"]:
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            print(f"{item['name']} {item['version']}: {weakness['id']}, mended in {mended}")
    print(f"{len(answers) - len(unknown)} looked up, {len(weak)} with a known weakness")
    if unknown:
        print(f"not in the database: {', '.join(unknown)}", file=sys.stderr)
    return 1 if weak else 2 if unknown else 0


def main() -> int:
    return report(*ask("".join(f"{pin.name}=={pin.version}\n" for pin in runtime_pins())))


if __name__ == "__main__":
    raise SystemExit(main())
