"""Entry of `python -m tools.performance`."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from mediassist.core.errors import MediAssistError
from tools.performance.measuring import Job, installed, measure
from tools.performance.page import Measured, page
from tools.performance.test_sets import TESTS

REPOSITORY = Path(__file__).resolve().parents[2]
WORK = REPOSITORY / "build" / "performance"
TARGET = REPOSITORY / "docs" / "performance.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.performance", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--work", type=Path, default=WORK, help="keeps manifests and audits")
    parser.add_argument("--out", type=Path, default=TARGET, help="the page that is written")
    parser.add_argument("--bundle", action="append", default=[], help="only this one; repeatable")
    parser.add_argument("--workers", type=int, default=2, help="bundles side by side")
    options = parser.parse_args()
    chosen = [info.id for info in installed(options.bundle)]
    without = [name for name in chosen if name not in TESTS]
    jobs = [Job(name, options.data, options.work / name) for name in chosen if name in TESTS]
    measured = measured_side_by_side(jobs, options.workers)
    if measured is None:
        return 1
    command = "python -m tools.performance --data DATA"
    text = page(measured, without, command, datetime.now(UTC).date().isoformat())
    options.out.write_text(text, encoding="utf-8", newline="\n")
    print(options.out)
    return 0


def measured_side_by_side(jobs: list[Job], workers: int) -> list[Measured] | None:
    """Every bundle, each process with one at a time; None where one could not be audited."""
    # Processes that share the cores must not each start a thread for every core.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    found: list[Measured] = []
    failed = False
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, workers), mp_context=context) as pool:
        running = {pool.submit(measure, job): job for job in sorted(jobs, key=_longest_first)}
        for future in as_completed(running):
            name = running[future].bundle
            try:
                figures, seconds = future.result()
            except MediAssistError as error:
                print(f"{name}: {error}", file=sys.stderr, flush=True)
                failed = True
                continue
            found.append(Measured(test=TESTS[name], **figures))
            verdict = figures["finding"]["verdict"]
            print(f"{name}: {verdict}, {seconds:.0f} s of processor time", file=sys.stderr)
    return None if failed else found


def _longest_first(job: Job) -> int:
    """So that the cores end together: bundles with many pictures begin."""
    return -sum(
        (job.data / one.folder / "manifest.csv").stat().st_size for one in TESTS[job.bundle].sets
    )


if __name__ == "__main__":
    raise SystemExit(main())
