"""How fast the catalogue takes files in, with how much memory: `python -m benchmarks.catalogue`.

A tree of CT series is made in a temporary folder (10,000 files by default), so that its files lie
in the cache of the operating system. The index runs in processes of its own, as a user starts it:
once over everything, once more with nothing changed, then two at once into a new catalogue.
Printed are seconds (processor seconds beside them: a busy computer spoils the others), files a
second and the peak of resident memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

FILES_A_STUDY = 100
NAMES = ("王^小明", "李^娜", "单^雄信", "欧阳^修", "Smith^John", "吕^布")


class Measured(NamedTuple):
    seconds: float
    cpu: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="目录 ") as folder:
        measure(Path(folder), arguments.files)


def measure(folder: Path, files: int) -> None:
    from mediassist.dicom.catalogue import Catalogue, Search

    tree, database = folder / "archive", folder / "catalogue.sqlite"
    make_tree(tree, files)
    show("first run", files, [run(tree, database)])
    show("nothing changed", files, [run(tree, database)])
    both = folder / "both.sqlite"
    show("two processes at once", files, together(tree, both))
    with Catalogue(database) as catalogue:
        for search in (Search(text="shan"), Search(patient="wxm", modality="CT", limit=None)):
            started = time.perf_counter()
            found = len(list(catalogue.find(search)))
            seconds = time.perf_counter() - started
            print(f"find {search.text or search.patient:<24} {found:6d} studies {seconds:8.3f} s")


def make_tree(tree: Path, files: int) -> None:
    from tests.dicom.builder import ct_series

    for number in range(-(-files // FILES_A_STUDY)):
        slices = min(FILES_A_STUDY, files - number * FILES_A_STUDY)
        name = NAMES[number % len(NAMES)]
        ct_series(tree / f"study {number}", seed=number, slices=slices, PatientName=name)


def run(tree: Path, database: Path) -> Measured:
    """One index run."""
    return wait([start(tree, database)])[0]


def together(tree: Path, database: Path) -> list[Measured]:
    return wait([start(tree, database), start(tree, database)])


def start(tree: Path, database: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mediassist", "index", tree, "--db", database, "--quiet"]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)


def wait(processes: list[subprocess.Popen[bytes]]) -> list[Measured]:
    started = time.perf_counter()
    measured = [Measured(0.0, 0.0, 0.0)] * len(processes)
    running = dict(enumerate(processes))
    while running:
        for index, process in list(running.items()):
            before = measured[index]
            try:
                watched = psutil.Process(process.pid)
                times, memory = watched.cpu_times(), watched.memory_info().rss / 1e6
                seconds = time.perf_counter() - started
                cpu = max(before.cpu, times.user + times.system)
                measured[index] = Measured(seconds, cpu, max(before.peak_mb, memory))
            except psutil.NoSuchProcess:
                pass
            if process.poll() is not None:
                assert process.returncode == 0
                del running[index]
        time.sleep(0.02)
    return measured


def show(name: str, files: int, measured: list[Measured]) -> None:
    seconds = max(each.seconds for each in measured)
    cpu = sum(each.cpu for each in measured)
    peak = max(each.peak_mb for each in measured)
    print(
        f"{name:<24} {files} files in {seconds:6.1f} s ({cpu:5.1f} s processor),"
        f" {files / seconds:6.0f} files/s, peak {peak:4.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
