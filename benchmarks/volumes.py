"""A CT of 300 thin slices, from DICOM files to result: `python -m benchmarks.volumes`.

The aims are 20 s on two cores and 2 GB of memory. The scans are simulated; runtime graphs are made
before anything is measured, libraries are loaded by the first study. Beside each total stands the
network alone, in the runtime of the product and in eager torch.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

AIM_SECONDS, AIM_BYTES = 20.0, 2 * 2**30
SLICES, SIDE = 300, 512


def head_scan() -> Any:
    """(slices, rows, columns) int16 HU: skull, brain with noise, and a ball of blood."""
    rng = np.random.default_rng(5)
    y, x = np.indices((SIDE, SIDE))
    volume = np.full((SLICES, SIDE, SIDE), -1000, np.int16)
    for index in range(SLICES):
        radius = 190 * (1 - 0.45 * (index / SLICES) ** 2)
        away = np.hypot((y - 256) / 1.15, x - 256)
        volume[index][away <= radius] = 900
        brain = away <= radius - 14
        volume[index][brain] = 34 + rng.normal(0, 6, int(brain.sum()))
        ball = np.sqrt((y - 230) ** 2 + (x - 320) ** 2 + (2 * (index - 150)) ** 2)
        volume[index][brain & (ball < 40)] = 66
    return volume


def chest_scan() -> Any:
    """Lungs with vessels as tubes, and balls of 5 to 20 mm."""
    rng = np.random.default_rng(6)
    y, x = np.indices((SIDE, SIDE))
    volume = np.full((SLICES, SIDE, SIDE), -1000, np.int16)
    body = np.hypot((y - 256) / 0.75, x - 256) <= 230
    tubes = rng.uniform(-1, 1, (120, 4))
    for index in range(SLICES):
        section = np.where(body, 40, -1000)
        height = (index - SLICES / 2) / (0.47 * SLICES)
        for side in (-1, 1):
            width = max(0.0, 1 - height**2) ** 0.5
            middle = 256 + side * 105
            lung = np.hypot((y - 256) / 1.4, x - middle) <= 85 * width
            section[lung] = -860
            for a, b, c, d in tubes:
                row, column = 256 + 90 * a + 40 * c * height, middle + 60 * b + 30 * d * height
                near = np.hypot(y - row, x - column) <= 2.5
                section[lung & near] = 20
        volume[index] = section + rng.normal(0, 15, section.shape)
    for number, radius in enumerate((4, 6, 9, 14)):
        z0, y0, x0 = 90 + 40 * number, 230 + 15 * number, 140
        for index in range(z0 - 20, z0 + 20):
            ball = (y - y0) ** 2 + (x - x0) ** 2 + (index - z0) ** 2 <= radius**2
            volume[index][ball] = 30
    return volume


TASKS = {
    "brain_intracranial_haemorrhage_ct": (head_scan, "HEAD", 0.6, 0.45),
    "lung_nodule_ct": (chest_scan, "CHEST", 1.0, 0.7),
}


def write_scan(bundle_id: str, folder: Path) -> None:
    """A study of 300 CT Image objects."""
    from tests.analysis.scan_builder import ct_scan

    make, body_part, step_mm, mm = TASKS[bundle_id]
    ct_scan(folder, make(), series="thin", mm=mm, step_mm=step_mm, body_part=body_part)


class PeakMemory:
    """Highest resident memory of this process while the block runs, looked at every 50 ms."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        import psutil

        process = psutil.Process()
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, process.memory_info().rss)


def measure(bundle_id: str, folder: Path) -> dict[str, Any]:
    """Seconds and memory of one study, in this fresh process."""
    from mediassist.analysis.path import Analyzer

    with PeakMemory() as memory:
        analyzer = Analyzer([bundle_id])
        first, result = _timed(lambda: next(iter(analyzer.analyze([folder]))))
        second, result = _timed(lambda: next(iter(analyzer.analyze([folder]))))
    found = result.results[0]
    return {
        "verdict": found.verdict.value,
        "first_s": round(first, 2),
        "next_s": round(second, 2),
        "peak_gb": round(memory.peak / 2**30, 2),
        **network_alone(bundle_id),
    }


def network_alone(bundle_id: str, count: int = 64) -> dict[str, float]:
    """Milliseconds a picture: the product's runtime and eager torch on the same batch of 8."""
    import torch

    from mediassist.models.registry import find_bundle
    from mediassist.models.runtime import OpenVinoRuntime, load_network
    from mediassist.settings import Settings

    settings = Settings()
    info = find_bundle(bundle_id, settings.bundles_dir)
    size = info.block.preprocess.size
    batch = np.random.default_rng(1).random((8, 1, size, size), np.float32)
    ours = OpenVinoRuntime(info.folder, settings.data_dir / "graphs")
    network = load_network(info.folder)
    ours.predict(batch)
    repeats = count // len(batch)
    seconds, answers = _timed(lambda: [ours.predict(batch) for _ in range(repeats)])
    with torch.inference_mode():
        eager, expected = _timed(lambda: [network(torch.from_numpy(batch)) for _ in range(repeats)])
    off = max(
        float(np.abs(a - b.numpy()).max()) for a, b in zip(answers[0], expected[0], strict=True)
    )
    return {
        "runtime_ms": round(1000 * seconds / count, 2),
        "torch_ms": round(1000 * eager / count, 2),
        "largest_difference": off,
    }


def _timed(work: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    value = work()
    return time.perf_counter() - started, value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", nargs=2, metavar=("BUNDLE", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        bundle_id, folder = arguments.measure
        print(json.dumps(measure(bundle_id, Path(folder))))
        return
    for bundle_id in TASKS:
        with tempfile.TemporaryDirectory() as folder:
            write_scan(bundle_id, Path(folder))
            command = [sys.executable, "-m", "benchmarks.volumes", "--measure", bundle_id, folder]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            found = json.loads(output)
        print(
            f"{bundle_id}: {SLICES} slices, {found['verdict']}: first study {found['first_s']} s, "
            f"next {found['next_s']} s (aim {AIM_SECONDS:g} s: "
            f"{found['next_s'] / AIM_SECONDS:.2f} of it), peak {found['peak_gb']} GB (aim 2 GB); "
            f"network {found['runtime_ms']} ms a picture, eager torch {found['torch_ms']} ms "
            f"(x {found['torch_ms'] / found['runtime_ms']:.1f}), largest difference "
            f"{found['largest_difference']:.1e}"
        )


if __name__ == "__main__":
    main()
