"""What refusing hostile files costs: `python -m benchmarks.refused_files`.

Each file of tests/dicom/bombs.py is made in a temporary folder and read in a process of its own
that has imported everything before: studies are looked for, and where the header is taken, the
pixels are asked for. Printed are processor seconds and peak memory, the decoding process included,
and what a person is told. The bounds are 2 s and 500 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECONDS, MEGABYTES = 2.0, 500


def main() -> None:
    from tests.dicom import bombs

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(bombs.GROUPS)}; default: all")
    parser.add_argument("--json", action="store_true", help="one object a line")
    arguments = parser.parse_args()
    beyond = 0
    for group in arguments.groups or bombs.GROUPS:
        for found in measure(group):
            beyond += found["seconds"] > SECONDS or found["megabytes"] > MEGABYTES
            if arguments.json:
                print(json.dumps(found), flush=True)
            else:
                print(
                    f"{group + ': ' + found['name']:<34} {found['seconds']:5.2f} s"
                    f" {found['megabytes']:5.0f} MB  {found['said'][0][:120]}",
                    flush=True,
                )
    if not arguments.json:
        print(f"{beyond} beyond {SECONDS:g} s or {MEGABYTES} MB")


def measure(group: str) -> Iterator[dict[str, Any]]:
    """Name, seconds, megabytes and sentences for each file of a group."""
    import nibabel  # noqa: F401  (imports are not what is measured)
    import PIL.TiffImagePlugin  # noqa: F401

    import mediassist.dicom.dicomize.nifti
    import mediassist.dicom.display  # noqa: F401
    from tests.dicom import bombs

    with tempfile.TemporaryDirectory(prefix="检查 ") as folder:
        for name, make in bombs.GROUPS[group].items():
            path = make(Path(folder))
            yield {"name": name} | _apart(group, path)
            path.unlink()


def _apart(group: str, path: Path) -> dict[str, Any]:
    """Measured in a fork, so that the memory of one file is not counted to the next."""
    if not hasattr(os, "fork"):
        return _measured(group, path)
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(send, json.dumps(_measured(group, path)).encode())
        finally:
            os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return dict(json.loads(told))


def _measured(group: str, path: Path) -> dict[str, Any]:
    import psutil

    from mediassist.dicom.guard import shared_decoder

    before = _seconds()
    said = _use(group, path)
    megabytes = 0.0
    decoder = shared_decoder()
    if (worker := decoder.pid) is not None:
        try:
            megabytes += _peak_megabytes(psutil.Process(worker))
        except psutil.Error:
            megabytes += 0.0  # it was killed, and said to be
        decoder.close()
    megabytes += _peak_megabytes(psutil.Process())
    return {"seconds": _seconds() - before, "megabytes": megabytes, "said": said[:3]}


def _use(group: str, path: Path) -> list[str]:
    from mediassist.core.errors import MediAssistError
    from mediassist.core.study import Rejected
    from mediassist.dicom import find_studies, load_pixels
    from mediassist.dicom.dicomize.nifti import read_nifti
    from mediassist.dicom.picture_files import read_picture

    try:
        if group == "pictures":
            return [f"read: {read_picture(path, keep_colour=True).values.shape}"]
        if group == "volumes":
            return [f"read: {read_nifti(path).values.shape}"]
        refusals = [one for one in find_studies([path]) if isinstance(one, Rejected)]
        if refusals:
            # The sentences about members come before the one about the archive.
            whole = [one for one in refusals if "!/" not in one.source]
            return [str(one.error) for one in (*whole, *refusals)][:3]
        return [f"read: {load_pixels(path).shape}"]
    except MediAssistError as error:
        return [str(error)]


def _seconds() -> float:
    """Processor time of this process and of those that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak_megabytes(process: Any) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1000
    memory = process.memory_info()
    return getattr(memory, "peak_wset", memory.rss) / 1e6


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s in all", file=sys.stderr)
