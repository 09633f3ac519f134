"""Reading DICOM against the usual libraries: `python -m benchmarks.dicom_reading`.

A CT of 300 slices and 1,000 single files are made in a temporary folder. Printed are the ratios to
SimpleITK's ImageSeriesReader (volume) and to pydicom's `dcmread(stop_before_pixels=True)` (headers
alone, and headers with all that MediAssist makes of them: facts, text, studies and series): 1.0 and
below means as fast as the library or faster. Best of several runs; processor time beside wall-clock
time, because a busy computer spoils the latter.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RUNS = 5


def best(work: Callable[[], Any]) -> tuple[float, float]:
    """Shortest (wall, processor) seconds of several runs."""
    found = []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def line(name: str, ours: tuple[float, float], theirs: tuple[float, float] | None = None) -> str:
    text = f"{name:<44} {1000 * ours[0]:8.1f} ms ({1000 * ours[1]:7.1f} ms processor)"
    if theirs is not None:
        text += f"   ratio {ours[0] / theirs[0]:5.2f} (processor {ours[1] / theirs[1]:5.2f})"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--files", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="检查 ") as folder:
        measure(Path(folder), arguments.slices)
        measure_scan(Path(folder) / "scan", arguments.files)


def measure(folder: Path, slices: int) -> None:
    import SimpleITK

    from mediassist.core.study import Study
    from mediassist.dicom import display_grey, find_studies, load_frame, load_volume
    from tests.dicom.builder import JPEG_2000, chest_radiograph, ct_series, phantom

    paths = ct_series(folder / "ct", slices=slices, rows=512, columns=512)
    (study,) = (found for found in find_studies([folder / "ct"]) if isinstance(found, Study))
    (series,) = study.series

    def simple_itk() -> Any:
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames([str(path) for path in paths])
        return SimpleITK.GetArrayFromImage(reader.Execute())

    assert np.array_equal(simple_itk(), load_volume(series).array)
    print(line(f"volume of {slices} slices", best(lambda: load_volume(series)), best(simple_itk)))
    print(
        line("first slice, file to grey values", best(lambda: display_grey(load_frame(paths[0]))))
    )
    film = chest_radiograph(folder / "film.dcm", pixels=phantom(2500, 2048))
    frame = load_frame(film)
    print(line("radiograph of 5 megapixels, file to frame", best(lambda: load_frame(film))))
    print(line("the same, one step of window/level", best(lambda: display_grey(frame))))
    coded = chest_radiograph(folder / "coded.dcm", seed=2, syntax=JPEG_2000)
    load_frame(coded)
    print(line("small JPEG 2000 frame, warm worker", best(lambda: load_frame(coded))))


def measure_scan(folder: Path, files: int) -> None:
    """Headers of many files: ten series of a hundred, as an archive holds them."""
    import pydicom

    from mediassist.dicom import find_studies
    from mediassist.dicom.header import read_header
    from tests.dicom.builder import ct_series

    paths: list[Path] = []
    for number in range(-(-files // 100)):
        slices = min(100, files - 100 * number)
        paths += ct_series(folder / f"{number}", seed=number, slices=slices)
    pydicom_s = best(lambda: [pydicom.dcmread(path, stop_before_pixels=True) for path in paths])
    headers_s = best(lambda: [read_header(path) for path in paths])
    print(line(f"metadata scan of {files} files", headers_s, pydicom_s))
    found_s = best(lambda: list(find_studies([folder])))
    print(line(f"the same, into studies and series ({files})", found_s, pydicom_s))


if __name__ == "__main__":
    main()
