"""Closing lines of a run: failed steps, why tests were skipped, and the counts."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def main(results: str, *failed_steps: str) -> int:
    path = Path(results)
    if not path.exists():
        print(f"no test results; failed steps: {', '.join(failed_steps)}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    # The file was written by pytest a moment ago, on this machine.
    cases = list(ElementTree.parse(path).iter("testcase"))  # noqa: S314
    broken = [
        case for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    reasons = Counter(
        (skipped.get("message") or "no reason given").strip()
        for case in cases
        if (skipped := case.find("skipped")) is not None
    )
    skipped = sum(reasons.values())
    for step in failed_steps:
        print(f"failed step: {step}")
    listed = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common())
    print(f"skipped: {skipped}" + (f" ({listed})" if listed else ""))
    print(f"{len(cases) - len(broken) - skipped} passed, {len(broken)} failed, {skipped} skipped")
    return 1 if broken or failed_steps else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
