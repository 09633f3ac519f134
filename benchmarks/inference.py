"""Milliseconds of a picture through every bundle: `python -m benchmarks.inference`.

Preprocessing apart from the network, the network in OpenVINO against eager torch on the same
prepared picture and the same threads, with the largest difference of their answers. The picture is
drawn from a seed: time does not depend on what it shows. Volumes and cine are measured whole by
`benchmarks.volumes`.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

AIM_MS = 60.0
AIM_DIFFERENCE = 1e-3
REPEATS = 15
SIDE = 2048  # of the drawn picture, as a film or a fundus camera gives it


def drawn_picture(colour: bool) -> NDArray[Any]:
    """Display picture (SIDE, SIDE) float32 in 0..1, or (SIDE, SIDE, 3) uint8: a disc in noise."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    disc = (np.hypot(x, y) < 0.9) * (0.6 - 0.3 * np.hypot(x, y))
    grey = np.clip(disc + rng.normal(0, 0.03, disc.shape), 0, 1).astype(np.float32)
    return np.repeat((grey * 255).astype(np.uint8)[..., None], 3, 2) if colour else grey


def median_ms(work: Callable[[], object]) -> float:
    """Median of repeated calls after one that warms up."""
    work()
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def measure(graphs: Path) -> None:
    from mediassist.models import list_bundles
    from mediassist.models.bundle import BundleInfo
    from mediassist.models.loaded import LoadedBundle
    from mediassist.models.runtime import TorchRuntime

    print(f"{'bundle':<34}{'prepare':>9}{'openvino':>10}{'together':>10}{'torch':>8}", end="")
    print(f"{'ratio':>7}{'difference':>12}   aim {AIM_MS:.0f} ms, {AIM_DIFFERENCE:g}")
    slow = 0
    for info in list_bundles():
        if not isinstance(info, BundleInfo):
            continue
        bundle = LoadedBundle.load(info, graphs)
        picture = drawn_picture(colour=info.block.domain == "eye")
        batch = bundle.prepare(picture)
        eager = TorchRuntime(info.folder)
        prepare = median_ms(lambda bundle=bundle, picture=picture: bundle.prepare(picture))
        quick = median_ms(lambda bundle=bundle, batch=batch: bundle.runtime.predict(batch))
        plain = median_ms(lambda eager=eager, batch=batch: eager.predict(batch))
        apart = max(
            float(np.abs(ours - theirs).max())
            for ours, theirs in zip(
                bundle.runtime.predict(batch), eager.predict(batch), strict=True
            )
        )
        slow += quick > AIM_MS or apart > AIM_DIFFERENCE
        print(
            f"{info.id:<34}{prepare:>9.1f}{quick:>10.1f}{prepare + quick:>10.1f}{plain:>8.1f}"
            f"{quick / plain:>7.2f}{apart:>12.1e}"
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nBundles that miss an aim: {slow}. Most memory, all bundles loaded: {memory:.0f} MB.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.parse_args()
    with tempfile.TemporaryDirectory() as graphs:
        measure(Path(graphs))


if __name__ == "__main__":
    main()
