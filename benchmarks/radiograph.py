"""One chest radiograph, from DICOM file to written report: `python -m benchmarks.radiograph`.

The aim is 5 s on two cores after start-up. "First" is the first study of a run, which also loads
the models; the window and the batch load libraries and models once. The runtime graphs, which the
very first run of an installation makes, are made before anything is measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

AIM_SECONDS = 5.0
REPEATS = 5
SAMPLES = Path(__file__).resolve().parents[1] / "sample_studies"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    value = work()
    return time.perf_counter() - started, value


def first_radiograph(folder: Path) -> Any:
    """The first study under `folder` that holds a chest radiograph."""
    from mediassist.core.study import Study
    from mediassist.dicom import find_studies

    for study in find_studies([folder]):
        if isinstance(study, Study) and any(
            series.modality in ("CR", "DX") and series.body_part == "CHEST"
            for series in study.series
        ):
            return study
    raise SystemExit(f"{folder} holds no chest radiograph.")


def load_libraries() -> None:
    """What the first analysis would import; most of the wait for a first result is this."""
    import monai.transforms  # noqa: F401
    import openvino  # noqa: F401
    import torch  # noqa: F401


def measure(folder: Path) -> dict[str, float]:
    """Seconds of each step, in this fresh process."""

    def start() -> Any:
        from mediassist.analysis.path import Analyzer
        from mediassist.report.outputs import write_study

        return Analyzer(), write_study

    times: dict[str, float] = {}
    times["start-up: program, bundle metadata"], (analyzer, write_study) = timed(start)
    times["start-up: PyTorch, MONAI, OpenVINO"], _ = timed(load_libraries)
    study = first_radiograph(folder)
    with tempfile.TemporaryDirectory() as out:
        seconds, result = timed(lambda: analyzer.analyze_study(study))
        report, _ = timed(lambda: write_study(result, Path(out)))
        times["first radiograph: analysis"] = seconds
        times["first radiograph: report and pictures"] = report
        times["first radiograph: together"] = seconds + report
        analyses, reports = [], []
        for _ in range(REPEATS):
            analysis, result = timed(lambda: analyzer.analyze_study(study))
            report, _ = timed(lambda result=result: write_study(result, Path(out)))
            analyses.append(analysis)
            reports.append(report)
        times["next radiographs: analysis"] = statistics.median(analyses)
        times["next radiographs: report and pictures"] = statistics.median(reports)
        times["next radiographs: together"] = statistics.median(
            analysis + report for analysis, report in zip(analyses, reports, strict=True)
        )
    return times


def measure_in_new_process(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.radiograph", "--measure", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip().splitlines()[-1])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLES)
    parser.add_argument("--measure", action="store_true", help="print this process's times as JSON")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.folder)))
        return
    measure_in_new_process(options.folder)  # makes the runtime graphs where they are missing
    print(f"One chest radiograph to report; aim {AIM_SECONDS:.0f} s after start-up\n")
    print(f"{'step':<44}{'seconds':>9}{'of the aim':>12}")
    for step, seconds in measure_in_new_process(options.folder).items():
        share = "" if step.startswith("start-up") else f"{seconds / AIM_SECONDS:.0%}"
        print(f"{step:<44}{seconds:>9.2f}{share:>12}")


if __name__ == "__main__":
    main()
