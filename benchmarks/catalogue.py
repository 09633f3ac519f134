"""How fast the catalogue takes files in, with how much memory: `python -m benchmarks.catalogue`.

A tree of CT series is made in a temporary folder (10,000 files by default), so that its files lie
in the cache of the operating system. The index runs in processes of its own, as a user starts it:
once over everything, once more with nothing changed, then two at once into a new catalogue.
Printed are seconds, files a second and the peak of resident memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

FILES_A_STUDY = 100
NAMES = ("王^小明", "李^娜", "单^雄信", "欧阳^修", "Smith^John", "吕^布")


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


def run(tree: Path, database: Path) -> tuple[float, float]:
    """(seconds, peak MB) of one index run."""
    return wait([start(tree, database)])[0]


def together(tree: Path, database: Path) -> list[tuple[float, float]]:
    return wait([start(tree, database), start(tree, database)])


def start(tree: Path, database: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mediassist", "index", tree, "--db", database, "--quiet"]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)


def wait(processes: list[subprocess.Popen[bytes]]) -> list[tuple[float, float]]:
    started = time.perf_counter()
    peaks, seconds = [0.0] * len(processes), [0.0] * len(processes)
    while any(not one for one in seconds):
        for index, process in enumerate(processes):
            if process.poll() is not None:
                seconds[index] = seconds[index] or time.perf_counter() - started
                assert process.returncode == 0
                continue
            try:
                memory = psutil.Process(process.pid).memory_info().rss
            except psutil.NoSuchProcess:
                continue
            peaks[index] = max(peaks[index], memory / 1e6)
        time.sleep(0.02)
    return list(zip(seconds, peaks, strict=True))


def show(name: str, files: int, measured: list[tuple[float, float]]) -> None:
    seconds = max(each for each, _ in measured)
    peak = max(each for _, each in measured)
    print(
        f"{name:<28} {files} files in {seconds:6.1f} s, {files / seconds:8.0f} files/s,"
        f" peak {peak:5.0f} MB"
    )


if __name__ == "__main__":
    main()
